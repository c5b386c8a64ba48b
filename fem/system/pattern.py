"""The sparsity of the tangent, found once, and the scatter of element matrices into it."""

from dataclasses import dataclass

import numba
import numpy as np
import scipy.sparse

from fem.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lower triangle of a symmetric matrix in compressed columns, and where each element entry goes.

    Attributes
    ----------
    size : number of unknowns d.
    start, row : column starts (d + 1,) and row numbers (z,) of the stored entries.
    entry_start, entry : for stored entry k the element entries ``entry[entry_start[k]:entry_start[k + 1]]`` (as
        positions in the concatenated, flattened element matrices) are summed into it, always in the same order.
    """

    size: int
    start: IntArray
    row: IntArray
    entry_start: IntArray
    entry: IntArray

    def values(self, elements: FloatArray) -> FloatArray:
        """Return the stored values (z,) from all element matrices, flattened and concatenated."""
        out = np.empty(len(self.row))
        _gather(self.entry_start, self.entry, elements, out)
        return out

    def matrix(self, values: FloatArray) -> scipy.sparse.csc_matrix:
        """Return the lower triangle as a SciPy matrix."""
        return scipy.sparse.csc_matrix((values, self.row, self.start), shape=(self.size, self.size))


def find_pattern(size: int, dofs: list[IntArray]) -> Pattern:
    """Return the pattern of element matrices over `dofs` (a list of (e, M) arrays, -1 where nothing is written)."""
    keys, places, offset = [], [], 0
    for table in dofs:
        count, width = table.shape
        row, column = np.repeat(table, width, axis=1), np.tile(table, (1, width))
        kept = (row >= 0) & (column >= 0) & (row >= column)
        keys.append((column * size + row)[kept])
        places.append(offset + np.flatnonzero(kept.ravel()))
        offset += count * width * width
    diagonal = np.arange(size, dtype=np.int64) * (size + 1)
    key = np.concatenate([*keys, diagonal])
    place = np.concatenate([*places, np.full(size, -1, dtype=np.int64)])
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    stored = key[first]
    sorted_place = place[order]
    real = sorted_place >= 0
    entry_start = np.concatenate([[0], np.cumsum(np.add.reduceat(real, first))])
    column = stored // size
    start = np.searchsorted(column, np.arange(size + 1))
    return Pattern(
        size,
        start.astype(np.int32),
        (stored % size).astype(np.int32),
        entry_start.astype(np.int64),
        sorted_place[real],
    )


def symmetric_product(lower: scipy.sparse.csc_matrix, x: FloatArray) -> FloatArray:
    """Return K x (d,) of the symmetric matrix whose lower triangle is `lower`."""
    return np.asarray(lower @ x + lower.T @ x - lower.diagonal() * x)


@numba.njit(cache=True, parallel=True)
def _gather(entry_start, entry, elements, out):  # type: ignore[no-untyped-def]
    for k in numba.prange(out.shape[0]):
        total = 0.0
        for i in range(entry_start[k], entry_start[k + 1]):
            total += elements[entry[i]]
        out[k] = total
