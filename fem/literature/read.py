"""TOML data files into parameter sets in internal units; anything unclear about a number is an error."""

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from fem.errors import DataFileError, ParameterError, Problem
from fem.literature.datum import KINDS, Datum, ParameterSet, Source
from fem.literature.places import placed, read_toml
from fem.units import QuantityError, beyond_sense, to_internal, unit_named

_DATUM_KEYS: Final = {"value", "low", "high", "along", "n", "unit", "note", "why", "confidence"}
#: Keys whose value is a text and no number: names of laws, of other sets, of places on bones.
TEXT_KEYS: Final = frozenset(
    {"law", "ground", "fibres", "landmarks", "group", "architecture", "at", "bodies"}
)
_TYPES: Final[tuple[tuple[str, Any, str], ...]] = (
    *((key, str, "text") for key in ("kind", "source", "locator", "why", "against", "unit", "note")),
    ("along", list, "list"), ("n", int, "whole number"), ("confidence", (int, float), "number"),
)  # fmt: skip
_INHERITED: Final = ("source", "locator", "kind", "against", "why", "confidence", "along")


def _root() -> Traversable:
    return files("fem.literature")


@cache
def available() -> tuple[str, ...]:
    """Return the names of all parameter sets, for example ``ligaments/remus_2021``."""
    return tuple(sorted(_names(_root(), "")))


def _unknown(key: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, names, 1, 0.6)
    return f"unknown key '{key}'" + (
        f"; did you mean '{near[0]}'?" if near else f"; allowed: {', '.join(names)}"
    )


def _names(folder: Traversable, prefix: str) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _names(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".toml") and entry.name != "sources.toml":
            yield f"{prefix}{entry.name.removesuffix('.toml')}"


@cache
def load_sources() -> Mapping[str, Source]:
    """Return key -> `Source` of every publication the data files may cite."""
    table = tomllib.loads((_root() / "sources.toml").read_text(encoding="utf-8"))
    try:
        return {key: Source(key=key, **entry) for key, entry in table.items()}
    except TypeError as error:
        raise ParameterError(f"literature/sources.toml: {error}") from None


def load(name: str) -> ParameterSet:
    """Return the parameter set `name` with an empty record of use.

    Raises
    ------
    ParameterError
        For an unknown set, or a datum whose unit, kind, source, band or reason is missing or wrong.
    """
    if name not in available():
        near = difflib.get_close_matches(name, available(), 1, 0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(available())}"
        raise ParameterError(f"there is no parameter set '{name}'; {hint}")
    return replace(_read(name), used={})


def data_file(name: str) -> Path:
    """Return the file of the parameter set `name`."""
    return Path(str(_root().joinpath(*f"{name}.toml".split("/"))))


@cache
def _read(name: str) -> ParameterSet:
    return parse_set(name, data_file(name).read_text(encoding="utf-8"), load_sources())


