"""Collagen fibre families: exponential, dispersed, tension only."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from fem.arrays import FloatArray
from fem.materials.invariants import EnergyDerivatives
from fem.materials.law import Field
from fem.units import Parameter


@dataclass(frozen=True, slots=True)
class FibreExponential:
    """ψ = Σ_m k1/(2 k2) (exp(k2 ⟨E_m⟩²) − 1), E_m = κ (Ī1 − 3) + (1 − 3κ)(Ī4_m − 1).

    Notes
    -----
    Isochoric invariants; ⟨E⟩ = max(E, 0), so a family that does not stretch on average is slack. κ = 0 aligns all
    fibres, κ = 1/3 spreads them evenly. Holzapfel, Gasser & Ogden 2000, J. Elast. 61:1; dispersion after Gasser,
    Ogden & Holzapfel 2006, J. R. Soc. Interface 3:15.
    """

    k1: Annotated[Field, Parameter("MPa", "fibre stiffness", low=0.0)]
    k2: Annotated[Field, Parameter("1", "fibre stiffening exponent", low=0.0)]
    dispersion: Annotated[Field, Parameter("1", "fibre dispersion κ", low=0.0, high=1.0 / 3.0)]
    isochoric: ClassVar[bool] = True

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for isochoric scalars (e, q, 3 + m)."""
        out = EnergyDerivatives.zeros(scalars)
        along = 1.0 - 3.0 * self.dispersion
        for m in range(3, scalars.shape[-1]):
            E = np.maximum(self.dispersion * (scalars[..., 0] - 3.0) + along * (scalars[..., m] - 1.0), 0.0)
            with np.errstate(over="ignore"):  # a wild trial step; SolidTerm refuses what is not finite
                growth = np.exp(self.k2 * E**2)
            slope = self.k1 * E * growth
            bend = np.where(E > 0.0, self.k1 * (1.0 + 2.0 * self.k2 * E**2) * growth, 0.0)
            out.energy[...] += self.k1 / (2.0 * self.k2) * (growth - 1.0)
            out.first[..., 0] += slope * self.dispersion
            out.first[..., m] = slope * along
            out.second[..., 0, 0] += bend * self.dispersion**2
            out.second[..., 0, m] = out.second[..., m, 0] = bend * self.dispersion * along
            out.second[..., m, m] = bend * along**2
        return out
