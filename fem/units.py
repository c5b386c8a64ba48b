"""Units at the edge: a closed table, reading and writing of quantities.

Inside the package every number is in mm, N, MPa, s, tonne, rad and carries no unit. Users and data files
write units; this module converts, and refuses what it does not know rather than guess.
"""

import difflib
import math
import re
from dataclasses import dataclass
from typing import Final

from fem.errors import FacetgapError


class QuantityError(FacetgapError, ValueError):
    """A text is not the quantity that was asked for; the message is the sentence to show."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the table: multiply by `factor` to get internal units."""

    symbol: str
    dimension: str
    factor: float


#: Dimension -> unit symbol -> factor to internal units. The first unit of each dimension is the internal one.
UNITS: Final[dict[str, dict[str, float]]] = {
    "dimensionless": {"1": 1.0, "%": 1e-2},
    "force": {"N": 1.0, "kN": 1e3, "mN": 1e-3, "kgf": 9.80665, "lbf": 4.4482216152605},
    "length": {"mm": 1.0, "cm": 10.0, "m": 1e3, "um": 1e-3},
    "area": {"mm^2": 1.0, "cm^2": 1e2, "m^2": 1e6},
    "volume": {"mm^3": 1.0, "cm^3": 1e3, "mL": 1e3, "uL": 1.0},
    "time": {"s": 1.0, "ms": 1e-3, "min": 60.0},
    "pressure": {"MPa": 1.0, "kPa": 1e-3, "Pa": 1e-6, "GPa": 1e3, "mmHg": 1.33322387415e-4},
    "moment": {"N mm": 1.0, "N m": 1e3},
    "energy": {"mJ": 1.0, "J": 1e3},
    "stiffness": {"N/mm": 1.0, "N/m": 1e-3, "kN/m": 1.0, "mN/m": 1e-6},
    "angle": {"rad": 1.0, "deg": math.pi / 180.0},
    "angular stiffness": {"N mm/rad": 1.0, "N m/rad": 1e3, "N m/deg": 1e3 * 180.0 / math.pi},
    "angular speed": {"rad/s": 1.0, "deg/s": math.pi / 180.0},
    "speed": {"mm/s": 1.0, "m/s": 1e3},
    "acceleration": {"mm/s^2": 1.0, "m/s^2": 1e3},
    "viscosity": {"MPa s": 1.0, "Pa s": 1e-6, "mPa s": 1e-9},
    "foundation stiffness": {"MPa/mm": 1.0, "kPa/mm": 1e-3},
    "compliance": {"mm^3/MPa": 1.0, "mm^3/kPa": 1e3},
    "diffusivity": {"mm^2/s": 1.0, "m^2/s": 1e6},
    "mass": {"tonne": 1.0, "kg": 1e-3, "g": 1e-6},
    "density": {"tonne/mm^3": 1.0, "kg/m^3": 1e-12, "g/cm^3": 1e-9},
    "frequency": {"1/s": 1.0, "Hz": 1.0, "kHz": 1e3},
}

#: Spellings that mean a unit of the table; products may also be written ``N*m``, ``N·m`` and (these) ``Nm``.
ALIASES: Final[dict[str, str]] = {
    "Nm": "N m", "Nmm": "N mm", "Nm/deg": "N m/deg", "Nm/rad": "N m/rad", "Nmm/rad": "N mm/rad",
    "Pas": "Pa s", "mPas": "mPa s", "N/mm^2": "MPa", "mm2": "mm^2", "mm3": "mm^3", "cm2": "cm^2",
    "cm3": "cm^3", "m2": "m^2", "µm": "um", "μm": "um", "µL": "uL", "μL": "uL", "ul": "uL", "ml": "mL",
    "°": "deg", "t": "tonne", "sec": "s",
}  # fmt: skip

#: What the word for a dimension may also be called where a law or a data file names it.
DIMENSION_ALIASES: Final[dict[str, str]] = {
    "stress": "pressure",
    "modulus": "pressure",
    "fraction": "dimensionless",
}

