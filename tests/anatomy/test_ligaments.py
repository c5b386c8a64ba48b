"""Ligament strands: how many, how long, on which bones, and that they follow an edited recipe."""

import numpy as np
import pytest

from fem.anatomy.assemble import assemble_spine
from fem.anatomy.facets import surface_normal, surface_point
from fem.anatomy.frames import MIRROR
from fem.anatomy.recipe import Recipe
from fem.anatomy.spine import LigamentBundle, Spine
from fem.anatomy.vocabulary import BUNDLES, LEVELS, level_vertebrae
from fem.arrays import FloatArray

COUNTS = {
    "ALL": 9,
    "PLL": 5,
    "LF": 11,
    "CL left": 10,
    "CL right": 10,
    "ISL": 8,
    "SSL": 1,
    "ITL left": 2,
    "ITL right": 2,
}
# mean neutral length [mm], L1-L2 … L5-S1 (Remus 2021, attachment coordinates)
LENGTHS = {
    "ALL": (12.2, 12.6, 14.0, 15.8, 15.1),
    "PLL": (9.5, 10.2, 9.8, 10.3, 9.5),
    "LF": (24.2, 22.0, 20.4, 16.8, 23.3),
    "ISL": (17.3, 12.3, 10.8, 8.7, 12.3),
    "SSL": (31.6, 30.5, 26.9, 20.1, 21.5),
    "ITL left": (29.4, 31.8, 28.9, 28.8, 15.4),
}
# The rims carry ALL and PLL exactly; the others end on stated landmarks of a stylised arch, not on scanned bone.
TOLERANCE = {"ALL": 0.5, "PLL": 0.5, "LF": 4.5, "ISL": 5.0, "SSL": 4.0, "ITL left": 5.0}


def _bundle(spine: Spine, name: str, level: str) -> LigamentBundle:
    return next(b for b in spine.ligaments if b.name == name and b.level == level)


def _lengths(bundle: LigamentBundle) -> FloatArray:
    return np.linalg.norm(bundle.end - bundle.start, axis=1)


def test_every_level_has_every_bundle_with_its_strands(spine: Spine) -> None:
    assert [(b.level, b.name) for b in spine.ligaments] == [(lv, name) for lv in LEVELS for name in BUNDLES]
    for bundle in spine.ligaments:
        assert bundle.start.shape == bundle.end.shape == (COUNTS[bundle.name], 3)
        assert (bundle.upper, bundle.lower) == level_vertebrae(bundle.level)


@pytest.mark.parametrize("name", LENGTHS)
def test_neutral_lengths_are_near_the_measured_ones(spine: Spine, name: str) -> None:
    lengths = [_lengths(_bundle(spine, name, level)).mean() for level in LEVELS]
    assert lengths == pytest.approx(LENGTHS[name], abs=TOLERANCE[name])


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("level", LEVELS)
def test_capsule_strands_cross_the_joint_outside_its_rim(spine: Spine, level: str, side: str) -> None:
    bundle, joint = _bundle(spine, f"CL {side}", level), spine.facets[f"{level} {side}"]
    lengths = _lengths(bundle)
    assert lengths.min() > 10.0
    assert lengths.max() < 15.0
    origin = np.zeros(())
    centre = surface_point(joint.superior, origin, origin)
    normal = surface_normal(joint.superior, origin, origin)
    # start behind the inferior surface (in the upper bone), end behind the superior one (in the lower bone)
    assert ((bundle.start - centre) @ normal > 1.0).all()
    assert ((bundle.end - centre) @ normal < -1.0).all()
    half_width = 0.5 * np.linalg.norm(joint.superior.control[2, 1] - joint.superior.control[0, 1])
    half_height = 0.5 * np.linalg.norm(joint.superior.control[1, 2] - joint.superior.control[1, 0])
    across = joint.superior.control[2, 1] - joint.superior.control[0, 1]
    along = joint.superior.control[1, 2] - joint.superior.control[1, 0]
    middle = 0.5 * (bundle.start + bundle.end) - centre
    u = middle @ across / np.linalg.norm(across) / half_width
    v = middle @ along / np.linalg.norm(along) / half_height
    assert (np.hypot(u, v) > 1.0).all()


def test_capsules_run_downwards_from_the_upper_bone(spine: Spine) -> None:
    for level in LEVELS:
        bundle = _bundle(spine, "CL left", level)
        up = spine.discs[level].frame.axes[:, 2]
        assert ((bundle.end - bundle.start) @ up).mean() < 0.0


def test_bundles_lie_where_they_belong(spine: Spine) -> None:
    for level in LEVELS:
        disc = spine.discs[level].frame
        ahead = {name: disc.to_local(_bundle(spine, name, level).start)[:, 0].mean() for name in BUNDLES}
        order = ["ALL", "PLL", "LF", "ISL", "SSL"]
        assert [ahead[name] for name in order] == sorted((ahead[name] for name in order), reverse=True)
        for name in ("ITL left", "CL left"):
            assert (_bundle(spine, name, level).start[:, 1] > 0.0).all()


def test_strands_go_down_from_the_upper_bone(spine: Spine) -> None:
    for bundle in spine.ligaments:
        if not bundle.name.startswith("CL"):
            up = spine.discs[bundle.level].frame.axes[:, 2]
            assert ((bundle.end - bundle.start) @ up < 0.0).all(), (bundle.name, bundle.level)


def test_left_mirrors_right_and_middle_bundles_mirror_themselves(spine: Spine) -> None:
    for bundle in spine.ligaments:
        name = bundle.name.replace("left", "?").replace("right", "left").replace("?", "right")
        other = _bundle(spine, name, bundle.level)
        mirrored = np.hstack([bundle.start * MIRROR, bundle.end * MIRROR])
        image = np.hstack([other.start, other.end])
        apart = np.linalg.norm(mirrored[:, None] - image[None], axis=2).min(axis=1)
        assert apart.max() < 1e-9


def test_strands_follow_an_edited_recipe(recipe: Recipe, spine: Spine) -> None:
    taller = recipe.discs.rows["L4-L5"].model_copy(update={"height": recipe.discs.rows["L4-L5"].height + 2.0})
    discs = recipe.discs.model_copy(update={"rows": {**recipe.discs.rows, "L4-L5": taller}})
    edited = assemble_spine(recipe.model_copy(update={"discs": discs}))
    for name in ("ALL", "PLL", "ITL left", "SSL"):
        longer = _lengths(_bundle(edited, name, "L4-L5")) - _lengths(_bundle(spine, name, "L4-L5"))
        assert longer == pytest.approx(2.0, abs=0.3)
        same = _lengths(_bundle(edited, name, "L2-L3")) - _lengths(_bundle(spine, name, "L2-L3"))
        assert np.abs(same).max() < 1e-9
