"""From the energy of invariants to stress and tangent: the chain rule, written once for every solid law.

A law is an energy ψ(s) per reference volume of the scalars ``s = (I1, I2, J, I4_1 … I4_m)`` of the deformation
gradient F. It returns ψ and its first and second derivatives; stress and tangent follow:

    P = Σ ψ_a ∂s_a/∂F          A = Σ ψ_ab ∂s_a/∂F ⊗ ∂s_b/∂F + Σ ψ_a ∂²s_a/∂F²

with ``I1 = tr C``, ``I2 = (I1² − tr C²)/2``, ``J = det F``, ``I4_m = a_m · C a_m``, ``C = Fᵀ F``
(Holzapfel, Nonlinear Solid Mechanics, 2000, ch. 6).
"""

from dataclasses import dataclass

import numba
import numpy as np

from fem.arrays import FloatArray

#: Power of J that makes each scalar isochoric: s_bar = J**power * s.
_BAR_POWERS = (-2.0 / 3.0, -4.0 / 3.0, 0.0)
_J = 2


@dataclass(frozen=True, slots=True)
class EnergyDerivatives:
    """ψ (...,) [MPa], its gradient (..., m) and Hessian (..., m, m) with respect to (I1, I2, J, I4_1 …)."""

    energy: FloatArray
    first: FloatArray
    second: FloatArray

    @classmethod
    def zeros(cls, scalars: FloatArray) -> "EnergyDerivatives":
        """Return writable zeros of the shapes that belong to `scalars` (..., m)."""
        count = scalars.shape[-1]
        lead = scalars.shape[:-1]
        return cls(np.zeros(lead), np.zeros((*lead, count)), np.zeros((*lead, count, count)))

    def __add__(self, other: "EnergyDerivatives") -> "EnergyDerivatives":
        return EnergyDerivatives(
            self.energy + other.energy, self.first + other.first, self.second + other.second
        )


@dataclass(frozen=True, slots=True)
class SolidResponse:
    """Energy (e, q) [MPa], first Piola–Kirchhoff stress (e, q, 3, 3) [MPa], tangent dP/dF (e, q, 9, 9) [MPa].

    The tangent has no cells, (0, q, 9, 9), where only stress was asked for.
    """

    energy: FloatArray
    pk1: FloatArray
    tangent: FloatArray


def scalars_of(F: FloatArray, fibres: FloatArray) -> FloatArray:
    """Return the scalars (e, q, 3 + m) of deformation gradients F (e, q, 3, 3) and fibres (e, q, m, 3)."""
    out = np.empty((*F.shape[:2], 3 + fibres.shape[2]))
    _scalars(F, fibres, out)
    return out


def to_isochoric(scalars: FloatArray) -> FloatArray:
    """Return the scalars (..., m) of the volume-preserving part ``F̄ = J^(-1/3) F``; J itself is kept."""
    powers = _powers(scalars.shape[-1])
    return np.asarray(scalars * scalars[..., _J, None] ** powers)


def from_isochoric(derivatives: EnergyDerivatives, bar: FloatArray) -> EnergyDerivatives:
    """Turn derivatives of ψ̄(s̄) into derivatives with respect to s = s̄ J^(-power), J included.

    Parameters
    ----------
    derivatives : of ψ̄ with respect to the isochoric scalars; derivatives with respect to J must be zero.
    bar : (..., m) isochoric scalars, as returned by `to_isochoric`.
    """
    powers = _powers(bar.shape[-1])
    J = bar[..., _J]
    scale = J[..., None] ** powers
    slope = powers * bar / J[..., None]
    first = derivatives.first * scale
    first[..., _J] = np.sum(derivatives.first * slope, axis=-1)
    second = derivatives.second * scale[..., :, None] * scale[..., None, :]
    coupled = np.einsum("...ab,...b->...a", derivatives.second, slope)
    mixed = scale * (derivatives.first * powers / J[..., None] + coupled)
    second[..., _J, :] = mixed
    second[..., :, _J] = mixed
    second[..., _J, _J] = np.sum(
        derivatives.first * slope * (powers - 1.0) / J[..., None] + coupled * slope, axis=-1
    )
    return EnergyDerivatives(derivatives.energy, first, second)


def scalar_steps(F: FloatArray, fibres: FloatArray, step: FloatArray) -> FloatArray:
    """Return the linear change (e, q, 3 + m) of the scalars when F (e, q, 3, 3) changes by `step`."""
    out = np.empty((*F.shape[:2], 3 + fibres.shape[2]))
    _scalar_steps(F, fibres, step, out)
    return out


def isochoric_steps(scalars: FloatArray, steps: FloatArray) -> FloatArray:
    """Return the linear change of the isochoric scalars when the full ones (..., m) change by `steps`."""
    powers = _powers(scalars.shape[-1])
    J = scalars[..., _J, None]
    return np.asarray(J**powers * (steps + powers * scalars * steps[..., _J, None] / J))