def parse_set(name: str, text: str, sources: Mapping[str, Source]) -> ParameterSet:
    """Return the parameter set that TOML `text` describes, citing only `sources`.

    Raises
    ------
    DataFileError
        With every faulty datum, its line and column.
    """
    file = f"literature/{name}.toml"
    table = read_toml(file, text)
    reader = _Reader(name, sources, {}, {}, [])
    reader.read_group(table, "", {})
    if not isinstance(table.get("scope"), str):
        reader.problems.append(Problem("the key 'scope' is missing: what may the numbers be used for?"))
    if reader.problems:
        raise DataFileError(file, [placed(problem, text) for problem in reader.problems])
    return ParameterSet(name, str(table.get("source", "")), str(table["scope"]), reader.data, reader.texts)


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    sources: Mapping[str, Source]
    data: dict[str, Datum]
    texts: dict[str, str]
    problems: list[Problem]

    def fail(self, key: str, sentence: str) -> ParameterError:
        return DataFileError(f"literature/{self.name}.toml", [Problem(sentence, key)])

    def read_group(self, table: Mapping[str, Any], prefix: str, defaults: Mapping[str, Any]) -> None:
        """Read a TOML table; its ``source``, ``kind`` … hold for what is inside unless it says otherwise."""
        inherited = {**defaults, **{key: table[key] for key in _INHERITED if key in table}}
        for key, entry in table.items():
            try:
                self.read_entry(f"{prefix}{key}", key, entry, inherited)
            except DataFileError as error:
                self.problems.extend(error.problems)

    def read_entry(self, path: str, key: str, entry: Any, inherited: Mapping[str, Any]) -> None:
        """Read one key of a table: a datum, a table inside, or a text such as the name of a law."""
        if isinstance(entry, dict) and "value" in entry:
            self.read_datum(path, {**inherited, **entry}, frozenset(entry))
        elif isinstance(entry, dict):
            self.read_group(entry, f"{path}.", inherited)
        elif key in _INHERITED or key == "scope":
            return
        elif not isinstance(entry, str):
            raise self.fail(path, "a bare value; write { value = …, unit = …, kind = … }")
        elif key in TEXT_KEYS:
            self.texts[path] = entry
        else:
            raise self.fail(path, _unknown(key, (*_INHERITED, "scope", *sorted(TEXT_KEYS))))

    def read_datum(self, path: str, entry: Mapping[str, Any], given: frozenset[str]) -> None:
        """Read one datum, or one for each entry of a list."""
        unknown = given - _DATUM_KEYS - set(_INHERITED)
        if unknown:
            raise self.fail(path, _unknown(sorted(unknown)[0], sorted({*_DATUM_KEYS, *_INHERITED})))
        self.check_types(path, entry)
        self.check_honesty(path, entry)
        if entry["kind"] != "recalled" and "confidence" not in given:
            entry = {key: value for key, value in entry.items() if key != "confidence"}
        if not isinstance(entry["value"], list):
            self.data[path] = self.one(path, entry, entry["value"], entry.get("low"), entry.get("high"))
            return
        count = len(entry["value"])
        columns = [self.column(path, entry, key, count) for key in ("value", "low", "high")]
        labels = entry.get("along", [str(index) for index in range(count)])
        if len(labels) != count:
            raise self.fail(path, f"{count} values along {len(labels)} labels")
        for label, value, low, high in zip(labels, *columns, strict=True):
            self.data[f"{path}.{label}"] = self.one(f"{path}.{label}", entry, value, low, high)

    def column(self, path: str, entry: Mapping[str, Any], key: str, count: int) -> Sequence[Any]:
        column = entry.get(key)
        if not isinstance(column, list):
            return [column] * count
        if len(column) != count:
            raise self.fail(path, f"{key} has {len(column)} entries, value has {count}")
        return column

    def check_types(self, path: str, entry: Mapping[str, Any]) -> None:
        for key, kinds, words in _TYPES:
            if key in entry and (not isinstance(entry[key], kinds) or isinstance(entry[key], bool)):
                raise self.fail(path, f"'{entry[key]}' is no {words}, which '{key}' must be")
        if entry.get("n", 1) < 1:
            raise self.fail(path, f"n is {entry['n']}; it counts specimens or subjects, so 1 or more")

    def check_honesty(self, path: str, entry: Mapping[str, Any]) -> None:
        kind, source = entry.get("kind"), entry.get("source")
        if kind not in KINDS:
            raise self.fail(path, f"kind '{kind}' is not one of {', '.join(KINDS)}")
        if source not in self.sources:
            near = difflib.get_close_matches(str(source), list(self.sources), 1, 0.5)
            raise self.fail(
                path,
                f"source '{source}' is not in sources.toml"
                + (f"; did you mean '{near[0]}'?" if near else ""),
            )
        needed = {"assumed": "why", "recalled": "confidence", "calibrated": "against"}.get(
            str(kind), "locator"
        )
        if needed not in entry:
            raise self.fail(path, f"what is {kind} needs '{needed}'")
        if not 0.0 <= float(entry.get("confidence", 0.0)) <= 1.0:
            raise self.fail(path, "confidence must lie between 0 and 1")

    def one(self, path: str, entry: Mapping[str, Any], value: Any, low: Any, high: Any) -> Datum:
        kind, unit = str(entry["kind"]), str(entry.get("unit", ""))
        if not unit:
            raise self.fail(path, "the unit is missing")
        number = self.internal(path, value, unit)
        lower = None if low is None else self.internal(path, low, unit)
        upper = None if high is None else self.internal(path, high, unit)
        if not (lower is None or lower <= number) or not (upper is None or number <= upper):
            ends = (f"{word} {end}" for word, end in (("from", low), ("to", high)) if end is not None)
            raise self.fail(path, f"value {value} lies outside its own band {' '.join(ends)}")
        reason = {"assumed": entry.get("why", ""), "calibrated": f"against {entry.get('against', '')}"}.get(
            kind, ""
        )
        note = "; ".join(part for part in (reason, entry.get("note", "")) if part)
        return Datum(
            path, number, unit, kind, entry["source"], entry.get("locator", ""), lower, upper, entry.get("n"),
            note, entry.get("confidence"),
        )  # fmt: skip

    def internal(self, path: str, value: Any, unit: str) -> float:
        try:
            finite = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            raise self.fail(path, f"'{value}' is not a finite number")
        try:
            dimension = unit_named(unit).dimension
            number = to_internal(float(value), unit, dimension)
        except QuantityError as error:
            raise self.fail(path, str(error)) from None
        if sense := beyond_sense(number, dimension):
            raise self.fail(path, f"'{value:g} {unit}' must be {sense}")
        return number
