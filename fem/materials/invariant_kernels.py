"""Compiled loops of the chain rule from invariants to stress and tangent (see `fem.materials.invariants`)."""

import numba
import numpy as np

_J = 2


@numba.njit(cache=True, nogil=True)
def scalars(F, fibres, out):  # type: ignore[no-untyped-def]
    """Fill out (e, q, 3 + m) with I1, I2, J and the I4 of each family."""
    for e in range(F.shape[0]):
        C = np.empty((3, 3))
        for q in range(F.shape[1]):
            f = F[e, q]
            _right_cauchy_green(f, C)
            trace = C[0, 0] + C[1, 1] + C[2, 2]
            out[e, q, 0] = trace
            square = 0.0
            for i in range(3):
                for j in range(3):
                    square += C[i, j] * C[i, j]
            out[e, q, 1] = 0.5 * (trace * trace - square)
            out[e, q, 2] = (
                f[0, 0] * (f[1, 1] * f[2, 2] - f[1, 2] * f[2, 1])
                - f[0, 1] * (f[1, 0] * f[2, 2] - f[1, 2] * f[2, 0])
                + f[0, 2] * (f[1, 0] * f[2, 1] - f[1, 1] * f[2, 0])
            )
            for m in range(fibres.shape[2]):
                a = fibres[e, q, m]
                total = 0.0
                for i in range(3):
                    for j in range(3):
                        total += a[i] * C[i, j] * a[j]
                out[e, q, 3 + m] = total


@numba.njit(cache=True, nogil=True)
def to_isochoric(powers, full, out):  # type: ignore[no-untyped-def]
    """Fill out (k, m) with ``J**power * s`` for the scalars s (k, m)."""
    count = full.shape[1]
    for k in range(full.shape[0]):
        scale = np.empty(count)
        _powers_of(full[k, _J], powers, scale)
        for a in range(count):
            out[k, a] = full[k, a] * scale[a]


@numba.njit(cache=True, inline="always")
def _powers_of(J, powers, out):  # type: ignore[no-untyped-def]
    """Fill out (m,) with ``J**power``; the fibres share the power of the first invariant."""
    logarithm = np.log(J)
    out[0] = np.exp(powers[0] * logarithm)
    for a in range(1, len(out)):
        if powers[a] == powers[0]:
            out[a] = out[0]
        else:
            out[a] = np.exp(powers[a] * logarithm) if powers[a] != 0.0 else 1.0


@numba.njit(cache=True, nogil=True)
def from_isochoric(powers, bar, first, second, out, matrix):  # type: ignore[no-untyped-def]
    """Fill out (k, m) and matrix (k, m, m) with derivatives by s = s̄ J^(-power) from those by s̄.

    With t_a = power_a s̄_a / J: ``∂/∂s_a = J^power_a ∂/∂s̄_a``, ``∂s̄_a/∂J = t_a``, ``∂t_a/∂J = (power_a − 1) t_a / J``.
    An empty `second` leaves `matrix` alone.
    """
    count = bar.shape[1]
    for k in range(bar.shape[0]):
        J = bar[k, _J]
        scale, slope = np.empty(count), np.empty(count)
        _powers_of(J, powers, scale)
        for a in range(count):
            slope[a] = powers[a] * bar[k, a] / J
        by_volume = 0.0
        for a in range(count):
            out[k, a] = first[k, a] * scale[a]
            by_volume += first[k, a] * slope[a]
        out[k, _J] = by_volume
        if second.shape[0] == 0:
            continue
        twice_by_volume = 0.0
        for a in range(count):
            coupled = 0.0
            for b in range(count):
                coupled += second[k, a, b] * slope[b]
                matrix[k, a, b] = second[k, a, b] * scale[a] * scale[b]
            twice_by_volume += first[k, a] * slope[a] * (powers[a] - 1.0) / J + coupled * slope[a]
            if a != _J:
                matrix[k, a, _J] = scale[a] * (first[k, a] * powers[a] / J + coupled)
        for a in range(count):
            matrix[k, _J, a] = matrix[k, a, _J]
        matrix[k, _J, _J] = twice_by_volume


@numba.njit(cache=True, nogil=True)
def scalar_steps(F, fibres, step, out):  # type: ignore[no-untyped-def]
    """Fill out (e, q, 3 + m) with the linear change of the scalars when F changes by `step`."""
    for e in range(F.shape[0]):
        C = np.empty((3, 3))
        for q in range(F.shape[1]):
            f, d = F[e, q], step[e, q]
            _right_cauchy_green(f, C)
            trace = C[0, 0] + C[1, 1] + C[2, 2]
            first, second, third = 0.0, 0.0, 0.0
            for i in range(3):
                i1, i2 = (i + 1) % 3, (i + 2) % 3
                for j in range(3):
                    j1, j2 = (j + 1) % 3, (j + 2) % 3
                    fC = f[i, 0] * C[0, j] + f[i, 1] * C[1, j] + f[i, 2] * C[2, j]
                    first += 2.0 * f[i, j] * d[i, j]
                    second += 2.0 * (trace * f[i, j] - fC) * d[i, j]
                    third += (f[i1, j1] * f[i2, j2] - f[i1, j2] * f[i2, j1]) * d[i, j]
            out[e, q, 0], out[e, q, 1], out[e, q, 2] = first, second, third
            for m in range(fibres.shape[2]):
                a = fibres[e, q, m]
                total = 0.0
                for i in range(3):
                    now = f[i, 0] * a[0] + f[i, 1] * a[1] + f[i, 2] * a[2]
                    change = d[i, 0] * a[0] + d[i, 1] * a[1] + d[i, 2] * a[2]
                    total += 2.0 * now * change
                out[e, q, 3 + m] = total