#: Dimension -> smallest positive and largest number, in internal units, that anything in or around a spine can have.
#: Wide on purpose: they catch a slip of the unit or the exponent, and what would overflow inside.
SENSIBLE: Final[dict[str, tuple[float, float]]] = {
    "dimensionless": (1e-15, 1e6), "force": (1e-9, 1e6), "length": (1e-6, 1e4), "area": (1e-9, 1e7),
    "volume": (1e-9, 1e9), "time": (1e-6, 1e7), "pressure": (1e-12, 1e6), "moment": (1e-6, 1e8),
    "energy": (1e-9, 1e9), "stiffness": (1e-9, 1e9), "angle": (1e-9, 6.3), "angular stiffness": (1e-6, 1e12),
    "angular speed": (1e-9, 1e5), "speed": (1e-9, 1e6), "acceleration": (1e-6, 1e9), "viscosity": (1e-15, 1e3),
    "foundation stiffness": (1e-9, 1e9), "compliance": (1e-9, 1e12), "diffusivity": (1e-12, 1e6),
    "mass": (1e-12, 1.0), "density": (1e-15, 1e-6), "frequency": (1e-9, 1e9),
}  # fmt: skip

_BY_SYMBOL: Final[dict[str, Unit]] = {
    symbol: Unit(symbol, dimension, factor)
    for dimension, table in UNITS.items()
    for symbol, factor in table.items()
}
#: A number as it is written here: ASCII digits, a point, an exponent.
NUMBER: Final = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_QUANTITY: Final = re.compile(rf"\s*({NUMBER})\s*(.*?)\s*", re.DOTALL)
_COMMA: Final = re.compile(r"\s*[-+]?[0-9]+,[0-9]")
_EXAMPLES: Final = {
    "force": "450 N", "moment": "7.5 N m", "time": "150 ms", "pressure": "4.2 MPa", "length": "12 mm",
    "angle": "30 deg", "viscosity": "0.5 Pa s", "stiffness": "100 N/mm", "dimensionless": "0.15",
}  # fmt: skip

_READABLE: Final = {"moment": "N m", "angle": "deg", "viscosity": "Pa s", "mass": "kg", "density": "kg/m^3"}


def _dimension(name: str) -> str:
    name = DIMENSION_ALIASES.get(name, name)
    if name not in UNITS:
        raise QuantityError(f"'{name}' is not a known dimension; known: {', '.join(UNITS)}")
    return name


def _normal_spelling(symbol: str) -> str:
    text = symbol.replace("²", "^2").replace("³", "^3").replace("**", "^")
    text = re.sub(r"\s*[*·⋅]\s*|\s+", " ", text.strip())
    text = re.sub(r"\s*/\s*", "/", text)
    return ALIASES.get(text, text)


def unit_named(symbol: str) -> Unit:
    """Return the unit that `symbol` spells.

    Raises
    ------
    QuantityError
        For a unit outside the table, naming the nearest one.
    """
    unit = _BY_SYMBOL.get(_normal_spelling(symbol))
    if unit is not None:
        return unit
    known = [*_BY_SYMBOL, *ALIASES]
    near = [name for name in known if name.lower() == symbol.strip().lower()]
    near = near or difflib.get_close_matches(symbol.strip(), known, 1, 0.5)
    hint = f" (did you mean '{near[0]}'?)" if near else ""
    raise QuantityError(f"unknown unit '{symbol}'{hint}")


def internal_unit(dimension: str) -> str:
    """Return the symbol of the internal unit of `dimension` ("moment" -> "N mm")."""
    return next(iter(UNITS[_dimension(dimension)]))


def readable_unit(dimension: str) -> str:
    """Return the unit in which people read `dimension` ("moment" -> "N m")."""
    return _READABLE.get(_dimension(dimension), internal_unit(dimension))


def example_quantity(dimension: str) -> str:
    """Return a well-written quantity of `dimension`, for messages and schemas."""
    name = _dimension(dimension)
    return _EXAMPLES.get(name, f"1 {internal_unit(name)}")


def _with_article(dimension: str) -> str:
    word = "dimensionless number" if dimension == "dimensionless" else dimension
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _missing_unit(text: object, dimension: str) -> QuantityError:
    return QuantityError(
        f"'{text}' has no unit; write {_with_article(dimension)}, for example {example_quantity(dimension)}"
    )


