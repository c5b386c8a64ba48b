"""Equal bubbles of given contents: radius, volume and compliance under a pressure, and the pressure of a volume."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fem.arrays import FloatArray, frozen
from fem.errors import ParameterError
from fem.gas.surroundings import Surroundings

#: Newton on a convex cubic from above: quadratic away from the Blake limit, one bit an iteration at it.
_ITERATIONS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Bubbles:
    """`number` equal bubbles; `contents` (g,) [N mm] is partial pressure times volume of each gas over all of them.

    At constant temperature the contents measure moles: 1 N mm is 0.388 µmol at 37 °C. `number` need not be whole
    where it stands for a total volume over the volume of one.
    """

    number: float
    contents: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "contents", frozen(self.contents))
        if not (math.isfinite(self.number) and self.number > 0.0):
            raise ParameterError(f"the number of bubbles is {self.number:g}; give a number above zero")
        legal = np.isfinite(self.contents) & (self.contents >= 0.0)
        if not legal.all():
            worst = float(self.contents[~legal][0])
            raise ParameterError(f"a gas content is {worst:g} N mm; contents are zero or more and finite")

    @property
    def total(self) -> float:
        """All gas [N mm]."""
        return float(self.contents.sum())

    @property
    def shares(self) -> FloatArray:
        """Mole fraction of each gas (g,) [1]; zeros for empty bubbles."""
        return frozen(self.contents / self.total if self.total > 0.0 else np.zeros_like(self.contents))


@dataclass(frozen=True, slots=True, eq=False)
class VolumeResponse:
    """Volume [mm³] of bubbles under pressures, and compliance −dV/dp [mm³/MPa]."""

    volume: FloatArray
    compliance: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PressureResponse:
    """Absolute fluid pressure [MPa] at which bubbles have given volumes, and slope dp/dV [MPa/mm³]."""

    pressure: FloatArray
    slope: FloatArray


def bubbles_of_radius(
    radius: float, shares: Sequence[float] | FloatArray, surroundings: Surroundings, number: float = 1.0
) -> Bubbles:
    """Return `number` bubbles at rest at ambient pressure.

    Parameters
    ----------
    radius : [mm], of each.
    shares : (g,) [1] mole fraction of every gas of the surroundings; their sum is 1. Vapour is not counted.
    """
    fractions = np.asarray(shares, dtype=np.float64)
    count = len(surroundings.gases)
    if fractions.shape != (count,) or not np.all(fractions >= 0.0) or abs(fractions.sum() - 1.0) > 1e-9:
        raise ParameterError(
            f"shares of gas {fractions.tolist()}: give {count} numbers, zero or more, with the sum 1"
        )
    if not (math.isfinite(radius) and radius > 0.0):
        raise ParameterError(f"the radius of a bubble is {radius:g} mm; give a length above zero")
    inside = surroundings.excess + 2.0 * surroundings.surface_tension / radius
    return Bubbles(number, fractions * (inside * number * sphere_volume(radius)))


def sphere_volume(radius: float) -> float:
    """Return 4/3 π R³ [mm³]."""
    return 4.0 / 3.0 * math.pi * radius**3


def bubble_radius(bubbles: Bubbles, surroundings: Surroundings) -> float:
    """Return the radius [mm] of each bubble at rest at ambient pressure."""
    constant = _pressure_constant(bubbles)
    return float(_rest_radius(constant, surroundings.surface_tension, np.array(surroundings.excess)))


def volume_at(
    bubbles: Bubbles, surroundings: Surroundings, pressure: ArrayLike | None = None
) -> VolumeResponse:
    """Return volume and compliance of bubbles under absolute fluid pressures [MPa] (default: ambient).

    Raises
    ------
    ParameterError
        For a pressure at or below the Blake threshold, where no bubble stays at rest.

    Notes
    -----
    Constant contents, constant temperature (heat crosses 0.1 mm of gas in under a millisecond):

        p = p_v + N/V − 2σ/R,  N the gas of one bubble, on the branch where a bubble shrinks as p rises.
    """
    wanted = np.asarray(surroundings.pressure if pressure is None else pressure, dtype=np.float64)
    constant, tension = _pressure_constant(bubbles), surroundings.surface_tension
    if constant == 0.0:
        return VolumeResponse(frozen(np.zeros_like(wanted)), frozen(np.zeros_like(wanted)))
    lowest = blake_pressure(bubbles, surroundings)
    if not np.all(wanted > lowest):
        raise ParameterError(
            f"under {1e3 * float(wanted.min()):g} kPa a bubble with this much gas grows without end; it stays at rest "
            f"above {1e3 * lowest:g} kPa"
        )
    radius = _rest_radius(constant, tension, wanted - surroundings.vapour_pressure)
    slope = 3.0 * constant / radius**4 - 2.0 * tension / radius**2
    volume = 4.0 / 3.0 * math.pi * bubbles.number * radius**3
    return VolumeResponse(frozen(volume), frozen(4.0 * math.pi * bubbles.number * radius**2 / slope))


def pressure_at(bubbles: Bubbles, surroundings: Surroundings, volume: ArrayLike) -> PressureResponse:
    """Return the fluid pressure [MPa] under which bubbles have `volume` [mm³], all together, and its slope.

    Defined for every volume above zero, past the Blake limit too, where the slope turns positive: what a film
    needs that asks how far its pressure can fall as a joint opens.
    """
    wanted = np.asarray(volume, dtype=np.float64)
    if not np.all(wanted > 0.0):
        raise ParameterError(
            f"a bubble of {float(wanted.min()):g} mm³ has no pressure; give volumes above zero"
        )
    radius = np.cbrt(wanted / (4.0 / 3.0 * math.pi * bubbles.number))
    gas, skin = bubbles.total / wanted, 2.0 * surroundings.surface_tension / radius
    pressure = surroundings.vapour_pressure + gas - skin
    return PressureResponse(frozen(pressure), frozen((skin / 3.0 - gas) / wanted))


def blake_radius(bubbles: Bubbles, surroundings: Surroundings) -> float:
    """Return the radius [mm] beyond which a bubble grows without end, √(9 N / 8πσ); infinite without σ."""
    if surroundings.surface_tension == 0.0:
        return math.inf
    return math.sqrt(1.5 * _pressure_constant(bubbles) / surroundings.surface_tension)


def blake_pressure(bubbles: Bubbles, surroundings: Surroundings) -> float:
    """Return the absolute pressure [MPa] below which a bubble grows without end, p_v − 4σ/3R_c.

    Notes
    -----
    Negative is tension. R_c from `blake_radius`; Blake (1949), in Brennen (1995), Cavitation and Bubble Dynamics,
    section 2.5. An empty bubble has none: minus infinity.
    """
    radius = blake_radius(bubbles, surroundings)
    if radius == 0.0:
        return -math.inf
    return surroundings.vapour_pressure - 4.0 * surroundings.surface_tension / (3.0 * radius)


def _pressure_constant(bubbles: Bubbles) -> float:
    """Return c = 3 N / 4π of one bubble [N mm]: gas pressure times radius cubed."""
    return 3.0 * bubbles.total / (4.0 * math.pi * bubbles.number)


def _rest_radius(constant: float, tension: float, excess: FloatArray) -> FloatArray:
    # In u = 1/R the balance c u³ − 2σu = p − p_v is convex, so Newton from above falls to the largest root: rest.
    if constant == 0.0:
        return np.zeros_like(excess)
    bound = np.cbrt(2.0 * np.maximum(excess, 0.0) / constant)
    u = np.maximum(bound, math.sqrt(4.0 * tension / constant))
    for _ in range(_ITERATIONS):
        change = (constant * u**3 - 2.0 * tension * u - excess) / (3.0 * constant * u**2 - 2.0 * tension)
        u = u - change
        if np.all(np.abs(change) <= np.finfo(np.float64).eps * u):
            break
    return np.asarray(1.0 / u)
