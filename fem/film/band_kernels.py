"""A banded matrix with one full row and column (the recess): elimination with row exchanges inside the band."""

from typing import NamedTuple

import numba
import numpy as np

from fem.arrays import FloatArray, IntArray


class Bordered(NamedTuple):
    """Matrix of m + 1 unknowns: band (m, 3 w + 1) around column w of its rows, border column, row and corner.

    Entry (i, j) stands at ``band[i, j - i + w]``; the last w columns take what row exchanges fill in.
    """

    band: FloatArray
    column: FloatArray
    row: FloatArray
    corner: FloatArray
    swaps: IntArray


@numba.njit(cache=True)
def bordered(size, width):  # type: ignore[no-untyped-def]
    """Return an empty matrix."""
    return Bordered(
        np.zeros((size, 3 * width + 1)),
        np.zeros(size),
        np.zeros(size),
        np.zeros(1),
        np.zeros(size, dtype=np.int64),
    )


@numba.njit(cache=True)
def clear(matrix):  # type: ignore[no-untyped-def]
    """Set all entries to zero."""
    for i in range(matrix.band.shape[0]):
        for j in range(matrix.band.shape[1]):
            matrix.band[i, j] = 0.0
        matrix.column[i] = 0.0
        matrix.row[i] = 0.0
    matrix.corner[0] = 0.0


@numba.njit(cache=True, error_model="numpy")
def factorise(matrix):  # type: ignore[no-untyped-def]
    """Replace the band by its factors; the border is dealt with when solving."""
    band = matrix.band
    size = band.shape[0]
    width = (band.shape[1] - 1) // 3
    for k in range(size):
        last = min(k + width, size - 1)
        pivot, best = k, abs(band[k, width])
        for i in range(k + 1, last + 1):
            value = abs(band[i, k - i + width])
            if value > best:
                pivot, best = i, value
        matrix.swaps[k] = pivot
        reach = min(2 * width + 1, size - k)
        if pivot != k:
            shift = k - pivot + width
            for j in range(reach):
                held = band[k, width + j]
                band[k, width + j] = band[pivot, shift + j]
                band[pivot, shift + j] = held
        scale = 1.0 / band[k, width]
        for i in range(k + 1, last + 1):
            start = k - i + width
            factor = band[i, start] * scale
            band[i, start] = factor
            if factor != 0.0:
                for j in range(1, reach):
                    band[i, start + j] -= factor * band[k, width + j]


@numba.njit(cache=True, error_model="numpy")
def solve_band(matrix, x):  # type: ignore[no-untyped-def]
    """Overwrite the right-hand sides x (m, r) by the solutions of the band alone."""
    band = matrix.band
    size = band.shape[0]
    width = (band.shape[1] - 1) // 3
    columns = x.shape[1]
    for k in range(size):
        pivot = matrix.swaps[k]
        if pivot != k:
            for r in range(columns):
                held = x[k, r]
                x[k, r] = x[pivot, r]
                x[pivot, r] = held
        for i in range(k + 1, min(k + width, size - 1) + 1):
            factor = band[i, k - i + width]
            if factor != 0.0:
                for r in range(columns):
                    x[i, r] -= factor * x[k, r]
    for i in range(size - 1, -1, -1):
        for j in range(1, min(2 * width, size - 1 - i) + 1):
            factor = band[i, width + j]
            if factor != 0.0:
                for r in range(columns):
                    x[i, r] -= factor * x[i + j, r]
        scale = 1.0 / band[i, width]
        for r in range(columns):
            x[i, r] *= scale


@numba.njit(cache=True, error_model="numpy")
def solve(matrix, x):  # type: ignore[no-untyped-def]
    """Overwrite the right-hand sides x (m + 1, r) by the solutions of the whole factorised matrix."""
    size, columns = matrix.band.shape[0], x.shape[1]
    inner = np.empty((size, columns + 1))
    for i in range(size):
        for r in range(columns):
            inner[i, r] = x[i, r]
        inner[i, columns] = matrix.column[i]
    solve_band(matrix, inner)
    corner = matrix.corner[0]
    for i in range(size):
        corner -= matrix.row[i] * inner[i, columns]
        for r in range(columns):
            x[size, r] -= matrix.row[i] * inner[i, r]
    for r in range(columns):
        x[size, r] /= corner
    for i in range(size):
        for r in range(columns):
            x[i, r] = inner[i, r] - inner[i, columns] * x[size, r]
