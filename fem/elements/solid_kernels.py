"""Compiled loops over solid cells: deformation, internal force and stiffness. No law, no unknowns.

The same integrals as a scikit-fem ``BilinearForm`` would give (the tests compare them), about a hundred times faster,
because tensors are formed once per quadrature point and not once per pair of basis functions.
"""

import numba
import numpy as np

from fem.arrays import FloatArray


def deformation(nodes: FloatArray, gradient: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return F (e, q, 3, 3) and J = det F (e, q) for current nodal positions (e, a, 3) [mm]."""
    F = np.empty((*gradient.shape[:2], 3, 3))
    J = np.empty(gradient.shape[:2])
    _deformation(nodes, gradient, F, J)
    return F, J


@numba.njit(cache=True, nogil=True)
def _deformation(nodes, gradient, F, J):  # type: ignore[no-untyped-def]
    for e in range(gradient.shape[0]):
        for q in range(gradient.shape[1]):
            f = np.zeros((3, 3))
            for a in range(gradient.shape[2]):
                for i in range(3):
                    for j in range(3):
                        f[i, j] += nodes[e, a, i] * gradient[e, q, a, j]
            F[e, q] = f
            J[e, q] = (
                f[0, 0] * (f[1, 1] * f[2, 2] - f[1, 2] * f[2, 1])
                - f[0, 1] * (f[1, 0] * f[2, 2] - f[1, 2] * f[2, 0])
                + f[0, 2] * (f[1, 0] * f[2, 1] - f[1, 1] * f[2, 0])
            )


@numba.njit(cache=True, nogil=True)
def internal_force(gradient, weight, F, pk1, pressure, force, dilatation):  # type: ignore[no-untyped-def]
    """Fill force (e, 3a) = Σ w (P + p cof F) ∇N and dilatation (e, 3a) = Σ w cof F ∇N = ∂(current volume)/∂x."""
    count = gradient.shape[2]
    for e in range(gradient.shape[0]):
        stress = np.empty((3, 3))
        cofactor = np.empty((3, 3))
        for r in range(3 * count):
            force[e, r] = 0.0
            dilatation[e, r] = 0.0
        for q in range(gradient.shape[1]):
            _cofactor(F[e, q], cofactor)
            w = weight[e, q]
            for i in range(3):
                for j in range(3):
                    stress[i, j] = pk1[e, q, i, j] + pressure[e] * cofactor[i, j]
            for a in range(count):
                for i in range(3):
                    work, volume = 0.0, 0.0
                    for j in range(3):
                        work += stress[i, j] * gradient[e, q, a, j]
                        volume += cofactor[i, j] * gradient[e, q, a, j]
                    force[e, 3 * a + i] += w * work
                    dilatation[e, 3 * a + i] += w * volume


@numba.njit(cache=True, nogil=True)
def stiffness(gradient, weight, F, tangent, pressure, dilatation, modulus, factor, held, out):  # type: ignore[no-untyped-def]
    """Fill out (e, 3a, 3a) = Σ w ∇N (A + p ∂cof F/∂F) ∇N + modulus G Gᵀ with G = dilatation (e, 3a).

    With a stress `held` (e, q, 6) that turns with the material, factor A + I ⊗ H stands for A; (0, q, 6) for none.
    """
    count = gradient.shape[2]
    for e in range(gradient.shape[0]):
        A = np.empty((9, 9))
        # Local nodes run fastest, so that the innermost loops are vector operations.
        N, H = np.empty((3, count)), np.empty((3, 3, count))
        K = np.zeros((3, 3, count, count))
        for q in range(gradient.shape[1]):
            A[:, :] = tangent[e, q]
            if held.shape[0] > 0:
                _add_held(held[e, q], factor, A)
            if pressure[e] != 0.0:
                _add_cofactor_slope(F[e, q], pressure[e], A)
            w = weight[e, q]
            for a in range(count):
                for j in range(3):
                    N[j, a] = gradient[e, q, a, j]
            for i in range(3):
                for k in range(i + 1):
                    for j in range(3):
                        r = 3 * i + j
                        x, y, z = w * A[r, 3 * k], w * A[r, 3 * k + 1], w * A[r, 3 * k + 2]
                        for b in range(count):
                            H[k, j, b] = x * N[0, b] + y * N[1, b] + z * N[2, b]
                    for a in range(count):
                        x, y, z = N[0, a], N[1, a], N[2, a]
                        for b in range(count):
                            K[i, k, a, b] += x * H[k, 0, b] + y * H[k, 1, b] + z * H[k, 2, b]
        for i in range(3):
            for k in range(i + 1):
                for a in range(count):
                    r = 3 * a + i
                    for b in range(count):
                        s = 3 * b + k
                        value = K[i, k, a, b] + modulus[e] * dilatation[e, r] * dilatation[e, s]
                        out[e, r, s] = value
                        out[e, s, r] = value


@numba.njit(cache=True, inline="always")
def _cofactor(f, out):  # type: ignore[no-untyped-def]
    for i in range(3):
        i1, i2 = (i + 1) % 3, (i + 2) % 3
        for j in range(3):
            j1, j2 = (j + 1) % 3, (j + 2) % 3
            out[i, j] = f[i1, j1] * f[i2, j2] - f[i1, j2] * f[i2, j1]


@numba.njit(cache=True, inline="always")
def _add_held(h, factor, A):  # type: ignore[no-untyped-def]
    for r in range(9):
        for s in range(9):
            A[r, s] *= factor
    for i in range(0, 9, 3):
        A[i, i] += h[0]
        A[i + 1, i + 1] += h[1]
        A[i + 2, i + 2] += h[2]
        for j, n, c in ((0, 1, 3), (1, 2, 4), (0, 2, 5)):
            A[i + j, i + n] += h[c]
            A[i + n, i + j] += h[c]


@numba.njit(cache=True, inline="always")
def _add_cofactor_slope(f, pressure, A):  # type: ignore[no-untyped-def]
    for i in range(3):
        for k in range(3):
            if i == k:
                continue
            for j in range(3):
                for n in range(3):
                    if j == n:
                        continue
                    sign = 1.0 if ((k - i) % 3 == 1) == ((n - j) % 3 == 1) else -1.0
                    A[3 * i + j, 3 * k + n] += sign * pressure * f[3 - i - k, 3 - j - n]
