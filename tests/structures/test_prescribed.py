"""Prescribed rotations, displacements, point forces and the follower load on a real spine."""

from functools import cache

import numpy as np
import pytest

from fem.elements.layout import reference_state
from fem.observe.tables import settle, tables
from fem.tensors import rotation_vector
from oracles.spines import (
    Solved,
    coarse_mesh,
    displacement,
    follower,
    force,
    moment,
    moment_vector,
    phases,
    rotation,
    solve,
    spine_problem,
)

SPINOUS = [("L4", coarse_mesh().spine.vertebrae["L4"].landmarks["spinous process"])]
FRONT = [("L4", coarse_mesh().spine.discs["L4-L5"].frame.origin + np.array([20.0, 5.0, 30.0]))]


def body_rotation(result: Solved) -> np.ndarray:
    return np.asarray(result.steps[-1].state.rotations[result.problem.model.bodies["L4"]])


@pytest.mark.parametrize("motion", ["flexion", "extension", "axial rotation left", "lateral bending right"])
def test_the_multiplier_of_a_prescribed_rotation_is_the_moment_that_gives_it(motion: str) -> None:
    turned = solve(spine_problem(rotation("L4", motion, np.radians(3.0))))
    step = turned.steps[-1]
    # What the multiplier does to the body is the negative of the internal force of its term.
    vector = -step.evaluation.contributions["rotation"].force[0, 3:]
    assert 1000.0 < np.linalg.norm(vector) < 30000.0
    pushed = solve(spine_problem(moment_vector("L4", vector)))
    np.testing.assert_allclose(body_rotation(pushed), body_rotation(turned), atol=1e-7)
    np.testing.assert_allclose(pushed.positions(), turned.positions(), atol=1e-5)


def test_a_prescribed_rotation_is_reached_about_its_axis_and_leaves_the_others_free() -> None:
    turned = solve(spine_problem(rotation("L4", "axial rotation left", np.radians(3.0))))
    vector = rotation_vector(body_rotation(turned))
    assert vector[2] == pytest.approx(np.radians(3.0), rel=1e-9)
    assert abs(vector[0]) > 1e-4, "axial rotation couples with lateral bending in a lordotic spine"
    part = turned.steps[-1].evaluation.contributions["rotation"]
    np.testing.assert_array_equal(part.force[0, :3], 0.0)  # it pushes nowhere


def test_flexion_by_moment_needs_the_multiplier_of_flexion_by_rotation() -> None:
    pushed = solve(spine_problem(moment("L4", "flexion", 5000.0)))
    angle = np.arctan2(body_rotation(pushed)[0, 2], body_rotation(pushed)[0, 0])
    turned = solve(spine_problem(rotation("L4", "flexion", float(angle))))
    multiplier = float(turned.steps[-1].state.internal["rotation"][0])
    assert -multiplier == pytest.approx(5000.0, rel=1e-5)


@pytest.mark.parametrize("direction", [(0.0, 0.0, -1.0), (0.6, 0.64, 0.48)])
def test_a_prescribed_displacement_and_its_force_give_the_same_posture(
    direction: tuple[float, float, float],
) -> None:
    unit = np.array(direction)
    held = solve(spine_problem(displacement(unit, 1.5), points=SPINOUS))
    model = held.problem.model
    point = model.load_points[0]
    moved = held.positions()[point] - model.layout.reference[point]
    assert moved @ unit == pytest.approx(1.5, abs=1e-8)
    assert np.linalg.norm(moved - 1.5 * unit) > 0.05, "across the direction the point must be free"
    pull = -float(held.steps[-1].state.internal["displacement 0"][0]) * unit
    assert np.linalg.norm(pull) > 1.0
    pushed = solve(spine_problem(force(pull), points=SPINOUS))
    np.testing.assert_allclose(pushed.positions(), held.positions(), atol=1e-5)


