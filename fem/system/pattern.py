"""The sparsity of the tangent, found once, and the scatter of element matrices into it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import scipy.sparse

from fem.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Gather:
    """Where the element matrices of one block go.

    Stored value ``target[k]`` (k,) receives the entries ``entry[start[k]:start[k + 1]]`` of the flattened block, always
    in the same order.
    """

    target: IntArray
    start: IntArray
    entry: IntArray


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lower triangle of a symmetric matrix in compressed columns, and where each element entry goes.

    Attributes
    ----------
    size : number of unknowns d.
    start, row : column starts (d + 1,) and row numbers (z,) of the stored entries.
    gathers : one for each block of element matrices, in the order of the tables that the pattern was found from.
    """

    size: int
    start: IntArray
    row: IntArray
    gathers: tuple[Gather, ...]

    def values(self, blocks: Sequence[FloatArray]) -> FloatArray:
        """Return the stored values (z,) summed from blocks of element matrices (e, M, M)."""
        out = np.zeros(len(self.row))
        for gather, block in zip(self.gathers, blocks, strict=True):
            _gather(gather.target, gather.start, gather.entry, np.ascontiguousarray(block).reshape(-1), out)
        return out

    def matrix(self, values: FloatArray) -> scipy.sparse.csc_matrix:
        """Return the lower triangle as a SciPy matrix."""
        return scipy.sparse.csc_matrix((values, self.row, self.start), shape=(self.size, self.size))


def find_pattern(size: int, dofs: Sequence[IntArray]) -> Pattern:
    """Return the pattern of element matrices over `dofs` (a list of (e, M) arrays, -1 where nothing is written)."""
    places = [_places(table, size) for table in dofs]
    diagonal = np.arange(size, dtype=np.int64) * (size + 1)
    stored = np.unique(np.concatenate([diagonal, *(key[start[:-1]] for key, start, _ in places)]))
    gathers = tuple(
        Gather(np.searchsorted(stored, key[start[:-1]]), start, entry) for key, start, entry in places
    )
    start = np.searchsorted(stored // size, np.arange(size + 1))
    return Pattern(size, start.astype(np.int32), (stored % size).astype(np.int32), gathers)


def _places(table: IntArray, size: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return sorted keys (column, row) of the entries of a table's matrices, where each key starts, and the entries."""
    width = table.shape[1]
    row, column = np.repeat(table, width, axis=1), np.tile(table, (1, width))
    entry = np.flatnonzero((row >= 0) & (column >= 0) & (row >= column))
    key = column.ravel()[entry] * size + row.ravel()[entry]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    return key, np.append(first, len(key)), entry[order]


def symmetric_product(lower: scipy.sparse.csc_matrix, x: FloatArray) -> FloatArray:
    """Return K x (d,) of the symmetric matrix whose lower triangle is `lower`."""
    return np.asarray(lower @ x + lower.T @ x - lower.diagonal() * x)


@numba.njit(cache=True, nogil=True)
def _gather(target, start, entry, elements, out):  # type: ignore[no-untyped-def]
    for k in range(target.shape[0]):
        total = out[target[k]]
        for i in range(start[k], start[k + 1]):
            total += elements[entry[i]]
        out[target[k]] = total
