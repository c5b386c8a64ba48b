"""From local unknowns (points, bodies) to the model's unknowns: the chain rule through bodies and interpolation.

An element touches *blocks* of unknowns: free nodes (three) and moving bodies (six). A carried point moves by
``dx = dc + dθ × r``; its force f also adds the geometric stiffness sym([f][r]) to the body's spin. Here that is done
once, for every term.
"""

from dataclasses import dataclass

import numba
import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.elements.layout import Layout

_NODE, _BODY = 3, 6


@dataclass(frozen=True, slots=True)
class Reduction:
    """How the elements of one term map to unknowns.

    Attributes
    ----------
    direct : elements whose local points are all free nodes: local and global unknowns are the same.
    direct_dofs : (direct, 3k) unknowns of those elements.
    rest : the other elements, called reduced.
    dofs : (reduced, M) unknowns of the others, -1 where padded or fixed.
    carrier, carrier_weight : (reduced, k, c) primary points and weights of each local point.
    column : (reduced, k, c) first column of the carrier's block, -1 if it does not move.
    carrier_body : (reduced, k, c) body of the carrier, -1 for a free node.
    body_column : (reduced, m) first column of the bodies that the element uses directly.
    """

    direct: IntArray
    direct_dofs: IntArray
    rest: IntArray
    dofs: IntArray
    carrier: IntArray
    carrier_weight: FloatArray
    column: IntArray
    carrier_body: IntArray
    body_column: IntArray

    def entries(self, width: int) -> int:
        """Return how many numbers the stiffness of all elements has, `width` = L unknowns before the reduction."""
        count, reduced = self.dofs.shape
        return int(len(self.direct) * width**2 + count * reduced**2)

    def views(self, flat: FloatArray, width: int) -> tuple[FloatArray, FloatArray]:
        """Return `flat` (entries,) as the stiffness (direct, L, L) and (reduced, M, M) of its elements."""
        direct, (count, reduced) = len(self.direct), self.dofs.shape
        split = direct * width**2
        return flat[:split].reshape(direct, width, width), flat[split:].reshape(count, reduced, reduced)


def reduction_of(layout: Layout, points: IntArray, bodies: IntArray) -> Reduction:
    """Return the reduction of elements with local `points` (e, k) and `bodies` (e, m)."""
    free = layout.node[points] >= 0
    whole = free.all(axis=1) & (bodies.shape[1] == 0)
    direct, rest = np.flatnonzero(whole), np.flatnonzero(~whole)
    node = layout.node[points[direct]]
    direct_dofs = (3 * node[:, :, None] + np.arange(3)).reshape(len(node), 3 * points.shape[1])
    carrier = layout.source[points[rest]]
    weight = layout.weight[points[rest]]
    body = layout.body[carrier]
    start = layout.body_start
    first = np.where(body >= 0, start[body], 3 * layout.node[carrier])
    first = np.where(weight != 0.0, first, -1)
    dofs, column, body_column = _blocks(first, body, start, bodies[rest])
    body = np.where(first >= 0, body, -1)
    return Reduction(direct, direct_dofs, rest, dofs, carrier, weight, column, body, body_column)


