"""What a result offers for comparison: single values with section, place, name and unit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fem.results.quantities import CAVITATION, SECTIONS, TABLES, TOTALS

#: What `--by` may name -> section of the summary.
GROUPS: Final[dict[str, str]] = {
    "ligament": "ligaments",
    "facet": "facets",
    "level": "levels",
    "disc": "discs",
    "muscle": "muscles",
}
VERDICTS: Final = "cavitation."
#: Sections that say how a run was solved and not what came out, and entries that do.
_LEFT_OUT: Final = frozenset(
    {"newton", "expect", "version", "status", "converged", "wall_s", "dof", "target"}
)
_LEFT_OUT_NAMES: Final = frozenset({"balance_error"})
#: How many keys name a place: level and bundle for ligaments, one for all else.
_DEPTH: Final = {"ligaments": 2}
#: End of a name -> unit, for names the catalogue does not know; longer endings first.
_ENDINGS: Final = (
    ("_mm_s", "mm/s"), ("_1_s", "1/s"), ("_mm2", "mm^2"), ("_mm3", "mm^3"), ("_MPa", "MPa"), ("_kPa", "kPa"),
    ("_deg", "deg"), ("_mJ", "mJ"), ("_Hz", "Hz"), ("_mm", "mm"), ("_N", "N"), ("_s", "s"),
)  # fmt: skip

Scalar = float | str


@dataclass(frozen=True, slots=True)
class Value:
    """One number or word of a result.

    Attributes
    ----------
    section, place, name : ``ligaments``, ``L4-L5.CL left``, ``peak_strain``; the place is empty for totals.
    unit : of the number as written; ``1`` for plain numbers, empty for words.
    value : the number, NaN included, or the word.
    """

    section: str
    place: str
    name: str
    unit: str
    value: Scalar

    @property
    def path(self) -> str:
        """Return the dotted path, as in the summary."""
        return ".".join(part for part in (self.section, self.place, self.name) if part)


def summary_values(summary: Mapping[str, Any]) -> dict[str, Value]:
    """Return path -> value of everything in a summary that can be compared; also of sections not known here."""
    found = {}
    for section, entry in summary.items():
        if section in _LEFT_OUT:
            continue
        if isinstance(entry, Mapping):
            for keys, leaf in _leaves(entry):
                value = made(section, keys, leaf)
                if value is not None and value.name not in _LEFT_OUT_NAMES:
                    found[value.path] = value
        else:
            value = made("", (section,), entry)
            if value is not None:
                found[value.path] = value
    return found


def made(section: str, keys: tuple[str, ...], leaf: Any) -> Value | None:
    """Return the value of an entry; None for what is neither number nor word (an empty entry, a mapping)."""
    depth = _DEPTH.get(section, 1) if len(keys) > _DEPTH.get(section, 1) else 0
    place, name = ".".join(keys[:depth]), ".".join(keys[depth:])
    if isinstance(leaf, bool):
        return Value(section, place, name, "", "yes" if leaf else "no")
    if isinstance(leaf, list) and all(isinstance(item, str) for item in leaf):
        return Value(section, place, name, "", ", ".join(leaf) or "none")
    if isinstance(leaf, str):
        return Value(section, place, name, "", leaf)
    if isinstance(leaf, int | float):
        return Value(section, place, name, unit_of(section, name), float(leaf))
    return None


def unit_of(section: str, name: str) -> str:
    """Return the unit of a number: of the catalogue, or what its name ends in."""
    quantities = (*SECTIONS.get(section, ()), *TOTALS.get(section, ()))
    known = {quantity.name: quantity.unit for quantity in quantities}
    known |= {VERDICTS + quantity.name: quantity.unit for quantity in CAVITATION}
    if section in TABLES:
        known |= {quantity.name: quantity.unit for quantity in TABLES[section].values if quantity.unit}
    if known.get(name):
        return known[name]
    return next((unit for ending, unit in _ENDINGS if name.endswith(ending)), "1")


def bare_name(name: str) -> str:
    """Return a name in words, without its unit: ``peak_gap_mean_mm`` -> ``peak gap mean``."""
    bare = name.removeprefix(VERDICTS)
    ending = next((ending for ending, _ in _ENDINGS if bare.endswith(ending)), "")
    return bare.removesuffix(ending).replace("_", " ")


def _leaves(entry: Mapping[str, Any], keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, item in entry.items():
        if isinstance(item, Mapping):
            yield from _leaves(item, (*keys, str(key)))
        else:
            yield (*keys, str(key)), item
