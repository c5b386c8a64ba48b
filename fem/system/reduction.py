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

    def direct_table(self, width: int) -> IntArray:
        """Return unknowns (e, L) of all elements, `width` = L: -1 throughout where an element is reduced."""
        table = np.full((len(self.direct) + len(self.rest), width), -1, dtype=np.int64)
        table[self.direct] = self.direct_dofs if len(self.direct) else -1
        return table


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
) -> FloatArray:
    """Return the stiffness (reduced, M, M) of the reduced elements from the local ones (e, L, L) of all elements.

    `force` (e, L) adds the bodies' geometric stiffness if given.
    """
    count, width = reduction.dofs.shape
    out = np.zeros((count, width, width))
    _reduce_stiffness(
        reduction.rest, reduction.carrier, reduction.carrier_weight, reduction.column, reduction.carrier_body,
        reduction.body_column, positions, origins,
        np.zeros(stiffness.shape[:2]) if force is None else force, np.ascontiguousarray(stiffness), out,
    )  # fmt: skip
    return out


@numba.njit(cache=True, nogil=True)
def _reduce_force(  # type: ignore[no-untyped-def]
    rest, carrier, weight, column, body, body_column, positions, origins, force, out
):
    for e in range(carrier.shape[0]):
        f, k = force[rest[e]], carrier.shape[1]
        for a in range(k):
            for c in range(carrier.shape[2]):
                at, b, p, w = column[e, a, c], body[e, a, c], carrier[e, a, c], weight[e, a, c]
                if at < 0:
                    continue
                for i in range(3):
                    out[e, at + i] += w * f[3 * a + i]
                if b >= 0:
                    for i in range(3):
                        i1, i2 = (i + 1) % 3, (i + 2) % 3
                        first = w * (positions[p, i1] - origins[b, i1])
                        second = w * (positions[p, i2] - origins[b, i2])
                        out[e, at + 3 + i] += first * f[3 * a + i2] - second * f[3 * a + i1]
        for m in range(body_column.shape[1]):
            at = body_column[e, m]
            if at >= 0:
                for i in range(6):
                    out[e, at + i] += f[3 * k + 6 * m + i]


@numba.njit(cache=True, inline="always")
def _add_rows(e, carrier, weight, column, body, body_column, positions, origins, K, out):  # type: ignore[no-untyped-def]
    """Add Tᵀ K to out (M, s), T the map from the element's unknowns to local displacements, K (L, s)."""
    k = carrier.shape[1]
    for a in range(k):
        for c in range(carrier.shape[2]):
            at, b, p, w = column[e, a, c], body[e, a, c], carrier[e, a, c], weight[e, a, c]
            if at < 0:
                continue
            for i in range(3):
                for s in range(K.shape[1]):
                    out[at + i, s] += w * K[3 * a + i, s]
            if b >= 0:
                for i in range(3):
                    i1, i2 = (i + 1) % 3, (i + 2) % 3
                    first = w * (positions[p, i1] - origins[b, i1])
                    second = w * (positions[p, i2] - origins[b, i2])
                    for s in range(K.shape[1]):
                        out[at + 3 + i, s] += first * K[3 * a + i2, s] - second * K[3 * a + i1, s]
    for m in range(body_column.shape[1]):
        at = body_column[e, m]
        if at >= 0:
            for i in range(6):
                for s in range(K.shape[1]):
                    out[at + i, s] += K[3 * k + 6 * m + i, s]


@numba.njit(cache=True, nogil=True)
def _reduce_stiffness(  # type: ignore[no-untyped-def]
    rest, carrier, weight, column, body, body_column, positions, origins, force, stiffness, out
):
    for e in range(carrier.shape[0]):
        half, turned = (
            np.zeros((out.shape[1], stiffness.shape[1])),
            np.empty((stiffness.shape[1], out.shape[1])),
        )
        _add_rows(e, carrier, weight, column, body, body_column, positions, origins, stiffness[rest[e]], half)
        for i in range(half.shape[0]):
            for j in range(half.shape[1]):
                turned[j, i] = half[i, j]
        # K = Tᵀ k T: rows first, then the rows of the transpose; (Tᵀ (Tᵀ k)ᵀ)ᵀ is written transposed at the end.
        whole = np.zeros((out.shape[1], out.shape[1]))
        _add_rows(e, carrier, weight, column, body, body_column, positions, origins, turned, whole)
        for i in range(out.shape[1]):
            for j in range(out.shape[1]):
                out[e, i, j] = whole[j, i]
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
