"""Prescribed motions, and what the system says about its unknowns."""

from dataclasses import replace

import numpy as np
import pytest

from fem.elements.layout import Layout, LayoutBuilder, reference_state
from fem.elements.retraction import retract
from fem.system.motion import BodyRotation, BodyTranslation, displaced
from fem.system.system import build_system
from fem.tensors import rotation_matrix
from fem.terms.curve import Curve, constant, ramp
from fem.terms.loads import ForceTerm


@pytest.fixture
def layout() -> Layout:
    builder = LayoutBuilder()
    body = builder.add_body("L4", np.array([0.0, 0.0, 20.0]))
    builder.add_carried(np.array([[5.0, 0.0, 20.0]]), body)
    builder.add_free(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    return builder.build()


def test_held_components_reach_their_values(layout: Layout) -> None:
    motion = displaced(np.array([2]), (None, 0.5, 0.0), ramp(1.0, 3.0))
    dofs, increments = motion.increments(layout, replace(reference_state(layout), time=2.0))
    assert dofs.tolist() == [4, 5]
    np.testing.assert_allclose(increments, [0.25, 0.0], atol=1e-15)


def test_carried_points_are_refused(layout: Layout) -> None:
    with pytest.raises(ValueError, match="body motion"):
        displaced(np.array([0]), (0.0, 0.0, 0.0)).increments(layout, reference_state(layout))


def test_a_prescribed_rotation_is_reached_from_anywhere(
    layout: Layout, generator: np.random.Generator
) -> None:
    state = retract(layout, reference_state(layout), 0.5 * generator.normal(size=layout.dof_count), {})
    value = np.array([0.4, -0.3, 0.8])
    dofs, increments = BodyRotation(0, value, constant()).increments(layout, state)
    direction = np.zeros(layout.dof_count)
    direction[dofs] = increments
    np.testing.assert_allclose(
        retract(layout, state, direction, {}).rotations[0], rotation_matrix(value), atol=1e-14
    )


def test_a_prescribed_translation(layout: Layout) -> None:
    motion = BodyTranslation(0, np.array([True, False, True]), np.array([1.0, 9.0, -2.0]), constant())
    dofs, increments = motion.increments(layout, reference_state(layout))
    assert dofs.tolist() == [6, 8]
    np.testing.assert_allclose(increments, [1.0, -2.0])


def test_curves() -> None:
    curve = Curve(np.array([0.0, 1.0, 2.0]), np.array([0.0, 4.0, 2.0]))
    assert [curve(t) for t in (-1.0, 0.5, 1.5, 9.0)] == [0.0, 2.0, 3.0, 2.0]
    assert [ramp(1.0, 3.0)(t) for t in (0.0, 2.0, 5.0)] == [0.0, 0.5, 1.0]


def test_unknowns_are_named_in_words(layout: Layout) -> None:
    system = build_system(layout, (ForceTerm("pull", np.array([[1]]), np.ones((1, 3)), constant()),))
    assert system.describe_unknown(1) == "y of the node at (1.0, 2.0, 3.0) mm"
    assert system.describe_unknown(8) == "translation z of L4"
    assert system.describe_unknown(9) == "rotation x of L4"


def test_two_terms_of_one_name_are_refused(layout: Layout) -> None:
    term = ForceTerm("pull", np.array([[1]]), np.ones((1, 3)), constant())
    with pytest.raises(ValueError, match="unique"):
        build_system(layout, (term, term))