def _blocks(
    first: IntArray, body: IntArray, start: IntArray, bodies: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Number the distinct blocks of each element; return dofs (e, M), columns of carriers and of bodies.

    `first` (e, k, c) is the first unknown of each carrier's block, -1 for none. Blocks stand in the order in which
    they first appear.
    """
    count, carriers = len(first), int(np.prod(first.shape[1:]))
    begin = np.concatenate([first.reshape(count, carriers), start[bodies]], axis=1)
    width = np.full(begin.shape, _BODY)
    width[:, :carriers] = np.where(body.reshape(count, carriers) >= 0, _BODY, _NODE)
    earliest = (begin[:, :, None] == begin[:, None, :]).argmax(axis=2)
    new = (begin >= 0) & (earliest == np.arange(begin.shape[1]))
    size = np.where(new, width, 0)
    column = np.take_along_axis(np.cumsum(size, axis=1) - size, earliest, axis=1)
    dofs = np.full((count, max(1, int(size.sum(axis=1).max(initial=0)))), -1, dtype=np.int64)
    for i in range(_BODY):
        row, place = np.nonzero(new & (width > i))
        dofs[row, column[row, place] + i] = begin[row, place] + i
    column = np.where(begin >= 0, column, -1)
    return dofs, column[:, :carriers].reshape(first.shape), column[:, carriers:]


def reduce_force(
    reduction: Reduction, positions: FloatArray, origins: FloatArray, force: FloatArray
) -> FloatArray:
    """Return the forces (reduced, M) of the reduced elements from the local forces (e, L) of all elements."""
    out = np.zeros(reduction.dofs.shape)
    _reduce_force(
        reduction.rest, reduction.carrier, reduction.carrier_weight, reduction.column, reduction.carrier_body,
        reduction.body_column, positions, origins, force, out,
    )  # fmt: skip
    return out


def reduce_stiffness(
    reduction: Reduction,
    positions: FloatArray,
    origins: FloatArray,
    force: FloatArray | None,
    stiffness: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the stiffness (direct, 3k, 3k) of the direct and (reduced, M, M) of the reduced elements.

    From the local stiffness (e, L, L) of all elements; `force` (e, L) adds the bodies' geometric stiffness if given.
    """
    count, width = reduction.dofs.shape
    direct, reduced = np.empty((len(reduction.direct), *stiffness.shape[1:])), np.empty((count, width, width))
    fill_stiffness(reduction, positions, origins, force, stiffness, (direct, reduced))
    return direct, reduced


def fill_stiffness(
    reduction: Reduction,
    positions: FloatArray,
    origins: FloatArray,
    force: FloatArray | None,
    stiffness: FloatArray,
    out: tuple[FloatArray, FloatArray],
) -> None:
    """Write what `reduce_stiffness` returns into `out`."""
    direct, reduced = out
    stiffness = np.ascontiguousarray(stiffness)
    _copy(reduction.direct, stiffness, direct)
    _reduce_stiffness(
        reduction.rest, reduction.carrier, reduction.carrier_weight, reduction.column, reduction.carrier_body,
        reduction.body_column, positions, origins,
        np.zeros(stiffness.shape[:2]) if force is None else force, stiffness, reduced,
    )  # fmt: skip


@numba.njit(cache=True, inline="always")
def _fill_map(e, carrier, weight, column, body, body_column, positions, origins, T):  # type: ignore[no-untyped-def]
    """Fill T (L, M): local displacement = T · unknowns of the element."""
    T[:, :] = 0.0
    k = carrier.shape[1]
    for a in range(k):
        for c in range(carrier.shape[2]):
            at = column[e, a, c]
            if at < 0:
                continue
            w = weight[e, a, c]
            for i in range(3):
                T[3 * a + i, at + i] += w
            b = body[e, a, c]
            if b >= 0:
                p = carrier[e, a, c]
                x = w * (positions[p, 0] - origins[b, 0])
                y = w * (positions[p, 1] - origins[b, 1])
                z = w * (positions[p, 2] - origins[b, 2])
                T[3 * a, at + 4] += z
                T[3 * a, at + 5] -= y
                T[3 * a + 1, at + 3] -= z
                T[3 * a + 1, at + 5] += x
                T[3 * a + 2, at + 3] += y
                T[3 * a + 2, at + 4] -= x
    for m in range(body_column.shape[1]):
        at = body_column[e, m]
        if at >= 0:
            for i in range(6):
                T[3 * k + 6 * m + i, at + i] += 1.0


@numba.njit(cache=True, parallel=True)
def _copy(rows, stiffness, out):  # type: ignore[no-untyped-def]
    for r in numba.prange(rows.shape[0]):
        out[r] = stiffness[rows[r]]


@numba.njit(cache=True, parallel=True)
def _reduce_force(  # type: ignore[no-untyped-def]
    rest, carrier, weight, column, body, body_column, positions, origins, force, out
):
    for e in numba.prange(carrier.shape[0]):
        T = np.empty((force.shape[1], out.shape[1]))
        _fill_map(e, carrier, weight, column, body, body_column, positions, origins, T)
        for j in range(out.shape[1]):
            total = 0.0
            for i in range(force.shape[1]):
                total += T[i, j] * force[rest[e], i]
            out[e, j] = total


@numba.njit(cache=True, parallel=True)
def _reduce_stiffness(  # type: ignore[no-untyped-def]
    rest, carrier, weight, column, body, body_column, positions, origins, force, stiffness, out
):
    for e in numba.prange(carrier.shape[0]):
        T = np.empty((stiffness.shape[1], out.shape[1]))
        _fill_map(e, carrier, weight, column, body, body_column, positions, origins, T)
        out[e] = T.T @ (stiffness[rest[e]] @ T)
        for a in range(carrier.shape[1]):
            for c in range(carrier.shape[2]):
                at, b = column[e, a, c], body[e, a, c]
                if at < 0 or b < 0:
                    continue
                p, w = carrier[e, a, c], weight[e, a, c]
                dot = 0.0
                for i in range(3):
                    dot += force[rest[e], 3 * a + i] * (positions[p, i] - origins[b, i])
                for i in range(3):
                    ri = positions[p, i] - origins[b, i]
                    fi = force[rest[e], 3 * a + i]
                    for j in range(3):
                        rj = positions[p, j] - origins[b, j]
                        value = 0.5 * w * (ri * force[rest[e], 3 * a + j] + fi * rj)
                        if i == j:
                            value -= w * dot
                        out[e, at + 3 + i, at + 3 + j] += value
