"""A literature value with its honesty, and a named set of them."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from fem.errors import ParameterError
from fem.units import (
    QuantityError,
    beyond_sense,
    format_quantity,
    from_internal,
    internal_unit,
    parse_quantity,
    unit_named,
)

#: Kind of a datum -> what it claims.
KINDS: Final[dict[str, str]] = {
    "measured": "measured by the source",
    "fitted": "a law's constant fitted to the source's measurements",
    "calibrated": "tuned until a model reproduced an experiment; says which",
    "derived": "computed from other data; the locator says how",
    "assumed": "a modelling choice; says why",
    "recalled": "remembered, not read at the source; says how surely",
}

#: Dimensions of which a number may be negative as well as positive.
_SIGNED: Final = ("length", "angle", "dimensionless")


@dataclass(frozen=True, slots=True)
class Source:
    """A publication, and what of it was at hand when the numbers were taken."""

    key: str
    authors: str
    year: int
    title: str
    journal: str
    held: str
    doi: str = ""

    def citation(self) -> str:
        """Return the one-line reference."""
        doi = f", doi {self.doi}" if self.doi else ""
        return f"{self.authors} ({self.year or 'year not recorded'}). {self.title}. {self.journal}{doi}"


@dataclass(frozen=True, slots=True)
class Datum:
    """One number from somewhere.

    Attributes
    ----------
    name : dotted key inside its set, for example ``ALL.stiffness.L4-L5``.
    value, low, high : number and its band, in internal units.
    unit : the unit it was written in.
    kind : a key of `KINDS`.
    source : key in ``sources.toml``; ``case file`` for an override.
    locator : table, figure, file or page of the source.
    n : number of specimens or subjects.
    note : remark; ``why`` of an assumption and ``against`` of a calibration are put first.
    confidence : 0 to 1, given for what is recalled, and elsewhere where the file gives it for the datum itself.
    """

    name: str
    value: float
    unit: str
    kind: str
    source: str
    locator: str = ""
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""
    confidence: float | None = None

    @property
    def dimension(self) -> str:
        """Dimension of the unit."""
        return unit_named(self.unit).dimension

    @property
    def is_size(self) -> bool:
        """Whether it is the size of something (a stiffness, a mass, a time) and not a place, an angle or a ratio."""
        signed = self.value < 0.0 or (self.low is not None and self.low < 0.0)
        return not signed and self.dimension not in _SIGNED

    def written(self) -> str:
        """Return the value in the unit it was given in."""
        return format_quantity(self.value, self.dimension, self.unit)

    def entry(self) -> dict[str, str | float | int | None]:
        """Return the datum as a flat mapping, value and band in the unit it was written in."""
        low, high = (None if end is None else from_internal(end, self.unit) for end in (self.low, self.high))
        return {
            "name": self.name,
            "value": from_internal(self.value, self.unit),
            "unit": self.unit,
            "kind": self.kind,
            "source": self.source,
            "locator": self.locator,
            "low": low,
            "high": high,
            "n": self.n,
            "note": self.note,
            "confidence": self.confidence,
        }

    def provenance(self) -> str:
        """Return kind, source and locator in words."""
        sure = f", confidence {self.confidence:g}" if self.confidence is not None else ""
        place = f", {self.locator}" if self.locator else ""
        return f"{self.kind}{sure}: {self.source}{place}"


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """The data of one study, looked up by dotted key; remembers which were looked up.

    Attributes
    ----------
    name : path of the file without its ending, for example ``ligaments/remus_2021``.
    data : dotted key -> `Datum`.
    texts : dotted key -> text, for example ``ALL.law`` -> ``toe_linear``.
    used : the data that a builder looked up; the run lists them with their sources.
    """

    name: str
    source: str
    scope: str
    data: Mapping[str, Datum]
    texts: Mapping[str, str]
    used: dict[str, Datum] = field(default_factory=dict, compare=False, repr=False)

    def datum(self, key: str) -> Datum:
        """Return the datum `key` and note that it was used."""
        if key not in self.data:
            raise ParameterError(f"parameter set {self.name} has no '{key}'{_hint(key, self.data)}")
        self.used[key] = self.data[key]
        return self.data[key]

    def number(self, key: str, dimension: str | None = None) -> float:
        """Return the value of `key` in internal units, checked to be of `dimension` where one is given."""
        datum = self.datum(key)
        if dimension is not None and internal_unit(dimension) != internal_unit(datum.dimension):
            raise ParameterError(
                f"parameter set {self.name}: '{key}' is {datum.written()}, "
                f"a {datum.dimension}; the model needs a {dimension}"
            )
        return datum.value

    def series(self, key: str) -> dict[str, float]:
        """Return label -> value of the list `key`, in the order of the file."""
        found = {name[len(key) + 1 :]: self.number(name) for name in self.data if name.startswith(f"{key}.")}
        if not found:
            raise ParameterError(f"parameter set {self.name} has no list '{key}'{_hint(key, self.groups())}")
        return found

    def has(self, key: str) -> bool:
        """Return whether there is a datum or a list `key`."""
        return key in self.data or any(name.startswith(f"{key}.") for name in self.data)

    def text(self, key: str) -> str:
        """Return the text `key`, such as the name of a law."""
        if key not in self.texts:
            raise ParameterError(f"parameter set {self.name} has no text '{key}'{_hint(key, self.texts)}")
        return self.texts[key]

    def groups(self) -> tuple[str, ...]:
        """Return every prefix of the keys, outer groups before inner ones."""
        parts = {
            tuple(name.split(".")[:depth]) for name in self.data for depth in range(1, name.count(".") + 1)
        }
        return tuple(".".join(part) for part in sorted(parts, key=lambda part: (len(part), part)))

    def overridden(self, values: Mapping[str, str | float], where: str = "case file") -> "ParameterSet":
        """Return a copy in which `values` (dotted key -> quantity with unit) replace data; kind ``assumed``.

        A key of a list replaces each of its entries.
        """
        data = dict(self.data)
        for key, text in values.items():
            hit = [name for name in data if name == key or name.startswith(f"{key}.")]
            if not hit:
                raise ParameterError(f"parameter set {self.name} has no '{key}'{_hint(key, self.all_keys())}")
            for name in hit:
                data[name] = _override(data[name], text, where)
        return replace(self, data=data, used={})

    def all_keys(self) -> tuple[str, ...]:
        """Return every key that can be overridden: data and lists."""
        return (*self.data, *self.groups())


def _override(datum: Datum, text: str | float, where: str) -> Datum:
    try:
        value = parse_quantity(text, datum.dimension)
    except QuantityError as error:
        raise ParameterError(f"{datum.name}: {error}") from None
    if sense := beyond_sense(value, datum.dimension):
        raise ParameterError(f"{datum.name}: '{text}' must be {sense}")
    if value < 0.0 and datum.is_size:
        raise ParameterError(
            f"{datum.name}: '{text}' is negative; it must be 0 or more (the set has {datum.written()})"
        )
    note = f"replaces {datum.written()} ({datum.provenance()})"
    unit = internal_unit(datum.dimension) if not isinstance(text, str) else datum.unit
    return Datum(datum.name, value, unit, "assumed", where, note=note)


def _hint(key: str, names: Iterable[str]) -> str:
    known = list(names)
    near = difflib.get_close_matches(key, known, 1, 0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; it has {', '.join(known[:12])}{' …' if len(known) > 12 else ''}" if known else ""
