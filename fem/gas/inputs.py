"""From literature data to bubbles and surroundings, and draws of every number that has a band."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fem.errors import ParameterError
from fem.gas.bubbles import Bubbles, bubbles_of_radius, sphere_volume
from fem.gas.surroundings import Gas, Surroundings
from fem.literature import ParameterSet
from fem.literature.draws import band_of, even_shares

#: The gases of the joint, in the order of every array over gases.
GASES: Final = ("CO2", "N2", "O2")

_NUMBERS: Final[dict[str, str]] = {
    "bubble.radius": "length",
    "bubble.gas_share": "dimensionless",
    "mix.CO2": "dimensionless",
    "joint.fluid_volume": "volume",
    "joint.atmosphere": "pressure",
    "joint.resting_pressure": "pressure",
    "fluid.surface_tension": "stiffness",
    "fluid.vapour_pressure": "pressure",
    "fluid.diffusivity_share": "dimensionless",
    **{f"{gas}.diffusivity": "diffusivity" for gas in GASES},
    **{f"{gas}.solubility": "dimensionless" for gas in GASES},
    **{f"{gas}.tissue_pressure": "pressure" for gas in GASES},
}


@dataclass(frozen=True, slots=True)
class GasAfterPop:
    """The bubbles that a pop leaves, and what they sit in."""

    bubbles: Bubbles
    surroundings: Surroundings


@dataclass(frozen=True, slots=True)
class Draw:
    """One set of inputs: data key -> value in internal units, of those that have a band."""

    numbers: Mapping[str, float]
    gas: GasAfterPop


def used_numbers(data: ParameterSet) -> dict[str, float]:
    """Return data key -> value in internal units of every number the gas clock takes from the set ``gas``."""
    return {key: data.number(key, dimension) for key, dimension in _NUMBERS.items()}


def gas_after_pop(data: ParameterSet) -> GasAfterPop:
    """Return bubbles and surroundings right after a pop, by the values of the set ``gas``."""
    return _gas(used_numbers(data))


def draw_inputs(data: ParameterSet, count: int, seed: int) -> tuple[Draw, ...]:
    """Return `count` draws of the set ``gas``: numbers with a band are drawn within it, others kept.

    Notes
    -----
    A Sobol sequence moved by one random shift of `seed` (Cranley–Patterson), so draws are the same everywhere.
    Uniform over each band; by logarithm where its end is at least 3.5 times its start. Inputs are independent.
    """
    numbers = used_numbers(data)
    banded = [band for band in (band_of(data.datum(key)) for key in numbers) if band is not None]
    shares = even_shares(count, len(banded), seed)
    columns = {band.name: band.at(share) for band, share in zip(banded, shares.T, strict=True)}
    draws = []
    for number in range(count):
        drawn = {name: float(values[number]) for name, values in columns.items()}
        draws.append(Draw(drawn, _gas({**numbers, **drawn})))
    return tuple(draws)


def _gas(numbers: Mapping[str, float]) -> GasAfterPop:
    surroundings = Surroundings(
        tuple(
            Gas(
                gas,
                numbers["fluid.diffusivity_share"] * numbers[f"{gas}.diffusivity"],
                numbers[f"{gas}.solubility"],
                numbers[f"{gas}.tissue_pressure"],
            )
            for gas in GASES
        ),
        numbers["joint.atmosphere"] + numbers["joint.resting_pressure"],
        numbers["fluid.vapour_pressure"],
        numbers["fluid.surface_tension"],
    )
    radius = numbers["bubble.radius"]
    volume = numbers["bubble.gas_share"] * numbers["joint.fluid_volume"]
    number = volume / sphere_volume(radius) if radius > 0.0 else 1.0  # bubbles_of_radius refuses a bad radius
    return GasAfterPop(
        bubbles_of_radius(radius, mixed_shares(numbers["mix.CO2"], surroundings), surroundings, number),
        surroundings,
    )


def mixed_shares(carbon_dioxide: float, surroundings: Surroundings) -> tuple[float, ...]:
    """Return the mole fractions of `GASES` for a given share of CO₂; N₂ and O₂ share the rest as they are dissolved."""
    if not 0.0 <= carbon_dioxide <= 1.0:
        raise ParameterError(f"mix.CO2 is {carbon_dioxide:g}; give a share between 0 and 1")
    released = surroundings.released_shares()
    rest = 1.0 - released[0]
    others = (1.0 - carbon_dioxide) * released[1:] / (rest if rest > 0.0 else 1.0)
    return (carbon_dioxide, *others.tolist())
