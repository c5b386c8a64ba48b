"""The chain rule through bodies and interpolation, once for every term: against dense plain loops."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fem.elements.layout import Layout, LayoutBuilder, positions, reference_state
from fem.elements.retraction import retract
from fem.system.system import System, build_system
from fem.terms.term import Configuration, Contribution, no_bodies
from oracles.dense import reduced_system


@dataclass(frozen=True)
class Quadratic:
    """Any forces and any symmetric stiffness on any points."""

    name: str
    points: np.ndarray
    force: np.ndarray
    stiffness: np.ndarray
    asymmetric: np.ndarray | None = None

    @property
    def bodies(self) -> np.ndarray:
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        return Contribution(0.0, self.force, self.stiffness, self.asymmetric)


@pytest.fixture
def layout(generator: np.random.Generator) -> Layout:
    builder = LayoutBuilder()
    bodies = [builder.add_body(n, generator.normal(size=3), fixed=n == "fixed") for n in ("a", "fixed", "b")]
    for body in bodies:
        builder.add_carried(generator.normal(size=(2, 3)), body)  # points 0 … 5
    builder.add_free(generator.normal(size=(3, 3)))  # 6 … 8
    source = np.array([[0, 6, 3], [4, 5, 7]])
    builder.add_interpolated(source, np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]))  # 9, 10
    return builder.build()


#: Rows that mix everything: shared bodies, a fixed one, an interpolated point beside its own source, a repeated point.
ROWS = np.array([[0, 1, 6], [2, 4, 7], [9, 0, 8], [10, 9, 4], [6, 7, 8], [6, 6, 0], [2, 3, 2]])


def random_term(generator: np.random.Generator) -> Quadratic:
    block = generator.normal(size=(len(ROWS), 9, 9))
    return Quadratic("any", ROWS, generator.normal(size=(len(ROWS), 9)), block + np.swapaxes(block, 1, 2))


def full_tangent(system: System, values: np.ndarray) -> np.ndarray:
    lower = system.pattern.matrix(values).toarray()
    return np.asarray(lower + np.tril(lower, -1).T)


def test_residual_and_tangent_equal_the_dense_ones(layout: Layout, generator: np.random.Generator) -> None:
    term = random_term(generator)
    system = build_system(layout, (term,))
    state = retract(layout, reference_state(layout), 0.5 * generator.normal(size=layout.dof_count), {})
    x = positions(layout, state)
    expected = reduced_system(layout, x, state.origins, term.points, term.force, term.stiffness)
    here = system.evaluate(state, tangent=True)
    assert here.values is not None
    np.testing.assert_allclose(here.residual, expected[0], atol=1e-12)
    np.testing.assert_allclose(full_tangent(system, here.values), expected[1], atol=1e-11)


def test_asymmetric_parts_pass_the_same_way(layout: Layout, generator: np.random.Generator) -> None:
    """Without forces there is no geometric part, so the sum over elements is Tᵀ A T alone."""
    block = generator.normal(size=(len(ROWS), 9, 9))
    block = block - np.swapaxes(block, 1, 2)
    none = np.zeros((len(ROWS), 9))
    term = Quadratic("any", ROWS, none, np.zeros_like(block), block)
    state = retract(layout, reference_state(layout), 0.5 * generator.normal(size=layout.dof_count), {})
    dofs, found = build_system(layout, (term,)).evaluate(state, tangent=True).asymmetric
    whole = np.zeros((layout.dof_count,) * 2)
    whole[np.ix_(dofs, dofs)] = found
    _, expected = reduced_system(layout, positions(layout, state), state.origins, ROWS, none, block)
    assert np.abs(expected).max() > 1.0
    np.testing.assert_allclose(whole, expected, atol=1e-12)


def test_neighbours_that_cancel_leave_nothing(layout: Layout, generator: np.random.Generator) -> None:
    block = generator.normal(size=(9, 9))
    block = block - block.T
    rows = np.array([[6, 7, 8], [6, 7, 8]])
    term = Quadratic("any", rows, np.zeros((2, 9)), np.zeros((2, 9, 9)), np.stack([block, -block]))
    dofs, _ = build_system(layout, (term,)).evaluate(reference_state(layout), tangent=True).asymmetric
    assert len(dofs) == 0


def test_shares_of_terms_add_up_in_any_order(layout: Layout, generator: np.random.Generator) -> None:
    first, second = (
        replace(random_term(generator), name="first"),
        replace(random_term(generator), name="second"),
    )
    state = reference_state(layout)
    one, other = (
        build_system(layout, terms).evaluate(state, tangent=True)
        for terms in ((first, second), (second, first))
    )
    assert one.values is not None
    assert other.values is not None
    np.testing.assert_allclose(one.residual, other.residual, atol=1e-13)
    np.testing.assert_allclose(one.values, other.values, atol=1e-12)
    np.testing.assert_allclose(one.forces["first"] + one.forces["second"], one.residual, atol=1e-13)
