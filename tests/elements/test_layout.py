"""Material points: free, carried, interpolated; and how a Newton direction becomes a finite update."""

from itertools import pairwise

import numpy as np
import pytest

from fem.elements.layout import Layout, LayoutBuilder, State, positions, reference_state
from fem.elements.retraction import direction_between, linear_steps, retract
from fem.tensors import rotation_matrix, rotation_vector, screw_matrix, skew


@pytest.fixture
def layout(generator: np.random.Generator) -> Layout:
    """A fixed and two moving bodies, guided free nodes, and points interpolated over both kinds."""
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.array([0.0, 0.0, -5.0]), fixed=True)
    lower = builder.add_body("lower", np.array([1.0, 0.0, 5.0]))
    upper = builder.add_body("upper", np.array([0.0, 2.0, 15.0]))
    carried = builder.add_carried(generator.normal(size=(3, 3)) + np.array([0, 0, 15]), upper)
    held = builder.add_carried(generator.normal(size=(2, 3)), ground)
    free = builder.add_free(
        generator.normal(size=(4, 3)) + np.array([0, 0, 10]), (lower, upper), np.linspace(0, 1, 4)
    )
    loose = builder.add_free(generator.normal(size=(2, 3)))
    source = np.array([[carried[0], held[1], free[2]], [loose[0], loose[1], carried[2]]])
    builder.add_interpolated(source, np.array([[0.2, 0.3, 0.5], [0.4, 0.4, 0.2]]))
    return builder.build()


def moved(layout: Layout, generator: np.random.Generator, size: float = 0.3) -> State:
    return retract(layout, reference_state(layout), size * generator.normal(size=layout.dof_count), {})


def test_numbering(layout: Layout) -> None:
    assert layout.node_count == 6
    assert layout.dof_count == 3 * 6 + 2 * 6
    assert layout.body_start.tolist() == [-1, 18, 24]
    assert layout.body_number("upper") == 2
    np.testing.assert_allclose(positions(layout, reference_state(layout)), layout.reference, atol=1e-14)


def test_carried_and_interpolated_points(layout: Layout, generator: np.random.Generator) -> None:
    state = moved(layout, generator)
    x = positions(layout, state)
    for p in range(3):
        arm = layout.reference[p] - layout.body_origin[2]
        np.testing.assert_allclose(x[p], state.origins[2] + state.rotations[2] @ arm, rtol=1e-14)
    np.testing.assert_allclose(x[3:5], layout.reference[3:5], atol=1e-14)  # arm added and taken off
    np.testing.assert_allclose(x[11], 0.2 * x[0] + 0.3 * x[4] + 0.5 * x[7], rtol=1e-14)
    np.testing.assert_allclose(x[12], 0.4 * x[9] + 0.4 * x[10] + 0.2 * x[2], rtol=1e-14)


def test_an_update_is_exact_to_first_order(layout: Layout, generator: np.random.Generator) -> None:
    """Error of the linear prediction falls with the square of the step: observed rate 2."""
    state = moved(layout, generator)
    x = positions(layout, state)
    direction = generator.normal(size=layout.dof_count)
    errors = []
    for length in (1e-2, 5e-3, 2.5e-3):
        reached = positions(layout, retract(layout, state, length * direction, {}))
        step = linear_steps(layout, x, state.origins, length * direction)
        errors.append(float(np.abs(reached - x - step).max()))
    rates = np.log2(np.array(errors[:-1]) / errors[1:])
    assert errors[0] > 1e-6  # the update is curved, so a rate is measured and not rounding
    np.testing.assert_allclose(rates, 2.0, atol=0.02)


def chain() -> Layout:
    """Three bodies, each led by the one below, with free nodes between them."""
    builder = LayoutBuilder()
    bodies = [
        builder.add_body(name, np.array([0.0, z / 5.0, z]))
        for name, z in (("a", 0.0), ("b", 10.0), ("c", 20.0))
    ]
    for body, parent in pairwise(reversed(bodies)):
        builder.set_parent(body, parent)
    for lower, upper in pairwise(bodies):
        places = np.array([[3.0, 1.0, 4.0], [-2.0, 5.0, 8.0]]) + np.array([0.0, 0.0, 10.0 * lower])
        builder.add_free(places, (lower, upper), np.array([0.3, 0.9]))
    builder.add_carried(np.array([[1.0, 2.0, 25.0]]), bodies[-1])
    return builder.build()


