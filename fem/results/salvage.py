"""Read what can be read of a result: of a run that was cut off, a folder copied in part, a newer layout."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fem.errors import UsageError
from fem.results import provenance
from fem.results.quantities import TABLES
from fem.results.read import RUN_FILE, SUMMARY_FILE
from fem.results.record import Energies, StepRecord
from fem.results.summary import SUMMARY_VERSION, Outcome, SummaryBuilder
from fem.results.tables import PARTIAL_SUFFIX, STEP_COLUMNS

#: Columns that hold words in any table, also where they look like numbers.
TEXT_COLUMNS: Final = frozenset({"phase", "level", "bundle", "joint", "fascicle", "group", "side", "state"})
_ENERGIES: Final = ("stored_mJ", "work_mJ", "dissipated_mJ", "kinetic_mJ", "muscles_mJ")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenedResult:
    """A result as far as it can be read.

    Attributes
    ----------
    path : its folder.
    run, summary : ``run.json`` and ``summary.json``, empty where they cannot be read; the summary of a run that was
        cut off is made from its tables.
    remarks : sentences about what is not as it should be; empty for a complete result.
    """

    path: Path
    run: Mapping[str, Any]
    summary: Mapping[str, Any]
    remarks: tuple[str, ...]
    _tables: dict[str, tuple[Row, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Return the name of the case, or of the folder where the case's is not known."""
        return str(self.run.get("name") or self.path.name)

    @property
    def status(self) -> str:
        """Return complete, failed, interrupted, running, or cut off."""
        return str(self.summary.get("status") or self.run.get("status") or "unknown")

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return the resolved case as flat keys (``phases[1].loads[0].value``); empty where not known."""
        found = self.run.get("fingerprint", {})
        return found if isinstance(found, Mapping) else {}

    def has_table(self, name: str) -> bool:
        """Return whether the run wrote this table."""
        return _table_file(self.path, name) is not None

    def table(self, name: str) -> tuple[Row, ...]:
        """Return the whole rows of a table, numbers as numbers; a row that was cut off is left out.

        Raises
        ------
        UsageError
            When there is no such table.
        """
        if name not in self._tables:
            self._tables[name] = tuple(read_rows(self.path, name)[0])
        return self._tables[name]


def open_result(path: Path) -> OpenedResult:
    """Read a result folder without its fields, and say what of it is missing, damaged or newer.

    Raises
    ------
    UsageError
        When there is nothing to read at all.
    """
    folder = _folder(path)
    remarks: list[str] = []
    run = _document(folder / RUN_FILE, provenance.FORMAT_VERSION, remarks)
    summary = _document(folder / SUMMARY_FILE, SUMMARY_VERSION, remarks, expected=_has_ended(run))
    tables: dict[str, tuple[Row, ...]] = {}
    if not summary and isinstance(run.get("summary"), Mapping):
        summary = run["summary"]
        remarks.append(f"the summary is the one kept in {RUN_FILE}")
    elif not summary:
        tables = {name: _rows(folder, name, remarks) for name in _present(folder)}
        summary = rebuilt_summary(tables)
        remarks.append(_cut_off(run, tables))
    elif summary.get("status") not in (None, "complete"):
        why = f": {run['message']}" if run.get("message") else ""
        remarks.append(
            f"the run did not complete, its last good state is compared ({summary['status']}{why})"
        )
    return OpenedResult(folder, run, summary, tuple(remarks), tables)


def read_rows(folder: Path, name: str) -> tuple[list[Row], int]:
    """Return the rows of a table with numbers as numbers, and how many were left out for being cut off."""
    file = _table_file(folder, name)
    if file is None:
        raise UsageError(f"{folder} holds no table {name}.csv")
    text = file.read_text(encoding="utf-8", errors="replace")
    lines = list(csv.reader(io.StringIO(text)))
    if not lines:
        return [], 0
    header, body = lines[0], lines[1:]
    ended = text.endswith("\n")
    rows = [_row(header, cells) for number, cells in enumerate(body) if ended or number < len(body) - 1]
    whole = [row for row in rows if row is not None]
    return whole, len(body) - len(whole)


def rebuilt_summary(tables: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """Return the summary that the steps present in every table make; no verdicts on cavitation."""
    if not tables.get("history"):
        return {"status": "cut off", "converged": False, "wall_s": 0.0}
    by_step = {name: _grouped(rows) for name, rows in tables.items()}
    builder = SummaryBuilder()
    for step in sorted(set.intersection(*(set(groups) for groups in by_step.values()))):
        builder.add(_record(step, {name: groups[step] for name, groups in by_step.items()}))
    return {**builder.build(None, Outcome("cut off", 0.0)), "wall_s": 0.0}


def _folder(path: Path) -> Path:
    if path.suffix in (".yaml", ".yml") and path.is_file():
        raise UsageError(f"{path} is a case, not a result; solve it first: facetgap run {path}")
    folder = path.parent if path.is_file() else path
    if not folder.exists():
        raise UsageError(f"there is no result folder {folder}; `facetgap run CASE` makes one")
    if not any((folder / name).is_file() for name in (RUN_FILE, SUMMARY_FILE)) and not _present(folder):
        raise UsageError(f"{folder} is not a result folder: it holds no {RUN_FILE}, no summary and no table")
    return folder


def _document(file: Path, newest: int, remarks: list[str], expected: bool = True) -> dict[str, Any]:
    """Return a JSON document of a result, {} where it cannot be had; what is odd about it goes to `remarks`."""
    if not file.is_file():
        if expected:
            remarks.append(f"{file.name} is missing")
        return {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        remarks.append(f"{file.name} is cut off or damaged and is left out")
        return {}
    if not isinstance(document, dict) or not isinstance(document.get("version"), int):
        remarks.append(f"{file.name} has no version, so it was not written by facetgap; it is left out")
        return {}
    if document["version"] > newest:
        remarks.append(
            f"{file.name} has layout version {document['version']}, this facetgap knows {newest}: entries are read "
            "under the names known here, others may be missed; a newer facetgap reads it all"
        )
    return document


def _has_ended(run: Mapping[str, Any]) -> bool:
    return run.get("status") in ("complete", "failed", "interrupted")


def _cut_off(run: Mapping[str, Any], tables: Mapping[str, Sequence[Row]]) -> str:
    history = tables.get("history") or ()
    reached = (
        f"up to step {history[-1]['step']:g} at {history[-1]['time_s']:g} s" if history else "with no step"
    )
    if run.get("status") == "running" and provenance.is_alive(run.get("process", {})):
        return f"the run still goes on; its tables are read {reached}"
    return f"the run was cut off before its end; what follows is made from its tables, {reached}"


def _rows(folder: Path, name: str, remarks: list[str]) -> tuple[Row, ...]:
    rows, lost = read_rows(folder, name)
    if lost:
        remarks.append(f"{name}.csv is cut off: {lost} row{'s' if lost > 1 else ''} cannot be read")
    return tuple(rows)


def _present(folder: Path) -> list[str]:
    return [name for name in ("history", *TABLES) if _table_file(folder, name) is not None]


def _table_file(folder: Path, name: str) -> Path | None:
    files = (folder / f"{name}.csv", folder / f"{name}.csv{PARTIAL_SUFFIX}")
    return next((file for file in files if file.is_file()), None)


def _row(header: Sequence[str], cells: Sequence[str]) -> Row | None:
    if len(cells) != len(header):
        return None
    return {
        name: cell if name in TEXT_COLUMNS else _number_or_text(cell)
        for name, cell in zip(header, cells, strict=True)
    }


def _number_or_text(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _grouped(rows: Sequence[Row]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        if isinstance(row.get("step"), float) and math.isfinite(row["step"]):
            groups.setdefault(int(row["step"]), []).append(row)
    return groups


def _record(step: int, rows: Mapping[str, Sequence[Row]]) -> StepRecord:
    line = rows["history"][0]
    energies = Energies(*(float(line.get(name, 0.0)) for name in _ENERGIES))
    tables = {
        name: {column: [row[column] for row in own] for column in own[0] if column not in STEP_COLUMNS}
        for name, own in rows.items()
        if name != "history"
    }
    numbers = (line.get("load_fraction", 0.0), int(line.get("iterations", 0)), line.get("residual", 0.0))
    return StepRecord(step, line["time_s"], str(line["phase"]), *numbers, energies, tables=tables)
