"""Mirror, rigid motion and rest: what must hold of a real spine whatever its numbers are."""

from functools import cache

import numpy as np
import pytest

from fem.tensors import rotation_matrix
from oracles.spines import (
    Solved,
    coarse_mesh,
    moment,
    moment_vector,
    moved_mesh,
    phases,
    solve,
    spine_problem,
)

#: Results are found to a residual of 1e-8 of the largest force; the invariants are asked for to this.
CLOSE = 1e-6
#: Pairs of motions that are each other's mirror image.
PAIRS = [("axial rotation left", "axial rotation right"), ("lateral bending left", "lateral bending right")]
LEVELS = ("L4-L5", "L5-S1")


@cache
def solved(motion: str) -> Solved:
    return solve(spine_problem(moment("L4", motion), mesh=coarse_mesh("L4-S1")))


def swapped(name: str) -> str:
    """Return the name of the other side's partner."""
    return name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")


def strand_mirror(problem_group: object, reference: np.ndarray) -> np.ndarray:
    """Return, for each strand of a group, the number of its mirror image, found by the places of its ends."""
    ends = reference[problem_group.term.points]
    image = ends * np.array([1.0, -1.0, 1.0])
    distance = np.abs(image[:, None] - ends[None]).max(axis=(2, 3))
    assert distance.min(axis=1).max() < 1e-9, "the anatomy is not symmetric"
    return distance.argmin(axis=1)


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_left_and_right_are_mirror_images_in_angles_facets_and_bundles(left: str, right: str) -> None:
    first, second = solved(left), solved(right)
    for level in LEVELS:
        a, b = first.angles(level), second.angles(level)
        np.testing.assert_allclose(a, b * np.array([1.0, -1.0, -1.0]), atol=CLOSE * np.abs(a).max())
    for table in ("facets", "ligaments"):
        here, there = first.rows(table), second.rows(table)
        assert set(here) == {swapped(name) for name in there}
        for name, row in here.items():
            numbers = {key: value for key, value in row.items() if isinstance(value, float)}
            other = there[swapped(name)]
            for key, value in numbers.items():
                assert value == pytest.approx(other[key], rel=CLOSE, abs=CLOSE), (name, key)
            assert row.get("state") == other.get("state")


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_left_and_right_are_mirror_images_strand_by_strand(left: str, right: str) -> None:
    first, second = solved(left), solved(right)
    reference = first.problem.model.layout.reference
    for group in first.problem.model.strands:
        image = strand_mirror(group, reference)
        a, b = group.strains(first.positions()), group.strains(second.positions())
        assert np.abs(a - a[image]).max() > 1e-3, "the load does nothing single-sided: nothing was tested"
        np.testing.assert_allclose(a, b[image], atol=CLOSE * np.abs(a).max())


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_sides_differ_under_a_single_sided_load(left: str, right: str) -> None:
    gaps = {name: row["gap_mean_change_mm"] for name, row in solved(left).rows("facets").items()}
    assert abs(gaps["L4-L5 left"] - gaps["L4-L5 right"]) > 0.05


def test_axial_rotation_opens_the_facet_of_the_side_it_turns_to() -> None:
    gaps = solved("axial rotation left").rows("facets")
    # The upper vertebra's left inferior facet moves backwards and away; the right one is pressed on.
    assert gaps["L4-L5 left"]["gap_mean_change_mm"] > 0.0 > gaps["L4-L5 right"]["gap_mean_change_mm"]
    assert gaps["L4-L5 right"]["contact_force_N"] > 0.0


def test_a_spine_moved_as_a_whole_gives_the_same_answers() -> None:
    mesh, vector = coarse_mesh("L4-S1"), np.array([1500.0, 5000.0, 3000.0])
    turn, shift = rotation_matrix(np.array([0.4, -0.9, 1.7])), np.array([120.0, -40.0, 300.0])
    here = solve(spine_problem(moment_vector("L4", vector), mesh=mesh))
    there = solve(spine_problem(moment_vector("L4", turn @ vector), mesh=moved_mesh(mesh, turn, shift)))
    # The bodies' rotations are compared as matrices: R' = Q R Qᵀ.
    for name, body in here.problem.model.bodies.items():
        expected = turn @ here.steps[-1].state.rotations[body] @ turn.T
        np.testing.assert_allclose(there.steps[-1].state.rotations[body], expected, atol=CLOSE, err_msg=name)
    np.testing.assert_allclose(there.positions(), here.positions() @ turn.T + shift, atol=1e-5)
    for level in LEVELS:
        assert np.abs(here.angles(level)).min() > 0.1
        np.testing.assert_allclose(there.angles(level), here.angles(level), rtol=CLOSE)
    assert there.stored() == pytest.approx(here.stored(), rel=CLOSE)
    for table in ("ligaments", "facets", "discs", "strands"):
        for name, row in here.rows(table).items():
            other = there.rows(table)[name]
            for key, value in row.items():
                if isinstance(value, float):
                    assert other[key] == pytest.approx(value, rel=CLOSE, abs=1e-6), (table, name, key)


def test_discs_alone_stay_exactly_where_they_are() -> None:
    result = solve(spine_problem(structures=("disc",)))
    assert result.reports[0].iterations == 0
    # Positions of carried points are sums of origin and arm, so their last digit may differ.
    np.testing.assert_allclose(result.positions(), result.problem.model.layout.reference, atol=1e-13)
    assert result.stored() == pytest.approx(0.0, abs=1e-12)
    assert result.rows("discs")["L4-L5"]["pressure_MPa"] == pytest.approx(0.0, abs=1e-9)


def test_facets_without_load_do_not_touch_the_neutral_spine() -> None:
    result = solve(spine_problem(structures=("disc", "facets")))
    np.testing.assert_allclose(result.positions(), result.problem.model.layout.reference, atol=1e-12)


def test_after_settling_nothing_moves_and_strain_is_what_pre_strain_left() -> None:
    result = solve(spine_problem(timeline=phases(steps=2)))
    settled, last = result.steps[0], result.steps[-1]
    assert settled.phase == "settle"
    assert np.abs(result.angles("L4-L5")).max() < 1e-6
    model = result.problem.model
    moved = np.abs(result.positions(0) - model.layout.reference).max()
    assert 0.01 < moved < 2.0  # the pre-strain of the ligaments does move the spine a little
    np.testing.assert_allclose(result.positions(), result.positions(0), atol=1e-6 * moved)
    assert last.evaluation.energy == pytest.approx(settled.evaluation.energy, rel=1e-9)
    for group in model.strands:
        neutral = group.strains(model.layout.reference)
        length = np.linalg.norm(np.diff(model.layout.reference[group.term.points], axis=1)[:, 0], axis=1)
        np.testing.assert_allclose(neutral, length / group.reference_length - 1.0, atol=1e-12)
        # Settling moves ends by a fraction of a millimetre, so strains stay near those of the neutral posture.
        assert np.abs(group.strains(result.positions(0)) - neutral).max() < 0.12
    angles = np.degrees(np.arccos(np.clip((np.trace(settled.state.rotations[0]) - 1.0) / 2.0, -1.0, 1.0)))
    assert angles < 1.5
