"""Tension-only laws of ligament strands, as functions of the current length.

Strain is always ``ε = (L − L0)/L0`` with the reference length L0 = L_neutral (1 + ε_r): a negative reference
strain ε_r pre-tensions the strand in the neutral posture, a positive one leaves it slack.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.materials.law import CableResponse, Field
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class ToeLinear:
    """T = k ε²/(2 ε_t) for 0 < ε < ε_t and k (ε − ε_t/2) above; slack below.

    Notes
    -----
    Blankevoort et al. 1991, J. Biomech. 24:1019 (their 2 ε_l is ε_t here). Value and slope are continuous.
    """

    reference_length: Annotated[Field, Parameter("mm", "length at zero strain", low=0.0, open_low=True)]
    stiffness: Annotated[Field, Parameter("N", "force per unit strain in the linear range", low=0.0)]
    transition_strain: Annotated[
        Field, Parameter("1", "strain at which the toe ends", low=0.0, open_low=True)
    ]

    def respond(self, length: FloatArray) -> CableResponse:
        """Return energy, tension and stiffness for lengths (f,) [mm]."""
        strain = (length - self.reference_length) / self.reference_length
        taut = np.maximum(strain, 0.0)
        toe = np.minimum(taut, self.transition_strain)
        linear = taut - toe
        k, end = self.stiffness, self.transition_strain
        tension = k * (toe**2 / (2.0 * end) + linear)
        slope = np.where(strain > 0.0, k * np.where(linear > 0.0, 1.0, toe / end), 0.0)
        density = k * (toe**3 / (6.0 * end) + linear * end / 2.0 + linear**2 / 2.0)
        return CableResponse(density * self.reference_length, tension, slope / self.reference_length)
