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

from fem.errors import ParameterError
from fem.literature.datum import KINDS, Datum, ParameterSet, Source
from fem.units import QuantityError, to_internal, unit_named

_DATUM_KEYS: Final = {"value", "low", "high", "along", "n", "unit", "note", "why", "confidence"}
_INHERITED: Final = ("source", "locator", "kind", "against", "why", "confidence", "along")


def _root() -> Traversable:
    return files("fem.literature")


@cache
def available() -> tuple[str, ...]:
    """Return the names of all parameter sets, for example ``ligaments/remus_2021``."""
    return tuple(sorted(_names(_root(), "")))


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
    """Return the parameter set that TOML `text` describes, citing only `sources`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"literature/{name}.toml: {error}") from None
    reader = _Reader(name, sources, {}, {})
    reader.read_group(table, "", {})
    if "scope" not in table:
        raise ParameterError(
            f"literature/{name}.toml: the key 'scope' is missing: what may the numbers be used for?"
        )
    return ParameterSet(name, str(table.get("source", "")), str(table["scope"]), reader.data, reader.texts)


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    sources: Mapping[str, Source]
    data: dict[str, Datum]
    texts: dict[str, str]

    def fail(self, key: str, sentence: str) -> ParameterError:
        return ParameterError(f"literature/{self.name}.toml: {key}: {sentence}")

    def read_group(self, table: Mapping[str, Any], prefix: str, defaults: Mapping[str, Any]) -> None:
        """Read a TOML table; its ``source``, ``kind`` … hold for what is inside unless it says otherwise."""
        inherited = {**defaults, **{key: table[key] for key in _INHERITED if key in table}}
        for key, entry in table.items():
            path = f"{prefix}{key}"
            if isinstance(entry, dict) and "value" in entry:
                self.read_datum(path, {**inherited, **entry}, frozenset(entry))
            elif isinstance(entry, dict):
                self.read_group(entry, f"{path}.", inherited)
            elif key in _INHERITED or key == "scope":
                continue
            elif isinstance(entry, str):
                self.texts[path] = entry
            else:
                raise self.fail(path, "a bare value; write { value = …, unit = …, kind = … }")

    def read_datum(self, path: str, entry: Mapping[str, Any], given: frozenset[str]) -> None:
        """Read one datum, or one for each entry of a list."""
        unknown = given - _DATUM_KEYS - set(_INHERITED)
        if unknown:
            raise self.fail(path, f"unknown key '{sorted(unknown)[0]}'")
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

    def check_honesty(self, path: str, entry: Mapping[str, Any]) -> None:
        kind, source = entry.get("kind"), entry.get("source")
        if kind not in KINDS:
            raise self.fail(path, f"kind '{kind}' is not one of {', '.join(KINDS)}")
        if source not in self.sources:
            near = difflib.get_close_matches(str(source), list(self.sources), 1, 0.5)
            raise self.fail(
                path, f"source '{source}' is not in sources.toml{f'; {near[0]}?' if near else ''}"
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
            raise self.fail(path, f"value {value} lies outside its own band {low} to {high}")
        reason = {"assumed": entry.get("why", ""), "calibrated": f"against {entry.get('against', '')}"}.get(
            kind, ""
        )
        note = "; ".join(part for part in (reason, entry.get("note", "")) if part)
        return Datum(
            path, number, unit, kind, entry["source"], entry.get("locator", ""), lower, upper, entry.get("n"),
            note, entry.get("confidence"),
        )  # fmt: skip

    def internal(self, path: str, value: Any, unit: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.fail(path, f"'{value}' is not a finite number")
        try:
            return to_internal(float(value), unit, unit_named(unit).dimension)
        except QuantityError as error:
            raise self.fail(path, str(error)) from None