def to_internal(value: float, unit: str, dimension: str) -> float:
    """Convert `value`, given in `unit`, to internal units of `dimension`.

    Raises
    ------
    QuantityError
        For an unknown unit, a unit of another dimension or a number that is not finite.
    """
    dimension = _dimension(dimension)
    accepted = ", ".join(UNITS[dimension])
    try:
        found = unit_named(unit)
    except QuantityError as error:
        raise QuantityError(f"{error}; accepted: {accepted}") from None
    if found.dimension != dimension:
        needed = f"is {_with_article(found.dimension)}, but {_with_article(dimension)} is needed"
        raise QuantityError(f"'{value:g} {unit}' {needed}; accepted: {accepted}")
    if not math.isfinite(value):
        raise QuantityError(f"'{value} {unit}' is not a finite number")
    return value * found.factor


def beyond_sense(value: float, dimension: str, least: bool = False) -> str:
    """Return "1e+07 s or less" where `value` (internal units) is more than this dimension can sensibly have, else "".

    With `least`, also "1e-06 s or more" where it is less.
    """
    dimension = _dimension(dimension)
    low, high = SENSIBLE[dimension]
    unit = readable_unit(dimension)
    if not abs(value) <= high:
        return f"{format_quantity(high, dimension, unit)} or less"
    return f"{format_quantity(low, dimension, unit)} or more" if least and value < low else ""


def from_internal(value: float, unit: str) -> float:
    """Convert `value` in internal units to `unit`."""
    return value / unit_named(unit).factor


def parse_quantity(text: str | float, dimension: str) -> float:
    """Read a quantity such as ``"7.5 N m"`` into internal units.

    Parameters
    ----------
    text : str or number
        A bare number is accepted only where `dimension` is ``dimensionless``.
    dimension : str
        A key of `UNITS`, or an alias such as ``stress``.

    Raises
    ------
    QuantityError
        For a missing or unknown unit, a wrong dimension, text that is no number, a number that is not finite.
    """
    dimension = _dimension(dimension)
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        wanted = (
            "a dimensionless number"
            if dimension == "dimensionless"
            else f"{_with_article(dimension)} with a unit"
        )
        raise QuantityError(f"'{text}' is not {wanted}, for example {example_quantity(dimension)}")
    if not isinstance(text, str):
        if dimension != "dimensionless":
            raise _missing_unit(f"{text:g}", dimension)
        return to_internal(float(text), "1", dimension)
    match = _QUANTITY.fullmatch(text)
    if _COMMA.match(text):
        raise QuantityError(
            f"'{text}' holds a comma; decimals are written with a point, for example {example_quantity(dimension)}"
        )
    if match is None:
        raise QuantityError(
            f"cannot read '{text}' as {_with_article(dimension)}; write number, space, unit, "
            f"for example {example_quantity(dimension)}"
        )
    if not match[2] and dimension != "dimensionless":
        raise _missing_unit(text.strip(), dimension)
    return to_internal(float(match[1]), match[2] or "1", dimension)


def format_quantity(value: float, dimension: str, unit: str | None = None, digits: int = 6) -> str:
    """Write an internal `value` in `unit` (default: the internal one), for example ``7.5 N m``."""
    unit = unit or internal_unit(dimension)
    if unit_named(unit).dimension != _dimension(dimension):
        raise QuantityError(
            f"{unit} is not a unit of {dimension}; accepted: {', '.join(UNITS[_dimension(dimension)])}"
        )
    number = f"{from_internal(value, unit):.{digits}g}"
    return number if unit == "1" else f"{number} {unit}"


def quantity_pattern(dimension: str) -> str:
    """Return the regular expression (ECMA dialect) of a quantity of `dimension`, for a JSON schema."""
    dimension = _dimension(dimension)
    symbols = [*UNITS[dimension], *(alias for alias, unit in ALIASES.items() if unit in UNITS[dimension])]
    escaped = (re.sub(r"([.*+?^$()|\[\]{}/])", r"\\\1", symbol) for symbol in symbols)
    spelled = "|".join(symbol.replace(" ", r"\s*[*·⋅ ]\s*") for symbol in escaped)
    optional = "?" if dimension == "dimensionless" else ""
    return rf"^\s*{NUMBER}\s*({spelled}){optional}\s*$"
