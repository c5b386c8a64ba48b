"""Bars of elementary effects: a panel for each answer, the input that moves it most on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from fem.errors import UsageError
from fem.figures.drawing import COLOURS, FORMATS, GREY, Drawing, look, uneven_panels

_ROW_MM = 3.6
_HEAD_MM = 12.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One input: its name, mean size of its effect, half its interval, spread, whether it is one of the film.

    Interval and spread are None where they are not known.
    """

    name: str
    size: float
    interval: float | None
    spread: float | None
    of_film: bool


@dataclass(frozen=True, slots=True)
class BarPanel:
    """The bars of one answer, largest first, and the words on its axis."""

    title: str
    axis: str
    bars: tuple[Bar, ...]


def check_name(file: Path) -> None:
    """Raise `UsageError` for a file whose ending is none of `FORMATS`."""
    if file.suffix[1:] not in FORMATS:
        known = ", ".join(f".{ending}" for ending in FORMATS)
        raise UsageError(f"a figure cannot be written as '{file.name}'; end its name with {known}")


def draw_effects(shown: Sequence[BarPanel], name: str) -> Drawing:
    """Draw the panels one below the other as figure `name`."""
    with look():
        heights = [_HEAD_MM + _ROW_MM * len(panel.bars) for panel in shown]
        figure, axes = uneven_panels(heights)
        for place, panel in zip(axes, shown, strict=True):
            _bars(place, panel)
        if any(bar.of_film for panel in shown for bar in panel.bars):
            marks = [Patch(color=COLOURS[0], label="spine"), Patch(color=COLOURS[1], label="film, replayed")]
            axes[0].legend(handles=marks, loc="lower right")
    says = (
        "Mean size of the elementary effects (mu*) of the inputs that move each answer most, over their whole ranges, "
        "with the 95 % interval by bootstrap; diamonds: standard deviation (sigma) of the same effects. A "
        "bar without an interval rests on a single step."
    )
    header = ("answer", "input", "mu_star", "mu_star_interval", "sigma")
    rows_of = [
        (
            panel.title,
            bar.name,
            bar.size,
            *("" if value is None else value for value in (bar.interval, bar.spread)),
        )
        for panel in shown
        for bar in panel.bars
    ]
    return Drawing(name, "sensitivity", figure, says, header, list(rows_of))


def _bars(axes: Axes, panel: BarPanel) -> None:
    places = range(len(panel.bars))
    sizes = [bar.size for bar in panel.bars]
    axes.barh(places, sizes, height=0.7, color=[COLOURS[bar.of_film] for bar in panel.bars])
    # An interval that crosses zero only says that the bar is not known to be there: a size is never below it.
    for place, bar in zip(places, panel.bars, strict=True):
        if bar.interval is not None:
            ends = [[min(bar.interval, bar.size)], [bar.interval]]
            axes.errorbar(
                [bar.size], [place], xerr=ends, fmt="none", ecolor="black", elinewidth=0.7, capsize=1.5
            )
        if bar.spread is not None:
            axes.plot([bar.spread], [place], "D", color=GREY, markersize=2.4)
    axes.set_yticks(list(places), [bar.name for bar in panel.bars])
    axes.invert_yaxis()
    axes.set_xlim(left=0.0)
    axes.set_title(panel.title, loc="right")
    axes.set_xlabel(panel.axis)
