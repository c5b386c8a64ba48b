"""The endplate layout: counts, symmetry, orientation, and the outline it is carried to."""

import numpy as np
import pytest

from fem.anatomy.disc_shape import NucleusPlace
from fem.anatomy.endplate_outline import outline_area, outline_centroid, outline_points
from fem.anatomy.vertebra_shape import EndplateContour
from fem.anatomy.vocabulary import RESOLUTIONS
from fem.arrays import FloatArray, IntArray
from fem.errors import MeshError
from fem.mesh.generate.endplate import (
    LAYOUT_SIZES,
    NUCLEUS_EDGE,
    LayoutSize,
    endplate_layout,
    fill_outline,
    layout_of_size,
)

CONTOUR = EndplateContour(np.zeros(3), 0.0, width=52.2, depth=37.4, notch=-1.0, dish=0.0)
NUCLEUS = NucleusPlace(area_fraction=0.48, offset=-2.7)


def _areas(points: FloatArray, quads: IntArray) -> FloatArray:
    x, y = np.moveaxis(points[quads], -1, 0)
    return 0.5 * np.sum(x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y, axis=1)


def _corner_sines(points: FloatArray, quads: IntArray) -> FloatArray:
    corner = points[quads]
    ahead, behind = np.roll(corner, -1, axis=1) - corner, np.roll(corner, 1, axis=1) - corner
    cross = ahead[..., 0] * behind[..., 1] - ahead[..., 1] * behind[..., 0]
    return cross / np.linalg.norm(ahead, axis=-1) / np.linalg.norm(behind, axis=-1)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_layout_fills_the_disc_once_and_counter_clockwise(resolution: str) -> None:
    layout, size = endplate_layout(resolution), LAYOUT_SIZES[resolution]
    areas = _areas(layout.points, layout.quads)
    assert areas.min() > 0.0
    polygon = 0.5 * size.circumference * np.sin(2.0 * np.pi / size.circumference)
    assert areas.sum() == pytest.approx(polygon, rel=1e-12)
    assert size.annulus_rings >= 5
    assert size.circumference % 8 == 0
    assert [int((layout.ring == i).sum()) for i in range(size.annulus_rings)] == [
        size.circumference
    ] * size.annulus_rings


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_layout_is_symmetric_and_starts_in_front(resolution: str) -> None:
    layout = endplate_layout(resolution)
    mirrored = layout.points * [1.0, -1.0]
    nearest = np.linalg.norm(mirrored[:, None] - layout.points[None], axis=2).min(axis=1)
    assert nearest.max() < 1e-12
    rim = layout.points[layout.boundary]
    assert rim[0] == pytest.approx([1.0, 0.0])
    assert (np.diff(np.unwrap(np.arctan2(rim[:, 1], rim[:, 0]))) > 0.0).all()


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_ring_cells_run_round_then_inwards(resolution: str) -> None:
    layout = endplate_layout(resolution)
    quads = layout.points[layout.quads[layout.ring >= 0]]
    middle = quads.mean(axis=1)
    tangent = np.column_stack([-middle[:, 1], middle[:, 0]])
    assert (np.sum((quads[:, 1] - quads[:, 0]) * tangent, axis=1) > 0.0).all()
    assert (np.sum((quads[:, 3] - quads[:, 0]) * middle, axis=1) < 0.0).all()


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_no_corner_is_flat_even_in_the_outline(resolution: str) -> None:
    layout = endplate_layout(resolution)
    assert _corner_sines(layout.points, layout.quads).min() > 0.6
    assert _corner_sines(fill_outline(layout.points, CONTOUR, NUCLEUS), layout.quads).min() > 0.6


def test_the_outline_has_the_asked_size_area_and_notch() -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 20001)
    for notch in (-3.0, -1.0, 0.0, 2.0):
        contour = EndplateContour(np.zeros(3), 0.0, width=52.2, depth=37.4, notch=notch, dish=0.0)
        points = outline_points(contour, angle)
        assert np.ptp(points[:, 1]) == pytest.approx(52.2, abs=0.05)
        front, back = outline_points(contour, np.array([0.0, np.pi]))[:, 0]
        assert (front, back) == pytest.approx((18.7, -18.7))
        behind = points[points[:, 0] < 0.0]
        beside = behind[np.argmin(np.abs(behind[:, 1] - 52.2 / 4.0)), 0]
        assert back - beside == pytest.approx(notch, abs=0.02)


def test_the_nucleus_takes_its_share_of_the_area_at_its_place() -> None:
    angle = 2.0 * np.pi * np.arange(2000) / 2000
    circle = NUCLEUS_EDGE * np.column_stack([np.cos(angle), np.sin(angle)])
    x, y = fill_outline(circle, CONTOUR, NUCLEUS).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    assert 0.5 * cross.sum() == pytest.approx(0.48 * outline_area(CONTOUR), rel=1e-3)
    centroid = np.sum((x + np.roll(x, -1)) * cross) / (3.0 * cross.sum())
    assert centroid == pytest.approx(-2.7, abs=0.01)
    assert outline_centroid(CONTOUR) < -0.5  # a kidney's mass lies behind the middle of its depth


def test_layouts_that_cannot_be_are_refused() -> None:
    with pytest.raises(MeshError, match="'finest' is not one of coarse"):
        endplate_layout("finest")
    with pytest.raises(MeshError, match="multiple of 8"):
        layout_of_size(LayoutSize(circumference=20, annulus_rings=5, nucleus_rings=1))
