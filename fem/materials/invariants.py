"""From the energy of invariants to stress and tangent: the chain rule, written once for every solid law.

A law is an energy ψ(s) per reference volume of the scalars ``s = (I1, I2, J, I4_1 … I4_m)`` of the deformation
gradient F. It returns ψ and its first and second derivatives; stress and tangent follow:

    P = Σ ψ_a ∂s_a/∂F          A = Σ ψ_ab ∂s_a/∂F ⊗ ∂s_b/∂F + Σ ψ_a ∂²s_a/∂F²

with ``I1 = tr C``, ``I2 = (I1² − tr C²)/2``, ``J = det F``, ``I4_m = a_m · C a_m``, ``C = Fᵀ F``
(Holzapfel, Nonlinear Solid Mechanics, 2000, ch. 6).
"""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray
from fem.materials import invariant_kernels as kernels

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

    def uncurved(self) -> "EnergyDerivatives":
        """Return the same without second derivatives, (0, …, m, m): enough for stress."""
        return EnergyDerivatives(self.energy, self.first, self.second[:0])

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
    kernels.scalars(F, fibres, out)
    return out


def to_isochoric(scalars: FloatArray) -> FloatArray:
    """Return the scalars (..., m) of the volume-preserving part ``F̄ = J^(-1/3) F``; J itself is kept."""
    out = np.empty(scalars.shape)
    count = scalars.shape[-1]
    kernels.to_isochoric(_powers(count), scalars.reshape(-1, count), out.reshape(-1, count))
    return out


def from_isochoric(derivatives: EnergyDerivatives, bar: FloatArray) -> EnergyDerivatives:
    """Turn derivatives of ψ̄(s̄) into derivatives with respect to s = s̄ J^(-power), J included.

    Parameters
    ----------
    derivatives : of ψ̄ with respect to the isochoric scalars; derivatives with respect to J must be zero.
    bar : (..., m) isochoric scalars, as returned by `to_isochoric`.

    Second derivatives that have been left out (see `EnergyDerivatives.uncurved`) stay out.
    """
    first, second = np.empty(derivatives.first.shape), np.empty(derivatives.second.shape)
    count = bar.shape[-1]
    kernels.from_isochoric(
        _powers(count),
        bar.reshape(-1, count),
        np.ascontiguousarray(derivatives.first).reshape(-1, count),
        np.ascontiguousarray(derivatives.second).reshape(-1, count, count),
        first.reshape(-1, count),
        second.reshape(-1, count, count),
    )
    return EnergyDerivatives(derivatives.energy, first, second)


def scalar_steps(F: FloatArray, fibres: FloatArray, step: FloatArray) -> FloatArray:
    """Return the linear change (e, q, 3 + m) of the scalars when F (e, q, 3, 3) changes by `step`."""
    out = np.empty((*F.shape[:2], 3 + fibres.shape[2]))
    kernels.scalar_steps(F, fibres, step, out)
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
    kernels.chain_rule(F, fibres, derivatives.first, other.first, other.second, pk1, matrix)
    return SolidResponse(derivatives.energy, pk1, matrix)


def _powers(count: int) -> FloatArray:
    return np.array(_BAR_POWERS + (_BAR_POWERS[0],) * (count - 3))
