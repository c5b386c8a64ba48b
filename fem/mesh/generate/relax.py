"""Moving nodes so that hexahedra keep good corners: displacement spread over a mesh, and shape optimisation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from scipy import optimize, sparse
from scipy.sparse.linalg import spsolve
from threadpoolctl import threadpool_limits

from fem.arrays import BoolArray, FloatArray, IntArray

#: The three neighbours of each corner of a hexahedron, right-handed.
CORNER_NEIGHBOURS: Final = np.array(
    [[1, 3, 4], [2, 0, 5], [3, 1, 6], [0, 2, 7], [7, 5, 0], [4, 6, 1], [5, 7, 2], [6, 4, 3]]
)

_CELL_EDGES: Final = np.array(
    [[0, 1], [1, 2], [2, 3], [3, 0], [4, 5], [5, 6], [6, 7], [7, 4], [0, 4], [1, 5], [2, 6], [3, 7]]
)
#: δ and w of `improve_shape`.
_SOFTNESS: Final = 0.1
_STRETCH_WEIGHT: Final = 0.02

#: Below which scaled Jacobian cells are untangled first, and the share t of a cube's determinant aimed at then.
_TANGLED: Final = 0.02
_UNTANGLED: Final = 0.1

#: How far `improve_shape` may move a node in each direction, in mean edges: no leap across a cell.
_REACH: Final = 0.7

_QUAD_EDGES: Final = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])


def graph_laplacian(elements: IntArray, count: int) -> sparse.csr_matrix:
    """Return the graph Laplacian (n, n) of the edges of quadrilaterals (·, 4) or hexahedra (·, 8)."""
    pairs = elements[:, _QUAD_EDGES if elements.shape[1] == 4 else _CELL_EDGES].reshape(-1, 2)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    i, j = pairs.T
    adjacency = sparse.coo_matrix((np.ones(len(pairs)), (i, j)), shape=(count, count))
    adjacency = (adjacency + adjacency.T).tocsr()
    return sparse.csr_matrix(sparse.diags(np.asarray(adjacency.sum(axis=1)).ravel()) - adjacency)


def spread(
    laplacian: sparse.csr_matrix, known: IntArray, values: FloatArray, decay: float = 0.0
) -> FloatArray:
    """Return values (n, 3) on all nodes that equal `values` (k, 3) on `known` and fade smoothly in between.

    Solves (L + decay I) x = 0 on the other nodes; with `decay` = 0 each is the mean of its neighbours.
    Nodes without an edge get zero.
    """
    count = laplacian.shape[0]
    out = np.zeros((count, 3))
    out[known] = values
    free = np.setdiff1d(np.flatnonzero(laplacian.diagonal() > 0.0), known)
    matrix = laplacian[free][:, free] + decay * sparse.identity(len(free))
    out[free] = spsolve(sparse.csc_matrix(matrix), -(laplacian[free] @ out))
    return out


def corner_edges(points: FloatArray, cells: IntArray) -> FloatArray:
    """Return the edge vectors (e, 8, 3, i) [mm] that leave each corner of each cell."""
    corners = points[cells]
    return np.asarray(corners[:, CORNER_NEIGHBOURS] - corners[:, :, None, :])


def smallest_scaled_jacobian(points: FloatArray, cells: IntArray) -> FloatArray:
    """Return (e,) the smallest over a cell's corners of the determinant of its unit edge vectors."""
    edges = corner_edges(points, cells)
    unit = edges / np.linalg.norm(edges, axis=-1, keepdims=True)
    triple = np.einsum("eai,eai->ea", np.cross(unit[:, :, 0], unit[:, :, 1]), unit[:, :, 2])
    return np.asarray(triple.min(axis=1))


