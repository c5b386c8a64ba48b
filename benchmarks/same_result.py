"""Whether two results are the same: every number of every file, but for times of day and seconds on the wall."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fem.mesh.vtu_read import read_vtu

#: Numbers are compared relative to themselves, below this to this: angles of 1e-15 degrees are zeros.
_SMALLEST = 1e-9
#: Hold times of day, seconds on the wall, or the path of the folder.
_TIMED = {"run.json", "log.txt", "view.py"}


def differences(whole: Path, other: Path) -> Iterator[tuple[float, str]]:
    """Yield how far every number of a result is from that of another, with its place."""
    names = [
        {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        for folder in (whole, other)
    ]
    if names[0] != names[1]:
        yield np.inf, f"files {sorted(names[0] ^ names[1])}"
    for name in sorted((names[0] & names[1]) - _TIMED):
        first, second = (dict(numbers(folder / name)) for folder in (whole, other))
        if first.keys() != second.keys():
            yield np.inf, f"{name}: {sorted(first.keys() ^ second.keys())[:5]}"
        for key in first.keys() & second.keys():
            yield apart(first[key], second[key]), f"{name}: {key}"


def apart(one: Any, other: Any) -> float:
    """Return the largest difference of numbers relative to themselves; infinite where something else differs."""
    first, second = np.asarray(one), np.asarray(other)
    if first.shape != second.shape or first.dtype.kind != second.dtype.kind:
        return np.inf
    if first.dtype.kind not in "fiu":
        return 0.0 if np.array_equal(first, second) else np.inf
    first, second = first.astype(np.float64), second.astype(np.float64)
    if np.array_equal(first, second, equal_nan=True):
        return 0.0
    size = np.maximum(np.maximum(np.abs(first), np.abs(second)), _SMALLEST)
    found = float(np.max(np.abs(first - second) / size))
    return found if found < np.inf else np.inf  # NaN on one side only is no small difference


def numbers(file: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and value of everything in a file of a result, in arrays or one by one."""
    if file.suffix == ".json":
        yield from flat(json.loads(file.read_text()), "")
    elif file.suffix == ".csv":
        for row, cells in enumerate(csv.reader(io.StringIO(file.read_text()))):
            for column, cell in enumerate(cells):
                yield f"row {row}, column {column}", number_or_text(cell)
    elif file.suffix == ".npz":
        with np.load(file) as held:
            yield from ((name, held[name]) for name in held.files)
    elif file.suffix == ".vtu":
        yield from arrays_of(file)
    else:
        yield "text", file.read_text()


def arrays_of(file: Path) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a field file."""
    grid = read_vtu(file)
    yield from ((name, getattr(grid, name)) for name in ("points", "connectivity", "offsets", "types"))
    yield from ((f"point {name}", array) for name, array in grid.point_data.items())
    yield from ((f"cell {name}", array) for name, array in grid.cell_data.items())


def flat(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a JSON document, without seconds on the wall."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "wall_s":
                yield from flat(item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from flat(item, f"{place}[{index}]")
    else:
        yield place, "none" if value is None else value


def number_or_text(cell: str) -> float | str:
    """Return a cell of a table."""
    try:
        return float(cell)
    except ValueError:
        return cell
