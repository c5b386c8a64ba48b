"""One look for all figures, and how a figure and its data become files."""

import io
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem.results.atomic import write_bytes, write_text
from fem.results.tables import Cell, csv_text

#: Endings that may be asked for.
FORMATS: Final = ("png", "svg", "pdf")
#: Width [mm] of a column of a journal, for which all sizes are chosen.
COLUMN_MM: Final = 85.0
_INCH_MM: Final = 25.4
_DPI: Final = 300
#: What would make the same figure another file the next day.
_UNDATED: Final = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
_LOOK: Final[dict[str, Any]] = {
    "font.size": 7.0,
    "axes.titlesize": 7.0,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 6.0,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "svg.hashsalt": "facetgap",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}
#: Okabe and Ito: colours that the colour-blind tell apart; dashes differ as well.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (3, 1)), (0, (1, 1)))
GREY: Final = "#777777"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with its data.

    Attributes
    ----------
    name : stem of its files.
    kind : the kind it was asked for as.
    says : what it shows, in a sentence or two: caption and alternative text.
    header, rows : the data as a table, units in the column names.
    """

    name: str
    kind: str
    figure: Figure
    says: str
    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]] = field(repr=False)

    def image(self, ending: str) -> bytes:
        """Return the figure as a file of one of `FORMATS`."""
        buffer = io.BytesIO()
        with look():
            self.figure.savefig(buffer, format=ending, dpi=_DPI, metadata=dict(_UNDATED[ending]))
        return buffer.getvalue()

    def write(self, folder: Path, endings: Sequence[str]) -> tuple[Path, ...]:
        """Write the figure in each format and its data beside it; return the files, data last."""
        files = [write_bytes(folder / f"{self.name}.{ending}", self.image(ending)) for ending in endings]
        return (*files, write_text(folder / f"{self.name}.csv", csv_text([self.header, *self.rows])))


def look() -> AbstractContextManager[None]:
    """Return the context in which figures are made and written."""
    return matplotlib.rc_context(_LOOK)  # type: ignore[arg-type]


def panels(count: int, height_mm: float, *, share_x: bool = True) -> tuple[Figure, list[Axes]]:
    """Return a figure of one column's width with `count` panels of `height_mm` one below the other."""
    size = (COLUMN_MM / _INCH_MM, (count * height_mm + 8.0) / _INCH_MM)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(count, 1, sharex=share_x, squeeze=False)
    return figure, [axes[row, 0] for row in range(count)]


def uneven_panels(heights_mm: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """Return a figure of one column's width with panels of these heights one below the other, each with its own x."""
    size = (COLUMN_MM / _INCH_MM, sum(heights_mm) / _INCH_MM)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(heights_mm), 1, squeeze=False, height_ratios=list(heights_mm))
    return figure, [axes[row, 0] for row in range(len(heights_mm))]


def plates(lines: int, abreast: int, height_mm: float) -> tuple[Figure, list[Axes]]:
    """Return a figure of one column's width with `lines` times `abreast` panels, read line by line."""
    size = (COLUMN_MM / _INCH_MM, (lines * height_mm + 4.0) / _INCH_MM)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(lines, abreast, sharex=True, sharey=True, squeeze=False)
    return figure, list(axes.ravel())


def style(number: int) -> dict[str, Any]:
    """Return colour and dashes of line `number`."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}


def stem(*parts: str) -> str:
    """Return a file name without ending made of `parts`: lower case, no blanks."""
    return re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_")


def legend(axes: Axes, columns: int = 1) -> None:
    """Put a legend above the panel, where it covers no line."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, borderaxespad=0.2,
            handlelength=2.4, columnspacing=1.0, labelspacing=0.3,
        )  # fmt: skip
