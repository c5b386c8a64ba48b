"""Muscle paths: derived from the source as written down, with its moment arms, mirrored, on their landmarks."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem.anatomy.assemble import assemble_spine
from fem.anatomy.fascicles import MUSCLE_BODIES, Fascicle, fascicles, moment_arms
from fem.anatomy.recipe import Recipe
from fem.anatomy.spine import Spine
from fem.anatomy.trunk import trunk_landmarks, upper_joint
from fem.anatomy.vocabulary import LEVELS
from fem.errors import ParameterError, UsageError
from fem.literature import load
from fem.structures.guarding import GROUPS, MUSCLE_LEVELS, SIDES
from oracles.muscle_paths import mapping, source_arms, tolerance, wanted

DATA = load("muscles/myotorso")


@pytest.fixture(scope="module")
def muscles(spine: Spine) -> tuple[Fascicle, ...]:
    return fascicles(spine, DATA)


def test_every_group_is_there_on_both_sides(muscles: tuple[Fascicle, ...]) -> None:
    assert {(m.group, m.side) for m in muscles} == {(group, side) for group in GROUPS for side in SIDES}
    assert {m.level for m in muscles} <= set(MUSCLE_LEVELS)
    assert len({m.name for m in muscles}) == len(muscles) == 196
    for m in muscles:
        order = [MUSCLE_BODIES.index(body) for body in m.bodies]
        assert order == sorted(order)
        assert order[0] < order[-1]


#: Right-side sums of the source [N], to the rounding of its fascicles; the obliques that end on ribs and crest only.
SUMS = {
    "psoas": 766, "iliocostalis": 593, "longissimus thoracis": 543, "longissimus lumborum": 233,
    "quadratus lumborum": 208, "multifidus": 522, "rectus abdominis": 297,
    "external oblique": 344, "internal oblique": 406,
}  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
def test_strength_sums_as_in_the_source(muscles: tuple[Fascicle, ...], group: str) -> None:
    total = sum(m.force for m in muscles if m.group == group and m.side == "right")
    assert total == pytest.approx(SUMS[group], abs=3.0)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("group", GROUPS)
def test_moment_arms_are_those_of_the_source_scaled(
    muscles: tuple[Fascicle, ...], spine: Spine, group: str, level: str
) -> None:
    """Within 15 % or 4 mm, whichever is larger: the bar set for these paths."""
    right = [m for m in muscles if m.group == group and m.side == "right"]
    centre = spine.discs[level].frame.origin
    want = wanted(group, level)
    arms = moment_arms(right, centre, level)
    assert (np.abs(arms - want) <= tolerance(want)).all(), (arms, want)
    left = moment_arms([m for m in muscles if m.group == group and m.side == "left"], centre, level)
    np.testing.assert_allclose(left, arms * np.array([1.0, -1.0, -1.0]), atol=1e-9)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("group", GROUPS)
def test_the_coordinates_on_file_give_the_moment_arms_on_file(group: str, level: str) -> None:
    """To 1.2 mm: joints and most sites are rounded to a millimetre."""
    names = {key.split(".")[1] for key in DATA.texts if key.endswith(".group")}
    groups = {name: DATA.text(f"fascicles.{name}.group") for name in names}
    forces = {name: DATA.number(f"fascicles.{name}.force") for name in names}
    want = wanted(group, level) / mapping().scale
    np.testing.assert_allclose(source_arms(group, level, groups, forces), want, atol=1.2)


def test_the_paths_on_file_follow_from_the_source(muscles: tuple[Fascicle, ...]) -> None:
    """Offsets are written to 1e-4 of a width of 50 mm, landmarks of the trunk to as much."""
    for muscle in muscles[::2]:
        assert muscle.side == "left"
        path = mapping().path(muscle.name.removesuffix(" left"), muscle.group)
        assert tuple(body for body, _ in path) == muscle.bodies
        np.testing.assert_allclose(
            muscle.points, [point for _, point in path], atol=0.02, err_msg=muscle.name
        )


def test_landmarks_of_the_trunk_follow_from_the_source(spine: Spine) -> None:
    trunk = trunk_landmarks(spine, load("muscles/trunk_landmarks"))
    for body, part in (("S1", "pelvis"), ("thorax", "thorax")):
        names = {key.split(".")[1] for key in mapping().source.data if key.startswith(f"{part}.")}
        for name in names:
            x, y, z = mapping().source.series(f"{part}.{name}").values()
            point = mapping().place(body, np.array([x, z, y]))
            mark = trunk[body].get(f"{name} left", trunk[body].get(name))
            assert mark is not None
            np.testing.assert_allclose(mark, point, atol=0.02, err_msg=name)


def test_left_and_right_are_mirror_images(muscles: tuple[Fascicle, ...]) -> None:
    for left, right in zip(muscles[::2], muscles[1::2], strict=True):
        assert (left.group, left.level, left.force, left.bodies) == (
            right.group,
            right.level,
            right.force,
            right.bodies,
        )
        np.testing.assert_allclose(left.points, right.points * np.array([1.0, -1.0, 1.0]), atol=1e-9)
        assert left.points[:, 1].max() > 0.0


def test_ends_on_vertebrae_lie_near_the_place_they_name(muscles: tuple[Fascicle, ...]) -> None:
    """Ends (not via points) within half an endplate's width of their landmark, most far closer."""
    offsets = []
    for muscle in muscles[::2]:
        key = f"fascicles.{muscle.name.removesuffix(' left')}.path"
        for number in (0, len(muscle.bodies) - 1):
            if muscle.bodies[number] not in ("S1", "thorax"):
                offsets.append(
                    np.linalg.norm(
                        [DATA.number(f"{key}.{number}.offset.{a}") for a in ("ahead", "outwards", "up")]
                    )
                )
    assert max(offsets) < 0.5
    assert np.median(offsets) < 0.3


