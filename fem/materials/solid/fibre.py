"""Collagen fibre families: exponential, dispersed, tension only."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from scipy.special import lambertw

from fem.arrays import FloatArray
from fem.materials.invariants import EnergyDerivatives
from fem.materials.law import Field
from fem.parameters import Parameter

#: Exponents beyond this (reached only in wild trial steps) are cut, so that stress stays finite.
_LARGEST_EXPONENT = 200.0


@dataclass(frozen=True, slots=True)
class FibreExponential:
    """ψ = Σ_m k1/(2 k2) (exp(k2 ⟨E_m⟩²) − 1), E_m = κ (Ī1 − 3) + (1 − 3κ)(Ī4_m − 1).

    Notes
    -----
    Isochoric invariants; ⟨E⟩ = max(E, 0), so a family that does not stretch on average is slack. κ = 0 aligns all
    fibres, κ = 1/3 spreads them evenly. Holzapfel, Gasser & Ogden 2000, J. Elast. 61:1; dispersion after Gasser,
    Ogden & Holzapfel 2006, J. R. Soc. Interface 3:15.
    """

    k1: Annotated[Field, Parameter("MPa", "fibre stiffness", low=0.0, open_low=True)]
    k2: Annotated[Field, Parameter("1", "fibre stiffening exponent", low=0.0, open_low=True)]
    dispersion: Annotated[Field, Parameter("1", "fibre dispersion κ", low=0.0, high=1.0 / 3.0)]
    isochoric: ClassVar[bool] = True

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for isochoric scalars (e, q, 3 + m)."""
        E = np.maximum(self.strains(scalars), 0.0)
        slope, bend = self._slope(E)
        energy = self._field(self.k1) / (2.0 * self._field(self.k2)) * self._growth(E, minus_one=True)
        return self._chain(scalars, energy, slope, np.where(E > 0.0, bend, 0.0))

    def linearised(
        self, scalars: FloatArray, retained: FloatArray
    ) -> tuple[EnergyDerivatives, EnergyDerivatives]:
        """Return the derivatives for the residual stress and for the tangent about strains `retained` (e, q, m)."""
        slope, bend = self._slope(retained)
        stress = slope + bend * (self.strains(scalars) - retained)
        taut = stress >= 0.0
        bend = np.where(taut, bend, 0.0)
        zero = np.zeros_like(stress)
        return (
            self._chain(scalars, zero, np.where(taut, stress, 0.0), zero),
            self._chain(scalars, zero, np.where(taut, slope, 0.0), bend),
        )

    def renewed(self, retained: FloatArray, strains: FloatArray) -> FloatArray:
        """Return the strains whose stress is the one that `retained` predicts at `strains` (e, q, m).

        Notes
        -----
        s = k1 E exp(k2 E²) is inverted by 2 k2 E² = W(2 k2 (s/k1)²), W the Lambert function.
        """
        slope, bend = self._slope(retained)
        stress = np.maximum(slope + bend * (strains - retained), 0.0)
        k2 = self._field(self.k2)
        inner = 2.0 * k2 * (stress / self._field(self.k1)) ** 2
        return np.asarray(np.sqrt(lambertw(inner).real / (2.0 * k2)))

    def strains(self, scalars: FloatArray) -> FloatArray:
        """Return E (e, q, m) of each family at isochoric scalars (e, q, 3 + m)."""
        along = 1.0 - 3.0 * self._field(self.dispersion)
        spread = self._field(self.dispersion) * (scalars[..., :1] - 3.0)
        return np.asarray(spread + along * (scalars[..., 3:] - 1.0))

    @staticmethod
    def _field(value: Field) -> Field:
        """Let a per-cell constant broadcast over the families."""
        return value if isinstance(value, float) else np.asarray(value)[..., None]

    def _growth(self, E: FloatArray, minus_one: bool = False) -> FloatArray:
        exponent = np.minimum(self._field(self.k2) * E**2, _LARGEST_EXPONENT)
        return np.asarray(np.expm1(exponent) if minus_one else np.exp(exponent))

    def _slope(self, E: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return dψ/dE and d²ψ/dE² (e, q, m) of a taut family."""
        growth = self._field(self.k1) * self._growth(E)
        return E * growth, (1.0 + 2.0 * self._field(self.k2) * E**2) * growth

    def _chain(
        self, scalars: FloatArray, energy: FloatArray, slope: FloatArray, bend: FloatArray
    ) -> EnergyDerivatives:
        """From derivatives with respect to E (e, q, m) to derivatives with respect to the scalars."""
        out = EnergyDerivatives.zeros(scalars)
        spread, along = self.dispersion, 1.0 - 3.0 * self.dispersion
        out.energy[...] = energy.sum(axis=-1)
        out.first[..., 0] = spread * slope.sum(axis=-1)
        out.second[..., 0, 0] = spread**2 * bend.sum(axis=-1)
        for m in range(slope.shape[-1]):
            out.first[..., 3 + m] = along * slope[..., m]
            out.second[..., 0, 3 + m] = out.second[..., 3 + m, 0] = along * spread * bend[..., m]
            out.second[..., 3 + m, 3 + m] = along**2 * bend[..., m]
        return out
