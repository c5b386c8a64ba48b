"""Tables of the film's curves: as lines of Markdown between marks in a page, and as CSV."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def write_csv(file: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV; units stand in the names of the columns."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _text(value, 6) for key, value in row.items()} for row in rows)


def markdown(rows: Sequence[Row]) -> list[str]:
    """Return rows as lines of a Markdown table."""
    names = list(rows[0])
    lines = [f"| {' | '.join(_heading(name) for name in names)} |", "|" + "---|" * len(names)]
    return [*lines, *(f"| {' | '.join(_text(row[name], 3) for name in names)} |" for row in rows)]


def put_tables(page: Path | None, name: str, rows: Sequence[Row]) -> list[str]:
    """Return the table `name`, and put it between its marks on the page where there are any."""
    lines = markdown(rows)
    first, last = f"<!-- table {name} -->", f"<!-- end {name} -->"
    text = page.read_text(encoding="utf-8") if page else ""
    if page and first in text:
        head, _, rest = text.partition(first)
        _, _, tail = rest.partition(last)
        page.write_text("\n".join([f"{head}{first}", *lines, f"{last}{tail}"]), encoding="utf-8")
    return lines


def _heading(name: str) -> str:
    units = {
        "mm": "mm",
        "mm2": "mm²",
        "mm3": "mm³",
        "s": "s",
        "min": "min",
        "N": "N",
        "kPa": "kPa",
        "mJ": "mJ",
    }
    units = {"mm_s": "mm/s", **units}
    for ending, unit in units.items():
        if name.endswith(f"_{ending}"):
            return f"{name.removesuffix(f'_{ending}').replace('_', ' ')} [{unit}]"
    return name.replace("_", " ")


def _text(value: Any, digits: int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if value != value else f"{value:.{digits}g}"
    return str(value)
