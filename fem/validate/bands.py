"""Numerical bands of the compared numbers, measured by `benchmarks/numerical_bands.py` and kept in `bands.toml`."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

_FILE: Final = "bands.toml"
#: What was refined: cells, time or load steps, the tolerance of Newton's method.
KINDS: Final = ("mesh", "steps", "tolerance")


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of refinement leaves open about a number, in the unit of its datum.

    Attributes
    ----------
    values : the number at each refinement, coarsest first.
    order : observed order, None where there is none to observe.
    half_width : half the width of the band about the number as it is used.
    factor : factor of safety in it, 0 where the band is the plain difference.
    """

    values: tuple[float, ...]
    order: float | None
    half_width: float
    factor: float


@dataclass(frozen=True, slots=True)
class Bands:
    """All bands: comparison -> kind -> part, and the inputs that they were measured with (run -> hash)."""

    parts: Mapping[str, Mapping[str, Part]]
    hashes: Mapping[str, str]

    def half_width(self, key: str) -> float | None:
        """Return the band of a comparison, root of the sum of squares over all kinds; None where none is known."""
        parts = self.parts.get(key)
        return math.hypot(*(part.half_width for part in parts.values())) if parts else None


@cache
def shipped_bands() -> Bands:
    """Return the bands that ship with the program; none where the file is missing."""
    file = files("fem.validate").joinpath(_FILE)
    return parse_bands(file.read_text(encoding="utf-8")) if file.is_file() else Bands({}, {})


def parse_bands(text: str) -> Bands:
    """Return the bands that a text holds."""
    table = tomllib.loads(text)
    parts = {
        key: {kind: _part(entry) for kind, entry in kinds.items()}
        for key, kinds in table.get("bands", {}).items()
    }
    return Bands(parts, table.get("inputs", {}))


def bands_text(bands: Bands, opening: str) -> str:
    """Return the bands as TOML, under an opening of comment lines."""
    lines = [*(f"# {line}".rstrip() for line in opening.splitlines()), "", "[inputs]"]
    lines += [f'"{run}" = "{hash_}"' for run, hash_ in bands.hashes.items()]
    for key, parts in bands.parts.items():
        lines += ["", f'[bands."{key}"]']
        lines += [f"{kind} = {_entry(part)}" for kind, part in parts.items()]
    return "\n".join(lines) + "\n"


def _part(entry: Mapping[str, Any]) -> Part:
    return Part(tuple(entry["values"]), entry.get("order"), entry["half_width"], entry["factor"])


def _entry(part: Part) -> str:
    values = ", ".join(repr(float(f"{value:.8g}")) for value in part.values)
    order = "" if part.order is None else f"order = {part.order:.2f}, "
    width = repr(float(f"{part.half_width:.3g}"))
    return f"{{ values = [{values}], {order}half_width = {width}, factor = {part.factor} }}"
