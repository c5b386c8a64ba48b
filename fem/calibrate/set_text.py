"""A calibrated set as a data file: the start's file with the moved numbers in it, and where each comes from."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fem import __version__
from fem.calibrate.outcome import Outcome
from fem.literature import data_file
from fem.literature.datum import ParameterSet
from fem.units import from_internal

#: What a group of a data file hands down to what is inside.
_INHERITED: Final = ("source", "locator", "kind", "against", "why", "confidence", "along")
_LOCATOR: Final = "docs/calibration.md; low and high are the bounds of the fit"


def set_text(outcome: Outcome, part: str) -> str:
    """Return the TOML text of the set of `part`.

    Numbers that were moved are ``calibrated``, their band the bounds of the fit. All others are those of the starting
    set, each with its own source.
    """
    plan = outcome.plan
    section = plan.plan.sets[part]
    table = tomllib.loads(data_file(section.start).read_text(encoding="utf-8"))
    moved = {
        name
        for stage in plan.stages
        for parameter in stage.parameters
        if parameter.part == part
        for name in parameter.names
    }
    shown = plan.path.name if plan.path.is_absolute() else plan.path.as_posix()
    head = [
        f"# Made by `facetgap calibrate {shown}` (version {__version__}); do not edit, make it again.",
        f"# Started from {section.start}; what is not calibrated here is that set's, with its source.",
        'source = "facetgap"',
        'kind = "calibrated"',
        f"against = {_text(section.against)}",
        f"scope = {_text(section.scope)}",
    ]
    return "\n".join([*head, *_group(table, (), {}, outcome.sets[part], moved)]) + "\n"


def _group(
    table: Mapping[str, Any],
    path: tuple[str, ...],
    handed: Mapping[str, Any],
    data: ParameterSet,
    moved: set[str],
) -> Iterator[str]:
    """Yield the lines of a group: texts and data first, then its groups."""
    inherited = {**handed, **{key: table[key] for key in _INHERITED if key in table}}
    lines, inner = [], []
    for key, entry in table.items():
        if isinstance(entry, dict) and "value" in entry:
            name = ".".join((*path, key))
            lines.append(f"{key} = {_datum(name, {**inherited, **entry}, data, moved)}")
        elif isinstance(entry, dict):
            inner.append((key, entry))
        elif key not in _INHERITED and key != "scope":
            lines.append(f"{key} = {_text(str(entry))}")
    if path and lines:
        yield from ("", f"[{'.'.join(path)}]")
    yield from lines
    for key, entry in inner:
        yield from _group(entry, (*path, key), inherited, data, moved)


def _datum(name: str, entry: Mapping[str, Any], data: ParameterSet, moved: set[str]) -> str:
    """Return a datum as an inline table; what the head of the file says of moved ones is not repeated."""
    labels = (
        entry.get("along", [str(index) for index in range(len(entry["value"]))]) if _listed(entry) else None
    )
    names = [name] if labels is None else [f"{name}.{label}" for label in labels]
    if not moved.intersection(names):
        wanted = (
            "value",
            "low",
            "high",
            "unit",
            "along",
            "kind",
            "source",
            "locator",
            "against",
            "why",
            "n",
            "note",
        )
        kept = {key: entry[key] for key in wanted if key in entry and (key != "along" or labels is not None)}
        if kept.get("kind") != "calibrated":
            kept.pop("against", None)
        if kept.get("kind") != "assumed":
            kept.pop("why", None)
        return _inline(kept)
    found = {key: [_written(data, one, key) for one in names] for key in ("value", "low", "high")}
    columns: dict[str, Any] = (
        dict(found) if labels is not None else {key: one[0] for key, one in found.items()}
    )
    along = {} if labels is None else {"along": labels}
    return _inline(columns | {"unit": entry["unit"]} | along | {"locator": _LOCATOR})


def _listed(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry["value"], list)


def _written(data: ParameterSet, name: str, key: str) -> float:
    """Return a number of a datum in the unit of its file, to six digits; a datum that stayed is its own band."""
    datum = data.data[name]
    value = getattr(datum, key)
    number = from_internal(datum.value if value is None else value, datum.unit)
    return float(f"{number:.6g}")


def _inline(entry: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{key} = {_value(value)}" for key, value in entry.items()) + " }"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in escaped) + '"'
