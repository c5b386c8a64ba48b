"""Cartilage beyond the end of its law is told, joint by joint, and only where surfaces face each other."""

import numpy as np
import pytest

from fem.arrays import FloatArray
from fem.observe.squeezed import overpressed, squeezed
from fem.structures.facets import FacetModel
from oracles.spines import spine_problem


@pytest.fixture(scope="module")
def problem():  # type: ignore[no-untyped-def]
    return spine_problem()


def pressed(facets: FacetModel, rest: FloatArray, joint: int, shares: FloatArray) -> FloatArray:
    """Return positions with the film points of a joint moved along its normals until they are squeezed by `shares`."""
    moved = rest.copy()
    rows = facets.rows(joint)
    points = facets.term.block.points[rows, 0]
    for _ in range(8):  # the normal turns a little on the way
        surface = facets.term.surface_state(moved)
        thickness = np.asarray(facets.term.law.thickness)[rows]
        moved[points] -= (surface.gap[rows] + shares * thickness)[:, None] * surface.normal[rows]
    return moved


@pytest.mark.parametrize("joint", [0, 1])
def test_a_joint_beyond_the_end_of_its_law_is_named_with_its_phase(problem, joint: int) -> None:  # type: ignore[no-untyped-def]
    facets, rest = problem.model.facets, problem.model.layout.reference
    count = len(facets.points[facets.rows(joint)])
    deep = pressed(facets, rest, joint, np.full(count, 0.93))
    told = list(overpressed(problem, "bend", deep))
    assert len(told) == 1
    assert facets.names[joint] in told[0]
    assert "more than 90 % of its thickness in phase 'bend'" in told[0]
    assert list(overpressed(problem, "bend", pressed(facets, rest, joint, np.full(count, 0.95)))) == told
    assert list(overpressed(problem, "bend", pressed(facets, rest, joint, np.full(count, 0.88)))) == []


def test_points_off_the_facing_surface_do_not_count(problem) -> None:  # type: ignore[no-untyped-def]
    facets, rest = problem.model.facets, problem.model.layout.reference
    facing = facets.term.surface_state(rest).overlap[facets.rows(0)] == 1.0
    assert 0 < facing.sum() < len(facing)
    deep = pressed(facets, rest, 0, np.where(facing, 0.2, 0.95))
    assert list(overpressed(problem, "bend", deep)) == []
    assert squeezed(facets, facets.term.law, deep).max() < 0.5


def test_open_joints_and_spines_without_joints_are_not_told_of(problem) -> None:  # type: ignore[no-untyped-def]
    assert list(overpressed(problem, "bend", problem.model.layout.reference)) == []
    bare = spine_problem(structures=("disc",))
    assert list(overpressed(bare, "bend", bare.model.layout.reference)) == []
