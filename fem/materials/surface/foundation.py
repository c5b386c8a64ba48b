"""Elastic foundation: two thin cartilage layers between rigid or elastic bone."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.materials.law import Field, SurfaceResponse
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class CartilageLayers:
    """p = −M ln(1 − d/t) with the overclosure d = max(−g, 0) of layers of total thickness t.

    Notes
    -----
    The logarithm is the confined compression of a layer that keeps its modulus M on the current thickness, so the
    layers can never be squeezed through: p grows without bound as d → t. For small d it is the linear foundation
    p = M d/t (Blankevoort et al. 1991, J. Biomech. 24:1019; Fregly et al. 2003, J. Biomech. 36:1659).
    """

    modulus: Annotated[Field, Parameter("MPa", "confined modulus of cartilage M", low=0.0)]
    thickness: Annotated[
        Field, Parameter("mm", "thickness of both layers together t", low=0.0, open_low=True)
    ]
    #: Overclosure as a share of t beyond which the curve is continued by its tangent parabola.
    limit: Annotated[
        float,
        Parameter(
            "1", "share of the thickness up to which the logarithm holds", low=0.0, high=1.0, open_high=True
        ),
    ]

    def respond(self, gap: FloatArray) -> SurfaceResponse:
        """Return energy, pressure and stiffness for gaps (s,) [mm]."""
        share = np.maximum(-gap, 0.0) / self.thickness
        curved = np.minimum(share, self.limit)
        beyond = share - curved
        left = 1.0 - curved
        slope, bend = 1.0 / left, 1.0 / left**2
        pressure = -np.log(left) + slope * beyond + 0.5 * bend * beyond**2
        stiffness = slope + bend * beyond
        start = -np.log(left)
        density = (
            left * np.log(left) + curved + start * beyond + 0.5 * slope * beyond**2 + bend * beyond**3 / 6.0
        )
        closed = np.where(gap < 0.0, 1.0, 0.0)
        return SurfaceResponse(
            self.modulus * self.thickness * density,
            self.modulus * pressure,
            closed * self.modulus * stiffness / self.thickness,
        )


@dataclass(frozen=True, slots=True)
class LinearFoundation:
    """p = k max(−g, 0): a plain penalty, for contact problems with a closed form."""

    stiffness: Annotated[Field, Parameter("MPa/mm", "pressure per overclosure", low=0.0)]

    def respond(self, gap: FloatArray) -> SurfaceResponse:
        """Return energy, pressure and stiffness for gaps (s,) [mm]."""
        depth = np.maximum(-gap, 0.0)
        k = self.stiffness
        return SurfaceResponse(0.5 * k * depth**2, k * depth, np.where(gap < 0.0, k, 0.0))
