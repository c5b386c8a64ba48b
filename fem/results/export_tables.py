"""A result's tables for other programs: a bundle of CSV files, Parquet files, or one NumPy archive."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from fem.errors import MissingToolError, UsageError
from fem.results.atomic import write_bytes, write_text
from fem.results.quantities import TABLES
from fem.results.salvage import OpenedResult, Row
from fem.results.tables import csv_text

#: Columns that are counted, not measured.
_WHOLE: Final = frozenset({"step", "iterations", "strand", "over_limit"})
_STEP: Final = {"step": "number of the load step", "time_s": "time", "phase": "phase of the case"}


def export_csv(result: OpenedResult, folder: Path) -> Path:
    """Write every table as CSV into a folder, with ``summary.csv`` and, for units and meanings, ``columns.csv``."""

    def fill(place: Path) -> None:
        for name, rows in _tables(result):
            columns = list(rows[0])
            body = [[_cell(row[column]) for column in columns] for row in rows]
            write_text(place / f"{name}.csv", csv_text([columns, *body]))
        lines = [
            ["quantity", "value"],
            *([path, _cell(value)] for path, value in flat_summary(result.summary)),
        ]
        write_text(place / "summary.csv", csv_text(lines))
        write_text(
            place / "columns.csv", csv_text([["table", "column", "unit", "meaning"], *_meanings(result)])
        )

    return _filled(folder, fill)


def export_parquet(result: OpenedResult, folder: Path) -> Path:
    """Write every table as a Parquet file into a folder.

    Raises
    ------
    MissingToolError
        When pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise MissingToolError(
            "Parquet needs the Python package pyarrow, which is not installed; install it with: pip install pyarrow "
            "(--to csv needs nothing)"
        ) from None

    def fill(place: Path) -> None:
        for name, rows in _tables(result):
            parquet.write_table(pyarrow.table(_columns(rows)), place / f"{name}.parquet")

    return _filled(folder, fill)


def export_npz(result: OpenedResult, file: Path) -> Path:
    """Write every column of every table as an array ``<table>.<column>`` of one ``.npz`` file."""
    arrays = {
        f"{name}.{column}": np.asarray(values)
        for name, rows in _tables(result)
        for column, values in _columns(rows).items()
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return write_bytes(file, buffer.getvalue())


def flat_summary(summary: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted path, value) of every number and word of a summary."""
    for key, value in summary.items():
        if isinstance(value, Mapping):
            yield from flat_summary(value, f"{prefix}{key}.")
        elif not isinstance(value, list) or all(isinstance(item, str) for item in value):
            yield f"{prefix}{key}", "; ".join(value) if isinstance(value, list) else value


def _tables(result: OpenedResult) -> Iterator[tuple[str, Sequence[Row]]]:
    found = False
    for name in ("history", *TABLES):
        if result.has_table(name) and (rows := result.table(name)):
            found = True
            yield name, rows
    if not found:
        raise UsageError(f"{result.path} holds no table with rows; there is nothing to export")


def _columns(rows: Sequence[Row]) -> dict[str, Any]:
    """Return column -> values of one type: whole numbers, numbers or words."""
    found: dict[str, Any] = {}
    for column in rows[0]:
        values = [row.get(column, "") for row in rows]
        if column in _WHOLE and all(isinstance(value, float) for value in values):
            found[column] = np.array(values, dtype=np.int64)
        elif all(isinstance(value, float) for value in values):
            found[column] = np.array(values, dtype=np.float64)
        else:
            found[column] = [str(value) for value in values]
    return found


def _meanings(result: OpenedResult) -> Iterator[list[str]]:
    for name, rows in _tables(result):
        layout = TABLES.get(name)
        known = {} if layout is None else {own.name: (own.unit, own.meaning) for own in layout.values}
        for column in rows[0]:
            unit, meaning = known.get(column, ("s" if column == "time_s" else "", _STEP.get(column, "")))
            yield [name, column, unit, meaning]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.9g}"
    return "" if value is None else str(value)


def _filled(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a new folder beside its final place and move it there, so that nobody meets half of it."""
    if folder.exists() and not (folder.is_dir() and _only_tables(folder)):
        raise UsageError(f"{folder} is there already and holds other files; choose another with -o")
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        fill(place)
        place.chmod(0o755)
        if folder.is_dir():
            shutil.rmtree(folder)
        place.rename(folder)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return folder


def _only_tables(folder: Path) -> bool:
    """Return whether a folder is empty or an earlier export: Parquet files alone, or CSV files with their meanings."""
    names = {path.name for path in folder.iterdir()}
    bundle = "columns.csv" in names and all(name.endswith(".csv") for name in names)
    return bundle or all(name.endswith(".parquet") for name in names)
