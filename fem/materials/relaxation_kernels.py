"""Compiled loops of the overstress of a solid (see `fem.materials.relaxation` for the equations and shapes)."""

import numba
import numpy as np

#: Row and column of the six entries of a symmetric tensor, in the order in which they are remembered.
_ROW = (0, 1, 2, 0, 1, 0)
_COLUMN = (0, 1, 2, 1, 2, 2)


@numba.njit(cache=True, nogil=True)
def at_rest(F, pk1, memory):  # type: ignore[no-untyped-def]
    """Fill memory (e, q, 2 + b, 6) with the tensors of F and P, and branches without stress."""
    for e in range(F.shape[0]):
        for q in range(F.shape[1]):
            _measures(F[e, q], pk1[e, q], memory[e, q])
            for row in range(2, memory.shape[2]):
                for c in range(6):
                    memory[e, q, row, c] = 0.0


@numba.njit(cache=True, nogil=True)
def overstress(F, pk1, weight, past, decay, gain, total, memory, held, lost):  # type: ignore[no-untyped-def]
    """Fill total (e, q, 3, 3), memory (e, q, 2 + b, 6), held (e, q, 6) and lost (e,) for one step of the branches.

    The work is trapezoidal, Σ w (Q_n + Q_{n+1})/2 : (C_{n+1} − C_n)/2, so a rigid motion costs nothing.
    """
    for e in range(F.shape[0]):
        Q = np.empty(6)
        work = 0.0
        for q in range(F.shape[1]):
            old, new = past[e, q], memory[e, q]
            _measures(F[e, q], pk1[e, q], new)
            density = 0.0
            for c in range(6):
                step = new[1, c] - old[1, c]
                before, after, fixed = 0.0, 0.0, 0.0
                for i in range(decay.shape[0]):
                    faded = decay[i] * old[2 + i, c]
                    new[2 + i, c] = faded + gain[i] * step
                    before += old[2 + i, c]
                    after += new[2 + i, c]
                    fixed += faded - gain[i] * old[1, c]
                Q[c] = after
                held[e, q, c] = fixed
                twice = (before + after) * (new[0, c] - old[0, c])
                density += twice if c < 3 else 2.0 * twice
            work += weight[e, q] * density
            _add_product(F[e, q], Q, 1.0, pk1[e, q], total[e, q])
        lost[e] = 0.25 * work


@numba.njit(cache=True, nogil=True)
def scaled(F, pk1, factor, held, out):  # type: ignore[no-untyped-def]
    """Fill out (e, q, 3, 3) with factor P + F H for symmetric H (e, q, 6)."""
    for e in range(F.shape[0]):
        for q in range(F.shape[1]):
            _add_product(F[e, q], held[e, q], factor, pk1[e, q], out[e, q])


@numba.njit(cache=True, inline="always")
def _measures(f, p, out):  # type: ignore[no-untyped-def]
    """Fill out[0] (6,) with C = Fᵀ F and out[1] (6,) with S = F⁻¹ P."""
    x = f[1, 1] * f[2, 2] - f[1, 2] * f[2, 1]
    y = f[1, 2] * f[2, 0] - f[1, 0] * f[2, 2]
    z = f[1, 0] * f[2, 1] - f[1, 1] * f[2, 0]
    scale = 1.0 / (f[0, 0] * x + f[0, 1] * y + f[0, 2] * z)
    for c in range(6):
        i, j = _ROW[c], _COLUMN[c]
        out[0, c] = f[0, i] * f[0, j] + f[1, i] * f[1, j] + f[2, i] * f[2, j]
        # Row i of the inverse: cofactors of column i over the determinant.
        a, b = (i + 1) % 3, (i + 2) % 3
        first = f[1, a] * f[2, b] - f[1, b] * f[2, a]
        second = f[2, a] * f[0, b] - f[2, b] * f[0, a]
        third = f[0, a] * f[1, b] - f[0, b] * f[1, a]
        out[1, c] = scale * (first * p[0, j] + second * p[1, j] + third * p[2, j])


@numba.njit(cache=True, inline="always")
def _add_product(f, H, factor, p, out):  # type: ignore[no-untyped-def]
    """Fill out (3, 3) with factor P + F H for symmetric H (6,)."""
    for i in range(3):
        x, y, z = f[i, 0], f[i, 1], f[i, 2]
        out[i, 0] = factor * p[i, 0] + x * H[0] + y * H[3] + z * H[5]
        out[i, 1] = factor * p[i, 1] + x * H[3] + y * H[1] + z * H[4]
        out[i, 2] = factor * p[i, 2] + x * H[5] + y * H[4] + z * H[2]
