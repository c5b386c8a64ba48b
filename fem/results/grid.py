"""Text tables that fit the width of a terminal. Plain characters; no colour decides a meaning."""

from collections.abc import Sequence
from typing import Final

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