def longer_backs(recipe: Recipe) -> Recipe:
    """Return the recipe with the spinous process of L4 5 mm longer and the disc L4-L5 3 mm higher."""
    disc, arch = recipe.discs.rows["L4-L5"], recipe.arches.rows["L4"]
    spinous = arch.spinous_process
    corner = (spinous.lower_corner[0] - 5.0, *spinous.lower_corner[1:])
    arch = arch.model_copy(update={"spinous_process": spinous.model_copy(update={"lower_corner": corner})})
    disc = disc.model_copy(update={"height": disc.height + 3.0})
    discs = recipe.discs.model_copy(update={"rows": {**recipe.discs.rows, "L4-L5": disc}})
    arches = recipe.arches.model_copy(update={"rows": {**recipe.arches.rows, "L4": arch}})
    return recipe.model_copy(update={"discs": discs, "arches": arches})


def test_paths_follow_a_changed_recipe(recipe: Recipe, spine: Spine, muscles: tuple[Fascicle, ...]) -> None:
    other = assemble_spine(longer_backs(recipe))
    changed = {m.name: m for m in fascicles(other, DATA)}
    plain = {m.name: m for m in muscles}

    def local(m: Fascicle, from_spine: Spine, number: int) -> np.ndarray:
        return from_spine.vertebrae["L4"].frame.to_local(m.points[number])

    name = "MF_m4t_1 left"  # ends on the spinous process of L4
    moved = local(changed[name], other, -1) - local(plain[name], spine, -1)
    np.testing.assert_allclose(moved, [-5.0, 0.0, 0.0], atol=1e-9)
    name = "Ps_L4_TP left"
    np.testing.assert_allclose(local(changed[name], other, -1), local(plain[name], spine, -1), atol=1e-9)
    rise = upper_joint(other) - upper_joint(spine)
    assert rise[2] == pytest.approx(3.0, abs=0.5)


def test_a_short_spine_is_refused(recipe: Recipe) -> None:
    with pytest.raises(UsageError, match="need the vertebra L1"):
        fascicles(assemble_spine(recipe, ("L3", "S1")), DATA)


def test_a_path_with_an_unknown_place_is_refused(spine: Spine) -> None:
    for place, words in (("L4: elbow", "no landmark 'elbow'"), ("L9: lamina", "no body: 'L9'")):
        texts = {**DATA.texts, "fascicles.MF_m4s.path.1.at": place}
        with pytest.raises(ParameterError, match=words):
            fascicles(spine, replace(DATA, texts=texts))


def test_the_page_lists_the_moment_arms_as_they_are(muscles: tuple[Fascicle, ...], spine: Spine) -> None:
    page = (Path(__file__).parents[2] / "docs" / "muscles.md").read_text()
    rows = re.findall(r"^\| ([a-z ]+) \| (L\d-[LS]\d) \| (.*) \|$", page, re.MULTILINE)
    assert {(group, level) for group, level, _ in rows} == {(g, level) for g in GROUPS for level in LEVELS}
    for group, level, cells in rows:
        *pairs, share = cells.split(" | ")
        numbers = np.array([[float(n) for n in re.findall(r"-?\d+\.\d", pair)[:2]] for pair in pairs])
        want = wanted(group, level)
        right = [m for m in muscles if m.group == group and m.side == "right"]
        arms = moment_arms(right, spine.discs[level].frame.origin, level)
        np.testing.assert_allclose(
            numbers, np.column_stack([want, arms]), atol=0.051, err_msg=f"{group} {level}"
        )
        assert float(share) == pytest.approx((np.abs(arms - want) / tolerance(want)).max(), abs=0.0051)