def test_a_rigid_motion_of_everything_is_followed_exactly() -> None:
    """All bodies and nodes given one velocity field ω × x turn by 90° together, without second-order stretch."""
    layout = chain()
    start = reference_state(layout)
    spin = np.array([0.3, np.pi / 2, -0.2])
    direction = np.zeros(layout.dof_count)
    direction[: 3 * layout.node_count] = np.cross(spin, start.nodes).ravel()
    for body, at in enumerate(layout.body_start):
        direction[at : at + 3], direction[at + 3 : at + 6] = np.cross(spin, start.origins[body]), spin
    reached = positions(layout, retract(layout, start, direction, {}))
    np.testing.assert_allclose(reached, layout.reference @ rotation_matrix(spin).T, atol=1e-12)


def test_a_child_adds_its_own_turn_to_its_parent_s(generator: np.random.Generator) -> None:
    """R_child = R_parent exp(ω_child − ω_parent): a chain bends by its joints' turns, however far its root turns."""
    layout = chain()
    spins = generator.normal(size=(3, 3))
    direction = np.zeros(layout.dof_count)
    for body, at in enumerate(layout.body_start):
        direction[at + 3 : at + 6] = spins[body]
    R = retract(layout, reference_state(layout), direction, {}).rotations
    np.testing.assert_allclose(R[0], rotation_matrix(spins[0]), atol=1e-14)
    for child in (1, 2):
        own = rotation_matrix(spins[child] - spins[child - 1])
        np.testing.assert_allclose(R[child], R[child - 1] @ own, atol=1e-14)


def test_parents_in_a_circle_are_refused() -> None:
    builder = LayoutBuilder()
    bodies = [builder.add_body(name, np.zeros(3)) for name in ("a", "b")]
    builder.set_parent(bodies[0], bodies[1])
    builder.set_parent(bodies[1], bodies[0])
    layout = builder.build()
    with pytest.raises(ValueError, match="circle"):
        retract(layout, reference_state(layout), np.zeros(layout.dof_count), {})


def test_direction_between_two_states(layout: Layout, generator: np.random.Generator) -> None:
    """Shifts of nodes and origins, and the rotation that takes the old pose to the new one."""
    old, new = moved(layout, generator), moved(layout, generator)
    found = direction_between(layout, old, new)
    np.testing.assert_allclose(found[:18].reshape(-1, 3), new.nodes - old.nodes, atol=1e-13)
    for body, at in ((1, 18), (2, 24)):
        np.testing.assert_allclose(found[at : at + 3], new.origins[body] - old.origins[body], atol=1e-13)
        turn = rotation_matrix(found[at + 3 : at + 6])
        np.testing.assert_allclose(turn @ old.rotations[body], new.rotations[body], atol=1e-13)


def test_layouts_and_states_are_read_only(layout: Layout) -> None:
    with pytest.raises(ValueError, match="read-only"):
        layout.reference[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        reference_state(layout).nodes[0, 0] = 1.0


@pytest.mark.parametrize("angle", [0.0, 1e-12, 1e-9, 1e-7, 1e-3, 1.0, 3.0, np.pi - 1e-3, np.pi - 1e-7])
def test_rotation_vector_inverts_the_exponential(angle: float) -> None:
    axis = np.array([2.0, -1.0, 2.0]) / 3.0
    turn = rotation_matrix(angle * axis)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-15)
    np.testing.assert_allclose(rotation_vector(turn), angle * axis, rtol=1e-9, atol=1e-15)


def test_half_a_turn_is_not_no_turn() -> None:
    axis = np.array([2.0, -1.0, 2.0]) / 3.0
    found = rotation_vector(rotation_matrix(np.pi * axis))
    assert np.linalg.norm(found) == pytest.approx(np.pi, abs=1e-7)
    assert abs(found @ axis) == pytest.approx(np.pi, abs=1e-7)


def test_exponential_series(generator: np.random.Generator) -> None:
    """Rodrigues' formula against the series of the matrix exponential."""
    w = generator.normal(size=3)
    total, power = np.eye(3), np.eye(3)
    for n in range(1, 40):
        power = power @ skew(w) / n
        total = total + power
    np.testing.assert_allclose(rotation_matrix(w), total, atol=1e-14)


@pytest.mark.parametrize("size", [1e-10, 1e-3, 1.0, 3.0])
def test_screw_motion_against_its_series(size: float, generator: np.random.Generator) -> None:
    """exp of a twist (v, ω) as a 4 x 4 matrix: translation = screw_matrix(ω) v."""
    spin, velocity = size * generator.normal(size=3), generator.normal(size=3)
    twist = np.zeros((4, 4))
    twist[:3, :3], twist[:3, 3] = skew(spin), velocity
    total, power = np.eye(4), np.eye(4)
    for n in range(1, 60):
        power = power @ twist / n
        total = total + power
    np.testing.assert_allclose(screw_matrix(spin) @ velocity, total[:3, 3], rtol=1e-10, atol=1e-12)
