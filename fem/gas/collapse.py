"""How fast an empty cavity collapses, how a bubble rings, and the energy that is in it. Closed forms."""

import math
from typing import Final

#: Rayleigh's coefficient, √(π/6) Γ(5/6) / Γ(4/3) = ∫₀¹ √(3x³ / 2(1 − x³)) dx = 0.9147.
RAYLEIGH_COEFFICIENT: Final = math.sqrt(math.pi / 6.0) * math.gamma(5.0 / 6.0) / math.gamma(4.0 / 3.0)


def rayleigh_collapse_time(radius: float, density: float, pressure_difference: float) -> float:
    """Return the time [s] in which an empty sphere collapses in a fluid without bounds.

    Parameters
    ----------
    radius : [mm], at rest at the start.
    density : [tonne/mm³], of the fluid.
    pressure_difference : [MPa], far away over inside.

    References
    ----------
    Rayleigh (1917), Philosophical Magazine 34:94-98.
    """
    return RAYLEIGH_COEFFICIENT * radius * math.sqrt(density / pressure_difference)


def collapse_energy(volume: float, pressure_difference: float) -> float:
    """Return the energy [mJ] that the surroundings put into closing a cavity of `volume` [mm³]: V Δp."""
    return volume * pressure_difference


def minnaert_frequency(
    radius: float,
    pressure: float,
    density: float,
    *,
    exponent: float,
    vapour_pressure: float = 0.0,
    surface_tension: float = 0.0,
) -> float:
    """Return the frequency [Hz] at which the volume of a small gas bubble oscillates.

    Parameters
    ----------
    radius, pressure, density : [mm], [MPa] absolute, [tonne/mm³].
    exponent : [1] polytropic exponent of the gas: 1 isothermal, its ratio of heat capacities when adiabatic.
    vapour_pressure, surface_tension : [MPa], [N/mm].

    Notes
    -----
    f = √((3κ p_g − 2σ/R) / ρ) / 2πR with the gas pressure p_g = p − p_v + 2σ/R; Minnaert's own form has no σ and p_v.
    A free bubble in a large fluid: between two bones this is an indication only.

    References
    ----------
    Minnaert (1933), Philosophical Magazine 16:235-248; Brennen (1995), Cavitation and Bubble Dynamics, section 4.2.
    """
    skin = 2.0 * surface_tension / radius
    gas = pressure - vapour_pressure + skin
    return math.sqrt((3.0 * exponent * gas - skin) / density) / (2.0 * math.pi * radius)
