"""Measured forces of a thrust from a CSV file, checked line by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.case.thrust_schema import too_fast
from fem.document.load import read_text
from fem.errors import InputError, Problem
from fem.units import NUMBER, QuantityError, beyond_sense, unit_named

#: Column of a table -> dimension of its unit, which follows the name: ``time_ms``.
COLUMNS: Final = {"time": "time", "force": "force"}
_EXAMPLE: Final = "time_s,force_N"
_MOST_FAULTS: Final = 20
MOST_LINES: Final = 20_000
_PLAIN_NUMBER: Final = re.compile(NUMBER)

#: A line of the file: its number, and its cells, each with the column where it begins.
_Line = tuple[int, list[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class ForceTable:
    """Force against time: `times` (m,) [s] from 0, strictly increasing; `forces` (m,) [N]; at least two rows."""

    path: Path
    times: FloatArray
    forces: FloatArray

    @property
    def duration(self) -> float:
        """Time [s] from the first row to the last."""
        return float(self.times[-1])

    @property
    def time_to_peak(self) -> float:
        """Time [s] of the largest force."""
        return float(self.times[np.argmax(self.forces)])


def read_force_table(path: Path) -> ForceTable:
    """Read the table `path`: a header such as ``time_s,force_N``, then rows; lines that begin with # are remarks.

    Raises
    ------
    InputError
        With every faulty line and its column: units, missing or unknown columns, what is no number or beyond sense,
        time that does not advance, a force that is nowhere positive or changes faster than the model resolves.
    """
    text = read_text(path)
    if (count := text.count("\n")) > MOST_LINES:
        raise InputError(path, [Problem(f"the table has {count} lines; the limit is {MOST_LINES}")])
    lines = _lines(text)
    if not lines:
        raise InputError(
            path, [Problem(f"the table is empty; write a header ({_EXAMPLE}) and rows below", line=1)]
        )
    (header_line, header), rows = lines[0], lines[1:]
    factors = _factors(path, header_line, header)
    problems: list[Problem] = []
    good = [
        (line, found) for line, cells in rows if (found := _row(line, cells, factors, problems)) is not None
    ]
    problems += _time_faults(good)
    if not problems:
        problems += _course_faults(good, header_line)
    if problems:
        left = len(problems) - _MOST_FAULTS
        more = [Problem(f"and {left} more faulty line(s)", line=problems[-1].line)] if left > 0 else []
        raise InputError(path, [*problems[:_MOST_FAULTS], *more])
    values = np.array([found for _, found in good])
    return ForceTable(path, frozen(values[:, 0] - values[0, 0]), frozen(values[:, 1]))


def _lines(text: str) -> list[_Line]:
    numbered = ((number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), 1))
    kept = ((number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#"))
    return [(number, _cells(line)) for number, line in kept]


def _cells(line: str) -> list[tuple[int, str]]:
    """Return the cells of a line, without the quotation marks that spreadsheets put around them."""
    out, column = [], 1
    for cell in line.split(","):
        bare = cell.strip()
        if len(bare) > 1 and bare[0] == bare[-1] == '"':
            bare = bare[1:-1].strip()
        out.append((column + len(cell) - len(cell.lstrip()), bare))
        column += len(cell) + 1
    return out


def _factors(path: Path, line: int, header: list[tuple[int, str]]) -> list[tuple[str, float]]:
    """Return (column, factor to internal units) in the order of the file."""
    problems = [
        Problem(fault, line=line, column=column) for column, cell in header if (fault := _column_fault(cell))
    ]
    names = [cell.partition("_")[0] for _, cell in header]
    if not problems:
        missing = [name for name in COLUMNS if name not in names]
        problems += [
            Problem(f"the column of {name} is missing; a header reads {_EXAMPLE}", line=line)
            for name in missing
        ]
        if not missing and len(names) > len(COLUMNS):
            problems.append(Problem(f"a column is given twice; a header reads {_EXAMPLE}", line=line))
    if problems:
        raise InputError(path, problems[:_MOST_FAULTS])
    units = [cell.partition("_")[2] for _, cell in header]
    return [(name, unit_named(unit).factor) for name, unit in zip(names, units, strict=True)]


def _column_fault(cell: str) -> str:
    name, _, unit = cell.partition("_")
    if ";" in cell or "\t" in cell:
        return f"columns are separated by commas; a header reads {_EXAMPLE}"
    if name not in COLUMNS:
        return f"'{cell}' is not a column of a force table; a header reads {_EXAMPLE}"
    if not unit:
        return f"the column '{cell}' has no unit; a header reads {_EXAMPLE}"
    try:
        dimension = unit_named(unit).dimension
    except QuantityError as error:
        return f"column '{cell}': {error}"
    if dimension != COLUMNS[name]:
        return f"column '{cell}': {unit} is a unit of {dimension}, but one of {COLUMNS[name]} is needed"
    return ""


def _row(
    line: int, cells: list[tuple[int, str]], factors: list[tuple[str, float]], problems: list[Problem]
) -> tuple[float, float] | None:
    """Return (time [s], force [N]) of a row; note everything that is wrong with it in `problems`."""
    if len(cells) != len(factors):
        sentence = f"{len(cells)} value(s) under {len(factors)} columns; decimals are written with a point"
        problems.append(Problem(sentence, line=line))
        return None
    found: dict[str, float] = {}
    for (column, cell), (name, factor) in zip(cells, factors, strict=True):
        fault = _cell_fault(cell, name, factor)
        if fault:
            problems.append(Problem(fault, line=line, column=column))
        else:
            found[name] = float(cell) * factor
    return (found["time"], found["force"]) if len(found) == len(factors) else None


def _cell_fault(cell: str, name: str, factor: float) -> str:
    if not cell:
        return f"the {name} is empty"
    if cell.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return f"the {name} is '{cell}', which is not a finite number"
    if not _PLAIN_NUMBER.fullmatch(cell):
        return f"the {name} is '{cell}', which is not a number"
    sense = beyond_sense(float(cell) * factor, COLUMNS[name])
    return f"the {name} is '{cell}', but must be {sense}" if sense else ""


def _time_faults(rows: list[tuple[int, tuple[float, float]]]) -> Iterator[Problem]:
    for (_, (before, _)), (line, (now, _)) in pairwise(rows):
        if now < before:
            yield Problem(f"time goes back from {before:g} s to {now:g} s; each row must be later", line=line)
        elif now == before:
            yield Problem(f"the time {now:g} s is there twice; each row must be later", line=line)


def _course_faults(rows: list[tuple[int, tuple[float, float]]], header_line: int) -> Iterator[Problem]:
    if len(rows) < 2:
        yield Problem(
            f"{len(rows)} row(s) below the header; a course of force needs two or more", line=header_line
        )
        return
    times, forces = np.array([values for _, values in rows]).T
    if not forces.max() > 0.0:
        yield Problem(
            f"the largest force is {forces.max():g} N; such a thrust pushes nothing", line=header_line
        )
        return
    with np.errstate(over="ignore"):  # two rows may be a breath apart
        slopes = np.abs(np.diff(forces)) / np.diff(times)
    steepest = int(np.argmax(slopes))
    rise = 0.5 * np.pi * np.ptp(forces) / slopes[steepest] if slopes[steepest] > 0.0 else np.inf
    sentence = too_fast(float(rise))
    if sentence:
        line = rows[steepest + 1][0]
        yield Problem(f"the force changes as steeply as in a half-sine whose rise of {sentence}", line=line)
