"""Inertia term: rest, missing memory, backward differences, and kinetic energy."""

from dataclasses import replace

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder, State, reference_state
from fem.system.system import System, build_system
from fem.tensors import rotation_matrix
from fem.terms.backward import AT_REST, RELEASED, backward_difference
from fem.terms.inertia import InertiaTerm
from oracles.scenes import SCENES


def one_body() -> tuple[System, InertiaTerm, State]:
    builder = LayoutBuilder()
    body = builder.add_body("body", np.array([1.0, 2.0, 3.0]))
    tensor = np.diag([10.0, 20.0, 35.0])[None]
    term = InertiaTerm("inertia", np.array([[body]]), np.array([0.01]), tensor, np.array([[3.0, 0.0, 1.0]]))
    system = build_system(builder.build(), (term,))
    return system, term, reference_state(system.layout)


@pytest.mark.parametrize("previous", [0.01, 0.02, 0.005])
def test_backward_differences_are_exact_for_parabolas(previous: float) -> None:
    elapsed, (a, b, c) = 0.01, (3.0, -7.0, 40.0)

    def y(t: float) -> float:
        return a + b * t + c * t**2

    rule = backward_difference(elapsed, previous)
    rate = rule.rate(y(elapsed) - y(0.0), y(0.0) - y(-previous))
    assert rate == pytest.approx(b + 2.0 * c * elapsed, rel=1e-12)


def test_the_two_ways_to_begin() -> None:
    euler, rest = backward_difference(0.01, RELEASED), backward_difference(0.01, AT_REST)
    assert (euler.new, euler.old) == (100.0, 0.0)
    assert rest == backward_difference(0.01, 0.01)


def test_a_static_phase_knows_no_inertia_and_forgets_motion() -> None:
    system, term, state = one_body()
    history = term.moving(system.configuration(state), np.ones((1, 3)), np.ones((1, 3)), 0.01)
    part = term.evaluate(system.configuration(replace(state, history=history)), True)
    assert part.energy == 0.0
    assert not part.force.any()
    assert part.stiffness is not None
    assert not part.stiffness.any()
    assert part.history is not None
    assert not term.momenta(part.history).any()


def test_without_memory_a_step_in_time_is_refused() -> None:
    system, term, state = one_body()
    with pytest.raises(ValueError, match="does not remember where its bodies were"):
        term.evaluate(system.configuration(replace(state, elapsed=0.01)), False)


def test_energy_and_momentum_of_a_steady_screw() -> None:
    """Constant velocity along and spin about a principal axis: no force, ½ m v² + ½ J ω², momenta m v and J ω."""
    system, term, state = one_body()
    velocity, spin, step = np.array([[0.0, 0.0, 50.0]]), np.array([[0.0, 0.0, 4.0]]), 0.01
    history = term.moving(system.configuration(state), velocity, spin, step)
    turn = rotation_matrix(step * spin)
    centre = state.origins + term.centre + step * velocity
    moved = replace(
        state,
        origins=centre - np.einsum("bij,bj->bi", turn, term.centre),
        rotations=turn,
        history=history,
        elapsed=step,
    )
    part = term.evaluate(system.configuration(moved), False)
    assert part.energy == pytest.approx(0.5 * 0.01 * 50.0**2 + 0.5 * 35.0 * 4.0**2, rel=1e-12)
    assert part.history is not None
    np.testing.assert_allclose(term.momenta(part.history)[0], [[0, 0, 0.5], [0, 0, 140.0]], atol=1e-11)
    np.testing.assert_allclose(part.force, 0.0, atol=1e-7)


def test_small_turns_leave_the_asymmetric_tangent_out() -> None:
    found = SCENES["inertia"]()
    term = found.system.terms[0]
    far = term.evaluate(found.system.configuration(found.state), True)
    assert far.asymmetric is not None
    system, own, state = one_body()
    history = own.moving(system.configuration(state), np.ones((1, 3)), np.ones((1, 3)), 0.01)
    near = own.evaluate(system.configuration(replace(state, history=history, elapsed=0.01)), True)
    assert near.asymmetric is None