@numba.njit(cache=True, nogil=True)
def chain_rule(F, fibres, slope, first, second, pk1, tangent):  # type: ignore[no-untyped-def]
    """Fill pk1 (e, q, 3, 3) from `slope` (e, q, m) and, unless it is empty, tangent (e, q, 9, 9) from the others."""
    count = first.shape[2]
    for e in range(F.shape[0]):
        gradient, spread = np.zeros((count, 9)), np.empty((count, 9))
        C, B, G = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3))
        for q in range(F.shape[1]):
            f = F[e, q]
            _right_cauchy_green(f, C)
            _scalar_gradients(f, C, fibres[e, q], gradient)
            for r in range(9):
                total = 0.0
                for a in range(count):
                    total += slope[e, q, a] * gradient[a, r]
                pk1[e, q, r // 3, r % 3] = total
            if tangent.shape[0] == 0:
                continue
            _left_cauchy_green(f, B)
            _geometric(first[e, q], C, fibres[e, q], G)
            p2, p3 = first[e, q, 1], first[e, q, 2]
            for a in range(count):
                for s in range(9):
                    # The part 4 ψ_2 F ⊗ F of the second invariant has the form of the first one's.
                    spread[a, s] = p2 * gradient[0, s] if a == 0 else 0.0
                    for b in range(count):
                        spread[a, s] += second[e, q, a, b] * gradient[b, s]
            T = tangent[e, q]
            for r in range(9):
                for s in range(9):
                    T[r, s] = 0.0
                for a in range(count):
                    x = gradient[a, r]
                    for s in range(9):
                        T[r, s] += x * spread[a, s]
            _add_geometric(p2, p3, f, B, G, T)
            for r in range(9):
                for s in range(r):
                    T[r, s] = T[s, r]


@numba.njit(cache=True, inline="always")
def _add_geometric(p2, p3, f, B, G, T):  # type: ignore[no-untyped-def]
    """Add Σ ψ_a ∂²s_a/∂F² to T (9, 9), but for the part of the second invariant that is a product."""
    for i in range(3):
        for j in range(3):
            for n in range(3):
                T[3 * i + j, 3 * i + n] += G[j, n]
        for k in range(3):
            for j in range(3):
                T[3 * i + j, 3 * k + j] -= 2.0 * p2 * B[i, k]
                for n in range(3):
                    T[3 * i + j, 3 * k + n] -= 2.0 * p2 * f[i, n] * f[k, j]
        i1, i2 = (i + 1) % 3, (i + 2) % 3
        for j in range(3):
            j1, j2 = (j + 1) % 3, (j + 2) % 3
            T[3 * i + j, 3 * i1 + j1] += p3 * f[i2, j2]
            T[3 * i + j, 3 * i2 + j2] += p3 * f[i1, j1]
            T[3 * i + j, 3 * i1 + j2] -= p3 * f[i2, j1]
            T[3 * i + j, 3 * i2 + j1] -= p3 * f[i1, j2]


@numba.njit(cache=True, inline="always")
def _scalar_gradients(f, C, fibres, out):  # type: ignore[no-untyped-def]
    """Fill out (3 + m, 9) with the derivatives of the scalars by the entries of F."""
    trace = C[0, 0] + C[1, 1] + C[2, 2]
    for i in range(3):
        i1, i2 = (i + 1) % 3, (i + 2) % 3
        for j in range(3):
            j1, j2 = (j + 1) % 3, (j + 2) % 3
            r = 3 * i + j
            fC = f[i, 0] * C[0, j] + f[i, 1] * C[1, j] + f[i, 2] * C[2, j]
            out[0, r] = 2.0 * f[i, j]
            out[1, r] = 2.0 * (trace * f[i, j] - fC)
            out[2, r] = f[i1, j1] * f[i2, j2] - f[i1, j2] * f[i2, j1]
    for m in range(fibres.shape[0]):
        a = fibres[m]
        for i in range(3):
            stretched = f[i, 0] * a[0] + f[i, 1] * a[1] + f[i, 2] * a[2]
            for j in range(3):
                out[3 + m, 3 * i + j] = 2.0 * stretched * a[j]


@numba.njit(cache=True, inline="always")
def _geometric(first, C, fibres, out):  # type: ignore[no-untyped-def]
    """Fill out (3, 3): what second derivatives of the scalars add to entries (ij, in) of the tangent."""
    trace = C[0, 0] + C[1, 1] + C[2, 2]
    for j in range(3):
        for n in range(3):
            value = -2.0 * first[1] * C[j, n]
            if j == n:
                value += 2.0 * (first[0] + first[1] * trace)
            for m in range(fibres.shape[0]):
                value += 2.0 * first[3 + m] * fibres[m, j] * fibres[m, n]
            out[j, n] = value


@numba.njit(cache=True, inline="always")
def _right_cauchy_green(f, out):  # type: ignore[no-untyped-def]
    for i in range(3):
        for j in range(3):
            out[i, j] = f[0, i] * f[0, j] + f[1, i] * f[1, j] + f[2, i] * f[2, j]


@numba.njit(cache=True, inline="always")
def _left_cauchy_green(f, out):  # type: ignore[no-untyped-def]
    for i in range(3):
        for j in range(3):
            out[i, j] = f[i, 0] * f[j, 0] + f[i, 1] * f[j, 1] + f[i, 2] * f[j, 2]
