"""Isotropic, volume-preserving ground substances: Mooney–Rivlin, neo-Hooke, Yeoh."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fem.arrays import FloatArray
from fem.materials.invariants import EnergyDerivatives
from fem.materials.law import Field
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class MooneyRivlin:
    """ψ = C10 (Ī1 − 3) + C01 (Ī2 − 3).

    Notes
    -----
    Isochoric invariants; initial shear modulus 2 (C10 + C01). Rivlin & Saunders 1951, Phil. Trans. A 243:251.
    """

    C10: Annotated[Field, Parameter("MPa", "first Mooney–Rivlin coefficient", low=0.0)]
    C01: Annotated[Field, Parameter("MPa", "second Mooney–Rivlin coefficient", low=0.0)]
    isochoric: ClassVar[bool] = True

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for isochoric scalars (e, q, 3 + m)."""
        out = EnergyDerivatives.zeros(scalars)
        out.energy[...] = self.C10 * (scalars[..., 0] - 3.0) + self.C01 * (scalars[..., 1] - 3.0)
        out.first[..., 0] = self.C10
        out.first[..., 1] = self.C01
        return out


@dataclass(frozen=True, slots=True)
class NeoHookean:
    """ψ = μ/2 (Ī1 − 3), isochoric (Treloar 1943)."""

    mu: Annotated[Field, Parameter("MPa", "shear modulus", low=0.0)]
    isochoric: ClassVar[bool] = True

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for isochoric scalars (e, q, 3 + m)."""
        out = EnergyDerivatives.zeros(scalars)
        out.energy[...] = 0.5 * self.mu * (scalars[..., 0] - 3.0)
        out.first[..., 0] = 0.5 * self.mu
        return out


@dataclass(frozen=True, slots=True)
class Yeoh:
    """ψ = C1 (Ī1 − 3) + C2 (Ī1 − 3)² + C3 (Ī1 − 3)³, isochoric (Yeoh 1993, Rubber Chem. Technol. 66:754)."""

    C1: Annotated[Field, Parameter("MPa", "first Yeoh coefficient", low=0.0)]
    C2: Annotated[Field, Parameter("MPa", "second Yeoh coefficient")]
    C3: Annotated[Field, Parameter("MPa", "third Yeoh coefficient")]
    isochoric: ClassVar[bool] = True

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for isochoric scalars (e, q, 3 + m)."""
        out = EnergyDerivatives.zeros(scalars)
        x = scalars[..., 0] - 3.0
        out.energy[...] = x * (self.C1 + x * (self.C2 + x * self.C3))
        out.first[..., 0] = self.C1 + x * (2.0 * self.C2 + 3.0 * self.C3 * x)
        out.second[..., 0, 0] = 2.0 * self.C2 + 6.0 * self.C3 * x
        return out
