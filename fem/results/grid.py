"""Text tables that fit the width of a terminal. Plain characters; no colour decides a meaning."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

LEAST_WIDTH: Final = 60
_WIDEST_GAP: Final = 3


def grid_lines(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines of a table: first column left, others right aligned, no line longer than `width`.

    Columns that do not fit go into a further block below, which repeats the first column.
    """
    sizes = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    lines: list[str] = []
    for block in _blocks(sizes, width):
        spare = width - sum(sizes[i] for i in block)
        gap = max(1, min(_WIDEST_GAP, spare // max(1, len(block) - 1)))
        if lines:
            lines.append("")
        for row in (header, *rows):
            cells = [row[i].ljust(sizes[i]) if i == 0 else row[i].rjust(sizes[i]) for i in block]
            lines.append((" " * gap).join(cells).rstrip())
    return lines


def _blocks(sizes: Sequence[int], width: int) -> list[list[int]]:
    """Return column numbers per block, each beginning with column 0."""
    blocks, used = [[0]], sizes[0]
    for column in range(1, len(sizes)):
        if used + 1 + sizes[column] > width and len(blocks[-1]) > 1:
            blocks.append([0])
            used = sizes[0]
        blocks[-1].append(column)
        used += 1 + sizes[column]
    return blocks


def entry_table(
    title: str,
    entries: Mapping[str, Mapping[str, Any]],
    columns: Sequence[tuple[str, str, str, int]],
    width: int,
) -> list[str]:
    """Return a titled table of `entries` by name, with those columns (key, head, unit, digits) that any of them has."""
    present = [column for column in columns if any(column[0] in entry for entry in entries.values())]
    if not present:
        return []
    units = ["", *[unit for _, _, unit, _ in present]]
    rows = [
        [name, *[number_text(entry, key, digits) for key, _, _, digits in present]]
        for name, entry in entries.items()
    ]
    return [title, *grid_lines(["", *[head for _, head, _, _ in present]], [units, *rows], width)]


def number_text(entry: Mapping[str, Any], key: str, digits: int) -> str:
    """Return a value of an entry with so many digits, a dash where it has none."""
    # Adding zero turns "-0.00" into "0.00".
    return f"{round(entry[key], digits) + 0.0:.{digits}f}" if key in entry else "-"
