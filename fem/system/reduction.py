"""From local unknowns (points, bodies) to the model's unknowns: the chain rule through bodies and interpolation.

An element touches *blocks* of unknowns: free nodes (three) and moving bodies (six). A carried point moves by
``dx = dc + dθ × r``; its force f also adds the geometric stiffness sym([f][r]) to the body's spin. Here that is done
once, for every term.
"""

from dataclasses import dataclass

import numba
import numpy as np

from fem.arrays import BoolArray, FloatArray, IntArray
from fem.elements.layout import Layout

_NODE, _BODY = 3, 6


@dataclass(frozen=True, slots=True)
class Reduction:
    """How the elements of one term map to unknowns.

    Attributes
    ----------
    direct : (e,) True where every local point is a free node: local and global unknowns are the same.
    direct_dofs : (direct, 3k) unknowns of those elements.
    dofs : (reduced, M) unknowns of the others, -1 where padded or fixed.
    carrier, carrier_weight : (reduced, k, c) primary points and weights of each local point.
    column : (reduced, k, c) first column of the carrier's block, -1 if it does not move.
    carrier_body : (reduced, k, c) body of the carrier, -1 for a free node.
    body_column : (reduced, m) first column of the bodies that the element uses directly.
    """

    direct: BoolArray
    direct_dofs: IntArray
    dofs: IntArray
    carrier: IntArray
    carrier_weight: FloatArray
    column: IntArray
    carrier_body: IntArray
    body_column: IntArray


def reduction_of(layout: Layout, points: IntArray, bodies: IntArray) -> Reduction:
    """Return the reduction of elements with local `points` (e, k) and `bodies` (e, m)."""
    free = layout.node[points] >= 0
    direct = free.all(axis=1) & (bodies.shape[1] == 0)
    node = layout.node[points[direct]]
    direct_dofs = (3 * node[:, :, None] + np.arange(3)).reshape(len(node), 3 * points.shape[1])
    rest = np.flatnonzero(~direct)
    carrier = layout.source[points[rest]]
    weight = layout.weight[points[rest]]
    body = layout.body[carrier]
    start = layout.body_start
    first = np.where(body >= 0, start[body], 3 * layout.node[carrier])
    first = np.where(weight != 0.0, first, -1)
    dofs, column, body_column = _blocks(first, body, start, bodies[rest])
    return Reduction(
        direct, direct_dofs, dofs, carrier, weight, column, np.where(first >= 0, body, -1), body_column
    )


def _blocks(
    first: IntArray, body: IntArray, start: IntArray, bodies: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Number the distinct blocks of each element; return dofs (e, M), columns of carriers and of bodies."""
    rows: list[list[int]] = []
    column = np.full(first.shape, -1, dtype=np.int64)
    body_column = np.full(bodies.shape, -1, dtype=np.int64)
    for e in range(len(first)):
        known: dict[int, int] = {}
        row: list[int] = []

        def place(begin: int, width: int, known: dict[int, int] = known, row: list[int] = row) -> int:
            if begin < 0:
                return -1
            if begin not in known:
                known[begin] = len(row)
                row.extend(range(begin, begin + width))
            return known[begin]

        for where in np.ndindex(*first.shape[1:]):
            width = _BODY if body[(e, *where)] >= 0 else _NODE
            column[(e, *where)] = place(int(first[(e, *where)]), width)
        for m in range(bodies.shape[1]):
            body_column[e, m] = place(int(start[bodies[e, m]]), _BODY)
        rows.append(row)
    width = max([1] + [len(row) for row in rows])
    dofs = np.full((len(rows), width), -1, dtype=np.int64)
    for e, row in enumerate(rows):
        dofs[e, : len(row)] = row
    return dofs, column, body_column


def reduce_force(
    reduction: Reduction, positions: FloatArray, origins: FloatArray, force: FloatArray
) -> FloatArray:
    """Return the forces (reduced, M) of the reduced elements from their local forces (reduced, L)."""
    out = np.zeros(reduction.dofs.shape)
    _reduce_force(
        reduction.carrier, reduction.carrier_weight, reduction.column, reduction.carrier_body,
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
    """Return the stiffness (reduced, M, M); `force` (reduced, L) adds the bodies' geometric stiffness if given."""
    count, width = reduction.dofs.shape
    out = np.zeros((count, width, width))
    _reduce_stiffness(
        reduction.carrier, reduction.carrier_weight, reduction.column, reduction.carrier_body,
        reduction.body_column, positions, origins,
        np.zeros(stiffness.shape[:2]) if force is None else force, np.ascontiguousarray(stiffness), out,
    )  # fmt: skip
    return out


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
def _reduce_force(  # type: ignore[no-untyped-def]
    carrier, weight, column, body, body_column, positions, origins, force, out
):
    for e in numba.prange(carrier.shape[0]):
        T = np.empty((force.shape[1], out.shape[1]))
        _fill_map(e, carrier, weight, column, body, body_column, positions, origins, T)
        for j in range(out.shape[1]):
            total = 0.0
            for i in range(force.shape[1]):
                total += T[i, j] * force[e, i]
            out[e, j] = total


@numba.njit(cache=True, parallel=True)
def _reduce_stiffness(  # type: ignore[no-untyped-def]
    carrier, weight, column, body, body_column, positions, origins, force, stiffness, out
):
    for e in numba.prange(carrier.shape[0]):
        T = np.empty((stiffness.shape[1], out.shape[1]))
        _fill_map(e, carrier, weight, column, body, body_column, positions, origins, T)
        out[e] = T.T @ (stiffness[e] @ T)
        for a in range(carrier.shape[1]):
            for c in range(carrier.shape[2]):
                at, b = column[e, a, c], body[e, a, c]
                if at < 0 or b < 0:
                    continue
                p, w = carrier[e, a, c], weight[e, a, c]
                dot = 0.0
                for i in range(3):
                    dot += force[e, 3 * a + i] * (positions[p, i] - origins[b, i])
                for i in range(3):
                    ri = positions[p, i] - origins[b, i]
                    fi = force[e, 3 * a + i]
                    for j in range(3):
                        rj = positions[p, j] - origins[b, j]
                        value = 0.5 * w * (ri * force[e, 3 * a + j] + fi * rj)
                        if i == j:
                            value -= w * dot
                        out[e, at + 3 + i, at + 3 + j] += value
