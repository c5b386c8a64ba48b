"""The neutral posture against what Remus et al. 2021 measured (their model files; global coordinates in mm)."""

import numpy as np
import pytest

from fem.anatomy.assemble import Blueprint, draw_blueprint
from fem.anatomy.endplate_outline import outline_area, outline_points
from fem.anatomy.frames import tilt_of
from fem.anatomy.placement import disc_shape, place_spine
from fem.anatomy.recipe import Recipe
from fem.anatomy.vocabulary import LEVELS, level_vertebrae

# centre x, z; tilt [deg]; heights front, middle, back; contact area of the cranial and caudal face
DISCS = {
    "L1-L2": (-0.4, 164.6, -14.1, (12.2, 10.9, 9.5), (1504, 1586)),
    "L2-L3": (8.8, 125.7, -7.6, (12.7, 11.5, 10.2), (1513, 1516)),
    "L3-L4": (13.1, 85.0, 0.1, (14.0, 12.0, 9.9), (1522, 1527)),
    "L4-L5": (13.0, 43.9, 9.8, (15.8, 13.1, 10.3), (1603, 1662)),
    "L5-S1": (0.4, 7.1, 31.3, (15.0, 12.1, 9.6), (1505, 1511)),
}
BODY_CENTRES = {
    "L1": (-4.4, 184.0),
    "L2": (6.6, 145.9),
    "L3": (13.2, 105.6),
    "L4": (15.9, 64.4),
    "L5": (10.8, 24.1),
}
SPINOUS_TIPS = {
    "L1": (-63.1, 156.8),
    "L2": (-56.6, 119.7),
    "L3": (-56.2, 82.5),
    "L4": (-53.1, 55.0),
    "L5": (-55.2, 30.5),
}
TRANSVERSE_TIPS = {
    "L1": (-38.3, 36.8, 177.2),
    "L2": (-29.4, 43.3, 144.3),
    "L3": (-17.4, 47.3, 107.1),
    "L4": (-10.2, 46.9, 72.3),
    "L5": (-13.3, 48.7, 37.0),
}


@pytest.mark.parametrize("level", LEVELS)
def test_discs_stand_where_they_were_measured(blueprint: Blueprint, level: str) -> None:
    x, z, tilt, _, _ = DISCS[level]
    frame = blueprint.placement.discs[level]
    assert np.linalg.norm(frame.origin - [x, 0.0, z]) < 0.2
    assert np.degrees(tilt_of(frame)) == pytest.approx(tilt, abs=0.1)


@pytest.mark.parametrize("level", LEVELS)
def test_disc_heights_are_the_measured_ones(blueprint: Blueprint, level: str) -> None:
    shape = disc_shape(blueprint.recipe, blueprint.placement, level)
    ends = []
    for contour in (shape.lower, shape.upper):
        x = outline_points(contour, np.array([0.0, np.pi]))[:, 0]
        axis = np.array([np.cos(contour.tilt), 0.0, -np.sin(contour.tilt)])
        ends.append(contour.centre + x[:, None] * axis)
    front, back = np.linalg.norm(ends[1] - ends[0], axis=1)
    middle = np.linalg.norm(shape.upper.centre - shape.lower.centre)
    # 0.5 mm: the measured wedge angle and the measured heights differ by that much among themselves
    assert (front, middle, back) == pytest.approx(DISCS[level][3], abs=0.5)


@pytest.mark.parametrize("level", LEVELS)
def test_endplate_areas_are_within_a_tenth_of_the_measured_ones(blueprint: Blueprint, level: str) -> None:
    shape = disc_shape(blueprint.recipe, blueprint.placement, level)
    areas = (outline_area(shape.upper), outline_area(shape.lower))
    assert areas == pytest.approx(DISCS[level][4], rel=0.1)


@pytest.mark.parametrize("name", BODY_CENTRES)
def test_bodies_and_their_processes_stand_where_they_were_measured(blueprint: Blueprint, name: str) -> None:
    frame, shape = blueprint.placement.vertebrae[name], blueprint.vertebrae[name]
    assert np.linalg.norm(frame.origin[[0, 2]] - BODY_CENTRES[name]) < 1.5
    corners = np.array([shape.spinous_process.upper_corner, shape.spinous_process.lower_corner])
    tip = frame.to_global(corners.mean(axis=0))
    assert np.linalg.norm(tip[[0, 2]] - SPINOUS_TIPS[name]) < 6.0
    side = frame.to_global(shape.transverse_process.tip)
    assert np.linalg.norm(side - TRANSVERSE_TIPS[name]) < 3.0


def test_lordosis_between_the_discs(blueprint: Blueprint) -> None:
    tilts = [tilt_of(frame) for frame in blueprint.placement.discs.values()]
    assert np.degrees(tilts[-1] - tilts[0]) == pytest.approx(45.4, abs=0.2)


def test_an_edited_disc_moves_everything_above_it_and_nothing_below(recipe: Recipe) -> None:
    taller = recipe.discs.rows["L4-L5"].model_copy(update={"height": 15.1, "wedge": np.radians(11.0)})
    discs = recipe.discs.model_copy(update={"rows": {**recipe.discs.rows, "L4-L5": taller}})
    before, after = place_spine(recipe), place_spine(recipe.model_copy(update={"discs": discs}))
    for name in ("L5", "S1"):
        assert np.array_equal(before.vertebrae[name].origin, after.vertebrae[name].origin)
    for name in ("L1", "L2", "L3", "L4"):
        tipped = tilt_of(before.vertebrae[name]) - tilt_of(after.vertebrae[name])
        assert np.degrees(tipped) == pytest.approx(2.0, abs=1e-9)
    rise = after.lower["L4"].middle - before.lower["L4"].middle
    assert np.linalg.norm(rise) == pytest.approx(2.0, abs=0.3)


def test_endplates_of_body_and_disc_are_one(blueprint: Blueprint) -> None:
    """Body and disc describe their common endplate in two frames; it must be the same place."""
    for level in LEVELS:
        above, below = level_vertebrae(level)
        disc = disc_shape(blueprint.recipe, blueprint.placement, level)
        pairs = (
            (disc.upper, blueprint.vertebrae[above].lower_endplate, above),
            (disc.lower, blueprint.bone(below).upper_endplate, below),
        )
        for in_disc, in_bone, bone in pairs:
            frame = blueprint.placement.vertebrae[bone]
            apart = disc.frame.to_global(in_disc.centre) - frame.to_global(in_bone.centre)
            assert np.abs(apart).max() < 1e-9
            tilt = in_disc.tilt + tilt_of(disc.frame)
            assert tilt == pytest.approx(in_bone.tilt + tilt_of(frame), abs=1e-12)
            assert (in_disc.width, in_disc.depth) == (in_bone.width, in_bone.depth)


def test_a_misplaced_spine_would_be_noticed(recipe: Recipe) -> None:
    base = recipe.sacral_endplate.model_copy(update={"tilt": recipe.sacral_endplate.tilt + np.radians(1.0)})
    moved = draw_blueprint(recipe.model_copy(update={"sacral_endplate": base}))
    with pytest.raises(AssertionError):
        test_discs_stand_where_they_were_measured(moved, "L1-L2")
