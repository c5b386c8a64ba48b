"""Exponential stiffening up to a strain, then linear: the facet capsule."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.materials.law import CableResponse, Field
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class ExponentialLinear:
    """T = A E0/B (exp(B ε) − 1) for 0 < ε < ε_t, continued with its slope above ε_t; slack below.

    Notes
    -----
    E0 exp(B ε) is the tangent modulus, the form in which Little & Khalsa 2005 (J. Biomech. Eng. 127:15, Table 1)
    report the capsule; nominal stress on the reference area A.
    """

    reference_length: Annotated[Field, Parameter("mm", "length at zero strain", low=0.0, open_low=True)]
    area: Annotated[Field, Parameter("mm^2", "cross-section of the strand", low=0.0)]
    initial_modulus: Annotated[Field, Parameter("MPa", "tangent modulus at zero strain E0", low=0.0)]
    exponent: Annotated[
        Field, Parameter("1", "growth of the tangent modulus with strain B", low=0.0, open_low=True)
    ]
    transition_strain: Annotated[Field, Parameter("1", "strain above which the curve is straight", low=0.0)]

    def respond(self, length: FloatArray) -> CableResponse:
        """Return energy, tension and stiffness for lengths (f,) [mm]."""
        strain = (length - self.reference_length) / self.reference_length
        taut = np.maximum(strain, 0.0)
        curved = np.minimum(taut, self.transition_strain)
        straight = taut - curved
        scale, B = self.area * self.initial_modulus, self.exponent
        slope = scale * np.exp(B * curved)
        tension = scale / B * np.expm1(B * curved) + slope * straight
        density = (
            scale / B * (np.expm1(B * curved) / B - curved)
            + scale / B * np.expm1(B * curved) * straight
            + 0.5 * slope * straight**2
        )
        stiffness = np.where(strain > 0.0, slope, 0.0) / self.reference_length
        return CableResponse(density * self.reference_length, tension, stiffness)
