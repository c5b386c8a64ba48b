"""Energy of surface points against patches: force and stiffness with the full projection derivatives, compiled.

Notes
-----
Each point stores A W(u, v) ψ(g): area, rim weight, energy per area. With g, u, v functions of the point and the nine
control points (see `fem.elements.patch`), force and stiffness are its exact first and second derivatives. The second
derivative of the coordinates follows from differentiating ρ·X,α = 0 twice.
"""

import numba
import numpy as np

from fem.elements.patch import project

_LOCAL = 30


@numba.njit(cache=True, inline="always")
def rim_weight(u, v, margin):  # type: ignore[no-untyped-def]
    """Return W and its derivatives with respect to z = u² + v²: 1 inside the outline, 0 beyond 1 + margin."""
    z = u * u + v * v
    width = (1.0 + margin) ** 2 - 1.0
    q = (z - 1.0) / width
    if q <= 0.0:
        return 1.0, 0.0, 0.0
    if q >= 1.0:
        return 0.0, 0.0, 0.0
    value = 1.0 - q**3 * (10.0 - 15.0 * q + 6.0 * q * q)
    slope = -30.0 * q * q * (1.0 - q) ** 2 / width
    bend = -60.0 * q * (1.0 - q) * (1.0 - 2.0 * q) / width**2
    return value, slope, bend


@numba.njit(cache=True, nogil=True)
def rim_weights(coordinate, margin, out):  # type: ignore[no-untyped-def]
    """Fill out (s,) with the rim weight at coordinates (s, 2)."""
    for s in range(coordinate.shape[0]):
        out[s], _, _ = rim_weight(coordinate[s, 0], coordinate[s, 1], margin)


@numba.njit(cache=True, nogil=True)
def surface_forces(points, control, area, response, margin, force, stiffness):  # type: ignore[no-untyped-def]
    """Fill force (s, 30) and, unless it is empty, stiffness (s, 30, 30).

    `response` (s, 3) holds ψ, dψ/dg and d²ψ/dg²; points with all three zero are skipped.
    """
    for s in range(points.shape[0]):
        force[s, :] = 0.0
        if stiffness.shape[0] > 0:
            stiffness[s, :, :] = 0.0
        if response[s, 0] == 0.0 and response[s, 1] == 0.0:
            continue
        N, X = np.empty((6, 9)), np.empty((6, 3))
        found, u, v = project(points[s], control[s], N, X)
        weight, slope, bend = rim_weight(u, v, margin)
        if not found or weight == 0.0:
            continue
        n = np.cross(X[1], X[2])
        n = n / np.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2)
        g = 0.0
        for i in range(3):
            g += (points[s, i] - X[0, i]) * n[i]
        m, k = np.empty((2, 2)), np.empty((2, 2))
        for a in range(2):
            for b in range(2):
                m[a, b] = X[1 + a] @ X[1 + b]
                k[a, b] = n @ X[3 + a + b]
        A = np.linalg.inv(m - g * k)
        gap_slope = np.empty(_LOCAL)
        t, b_, xi = np.empty((2, _LOCAL)), np.empty((2, _LOCAL)), np.empty((2, _LOCAL))
        for r in range(_LOCAL):
            p, i = r // 3, r % 3
            own = 1.0 if p == 0 else -N[0, p - 1]
            gap_slope[r] = n[i] * own
            for a in range(2):
                t[a, r] = X[1 + a, i] * own
                b_[a, r] = 0.0 if p == 0 else n[i] * N[1 + a, p - 1]
            for a in range(2):
                xi[a, r] = A[a, 0] * (t[0, r] + g * b_[0, r]) + A[a, 1] * (t[1, r] + g * b_[1, r])
        W1 = np.array([2.0 * slope * u, 2.0 * slope * v])
        psi, d_psi, dd_psi = area[s] * response[s, 0], area[s] * response[s, 1], area[s] * response[s, 2]
        for r in range(_LOCAL):
            force[s, r] = weight * d_psi * gap_slope[r] + psi * (W1[0] * xi[0, r] + W1[1] * xi[1, r])
        if stiffness.shape[0] == 0:
            continue
        W2 = np.array(
            [
                [2.0 * slope + 4.0 * bend * u * u, 4.0 * bend * u * v],
                [4.0 * bend * u * v, 2.0 * slope + 4.0 * bend * v * v],
            ]
        )
        metric = np.linalg.inv(m)
        K = stiffness[s]
        for r in range(_LOCAL):
            for c in range(r + 1):
                value = weight * dd_psi * gap_slope[r] * gap_slope[c]
                curvature = 0.0
                for a in range(2):
                    curvature -= b_[a, r] * xi[a, c]
                    for d in range(2):
                        turn = b_[d, c] + k[d, 0] * xi[0, c] + k[d, 1] * xi[1, c]
                        curvature -= t[a, r] * metric[a, d] * turn
                value += weight * d_psi * curvature
                for a in range(2):
                    value += d_psi * W1[a] * (gap_slope[r] * xi[a, c] + xi[a, r] * gap_slope[c])
                    for d in range(2):
                        value += psi * W2[a, d] * xi[a, r] * xi[d, c]
                K[r, c] = value
        if slope != 0.0:
            multiplier = psi * (A @ W1)
            _add_coordinate_hessian(N, X, n, g, u, v, control[s], xi, multiplier, K)
        for r in range(_LOCAL):
            for c in range(r):
                K[c, r] = K[r, c]


