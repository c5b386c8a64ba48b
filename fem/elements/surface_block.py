"""Surface points facing a curved patch: the film points of a facet joint, or the skin of a solid."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from fem.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class SurfaceBlock:
    """Points of one surface, each facing a patch.

    Attributes
    ----------
    points : (s, 10) the surface point, then the nine control points of the patch it faces (index 3 i + j).
    area : (s,) [mm²] share of the surface that belongs to the point.
    joint : (s,) number of the joint the point belongs to.
    """

    points: IntArray
    area: FloatArray
    joint: IntArray


def unit_disc_mesh(rings: int, spokes: int) -> Any:
    """Return a scikit-fem ``MeshQuad`` of the unit disc: a rounded square core inside `rings` rings.

    `spokes` (a multiple of 8) is the number of edges round the rim; the core has spokes/4 edges a side. The mesh is
    symmetric about both axes.
    """
    from skfem import MeshQuad

    side = spokes // 4
    line = np.tan(np.linspace(-1.0, 1.0, side + 1) * np.pi / 4)
    u, v = np.meshgrid(line, line, indexing="ij")
    core = np.stack([u, v], axis=-1).reshape(-1, 2)
    size = side / (side + 2.0 * rings)
    inward = np.maximum(np.abs(core).max(axis=1), 1e-300)
    round_core = core * (inward / np.maximum(np.linalg.norm(core, axis=1), 1e-300))[:, None]
    core = size * (0.5 * core + 0.5 * round_core)
    index = np.arange((side + 1) ** 2).reshape(side + 1, side + 1)
    rim = np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1]])
    direction = core[rim] / np.linalg.norm(core[rim], axis=1)[:, None]
    points, loops = [core], [rim]
    for ring in range(1, rings + 1):
        share = ring / rings
        points.append((1.0 - share) * core[rim] + share * direction)
        loops.append(len(core) + (ring - 1) * spokes + np.arange(spokes))
    quads = [np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)]
    for inner, outer in pairwise(loops):
        quads.append(np.stack([inner, outer, np.roll(outer, -1), np.roll(inner, -1)], axis=-1))
    return MeshQuad(np.concatenate(points).T.copy(), np.concatenate(quads).T.copy(), sort_t=False)


def nodal_areas(points: FloatArray, quads: IntArray) -> FloatArray:
    """Return the share (n,) [mm²] of the area of quadrilaterals (s, 4) that belongs to each of the points (n, 3).

    Integrates the bilinear shape functions over the curved quadrilaterals with 2 x 2 Gauss points.
    """
    area = np.zeros(len(points))
    gauss = 1.0 / np.sqrt(3.0)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float64)
    nodes = points[quads]
    for a, b in gauss * corners:
        N = 0.25 * (1 + corners[:, 0] * a) * (1 + corners[:, 1] * b)
        du = 0.25 * corners[:, 0] * (1 + corners[:, 1] * b)
        dv = 0.25 * corners[:, 1] * (1 + corners[:, 0] * a)
        tangents = np.einsum("a,sai->si", du, nodes), np.einsum("a,sai->si", dv, nodes)
        size = np.linalg.norm(np.cross(*tangents), axis=1)
        np.add.at(area, quads, size[:, None] * N)
    return area


def patch_points(control: FloatArray, coordinates: FloatArray) -> FloatArray:
    """Return points (s, 3) [mm] of the patch with control net (3, 3, 3) at coordinates (s, 2)."""
    return np.asarray(np.einsum("sc,ck->sk", patch_shape(coordinates), control.reshape(9, 3)))


def patch_shape(coordinates: FloatArray) -> FloatArray:
    """Return the weights (s, 9) of the control points (index 3 i + j) of a patch at coordinates (s, 2)."""
    u, v = coordinates[:, 0], coordinates[:, 1]
    a = np.stack([0.5 * u * (u - 1), 1 - u * u, 0.5 * u * (u + 1)], axis=-1)
    b = np.stack([0.5 * v * (v - 1), 1 - v * v, 0.5 * v * (v + 1)], axis=-1)
    return np.asarray(a[:, :, None] * b[:, None, :]).reshape(-1, 9)
