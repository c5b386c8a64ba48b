"""Long tables as CSV: one row per step and structure, units in the column names.

While a run lasts rows go into ``<name>.csv.partial``; when it ends, well or not, it is ``<name>.csv``.
``pandas.read_csv("ligaments.csv")`` reads one.
"""

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fem.errors import NonFiniteError, UsageError
from fem.results.quantities import OPTIONAL_COLUMNS, TABLES
from fem.results.record import StepRecord, Table

PARTIAL_SUFFIX: Final = ".partial"
STEP_COLUMNS: Final = ("step", "time_s", "phase")
HISTORY_COLUMNS: Final = (
    *("load_fraction", "iterations", "residual"),
    *("stored_mJ", "work_mJ", "dissipated_mJ", "kinetic_mJ", "muscles_mJ"),
)

Cell = str | float | int


class TableSet:
    """Streams the tables and the history of one run into `folder`.

    Parameters
    ----------
    memory : what a checkpoint kept of those of a run that was stopped; rows written after it are cut off.
    """

    def __init__(self, folder: Path, memory: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self._streams = {
            name: _TableStream(folder / f"{name}.csv", tuple(kept["columns"]), kept["size"])
            for name, kept in (memory or {}).items()
        }

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: columns and size in bytes of each table."""
        return {
            name: {"columns": list(stream.columns), "size": stream.size}
            for name, stream in self._streams.items()
        }

    def append(self, record: StepRecord) -> None:
        """Add one step to every table, or raise and add nothing to any."""
        stamp = (record.step, record.time_s, record.phase)
        rows: list[tuple[_TableStream, str]] = []
        for name, table in {"history": history_row(record), **record.tables}.items():
            stream = self._stream(name, table)
            rows.append((stream, stream.row_text(stamp, table)))
        sizes = [stream.size for stream, _ in rows]
        try:
            for stream, text in rows:
                stream.write(text)
        except OSError:  # a full disk: the step is in every table or in none
            for (stream, _), size in zip(rows, sizes, strict=True):
                stream.cut(size)
            raise

    def close(self) -> None:
        """Give every table its final name. Safe to call twice."""
        for stream in self._streams.values():
            stream.close()

    def _stream(self, name: str, table: Table) -> "_TableStream":
        if name != "history" and name not in TABLES:
            raise ValueError(f"there is no table {name!r}; known: {', '.join(TABLES)}")
        if name not in self._streams:
            columns = tuple(table) if name == "history" else table_columns(name, table)
            self._streams[name] = _TableStream(self.folder / f"{name}.csv", columns)
        return self._streams[name]


class _TableStream:
    """One growing CSV file with fixed columns; one of a known `size` [bytes] is cut back to it and goes on."""

    def __init__(self, path: Path, columns: Sequence[str], size: int | None = None) -> None:
        self.path, self.columns = path, tuple(columns)
        self.partial = path.with_name(path.name + PARTIAL_SUFFIX)
        self.size, self._closed = 0, False
        if size is None:
            self.partial.write_bytes(b"")
            self.write(csv_text([(*STEP_COLUMNS, *self.columns)]))
        else:
            self._reopen(size)
            self.cut(size)

    def _reopen(self, size: int) -> None:
        if not self.partial.is_file() and self.path.is_file():
            os.replace(self.path, self.partial)
        if not self.partial.is_file() or self.partial.stat().st_size < size:
            raise UsageError(
                f"{self.path} lost rows that its checkpoint counts; solve the case from the start, with facetgap run"
            )

    def row_text(self, stamp: tuple[Cell, ...], table: Table) -> str:
        """Return the table's rows as text, each led by the stamp; refuse what does not fit."""
        if set(table) != set(self.columns):
            odd = sorted(set(table) ^ set(self.columns))
            raise ValueError(f"{self.path.name}: columns change during the run: {', '.join(odd)}")
        rows = list(zip(*(table[column] for column in self.columns), strict=True))
        return csv_text([[cell_text(v, self.path.name) for v in (*stamp, *row)] for row in rows])

    def write(self, text: str) -> None:
        """Add whole rows."""
        if self._closed:
            raise ValueError(f"{self.path.name} is closed")
        left = memoryview(text.encode("utf-8"))
        with self.partial.open("r+b", buffering=0) as file:
            file.seek(self.size)
            while left:  # a disk that fills up takes a part first, and says so at the next try
                left = left[file.write(left) :]
            self.size = file.tell()

    def cut(self, size: int) -> None:
        """Take back what was written beyond `size` [bytes]."""
        os.truncate(self.partial, size)
        self.size = size

    def close(self) -> None:
        if self._closed:
            return
        with self.partial.open("r+b") as file:
            os.fsync(file.fileno())
        os.replace(self.partial, self.path)
        self._closed = True


def table_columns(name: str, table: Table) -> tuple[str, ...]:
    """Return the table's columns in the catalogue's order, further ones last; a lacking one raises."""
    known = TABLES[name].columns()
    lacking = [column for column in known if column not in table and column not in OPTIONAL_COLUMNS]
    if lacking:
        raise ValueError(f"table {name!r} lacks the column(s) {', '.join(lacking)}")
    further = tuple(column for column in table if column not in known)
    return tuple(column for column in known if column in table) + further


def history_row(record: StepRecord) -> Table:
    """Return the step's row of ``history.csv``."""
    energies = record.energies
    values = (
        *(record.load_fraction, record.iterations, record.residual),
        *(energies.stored, energies.work, energies.dissipated, energies.kinetic, energies.muscles),
    )
    return {column: (value,) for column, value in zip(HISTORY_COLUMNS, values, strict=True)}


def cell_text(value: Cell, file: str) -> str:
    """Return a cell's text: numbers with nine digits; not finite raises NonFiniteError."""
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        raise NonFiniteError(what=f"a row of {file}")
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{float(value):.9g}"


def csv_text(rows: Sequence[Sequence[Cell]]) -> str:
    """Return rows as comma-separated lines."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
