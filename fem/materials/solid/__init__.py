"""Laws of solids, and the registry through which cases and tests find them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.arrays import FloatArray
from fem.materials.invariants import (
    EnergyDerivatives,
    SolidResponse,
    chain_rule,
    from_isochoric,
    scalars_of,
    to_isochoric,
)
from fem.materials.law import InvariantLaw
from fem.materials.solid.compressible import CompressibleNeoHookean, LinearElastic, VolumeEnergy
from fem.materials.solid.fibre import FibreExponential
from fem.materials.solid.mooney_rivlin import MooneyRivlin, NeoHookean, Yeoh

#: name in case and literature files -> law
INVARIANT_LAWS: Final[dict[str, type]] = {
    "mooney_rivlin": MooneyRivlin,
    "neo_hookean": NeoHookean,
    "yeoh": Yeoh,
    "fibre_exponential": FibreExponential,
    "compressible_neo_hookean": CompressibleNeoHookean,
    "volume_energy": VolumeEnergy,
}


@dataclass(frozen=True, slots=True)
class Hyperelastic:
    """A solid whose energy is the sum of the energies of its `laws`, each in its own invariants."""

    laws: tuple[InvariantLaw, ...]

    def respond(self, F: FloatArray, fibres: FloatArray) -> SolidResponse:
        """Return energy, first Piola–Kirchhoff stress and tangent for F (e, q, 3, 3), fibres (e, q, m, 3)."""
        return chain_rule(F, fibres, self.derivatives(scalars_of(F, fibres)))

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives with respect to the full scalars (e, q, 3 + m)."""
        bar = to_isochoric(scalars)
        total = EnergyDerivatives.zeros(scalars)
        for law in self.laws:
            if law.isochoric:
                total = total + from_isochoric(law.derivatives(bar), bar)
            else:
                total = total + law.derivatives(scalars)
        return total


def no_fibres(F: FloatArray) -> FloatArray:
    """Return the empty fibre array (e, q, 0, 3) that belongs to F (e, q, 3, 3)."""
    return np.zeros((*F.shape[:2], 0, 3))


__all__ = [
    "INVARIANT_LAWS",
    "CompressibleNeoHookean",
    "FibreExponential",
    "Hyperelastic",
    "LinearElastic",
    "MooneyRivlin",
    "NeoHookean",
    "VolumeEnergy",
    "Yeoh",
    "no_fibres",
]
