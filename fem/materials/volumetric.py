"""Energies of the mean volume ratio of a cell (mean dilatation)."""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from fem.arrays import FloatArray
from fem.materials.law import Field
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class LogarithmicVolume:
    """U = K/2 (ln θ)², the volumetric energy of FEBio's uncoupled materials (FEBio Theory Manual, 5.1)."""

    bulk: Annotated[Field, Parameter("MPa", "bulk modulus", low=0.0)]

    def energy(self, theta: FloatArray) -> FloatArray:
        """Return U (e,) [MPa]."""
        return np.asarray(0.5 * self.bulk * np.log(theta) ** 2)

    def pressure(self, theta: FloatArray) -> FloatArray:
        """Return U' (e,) [MPa]."""
        return np.asarray(self.bulk * np.log(theta) / theta)

    def modulus(self, theta: FloatArray) -> FloatArray:
        """Return U'' (e,) [MPa]."""
        return np.asarray(self.bulk * (1.0 - np.log(theta)) / theta**2)


@dataclass(frozen=True, slots=True)
class SwollenVolume:
    """U = K/2 (ln θ)² − p0 θ: a cell that presses outwards with p0 at its reference volume.

    The swelling pressure stands for the osmotic pressure of the nucleus at rest.
    """

    bulk: Annotated[Field, Parameter("MPa", "bulk modulus", low=0.0)]
    swelling: Annotated[Field, Parameter("MPa", "swelling pressure at the reference volume", low=0.0)]

    def energy(self, theta: FloatArray) -> FloatArray:
        """Return U (e,) [MPa]."""
        return np.asarray(LogarithmicVolume(self.bulk).energy(theta) - self.swelling * (theta - 1.0))

    def pressure(self, theta: FloatArray) -> FloatArray:
        """Return U' (e,) [MPa]."""
        return np.asarray(LogarithmicVolume(self.bulk).pressure(theta) - self.swelling)

    def modulus(self, theta: FloatArray) -> FloatArray:
        """Return U'' (e,) [MPa]."""
        return LogarithmicVolume(self.bulk).modulus(theta)


VOLUMETRIC_LAWS: Final[dict[str, type]] = {"logarithmic": LogarithmicVolume, "swollen": SwollenVolume}