@numba.njit(cache=True)
def _add_coordinate_hessian(N, X, n, g, u, v, control, xi, multiplier, K):  # type: ignore[no-untyped-def]
    """Add Σ_α r_α [F_α,βγ ξβ ξγ + F_α,βi ξβ + F_α,ij] to the lower triangle of K (see the module's notes)."""
    third = np.zeros((4, 3))  # uuu, uuv, uvv, vvv
    a, b = (u - 0.5, -2.0 * u, u + 0.5), (v - 0.5, -2.0 * v, v + 0.5)
    dd = (1.0, -2.0, 1.0)
    for i in range(3):
        for j in range(3):
            for x in range(3):
                third[1, x] += dd[i] * b[j] * control[3 * i + j, x]
                third[2, x] += a[i] * dd[j] * control[3 * i + j, x]
    Q = np.zeros((2, 2))
    P = np.zeros((2, _LOCAL))
    for al in range(2):
        for be in range(2):
            for ga in range(2):
                Q[be, ga] += multiplier[al] * (
                    g * (n @ third[al + be + ga])
                    - X[3 + be + ga] @ X[1 + al]
                    - X[1 + be] @ X[3 + al + ga]
                    - X[1 + ga] @ X[3 + al + be]
                )
            for r in range(_LOCAL):
                p, i = r // 3, r % 3
                if p == 0:
                    P[be, r] += multiplier[al] * X[3 + al + be, i]
                else:
                    P[be, r] += multiplier[al] * (
                        g * n[i] * N[3 + al + be, p - 1]
                        - N[1 + be, p - 1] * X[1 + al, i]
                        - N[1 + al, p - 1] * X[1 + be, i]
                        - N[0, p - 1] * X[3 + al + be, i]
                    )
    for r in range(_LOCAL):
        for c in range(r + 1):
            value = 0.0
            for be in range(2):
                value += P[be, r] * xi[be, c] + P[be, c] * xi[be, r]
                for ga in range(2):
                    value += Q[be, ga] * xi[be, r] * xi[ga, c]
            if r % 3 == c % 3:
                p, q = r // 3, c // 3
                own_p = 1.0 if p == 0 else -N[0, p - 1]
                own_q = 1.0 if q == 0 else -N[0, q - 1]
                for al in range(2):
                    if q > 0:
                        value += multiplier[al] * own_p * N[1 + al, q - 1]
                    if p > 0:
                        value += multiplier[al] * own_q * N[1 + al, p - 1]
            K[r, c] += value
