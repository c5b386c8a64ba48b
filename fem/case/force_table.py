"""Measured forces of a thrust from a CSV file, checked line by line."""

import csv
import math
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
from fem.units import QuantityError, unit_named

#: Column of a table -> dimension of its unit, which follows the name: ``time_ms``.
COLUMNS: Final = {"time": "time", "force": "force"}
_EXAMPLE: Final = "time_s,force_N"
_MOST_FAULTS: Final = 20


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
        With every faulty line: units, missing or unknown columns, what is no finite number, time that does not advance,
        a force that is nowhere positive or changes faster than the model resolves.
    """
    lines = _lines(read_text(path))
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


def _lines(text: str) -> list[tuple[int, list[str]]]:
    numbered = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    kept = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    return [(number, [cell.strip() for cell in next(csv.reader([line]))]) for number, line in kept]


def _factors(path: Path, line: int, header: list[str]) -> list[tuple[str, float]]:
    """Return (column, factor to internal units) in the order of the file."""
    problems = [Problem(fault, line=line) for cell in header if (fault := _column_fault(cell))]
    names = [cell.partition("_")[0] for cell in header]
    if not problems:
        missing = [name for name in COLUMNS if name not in names]
        problems += [
            Problem(f"the column of {name} is missing; a header reads {_EXAMPLE}", line=line)
            for name in missing
        ]
        if not missing and len(names) > len(COLUMNS):
            problems.append(Problem(f"a column is given twice; a header reads {_EXAMPLE}", line=line))
    if problems:
        raise InputError(path, problems)
    units = [cell.partition("_")[2] for cell in header]
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
    line: int, cells: list[str], factors: list[tuple[str, float]], problems: list[Problem]
) -> tuple[float, float] | None:
    """Return (time [s], force [N]) of a row; note what is wrong with it in `problems`."""
    if len(cells) != len(factors):
        sentence = f"{len(cells)} value(s) under {len(factors)} columns; decimals are written with a point"
        problems.append(Problem(sentence, line=line))
        return None
    found: dict[str, float] = {}
    for cell, (name, factor) in zip(cells, factors, strict=True):
        number = _number(cell)
        if number is None or not math.isfinite(number):
            what = (
                "empty"
                if not cell
                else f"'{cell}', which is not a {'' if number is None else 'finite '}number"
            )
            problems.append(Problem(f"the {name} is {what}", line=line))
            return None
        found[name] = number * factor
    return found["time"], found["force"]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


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
    slopes = np.abs(np.diff(forces)) / np.diff(times)
    steepest = int(np.argmax(slopes))
    rise = 0.5 * np.pi * np.ptp(forces) / slopes[steepest] if slopes[steepest] > 0.0 else np.inf
    sentence = too_fast(float(rise))
    if sentence:
        line = rows[steepest + 1][0]
        yield Problem(f"the force changes as steeply as in a half-sine whose rise of {sentence}", line=line)
