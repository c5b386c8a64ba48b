"""Moments at which results are compared: the peak of the thrust, the inception at the target, the end, a time."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fem.compare.values import VERDICTS, Scalar, Value, summary_values, unit_of
from fem.errors import UsageError
from fem.results.salvage import OpenedResult, Row
from fem.results.summary import muscle_groups, table_rows
from fem.units import QuantityError, parse_quantity, unit_named

#: Alignments with a name; anything else is a time with its unit.
PEAKS, THRUST, INCEPTION, END = "peaks", "thrust", "inception", "end"
ALIGNMENTS: Final = (PEAKS, THRUST, INCEPTION, END)
SAID: Final = {
    PEAKS: "peaks over each run and its end, as in the summaries",
    THRUST: "state at the peak of the first thrust of each run",
    INCEPTION: "state at the inception of a cavity in the target of each run",
    END: "last state of each run",
}
_TABLES: Final = ("levels", "ligaments", "facets", "discs", "muscles")
_STAMP: Final = ("step", "time_s", "phase")
_LOAD: Final = re.compile(r"phases\[(\d+)\]\.loads\[(\d+)\]\.kind")
#: Times [s] closer than this are one moment: nine digits are written of them.
_SAME_TIME: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Moment:
    """When a result is looked at [s]; None where it has no such moment, and why."""

    time: float | None
    why: str = ""


def read_alignment(text: str) -> str | float:
    """Return the name of an alignment, or a time [s].

    Raises
    ------
    UsageError
        When the text is neither.
    """
    if text in ALIGNMENTS:
        return text
    try:
        return parse_quantity(text, "time")
    except QuantityError as error:
        raise UsageError(
            f"--align '{text}' is none of {', '.join(ALIGNMENTS)}, and no time either: {error}"
        ) from None


def moment_of(result: OpenedResult, alignment: str | float) -> Moment:
    """Return when this result is looked at."""
    if not result.has_table("history") or not result.table("history"):
        return Moment(None, "it holds no history.csv, so no states over time")
    last = float(result.table("history")[-1]["time_s"])
    if alignment == END:
        return Moment(last)
    if alignment == THRUST:
        found = thrust_peak(result)
    elif alignment == INCEPTION:
        found = _inception(result)
    else:
        found = Moment(float(alignment))
    if found.time is not None and not _first_time(result) - _SAME_TIME <= found.time <= last + _SAME_TIME:
        return Moment(None, f"{found.time:g} s lies outside its {_first_time(result):g} to {last:g} s")
    return found


def thrust_peak(result: OpenedResult) -> Moment:
    """Return when the first thrust of a run is largest, from its settings."""
    settings = result.settings
    for key, value in settings.items():
        match = _LOAD.fullmatch(key)
        if match is None or value != "thrust":
            continue
        begin = sum(_seconds(settings, f"phases[{number}].duration") for number in range(int(match[1])))
        load = key.removesuffix("kind")
        if f"{load}time_to_peak" in settings and settings[f"{load}time_to_peak"] is not None:
            return Moment(begin + _seconds(settings, f"{load}time_to_peak"))
        return _table_peak(result, begin)
    why = "its case holds no thrust" if settings else "its settings are not known"
    return Moment(None, why)


def values_at(result: OpenedResult, time: float) -> dict[str, Value]:
    """Return path -> value of every structure at a time [s], straight between steps; words are of the step before.

    Verdicts, which belong to no moment, are those of the summary.
    """
    found: dict[str, Value] = {}
    for section in _TABLES:
        if result.has_table(section):
            found |= _section_at(section, result.table(section), time)
    own = summary_values(result.summary)
    verdicts = {path: value for path, value in own.items() if value.name.startswith(VERDICTS)}
    totals = {path: value for path, value in own.items() if not value.section}
    return {**found, **verdicts, **totals}


def _section_at(section: str, rows: Sequence[Row], time: float) -> dict[str, Value]:
    times = sorted({float(row["time_s"]) for row in rows})
    before = max((own for own in times if own <= time + _SAME_TIME), default=None)
    after = min((own for own in times if own >= time - _SAME_TIME), default=before)
    if before is None or after is None:
        return {}
    share = (time - before) / (after - before) if after > before else 0.0
    first, second = (_state(section, rows, at) for at in (before, after))
    return {
        value.path: value
        for (place, name), start in first.items()
        if (value := _between(section, place, name, start, second.get((place, name)), share)) is not None
    }


def _state(section: str, rows: Sequence[Row], time: float) -> Mapping[tuple[str, str], Scalar]:
    """Return (place, name) -> value of one step's rows; muscles by group and side."""
    own = [row for row in rows if float(row["time_s"]) == time]
    table: Mapping[str, Any] = {name: [row[name] for row in own] for name in own[0] if name not in _STAMP}
    if section == "muscles":
        try:
            table = muscle_groups(table)
        except (KeyError, ValueError):
            return {}
    keys = {"level", "bundle", "joint", "muscle"}
    return {
        (place.replace("\t", "."), name): value
        for place, row in table_rows(table)
        for name, value in row.items()
        if name not in keys
    }


def _between(
    section: str, place: str, name: str, start: Scalar, end: Scalar | None, share: float
) -> Value | None:
    if isinstance(start, str):
        return Value(section, place, name, "", start)
    if not isinstance(end, float):
        return None
    return Value(section, place, name, unit_of(section, name), (1.0 - share) * start + share * end)


def _inception(result: OpenedResult) -> Moment:
    target = result.summary.get("target")
    if target is None:
        return Moment(None, "its case names no target")
    entry = result.summary.get("facets", {}).get(target, {}).get("cavitation")
    if entry is None:
        return Moment(
            None, "it holds no verdict on cavitation (a case without a film, or a run that was cut off)"
        )
    if "time_s" not in entry:
        return Moment(None, f"no cavity formed in its target {target}")
    return Moment(float(entry["time_s"]))


def _table_peak(result: OpenedResult, begin: float) -> Moment:
    """Return the time of the largest force of a measured table, where its file is still there."""
    files = [
        entry["path"] for entry in result.run.get("inputs", ()) if str(entry["role"]).startswith("force")
    ]
    try:
        lines = [line for line in Path(files[0]).read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
        header, *rows = [[cell.strip() for cell in cells] for cells in csv.reader(lines) if cells]
        time, force = (
            next(i for i, n in enumerate(header) if n.startswith(f"{w}_")) for w in ("time", "force")
        )
        scale = unit_named(header[time].partition("_")[2]).factor
        peak = max(rows, key=lambda cells: float(cells[force]))
        return Moment(begin + scale * (float(peak[time]) - float(rows[0][time])))
    except (IndexError, OSError, StopIteration, ValueError):
        return Moment(None, "its thrust is a table of forces, which is not there any more")


def _seconds(settings: Mapping[str, Any], key: str) -> float:
    return parse_quantity(settings.get(key) or "0 s", "time")


def _first_time(result: OpenedResult) -> float:
    return float(result.table("history")[0]["time_s"])
