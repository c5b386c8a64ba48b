"""Laws with a volume change of their own: compressible neo-Hooke, a volumetric energy, linear elasticity."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from fem.arrays import FloatArray
from fem.materials.invariants import EnergyDerivatives, SolidResponse
from fem.materials.law import Field
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class CompressibleNeoHookean:
    """ψ = μ/2 (I1 − 3) − μ ln J + λ/2 (ln J)²; full invariants (Bonet & Wood 2008, eq. 6.27)."""

    mu: Annotated[Field, Parameter("MPa", "shear modulus", low=0.0)]
    lame: Annotated[Field, Parameter("MPa", "first Lamé coefficient")]
    isochoric: ClassVar[bool] = False

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for full scalars (e, q, 3 + m)."""
        out = EnergyDerivatives.zeros(scalars)
        J = scalars[..., 2]
        logarithm = np.log(J)
        out.energy[...] = (
            0.5 * self.mu * (scalars[..., 0] - 3.0) - self.mu * logarithm + 0.5 * self.lame * logarithm**2
        )
        out.first[..., 0] = 0.5 * self.mu
        out.first[..., 2] = (self.lame * logarithm - self.mu) / J
        out.second[..., 2, 2] = (self.mu + self.lame * (1.0 - logarithm)) / J**2
        return out


@dataclass(frozen=True, slots=True)
class VolumeEnergy:
    """ψ = κ/4 (J² − 1 − 2 ln J), pointwise in J (Simo & Hughes 1998, eq. 9.2.3).

    For compressible solids; nearly incompressible ones take a mean-dilatation law instead.
    """

    kappa: Annotated[Field, Parameter("MPa", "bulk modulus", low=0.0)]
    isochoric: ClassVar[bool] = False

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for full scalars (e, q, 3 + m)."""
        out = EnergyDerivatives.zeros(scalars)
        J = scalars[..., 2]
        out.energy[...] = 0.25 * self.kappa * (J**2 - 1.0 - 2.0 * np.log(J))
        out.first[..., 2] = 0.5 * self.kappa * (J - 1.0 / J)
        out.second[..., 2, 2] = 0.5 * self.kappa * (1.0 + 1.0 / J**2)
        return out


@dataclass(frozen=True, slots=True)
class LinearElastic:
    """Infinitesimal elasticity, σ = λ tr ε I + 2 μ ε with ε = sym(F) − I.

    Not frame indifferent: for comparison with classical closed forms (Lamé, Hertz), not for spines.
    """

    young: Annotated[float, Parameter("MPa", "Young's modulus", low=0.0)]
    poisson: Annotated[float, Parameter("1", "Poisson's ratio", low=-1.0, high=0.5)]

    def retain(self, F: FloatArray, fibres: FloatArray) -> None:
        """Return None: the tangent is constant."""

    def linearise(self, F: FloatArray, fibres: FloatArray, retained: FloatArray) -> SolidResponse:
        """Return the response itself."""
        return self.respond(F, fibres)

    def renew(self, F: FloatArray, fibres: FloatArray, retained: FloatArray, step: FloatArray) -> FloatArray:
        """Return `retained`: there is nothing to renew."""
        return retained

    def respond(self, F: FloatArray, fibres: FloatArray, tangent: bool = True) -> SolidResponse:
        """Return energy, stress and the constant tangent for F (e, q, 3, 3); fibres are ignored."""
        mu = self.young / (2.0 * (1.0 + self.poisson))
        lame = self.young * self.poisson / ((1.0 + self.poisson) * (1.0 - 2.0 * self.poisson))
        identity = np.eye(3)
        strain = 0.5 * (F + np.swapaxes(F, -1, -2)) - identity
        trace = np.trace(strain, axis1=-2, axis2=-1)
        pk1 = 2.0 * mu * strain + lame * trace[..., None, None] * identity
        energy = mu * np.sum(strain**2, axis=(-2, -1)) + 0.5 * lame * trace**2
        matrix = (
            lame * np.einsum("ij,kl->ijkl", identity, identity)
            + mu * np.einsum("ik,jl->ijkl", identity, identity)
            + mu * np.einsum("il,jk->ijkl", identity, identity)
        ).reshape(9, 9)
        return SolidResponse(energy, pk1, np.ascontiguousarray(np.broadcast_to(matrix, (*F.shape[:2], 9, 9))))
