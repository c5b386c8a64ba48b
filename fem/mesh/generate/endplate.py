"""Quadrilaterals of an endplate: annulus rings and a nucleus with a rounded square core, in an outline.

The layout lives in the unit disc; `fill_outline` carries it onto an anatomical endplate. Discs and vertebral
bodies share both, so that their endplates coincide node by node.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np

from fem.anatomy.disc_shape import NucleusPlace
from fem.anatomy.endplate_outline import outline_centroid, outline_points, tilted_axes
from fem.anatomy.vertebra_shape import EndplateContour
from fem.arrays import FloatArray, IntArray, frozen, frozen_index
from fem.errors import MeshError

#: Radius of the nucleus in the unit disc of the layout; `fill_outline` moves it to the anatomical place.
NUCLEUS_EDGE: Final = 0.68

_CORE_RADIUS: Final = 0.46  # of the core's corners in the unit disc
_CORE_ROUNDING: Final = (
    0.5  # 0 a square, 1 a circle: between them no quadrilateral is stretched at the corners
)


@dataclass(frozen=True, slots=True)
class LayoutSize:
    """How fine a layout is: nodes on the circumference (a multiple of 8), annulus rings, nucleus rings."""

    circumference: int
    annulus_rings: int
    nucleus_rings: int


LAYOUT_SIZES: Final = {
    "coarse": LayoutSize(circumference=24, annulus_rings=5, nucleus_rings=1),
    "standard": LayoutSize(circumference=32, annulus_rings=5, nucleus_rings=2),
    "fine": LayoutSize(circumference=48, annulus_rings=7, nucleus_rings=2),
}


@dataclass(frozen=True, slots=True)
class EndplateLayout:
    """Quadrilaterals of an endplate in the unit disc, symmetric about y = 0 (x anterior, y left).

    Attributes
    ----------
    points : (n, 2); circles from the outside in, each counter-clockwise from anterior, then the core.
    quads : (m, 4), counter-clockwise; in the rings 0→1 runs along the circumference and 0→3 inwards.
    ring : (m,) 0 in the outermost annulus ring … `annulus_rings` - 1, then -1 in the nucleus.
    boundary : (k,) nodes of the outer edge, counter-clockwise from anterior.
    annulus_rings : number of rings of the annulus.
    """

    points: FloatArray
    quads: IntArray
    ring: IntArray
    boundary: IntArray
    annulus_rings: int


@cache
def endplate_layout(resolution: str) -> EndplateLayout:
    """Return the layout of a resolution: ``coarse``, ``standard`` or ``fine``.

    Raises
    ------
    MeshError
        For another word.
    """
    if resolution not in LAYOUT_SIZES:
        raise MeshError(f"resolution '{resolution}' is not one of {', '.join(LAYOUT_SIZES)}")
    return layout_of_size(LAYOUT_SIZES[resolution])


def layout_of_size(size: LayoutSize) -> EndplateLayout:
    """Return the layout of `size`."""
    around = size.circumference
    if around % 8 or around < 8 or size.annulus_rings < 1 or size.nucleus_rings < 1:
        raise MeshError(
            f"{size}: the circumference needs a multiple of 8 nodes, and each part at least one ring"
        )
    core, core_edge = _core_points(around // 4)
    angle = 2.0 * np.pi * np.arange(around) / around
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    radii = np.linspace(1.0, NUCLEUS_EDGE, size.annulus_rings + 1)
    inward = np.arange(1, size.nucleus_rings) / size.nucleus_rings
    circles = [radius * circle for radius in radii]
    circles += [(1.0 - t) * NUCLEUS_EDGE * circle + t * core[core_edge] for t in inward]
    start = around * len(circles)
    rings = [np.arange(around) + around * row for row in range(len(circles))] + [core_edge + start]
    quads = [_ring_quads(outer, inner) for outer, inner in pairwise(rings)]
    quads.append(_core_quads(around // 4) + start)
    ring = np.repeat(np.arange(len(rings) - 1), around)
    ring[ring >= size.annulus_rings] = -1
    return EndplateLayout(
        points=frozen(np.vstack([*circles, core])),
        quads=frozen_index(np.vstack(quads)),
        ring=frozen_index(np.concatenate([ring, np.full(len(quads[-1]), -1)])),
        boundary=frozen_index(rings[0]),
        annulus_rings=size.annulus_rings,
    )


def fill_outline(points: FloatArray, contour: EndplateContour, nucleus: NucleusPlace) -> FloatArray:
    """Map `points` (n, 2) of the unit disc into the outline, (n, 2) [mm] about the outline's middle.

    The circle of radius `NUCLEUS_EDGE` lands on the nucleus's edge: the outline scaled to its share of
    the area and moved to its centroid. Between it and the outline the rings share the annulus evenly.
    """
    radius = np.hypot(points[:, 0], points[:, 1])
    outer = outline_points(contour, np.arctan2(points[:, 1], points[:, 0]))
    scale = np.sqrt(nucleus.area_fraction)
    shift = np.array([nucleus.offset - scale * outline_centroid(contour), 0.0])
    within = np.minimum(radius / NUCLEUS_EDGE, 1.0)[:, None]
    across = np.clip((radius - NUCLEUS_EDGE) / (1.0 - NUCLEUS_EDGE), 0.0, 1.0)[:, None]
    edge: FloatArray = within * scale * outer + shift
    filled: FloatArray = (1.0 - across) * edge + across * outer
    return filled


def endplate_surface(
    layout: EndplateLayout, contour: EndplateContour, nucleus: NucleusPlace, into_body: float
) -> FloatArray:
    """Return the endplate's nodes (n, 3) [mm] in the frame in which `contour` is given.

    `into_body` is +1 where the body lies above the endplate (its lower endplate) and -1 where it lies below.
    """
    plane = fill_outline(layout.points, contour, nucleus)
    dish = into_body * contour.dish * (1.0 - np.sum(layout.points**2, axis=1))
    axis, normal = tilted_axes(contour.tilt)
    surface: FloatArray = contour.centre + plane[:, :1] * axis + dish[:, None] * normal
    surface[:, 1] += plane[:, 1]
    return surface


def _core_points(cells: int) -> tuple[FloatArray, IntArray]:
    """Return the core's points and its edge nodes, counter-clockwise from anterior."""
    step = np.tan(np.linspace(-0.25 * np.pi, 0.25 * np.pi, cells + 1))
    x, y = (grid.ravel() for grid in np.meshgrid(step, step, indexing="ij"))
    square = np.column_stack([x, y]) / np.sqrt(2.0)
    disc = np.column_stack([x * np.sqrt(1.0 - 0.5 * y**2), y * np.sqrt(1.0 - 0.5 * x**2)])
    points = _CORE_RADIUS * ((1.0 - _CORE_ROUNDING) * square + _CORE_ROUNDING * disc)
    node = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
    edge = np.concatenate([node[-1, :-1], node[:0:-1, -1], node[0, :0:-1], node[:-1, 0]])
    return points, np.roll(edge, -(cells // 2))


def _core_quads(cells: int) -> IntArray:
    node = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
    corners = [node[:-1, :-1], node[1:, :-1], node[1:, 1:], node[:-1, 1:]]
    return np.column_stack([corner.ravel() for corner in corners])


def _ring_quads(outer: IntArray, inner: IntArray) -> IntArray:
    return np.column_stack([outer, np.roll(outer, -1), np.roll(inner, -1), inner])
