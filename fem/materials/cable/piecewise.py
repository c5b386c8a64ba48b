"""Linear in windows of strain (ligament tables of the Rohlmann kind), elastic cables and constant tension."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.materials.law import CableResponse, Field
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class TrilinearWindows:
    """Stiffness k1 up to ε1, k2 up to ε2, k3 above; slack below zero strain."""

    reference_length: Annotated[Field, Parameter("mm", "length at zero strain", low=0.0, open_low=True)]
    first_stiffness: Annotated[Field, Parameter("N/mm", "stiffness in the first window", low=0.0)]
    second_stiffness: Annotated[Field, Parameter("N/mm", "stiffness in the second window", low=0.0)]
    third_stiffness: Annotated[Field, Parameter("N/mm", "stiffness above", low=0.0)]
    first_strain: Annotated[Field, Parameter("1", "strain where the first window ends", low=0.0)]
    second_strain: Annotated[Field, Parameter("1", "strain where the second window ends", low=0.0)]

    def respond(self, length: FloatArray) -> CableResponse:
        """Return energy, tension and stiffness for lengths (f,) [mm]."""
        L0 = self.reference_length
        stretch = np.maximum(length - L0, 0.0)
        first, second = self.first_strain * L0, self.second_strain * L0
        parts = (
            np.minimum(stretch, first),
            np.clip(stretch - first, 0.0, second - first),
            np.maximum(stretch - second, 0.0),
        )
        moduli = (self.first_stiffness, self.second_stiffness, self.third_stiffness)
        energy, tension = np.zeros_like(stretch), np.zeros_like(stretch)
        for part, k in zip(parts, moduli, strict=True):
            energy = energy + tension * part + 0.5 * k * part**2
            tension = tension + k * part
        slope = np.select(
            [length <= L0, parts[1] <= 0.0, parts[2] <= 0.0],
            [0.0 * stretch, moduli[0] + 0.0 * stretch, moduli[1] + 0.0 * stretch],
            moduli[2] + 0.0 * stretch,
        )
        return CableResponse(energy, tension, slope)


@dataclass(frozen=True, slots=True)
class LinearCable:
    """T = EA (L − L0)/L0 while taut, slack below; strain is relative to the unstretched length L0."""

    reference_length: Annotated[Field, Parameter("mm", "length at zero tension", low=0.0, open_low=True)]
    axial_stiffness: Annotated[Field, Parameter("N", "axial stiffness EA", low=0.0)]

    def respond(self, length: FloatArray) -> CableResponse:
        """Return energy, tension and stiffness for lengths (f,) [mm]."""
        k = self.axial_stiffness / self.reference_length
        stretch = np.maximum(length - self.reference_length, 0.0)
        return CableResponse(0.5 * k * stretch**2, k * stretch, np.where(stretch > 0.0, k, 0.0))


@dataclass(frozen=True, slots=True)
class ConstantTension:
    """T whatever the length: the cable of a follower load."""

    tension: Annotated[Field, Parameter("N", "tension", low=0.0)]

    def respond(self, length: FloatArray) -> CableResponse:
        """Return energy, tension and (zero) stiffness for lengths (f,) [mm]."""
        return CableResponse(self.tension * length, self.tension + 0.0 * length, 0.0 * length)
