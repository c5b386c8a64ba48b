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


@numba.njit(cache=True, parallel=True)
def _deformation(nodes, gradient, F, J):  # type: ignore[no-untyped-def]
    for e in numba.prange(gradient.shape[0]):
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


@numba.njit(cache=True, parallel=True)
def internal_force(gradient, weight, F, pk1, pressure, force, dilatation):  # type: ignore[no-untyped-def]
    """Fill force (e, 3a) = Σ w (P + p cof F) ∇N and dilatation (e, 3a) = Σ w cof F ∇N = ∂(current volume)/∂x."""
    count = gradient.shape[2]
    for e in numba.prange(gradient.shape[0]):
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


@numba.njit(cache=True, parallel=True)
def stiffness(gradient, weight, F, tangent, pressure, dilatation, modulus, out):  # type: ignore[no-untyped-def]
    """Fill out (e, 3a, 3a) = Σ w ∇N (A + p ∂cof F/∂F) ∇N + modulus G Gᵀ with G = dilatation (e, 3a)."""
    count = gradient.shape[2]
    for e in numba.prange(gradient.shape[0]):
        A = np.empty((9, 9))
        H = np.empty((3, 3))
        for r in range(3 * count):
            for s in range(r + 1):
                out[e, r, s] = modulus[e] * dilatation[e, r] * dilatation[e, s]
        for q in range(gradient.shape[1]):
            A[:, :] = tangent[e, q]
            if pressure[e] != 0.0:
                _add_cofactor_slope(F[e, q], pressure[e], A)
            w = weight[e, q]
            for b in range(count):
                for k in range(3):
                    for i in range(3):
                        for j in range(3):
                            total = 0.0
                            for n in range(3):
                                total += A[3 * i + j, 3 * k + n] * gradient[e, q, b, n]
                            H[i, j] = w * total
                    for a in range(b, count):
                        for i in range(3):
                            out[e, 3 * a + i, 3 * b + k] += (
                                gradient[e, q, a, 0] * H[i, 0]
                                + gradient[e, q, a, 1] * H[i, 1]
                                + gradient[e, q, a, 2] * H[i, 2]
                            )
        for r in range(3 * count):
            for s in range(r):
                out[e, s, r] = out[e, r, s]


@numba.njit(cache=True, inline="always")
def _cofactor(f, out):  # type: ignore[no-untyped-def]
    for i in range(3):
        i1, i2 = (i + 1) % 3, (i + 2) % 3
        for j in range(3):
            j1, j2 = (j + 1) % 3, (j + 2) % 3
            out[i, j] = f[i1, j1] * f[i2, j2] - f[i1, j2] * f[i2, j1]


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
