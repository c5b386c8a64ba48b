"""Laws of solids, and the registry through which cases and tests find them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final

import numpy as np

from fem.arrays import FloatArray
from fem.materials.invariants import (
    EnergyDerivatives,
    SolidResponse,
    chain_rule,
    from_isochoric,
    isochoric_steps,
    scalar_steps,
    scalars_of,
    to_isochoric,
)
from fem.materials.law import InvariantLaw, StiffeningLaw
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

    def __post_init__(self) -> None:
        if sum(isinstance(law, StiffeningLaw) for law in self.laws) > 1:
            raise ValueError(
                "a solid may hold one stiffening law (fibres); give it all fibre families instead"
            )

    def respond(self, F: FloatArray, fibres: FloatArray, tangent: bool = True) -> SolidResponse:
        """Return energy, first Piola–Kirchhoff stress and tangent for F (e, q, 3, 3), fibres (e, q, m, 3)."""
        derivatives = self.derivatives(scalars_of(F, fibres), tangent)
        return chain_rule(F, fibres, derivatives, derivatives if tangent else None)

    def derivatives(self, scalars: FloatArray, curved: bool = True) -> EnergyDerivatives:
        """Return ψ and its derivatives by the full scalars (e, q, 3 + m), second ones only if `curved`."""
        return self._sum(scalars, [law.derivatives for law in self.laws], curved)

    def linearise(self, F: FloatArray, fibres: FloatArray, retained: FloatArray) -> SolidResponse:
        """Return residual stress and tangent of Newton's method on displacement and fibre stress."""
        stiff, scalars = self._stiffening(), scalars_of(F, fibres)
        residual, tangent = stiff.linearised(to_isochoric(scalars) if stiff.isochoric else scalars, retained)
        parts = [
            self._sum(
                scalars,
                [_given(own) if isinstance(law, StiffeningLaw) else law.derivatives for law in self.laws],
                curved=own is tangent,
            )
            for own in (residual, tangent)
        ]
        return chain_rule(F, fibres, *parts)

    def retain(self, F: FloatArray, fibres: FloatArray) -> FloatArray | None:
        """Return the strains (e, q, m) of the stiffening law at F, None if there is no such law."""
        if not any(isinstance(law, StiffeningLaw) for law in self.laws):
            return None
        stiff, scalars = self._stiffening(), scalars_of(F, fibres)
        return np.maximum(stiff.strains(to_isochoric(scalars) if stiff.isochoric else scalars), 0.0)

    def renew(self, F: FloatArray, fibres: FloatArray, retained: FloatArray, step: FloatArray) -> FloatArray:
        """Return the retained strains after F changed by `step` (e, q, 3, 3), to first order."""
        stiff, scalars = self._stiffening(), scalars_of(F, fibres)
        change = scalar_steps(F, fibres, step)
        if stiff.isochoric:
            scalars, change = to_isochoric(scalars), isochoric_steps(scalars, change)
        return stiff.renewed(retained, stiff.strains(scalars + change))

    def _stiffening(self) -> StiffeningLaw:
        return next(law for law in self.laws if isinstance(law, StiffeningLaw))

    def _sum(
        self,
        scalars: FloatArray,
        parts: Sequence[Callable[[FloatArray], EnergyDerivatives]],
        curved: bool,
    ) -> EnergyDerivatives:
        bar = to_isochoric(scalars)
        known = [
            (law, part(bar if law.isochoric else scalars)) for law, part in zip(self.laws, parts, strict=True)
        ]
        if not curved:
            known = [(law, derivatives.uncurved()) for law, derivatives in known]
        summands = [derivatives for law, derivatives in known if not law.isochoric]
        isochoric = [derivatives for law, derivatives in known if law.isochoric]
        if isochoric:
            summands.append(from_isochoric(reduce(add, isochoric), bar))
        return reduce(add, summands)


def _given(derivatives: EnergyDerivatives) -> Callable[[FloatArray], EnergyDerivatives]:
    """Return a function of the scalars that is already known."""
    return lambda scalars: derivatives


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
