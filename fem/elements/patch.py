"""Closest point on a biquadratic patch: signed gap, its gradient and Hessian, compiled.

Notes
-----
The patch X(u, v) = Σ N_c X_c runs through nine control points. With ρ = x − X and the unit normal
n = X,u × X,v / |…|, the closest point has ρ·X,α = 0 and the gap is g = ρ·n. For a variation let a = δx − δX,
t_α = X,α·a, b_α = n·δX,α, m_αβ = X,α·X,β, k_αβ = n·X,αβ. Then (Laursen, Computational Contact and Impact
Mechanics, 2002, ch. 5)

    δg = n·a        A_αβ δξ_β = t_α + g b_α,  A = m − g k
    Δδg = − t_α m⁻¹_αβ (b_β + k_βγ Δξ_γ) − b_α Δξ_α
"""

import numba
import numpy as np

#: How far outside the control net (in u and v) a projection is followed before the point counts as off the surface.
REACH = 3.0
_ITERATIONS = 30
_TOLERANCE = 1e-13


@numba.njit(cache=True, inline="always")
def shape(u, v, N):  # type: ignore[no-untyped-def]
    """Fill N (6, 9): shape functions and derivatives (value, u, v, uu, uv, vv); control index c = 3 i + j."""
    a = (0.5 * u * (u - 1.0), 1.0 - u * u, 0.5 * u * (u + 1.0))
    b = (0.5 * v * (v - 1.0), 1.0 - v * v, 0.5 * v * (v + 1.0))
    da = (u - 0.5, -2.0 * u, u + 0.5)
    db = (v - 0.5, -2.0 * v, v + 0.5)
    dd = (1.0, -2.0, 1.0)
    for i in range(3):
        for j in range(3):
            c = 3 * i + j
            N[0, c] = a[i] * b[j]
            N[1, c] = da[i] * b[j]
            N[2, c] = a[i] * db[j]
            N[3, c] = dd[i] * b[j]
            N[4, c] = da[i] * db[j]
            N[5, c] = a[i] * dd[j]


@numba.njit(cache=True)
def project(x, control, N, X):  # type: ignore[no-untyped-def]
    """Find the closest point; return (found, u, v) and leave N (6, 9) and X (6, 3) at it."""
    u, v = 0.0, 0.0
    for _ in range(_ITERATIONS):
        shape(u, v, N)
        for r in range(6):
            for i in range(3):
                total = 0.0
                for c in range(9):
                    total += N[r, c] * control[c, i]
                X[r, i] = total
        fu = fv = auu = auv = avv = 0.0
        for i in range(3):
            rho = x[i] - X[0, i]
            fu += rho * X[1, i]
            fv += rho * X[2, i]
            auu += X[1, i] * X[1, i] - rho * X[3, i]
            auv += X[1, i] * X[2, i] - rho * X[4, i]
            avv += X[2, i] * X[2, i] - rho * X[5, i]
        det = auu * avv - auv * auv
        if det <= 0.0 or auu <= 0.0:
            auu = X[1, 0] ** 2 + X[1, 1] ** 2 + X[1, 2] ** 2
            avv = X[2, 0] ** 2 + X[2, 1] ** 2 + X[2, 2] ** 2
            auv = X[1, 0] * X[2, 0] + X[1, 1] * X[2, 1] + X[1, 2] * X[2, 2]
            det = auu * avv - auv * auv
        du = (avv * fu - auv * fv) / det
        dv = (auu * fv - auv * fu) / det
        if abs(du) < _TOLERANCE and abs(dv) < _TOLERANCE:
            return True, u, v
        largest = max(abs(du), abs(dv))
        if largest > 1.0:
            du, dv = du / largest, dv / largest
        u, v = u + du, v + dv
        if abs(u) > REACH or abs(v) > REACH:
            return False, u, v
    return abs(du) < 1e-9 and abs(dv) < 1e-9, u, v


@numba.njit(cache=True, nogil=True)
def gaps(points, control, gap, coordinate, normal):  # type: ignore[no-untyped-def]
    """Fill gap (s,) [mm], coordinate (s, 2) and normal (s, 3); where nothing is found the gap is infinite."""
    for s in range(points.shape[0]):
        N, X = np.empty((6, 9)), np.empty((6, 3))
        found, u, v = project(points[s], control[s], N, X)
        coordinate[s, 0], coordinate[s, 1] = u, v
        n = np.cross(X[1], X[2])
        n = n / np.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2)
        normal[s] = n
        gap[s] = np.inf
        if found:
            gap[s] = (
                (points[s, 0] - X[0, 0]) * n[0]
                + (points[s, 1] - X[0, 1]) * n[1]
                + (points[s, 2] - X[0, 2]) * n[2]
            )
