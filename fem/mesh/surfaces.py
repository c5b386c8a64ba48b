"""Articular surfaces as quadrilaterals, ligaments as lines: what a picture or a file of the anatomy shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem.anatomy.facets import surface_point
from fem.anatomy.spine import ArticularSurface, LigamentBundle
from fem.arrays import FloatArray, IntArray
from fem.mesh.generate.endplate import endplate_layout


@dataclass(frozen=True, slots=True)
class Lines:
    """Strands as line cells.

    Attributes
    ----------
    points : (2f, 3) [mm], all starts, then all ends, bundle by bundle
    cells : (f, 2)
    bundle : (f,) number of the bundle in the list they were made from
    """

    points: FloatArray
    cells: IntArray
    bundle: IntArray


def articular_quads(surface: ArticularSurface, resolution: str = "standard") -> tuple[FloatArray, IntArray]:
    """Return points (n, 3) [mm] and quadrilaterals (m, 4) that fill the outline, seen from outside the bone."""
    layout = endplate_layout(resolution)
    return surface_point(surface, layout.points[:, 0], layout.points[:, 1]), layout.quads


def strand_lines(bundles: Sequence[LigamentBundle]) -> Lines:
    """Return the strands of `bundles` as lines."""
    counts = [len(bundle.start) for bundle in bundles]
    starts = np.vstack([np.zeros((0, 3)), *(bundle.start for bundle in bundles)])
    ends = np.vstack([np.zeros((0, 3)), *(bundle.end for bundle in bundles)])
    number = np.arange(len(starts))
    return Lines(
        points=np.vstack([starts, ends]),
        cells=np.column_stack([number, number + len(starts)]),
        bundle=np.repeat(np.arange(len(bundles)), counts),
    )


def clearance(of: ArticularSurface, to: ArticularSurface, points_across: int = 21) -> FloatArray:
    """Return the distance (k,) [mm] from points of one articular surface to its partner, along the normal of `of`.

    Positive where the joint is open. Points whose normal misses the partner's outline are left out.
    """
    from fem.anatomy.facets import surface_normal

    grid = np.linspace(-1.0, 1.0, points_across)
    u, v = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    inside = u**2 + v**2 <= 1.0
    u, v = u[inside], v[inside]
    start, normal = surface_point(of, u, v), surface_normal(of, u, v)
    across, along, distance = -u, v, np.zeros_like(u)
    for _ in range(20):
        hit = surface_point(to, across, along)
        miss = start + distance[:, None] * normal - hit
        columns = np.stack([*_tangents(to, across, along), -normal], axis=-1)
        step = np.linalg.solve(columns, miss[..., None])[..., 0]
        across, along, distance = across + step[:, 0], along + step[:, 1], distance + step[:, 2]
    return distance[across**2 + along**2 <= 1.0]


def _tangents(surface: ArticularSurface, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return dX/du and dX/dv (k, 3), by central differences: exact for a biquadratic surface."""
    along_u = 0.5 * (surface_point(surface, u + 1.0, v) - surface_point(surface, u - 1.0, v))
    along_v = 0.5 * (surface_point(surface, u, v + 1.0) - surface_point(surface, u, v - 1.0))
    return along_u, along_v
