"""Smooth surfaces over a coarse cage of quadrilaterals: Catmull–Clark subdivision, close to the cage's corners."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from fem.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class SmoothSurface:
    """A surface that passes close to the cage's corners and is smooth across its edges.

    Attributes
    ----------
    limit : grid point <- cage corner, sparse; rows are points on the limit surface
    grids : (m, 2**levels + 1, 2**levels + 1), rows of `limit`; ``[face, i, j]`` lies at u = i / 2**levels from the
        face's corner 0 to corner 1, and v = j / 2**levels from corner 0 to corner 3
    """

    limit: sparse.csr_matrix
    grids: IntArray

    def sample(self, face: int, u: FloatArray, v: FloatArray) -> sparse.csr_matrix:
        """Return point <- cage corner for points (k,) at `u`, `v` in 0 … 1 of one face, bilinear on the grid."""
        grid = self.grids[face]
        size = len(grid) - 1
        i, j = (np.minimum((size * t).astype(int), size - 1) for t in (u, v))
        a, b = size * u - i, size * v - j
        corners = [
            (i, j, (1 - a) * (1 - b)),
            (i + 1, j, a * (1 - b)),
            (i + 1, j + 1, a * b),
            (i, j + 1, (1 - a) * b),
        ]
        rows = np.tile(np.arange(len(u)), 4)
        columns = np.concatenate([grid[p, q] for p, q, _ in corners])
        weights = np.concatenate([w for _, _, w in corners])
        return sparse.csr_matrix((weights, (rows, columns)), shape=(len(u), self.limit.shape[0])) @ self.limit


def smooth_surface(faces: IntArray, count: int, levels: int = 3) -> SmoothSurface:
    """Return the smooth surface over `faces` (m, 4), corners counter-clockwise from outside, of `count` corners.

    Notes
    -----
    Catmull & Clark (1978) with the crease rule on open borders. Control points are moved outwards so that the limit
    surface passes close to the cage's corners: with L the limit stencil at the corners and M = I - L,
    X = S (I + M + M² + M³) X_cage. (The exact inverse L⁻¹ does not exist on every cage: on a cube L is singular.)
    """
    grids = np.stack([faces[:, [0, 3]], faces[:, [1, 2]]], axis=1)
    quads, refine = faces, sparse.identity(count, format="csr")
    miss = sparse.identity(count) - _limit_stencil(faces, count)
    control = sparse.identity(count) + miss + miss @ miss + miss @ miss @ miss
    for _ in range(levels):
        step, edge_of, n = _refinement(quads, refine.shape[0])
        grids = _refined_grids(grids, edge_of, n)
        quads = np.stack(
            [grids[:, :-1, :-1], grids[:, 1:, :-1], grids[:, 1:, 1:], grids[:, :-1, 1:]], axis=-1
        )
        quads = quads.reshape(-1, 4)
        refine = step @ refine
    limit = _limit_stencil(quads, refine.shape[0]) @ refine @ control
    return SmoothSurface(sparse.csr_matrix(limit), grids)


@dataclass(frozen=True, slots=True)
class _Edges:
    ends: IntArray  # (k, 2) sorted
    of_face: IntArray  # (m, 4) edge from corner a to a + 1
    uses: IntArray  # (k,) faces at the edge


def _edges(quads: IntArray) -> _Edges:
    pairs = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    ends, of_face, uses = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    return _Edges(ends, np.ravel(of_face).reshape(-1, 4), uses)


def _refinement(quads: IntArray, count: int) -> tuple[sparse.csr_matrix, _Edges, int]:
    """Return new point <- old point, in the order corners, edge points, face points."""
    edges = _edges(quads)
    k, m = len(edges.ends), len(quads)
    faces = sparse.csr_matrix(
        (np.full(4 * m, 0.25), (np.repeat(np.arange(m), 4), quads.ravel())), shape=(m, count)
    )
    middle = sparse.csr_matrix(
        (np.full(2 * k, 0.5), (np.repeat(np.arange(k), 2), edges.ends.ravel())), shape=(k, count)
    )
    touch = sparse.csr_matrix(
        (np.ones(4 * m), (edges.of_face.ravel(), np.repeat(np.arange(m), 4))), shape=(k, m)
    )
    inner = edges.uses == 2
    edge_points = _scaled(np.where(inner, 0.5, 1.0), middle) + _scaled(
        np.where(inner, 0.25, 0.0), touch @ faces
    )
    return (
        sparse.vstack([_corner_rule(quads, edges, middle, faces, count), edge_points, faces]).tocsr(),
        edges,
        count,
    )


def _corner_rule(
    quads: IntArray, edges: _Edges, middle: sparse.csr_matrix, faces: sparse.csr_matrix, count: int
) -> sparse.csr_matrix:
    at_edge, at_face, valence, border = _incidence(quads, edges, count)
    n = np.maximum(valence, 1.0)
    inside = _scaled(2.0 / n**2, at_edge @ middle) + _scaled(1.0 / n**2, at_face @ faces)
    inside += sparse.diags((n - 3.0) / n)
    open_edge = at_edge @ sparse.diags((edges.uses == 1).astype(float)) @ middle
    outside = sparse.identity(count) * 0.5 + open_edge * 0.25
    return _scaled((~border).astype(float), inside) + _scaled(border.astype(float), outside)


def _limit_stencil(quads: IntArray, count: int) -> sparse.csr_matrix:
    """Return limit position <- point: (n² v + 4 Σ e + Σ f) / (n (n + 5)) inside, (4 v + e₁ + e₂) / 6 on a border."""
    edges = _edges(quads)
    k, m = len(edges.ends), len(quads)
    at_edge, at_face, valence, border = _incidence(quads, edges, count)
    ends = sparse.csr_matrix(
        (np.ones(2 * k), (np.repeat(np.arange(k), 2), edges.ends.ravel())), shape=(k, count)
    )
    corners = sparse.csr_matrix(
        (np.ones(4 * m), (np.repeat(np.arange(m), 4), quads.ravel())), shape=(m, count)
    )
    n = np.maximum(valence, 1.0)
    around_edges = at_edge @ ends - sparse.diags(valence)
    # corners of the faces around a point: itself once per face, each edge neighbour twice, the opposite ones once
    opposite = at_face @ corners - sparse.diags(valence) - 2.0 * around_edges
    inside = _scaled(1.0 / (n * (n + 5.0)), 4.0 * around_edges + opposite) + sparse.diags(n / (n + 5.0))
    open_ends = at_edge @ sparse.diags((edges.uses == 1).astype(float)) @ ends
    outside = (sparse.identity(count) * 2.0 + open_ends) / 6.0
    return (_scaled((~border).astype(float), inside) + _scaled(border.astype(float), outside)).tocsr()


def _incidence(
    quads: IntArray, edges: _Edges, count: int
) -> tuple[sparse.csr_matrix, sparse.csr_matrix, FloatArray, BoolArray]:
    k, m = len(edges.ends), len(quads)
    at_edge = sparse.csr_matrix(
        (np.ones(2 * k), (edges.ends.ravel(), np.repeat(np.arange(k), 2))), shape=(count, k)
    )
    at_face = sparse.csr_matrix(
        (np.ones(4 * m), (quads.ravel(), np.repeat(np.arange(m), 4))), shape=(count, m)
    )
    border: BoolArray = np.asarray(at_edge @ (edges.uses == 1).astype(float)) > 0.0
    return at_edge, at_face, np.asarray(at_edge.sum(axis=1)).ravel(), border


def _scaled(factors: FloatArray, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.diags(factors) @ matrix)


def _refined_grids(grids: IntArray, edges: _Edges, count: int) -> IntArray:
    """Return the grids (m, 2 k + 1, 2 k + 1) of new points from those (m, k + 1, k + 1) of old ones."""
    m, k = len(grids), grids.shape[1] - 1
    out = np.empty((m, 2 * k + 1, 2 * k + 1), dtype=np.int64)
    out[:, ::2, ::2] = grids
    # quads run in grid order, corners (i, j), (i+1, j), (i+1, j+1), (i, j+1)
    of_face = edges.of_face.reshape(m, k, k, 4) + count
    out[:, 1::2, :-1:2], out[:, 1::2, -1] = of_face[..., 0], of_face[:, :, -1, 2]
    out[:, :-1:2, 1::2], out[:, -1, 1::2] = of_face[..., 3], of_face[:, -1, :, 1]
    out[:, 1::2, 1::2] = (np.arange(m * k * k) + count + len(edges.ends)).reshape(m, k, k)
    return out