@dataclass(frozen=True, slots=True)
class _Problem:
    points: FloatArray
    cells: IntArray
    free: IntArray
    freedom: FloatArray
    gather: sparse.csr_matrix
    energy: Callable[[FloatArray], tuple[float, FloatArray]]

    def places(self, unknowns: FloatArray) -> FloatArray:
        points = self.points.copy()
        points[self.free] += np.einsum("nij,nj->ni", self.freedom, unknowns.reshape(-1, 3))
        return points

    def evaluate(self, unknowns: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = self.energy(corner_edges(self.places(unknowns), self.cells))
        at_neighbour = gradient[:, _SLOT_CORNER, _SLOT_EDGE].sum(axis=2)
        nodes = self.gather @ (at_neighbour - gradient.sum(axis=2)).reshape(-1, 3)
        return value, np.einsum("nji,nj->ni", self.freedom, nodes).ravel()

    def minimise(self, iterations: int) -> FloatArray:
        reach = np.repeat(_REACH * _mean_edge(self.points, self.cells)[self.free], 3)
        with threadpool_limits(
            1, user_api="blas"
        ):  # its vectors are short: threads would only wait for each other
            found = optimize.minimize(
                self.evaluate,
                np.zeros(3 * len(self.free)),
                jac=True,
                method="L-BFGS-B",
                bounds=optimize.Bounds(-reach, reach),
                options={"maxiter": iterations, "maxcor": 8},
            )
        return self.places(found.x)


def _shape_energy(edges: FloatArray) -> tuple[float, FloatArray]:
    """Return the energy of `improve_shape` and its derivative by the corner edges (e, 8, 3, i)."""
    cofactor, determinant = _cofactor(edges)
    squared = np.einsum("eaki,eaki->eak", edges, edges)
    product, total = squared.prod(axis=2), squared.sum(axis=2)
    root_product = np.sqrt(product)
    scaled = determinant / root_product
    root = np.sqrt(scaled**2 + _SOFTNESS**2)
    lifted = 0.5 * (scaled + root)
    stretch = total**3 / (27.0 * product)
    unit = edges / squared[..., None]
    slope = (-(lifted**-2) * (1.0 + scaled / root) / lifted)[..., None, None]
    gradient = slope * (cofactor / root_product[..., None, None] - scaled[..., None, None] * unit)
    weight = (_STRETCH_WEIGHT * stretch)[..., None, None]
    gradient += weight * (6.0 * edges / total[..., None, None] - 2.0 * unit)
    return float((lifted**-2 + _STRETCH_WEIGHT * stretch).sum()), gradient


def _tangle_energy(edges: FloatArray, volume: FloatArray) -> tuple[float, FloatArray]:
    """Return the sum of (max(0, t - J / volume))² over the corners, and its derivative; `volume` (e,) is constant."""
    cofactor, determinant = _cofactor(edges)
    lack = np.maximum(_UNTANGLED - determinant / volume[:, None], 0.0)
    gradient = (-2.0 * lack / volume[:, None])[..., None, None] * cofactor
    return float((lack**2).sum()), gradient


def _cofactor(edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    a, b, c = edges[:, :, 0], edges[:, :, 1], edges[:, :, 2]
    cofactor = np.empty_like(edges)
    for k, (p, q) in enumerate(((b, c), (c, a), (a, b))):
        for i, j, m in (
            (0, 1, 2),
            (1, 2, 0),
            (2, 0, 1),
        ):  # written out: numpy.cross takes three times as long
            cofactor[:, :, k, i] = p[..., j] * q[..., m] - p[..., m] * q[..., j]
    return cofactor, np.einsum("eai,eai->ea", a, cofactor[:, :, 0])


def improve_shape(
    points: FloatArray, cells: IntArray, freedom: FloatArray, iterations: int = 60
) -> FloatArray:
    """Return `points` (n, 3), moved within their `freedom` to where the corners of `cells` are best.

    `freedom` (n, 3, 3) projects a move onto what a node may do: identity inside, the tangent plane on a surface,
    zero where a node stays.

    Notes
    -----
    Minimises the sum over corners of 1 / h(s)² + w (|a|² + |b|² + |c|²)³ / (27 |a|² |b|² |c|²) by L-BFGS. a, b, c are
    the corner's edges, s the determinant of their unit vectors and h(s) = (s + √(s² + δ²)) / 2 (Escobar 2003), so
    that corners turned inside out cost much, but not infinitely; the second term keeps edges alike in length. Where a
    corner starts inside out, the sum of (max(0, t - J / volume))² is minimised first, which has no such flat places.
    """
    moves: BoolArray = np.asarray(freedom.any(axis=(1, 2)))
    wanted = cells[moves[cells].any(axis=1)]
    free = np.unique(wanted[moves[wanted]])
    number = np.full(len(points), -1)
    number[free] = np.arange(len(free))
    slots = number[wanted].ravel()
    inside = np.flatnonzero(slots >= 0)
    gather = sparse.csr_matrix((np.ones(len(inside)), (slots[inside], inside)), shape=(len(free), len(slots)))
    if smallest_scaled_jacobian(points, wanted).min() < _TANGLED:
        volume = np.linalg.norm(corner_edges(points, wanted), axis=-1).mean(axis=(1, 2)) ** 3
        tangle = partial(_tangle_energy, volume=volume)
        points = _Problem(points, wanted, free, freedom[free], gather, tangle).minimise(iterations)
    return _Problem(points, wanted, free, freedom[free], gather, _shape_energy).minimise(iterations)


def _mean_edge(points: FloatArray, cells: IntArray) -> FloatArray:
    """Return the mean length (n,) [mm] of the cell edges at each node; zero where no cell is."""
    length = np.linalg.norm(corner_edges(points, cells), axis=-1).mean(axis=-1)
    total = np.bincount(cells.ravel(), weights=length.ravel(), minlength=len(points))
    return np.asarray(total / np.maximum(np.bincount(cells.ravel(), minlength=len(points)), 1))


def surface_normals(points: FloatArray, quads: IntArray) -> FloatArray:
    """Return unit normals (n, 3) at the nodes of `quads` (q, 4); zero at other nodes."""
    corners = points[quads]
    area = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals = np.zeros_like(points)
    for k in range(4):
        np.add.at(normals, quads[:, k], area)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30))


_SLOT_CORNER: Final = np.array([[a for a in range(8) if b in CORNER_NEIGHBOURS[a]] for b in range(8)])
_SLOT_EDGE: Final = np.array(
    [[list(CORNER_NEIGHBOURS[a]).index(b) for a in range(8) if b in CORNER_NEIGHBOURS[a]] for b in range(8)]
)