def test_small_loads_obey_maxwell_and_betti() -> None:
    """On top of a moment, the shift at B along b that a force at A along a causes equals the shift at A along a that
    the same force at B along b causes."""
    a, b, size = np.array([0.0, 0.6, -0.8]), np.array([0.8, 0.0, 0.6]), 0.05

    def shift(direction: np.ndarray, at: int, seen: int, along: np.ndarray) -> float:
        ends = []
        for sign in (1.0, -1.0):
            loads = (force(sign * size * direction, at), rotation("L4", "flexion", np.radians(4.0)))
            result = solve(spine_problem(*loads, points=SPINOUS + FRONT, timeline=phases(2, tolerance=1e-12)))
            ends.append(result.positions()[result.problem.model.load_points[seen]])
        return float((ends[0] - ends[1]) @ along)

    there, back = shift(a, 0, 1, b), shift(b, 1, 0, a)
    assert abs(there) > 1e-5
    assert there == pytest.approx(back, rel=3e-3)  # fibres that switch within the difference leave this much


@cache
def followed(value: float) -> Solved:
    return solve(spine_problem(follower(value), mesh=coarse_mesh("L1-S1")))


def from_neutral(result: Solved) -> np.ndarray:
    """Return the angles (levels, 3) [deg] of the last state since the neutral posture, settling included."""
    problem = result.problem
    neutral = settle(problem, reference_state(problem.model.layout))
    table = tables(problem, neutral, result.steps[-1].state)["levels"]
    names = ("flexion_deg", "lateral_bending_deg", "axial_rotation_deg")
    return np.stack([table[name] for name in names], axis=1)[: len(problem.levels)].astype(float)


@pytest.mark.parametrize(("value", "limit"), [(500.0, 1.5), (700.0, 1.7)])
def test_a_follower_load_turns_no_level_by_two_degrees(value: float, limit: float) -> None:
    """From the neutral posture; a level turns by two to eight degrees under the moments that are studied.

    The calibrated discs are stiffest at the back, so that compression bends them forward: L4-L5 by 1.4 degrees. (With
    disc/gruber_2024 it was less than half a degree.) The path of the load is the discs' own axis, not fitted to that.
    """
    result = followed(value)
    angles = from_neutral(result)
    since = [float(result.angles(level)[0]) for level in result.problem.levels]
    print(f"{value:g} N: from neutral {np.round(angles[:, 0], 3)}, since settled {np.round(since, 3)}")
    assert np.abs(angles).max() < limit
    assert np.abs(angles[:, 1:]).max() < 1e-6
    assert max(map(abs, since)) < limit


def test_a_follower_load_presses_every_disc_along_its_axis_with_its_whole_size() -> None:
    result = followed(500.0)
    problem, step = result.problem, result.steps[-1]
    part, x = step.evaluation.contributions["follower"], step.evaluation.configuration.positions
    pull = part.force.reshape(-1, 3)
    points = problem.model.follower[0]
    for number, level in enumerate(problem.levels):
        axis = x[points[2 * number]] - x[points[2 * number + 1]]
        above = pull[: 2 * number + 1].sum(axis=0)  # all that the cable does to what lies above the disc
        np.testing.assert_allclose(above, 500.0 * axis / np.linalg.norm(axis), atol=1e-9, err_msg=level)
    rise = [row["pressure_rise_MPa"] for row in result.rows("discs").values()]
    assert 0.15 < min(rise) < max(rise) < 1.0


def test_a_follower_load_stiffens_the_spine_against_nothing_it_should_not() -> None:
    """With and without the load a moment turns the level the same way, and the discs are compressed."""
    plain = solve(spine_problem(moment("L4", "flexion", 4000.0)))
    loaded = solve(spine_problem(moment("L4", "flexion", 4000.0), follower(500.0)))
    assert loaded.angles("L4-L5")[0] > 0.3 * plain.angles("L4-L5")[0]
    heights = [run.rows("discs")["L4-L5"]["height_change_mm"] for run in (plain, loaded)]
    assert heights[1] < heights[0] - 0.2
