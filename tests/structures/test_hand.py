"""Which bone lies under a hand: flat blocks with closed forms, and the real spine with its sides exchanged."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem.anatomy.recipe import read_recipe
from fem.elements.layout import LayoutBuilder, reference_state
from fem.errors import ParameterError
from fem.literature import load
from fem.mesh.build import build_spine_mesh
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh
from fem.structures.hand import HandData, hand_data, hand_force, hand_patch, hand_push
from fem.system.system import build_system
from fem.terms.curve import Curve
from oracles.spines import RECIPE

FORWARD = np.array([1.0, 0.0, 0.0])
HAND = HandData(stiffness=40.0, onset=1.0, diameter=20.0, reach=15.0)


def plate(x: float, low: float, high: float, count: int = 24) -> TaggedMesh:
    """Return a skin at `x`, facing backwards, 40 mm wide, from `low` to `high` [mm]."""
    y, z = np.meshgrid(np.linspace(-20.0, 20.0, count + 1), np.linspace(low, high, count + 1), indexing="ij")
    points = np.stack([np.full(y.size, x), y.ravel(), z.ravel()], axis=-1)
    number = np.arange(y.size).reshape(y.shape)
    quads = np.stack([number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]], axis=-1)
    return TaggedMesh(
        points,
        np.zeros((0, 8), dtype=np.int64),
        np.zeros(0, dtype=np.int64),
        ("skin",),
        surfaces={"outer": quads.reshape(-1, 4)},
    )


def test_a_hand_on_two_plates_is_shared_by_what_of_it_lies_on_each() -> None:
    """A hand of radius R whose middle lies a above the edge: the share below is the cap of the paraboloid 1 − r²/R²."""
    edge, radius = 4.0, 10.0
    bones = {"L4": plate(0.0, edge, 40.0), "L5": plate(0.0, -32.0, edge)}
    patch = hand_patch(bones, ("L4", "L5"), ("L4", np.zeros(3)), 3.0 * FORWARD, HAND)
    # ∫∫ (1 − (y² + z²)/R²) over |y| < sqrt(R² − z²) is 4/3 (R² − z²)^(3/2)/R².
    z = np.linspace(-radius, radius, 200001)
    slices = 4.0 / 3.0 * (radius**2 - z**2) ** 1.5 / radius**2
    below = z < edge
    share = np.trapezoid(slices[below], z[below]) / np.trapezoid(slices, z)
    centre = np.trapezoid((z * slices)[below], z[below]) / np.trapezoid(slices[below], z[below])
    assert patch.vertebrae == ("L4", "L5")
    assert patch.weights[1] == pytest.approx(share, abs=0.01)
    assert patch.points[1] == pytest.approx([0.0, 0.0, centre], abs=0.05)
    assert patch.weights.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(patch.centre, 0.0, atol=0.05)
    np.testing.assert_allclose(patch.direction, FORWARD)


def test_what_faces_away_is_hidden_too_deep_or_left_out_is_not_pushed() -> None:
    near, far = plate(0.0, -20.0, 20.0), plate(8.0, -20.0, 20.0)
    landmark = ("L4", np.zeros(3))
    both = {"L4": near, "L5": far}
    assert hand_patch(both, ("L4", "L5"), landmark, FORWARD, HAND).vertebrae == ("L4",)
    assert hand_patch(both, ("L5",), landmark, FORWARD, HAND).vertebrae == ("L5",)
    # A hand from the front sees the plates from behind; one whose reach ends before the bone finds none.
    for direction, bones in ((-FORWARD, both), (FORWARD, {"L4": plate(15.5, -20.0, 20.0)})):
        patch = hand_patch(bones, ("L4", "L5"), landmark, direction, HAND)
        assert patch.vertebrae == ("L4",)
        np.testing.assert_array_equal(patch.points, np.zeros((1, 3)))


@cache
def spine(resolution: str = "coarse") -> SpineMesh:
    return build_spine_mesh(read_recipe(RECIPE).model, resolution, ("L3", "L4", "L5"))


def on(landmark: str, direction: np.ndarray, diameter: float) -> dict[str, np.ndarray]:
    mesh = spine()
    place = ("L4", mesh.spine.vertebrae["L4"].landmarks[landmark])
    patch = hand_patch(mesh.bones, mesh.bones, place, direction, hand_data(load("hand"), diameter))
    rows = zip(patch.vertebrae, patch.weights, patch.points, strict=True)
    return {name: np.array([weight, *point]) for name, weight, point in rows}


def test_left_and_right_are_mirror_images() -> None:
    left = on("mammillary process left", np.array([0.9, 0.2, -0.4]), 30.0)
    right = on("mammillary process right", np.array([0.9, -0.2, -0.4]), 30.0)
    assert set(left) == set(right) == {"L3", "L4"}
    for name in left:
        np.testing.assert_allclose(left[name] * [1, 1, -1, 1], right[name], atol=1e-9)


def test_a_wider_hand_reaches_the_neighbours_and_stays_behind_the_body() -> None:
    narrow, wide = (on("spinous process", FORWARD, width) for width in (20.0, 60.0))
    assert set(narrow) == {"L4"}
    assert set(wide) == {"L3", "L4", "L5"}
    assert narrow["L4"][0] == pytest.approx(1.0)
    assert 0.6 < wide["L4"][0] < 0.95
    back = min(v.landmarks["upper endplate posterior"][0] for v in spine().spine.vertebrae.values())
    for row in (*narrow.values(), *wide.values(), *on("lamina left", FORWARD, 60.0).values()):
        assert row[1] < back - 10.0


def test_both_kinds_of_thrust_push_the_same_way_through_the_same_centre() -> None:
    mesh = spine()
    place = ("L4", mesh.spine.vertebrae["L4"].landmarks["mammillary process left"])
    hand = hand_data(load("hand"))
    patch = hand_patch(mesh.bones, mesh.bones, place, np.array([0.9, 0.0, -0.4]), hand)
    builder = LayoutBuilder()
    points = np.array([builder.add_free(point[None])[0] for _, point in patch.places])
    step = Curve(np.array([0.0, 1.0]), np.array([0.0, 100.0]))
    force = hand_force("force", points, patch, step)
    push = hand_push("push", points, patch, hand, Curve(np.array([0.0, 1.0]), np.array([0.0, 3.0])), 0.0)
    layout = builder.build()
    here = build_system(layout, (force, push)).configuration(reference_state(layout))
    pressed = replace(here, time=1.0)
    given = -force.evaluate(pressed, False).force
    travelled = -push.evaluate(pressed, False).force.reshape(-1, 3)
    np.testing.assert_allclose(given.sum(axis=0), 100.0 * patch.direction)
    np.testing.assert_allclose(travelled.sum(axis=0), push.force(pressed) * patch.direction)
    assert push.force(pressed) == pytest.approx(40.0 * 2.5)
    np.testing.assert_allclose(given, travelled, rtol=1e-9)
    moment = np.cross(here.positions[points], given).sum(axis=0)
    np.testing.assert_allclose(moment, np.cross(patch.centre, 100.0 * patch.direction), atol=1e-9)


def test_a_hand_without_width_is_refused() -> None:
    with pytest.raises(ParameterError, match="width of the contact"):
        hand_data(load("hand"), 0.0)