def chain_rule(
    F: FloatArray,
    fibres: FloatArray,
    derivatives: EnergyDerivatives,
    tangent: EnergyDerivatives | None,
) -> SolidResponse:
    """Return stress and tangent of an energy of invariants.

    Parameters
    ----------
    F : (e, q, 3, 3) deformation gradient.
    fibres : (e, q, m, 3) unit fibre directions in the reference configuration.
    derivatives : energy (e, q) and derivatives for the 3 + m scalars, for the stress.
    tangent : those for the tangent (usually the same), or None where only stress is wanted.
    """
    lead = F.shape[:2]
    pk1 = np.empty((*lead, 3, 3))
    matrix = np.empty((0 if tangent is None else lead[0], lead[1], 9, 9))
    other = derivatives if tangent is None else tangent
    _chain_rule(F, fibres, derivatives.first, other.first, other.second, pk1, matrix)
    return SolidResponse(derivatives.energy, pk1, matrix)


def _powers(count: int) -> FloatArray:
    return np.array(_BAR_POWERS + (_BAR_POWERS[0],) * (count - 3))


@numba.njit(cache=True, parallel=True)
def _scalars(F, fibres, out):  # type: ignore[no-untyped-def]
    for e in numba.prange(F.shape[0]):
        for q in range(F.shape[1]):
            f = F[e, q]
            C = f.T @ f
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


@numba.njit(cache=True, parallel=True)
def _scalar_steps(F, fibres, step, out):  # type: ignore[no-untyped-def]
    for e in numba.prange(F.shape[0]):
        for q in range(F.shape[1]):
            f, d = F[e, q], step[e, q]
            fC = f @ (f.T @ f)
            trace = 0.0
            for i in range(3):
                for j in range(3):
                    trace += f[i, j] * f[i, j]
            first, second, third = 0.0, 0.0, 0.0
            for i in range(3):
                i1, i2 = (i + 1) % 3, (i + 2) % 3
                for j in range(3):
                    j1, j2 = (j + 1) % 3, (j + 2) % 3
                    first += 2.0 * f[i, j] * d[i, j]
                    second += 2.0 * (trace * f[i, j] - fC[i, j]) * d[i, j]
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


@numba.njit(cache=True, parallel=True)
def _chain_rule(F, fibres, slope, first, second, pk1, tangent):  # type: ignore[no-untyped-def]
    count = first.shape[2]
    for e in numba.prange(F.shape[0]):
        gradient = np.zeros((count, 9))
        for q in range(F.shape[1]):
            f = F[e, q]
            C = f.T @ f
            B = f @ f.T
            trace = C[0, 0] + C[1, 1] + C[2, 2]
            fC = f @ C
            for i in range(3):
                i1, i2 = (i + 1) % 3, (i + 2) % 3
                for j in range(3):
                    j1, j2 = (j + 1) % 3, (j + 2) % 3
                    r = 3 * i + j
                    gradient[0, r] = 2.0 * f[i, j]
                    gradient[1, r] = 2.0 * (trace * f[i, j] - fC[i, j])
                    gradient[2, r] = f[i1, j1] * f[i2, j2] - f[i1, j2] * f[i2, j1]
                    for m in range(count - 3):
                        a = fibres[e, q, m]
                        stretched = f[i, 0] * a[0] + f[i, 1] * a[1] + f[i, 2] * a[2]
                        gradient[3 + m, r] = 2.0 * stretched * a[j]
            p1, p2, p3 = first[e, q, 0], first[e, q, 1], first[e, q, 2]
            for r in range(9):
                i, j = r // 3, r % 3
                total = 0.0
                for a in range(count):
                    total += slope[e, q, a] * gradient[a, r]
                pk1[e, q, i, j] = total
                if tangent.shape[0] == 0:
                    continue
                for s in range(r, 9):
                    k, n = s // 3, s % 3
                    value = p2 * (4.0 * f[i, j] * f[k, n] - 2.0 * f[i, n] * f[k, j])
                    if i == k:
                        value -= 2.0 * p2 * C[j, n]
                        if j == n:
                            value += 2.0 * (p1 + p2 * trace)
                        for m in range(count - 3):
                            value += 2.0 * first[e, q, 3 + m] * fibres[e, q, m, j] * fibres[e, q, m, n]
                    if j == n:
                        value -= 2.0 * p2 * B[i, k]
                    if i != k and j != n:
                        third_row, third_column = 3 - i - k, 3 - j - n
                        sign = 1.0 if ((k - i) % 3 == 1) == ((n - j) % 3 == 1) else -1.0
                        value += sign * p3 * f[third_row, third_column]
                    for a in range(count):
                        for b in range(count):
                            value += second[e, q, a, b] * gradient[a, r] * gradient[b, s]
                    tangent[e, q, r, s] = value
                    tangent[e, q, s, r] = value
