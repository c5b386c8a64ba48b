"""What a bubble in the joint sits in: gases dissolved in the tissue, pressure, vapour, surface tension."""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.errors import ParameterError
from fem.parameters import Parameter, check_parameters

#: Temperature [K] to which Bunsen coefficients reduce a gas volume: 0 °C, by definition.
FREEZING_POINT: Final = 273.15


@dataclass(frozen=True, slots=True)
class Gas:
    """A dissolved gas, and how much of it the tissue holds."""

    name: str
    diffusivity: Annotated[float, Parameter("mm^2/s", "diffusivity D in the fluid", low=0.0, open_low=True)]
    solubility: Annotated[
        float, Parameter("1", "Ostwald coefficient L: concentration in fluid over that in gas", low=0.0)
    ]
    tissue_pressure: Annotated[float, Parameter("MPa", "partial pressure in the tissue", low=0.0)]

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Gases, and the state of the fluid around a bubble.

    Notes
    -----
    Water vapour fills a bubble at its saturation pressure at once; it is counted with the pressure, not with the
    gases. What is left of the ambient pressure, the *excess*, is shared by the gases.
    """

    gases: tuple[Gas, ...]
    pressure: Annotated[float, Parameter("MPa", "absolute ambient pressure", low=0.0, open_low=True)]
    vapour_pressure: Annotated[float, Parameter("MPa", "vapour pressure of the fluid", low=0.0)] = 0.0
    surface_tension: Annotated[float, Parameter("N/mm", "surface tension", low=0.0)] = 0.0

    def __post_init__(self) -> None:
        check_parameters(self)
        if not self.gases:
            raise ParameterError("the surroundings of a bubble hold no gas; give at least one")
        if self.excess <= 0.0:
            raise ParameterError(
                f"the ambient pressure ({1e3 * self.pressure:g} kPa) does not exceed the vapour pressure "
                f"({1e3 * self.vapour_pressure:g} kPa): the fluid boils and no bubble comes to rest; "
                "give a higher ambient pressure"
            )

    @property
    def excess(self) -> float:
        """Pressure that the gases of a large bubble share [MPa]."""
        return self.pressure - self.vapour_pressure

    @property
    def undersaturation(self) -> float:
        """How far the tissue is from holding a large bubble [MPa]: the excess less all tissue pressures."""
        return self.excess - sum(gas.tissue_pressure for gas in self.gases)

    @property
    def diffusivities(self) -> FloatArray:
        """Diffusivity of every gas (g,) [mm²/s]."""
        return frozen([gas.diffusivity for gas in self.gases])

    @property
    def solubilities(self) -> FloatArray:
        """Ostwald coefficient of every gas (g,) [1]."""
        return frozen([gas.solubility for gas in self.gases])

    @property
    def tissue_pressures(self) -> FloatArray:
        """Tissue pressure of every gas (g,) [MPa]."""
        return frozen([gas.tissue_pressure for gas in self.gases])

    def released_shares(self) -> FloatArray:
        """Return the shares (g,) [1] of gas that come out of fluid at rest with the tissue, L p each."""
        held = np.asarray(self.solubilities * self.tissue_pressures)
        if held.sum() == 0.0:
            raise ParameterError("the tissue holds no gas at all, so none can come out of its fluid")
        return frozen(held / held.sum())


def ostwald_coefficient(bunsen: float, temperature: float) -> float:
    """Return the Ostwald coefficient [1] for a Bunsen coefficient [1] at a temperature [K]: L = α T / 273.15 K."""
    return bunsen * temperature / FREEZING_POINT
