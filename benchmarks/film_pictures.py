"""Pictures of the film's curves, in colours that the colour-blind tell apart (Okabe and Ito), with dashes too."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

Row = Mapping[str, Any]
STYLES = (("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#CC79A7", ":"), ("#000000", (0, (5, 1))))


def draw_load_separation(rows: Sequence[Row], file: Path) -> None:
    """Separation against load, up and down."""
    figure, axes = _axes("load that opens the joint [N]", "separation [mm]")
    for number, (name, own) in enumerate(_groups(rows, "nucleation_kPa")):
        colour, dashes = STYLES[number]
        label = f"a cavity forms at {name:g} kPa{', the default' if number == 0 else ''}"
        load, x = [row["load_N"] for row in own], [row["separation_mm"] for row in own]
        # The curves share most of their way: the first is drawn broad, the others on it.
        width = 4.0 - 1.2 * number
        axes.plot(load, x, color=colour, linestyle=dashes, linewidth=width, label=label)
    for start, end, words in (((40.0, 0.25), (55.0, 0.68), "held by suction"),
                              ((80.0, 1.45), (75.0, 1.55), "the joint jumps"),
                              ((22.0, 2.2), (65.0, 2.02), "cavity open: there and back")):  # fmt: skip
        axes.annotate(words, end, start, arrowprops={"arrowstyle": "->", "color": "black"}, va="center")
    axes.legend(loc="upper left", frameon=False, title="absolute pressure, spring of 25 N/mm")
    _save(figure, file)


def draw_duration(rows: Sequence[Row], file: Path) -> None:
    """Least opening that pops or makes any cavity, and margin of one opening, against the time to the peak."""
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for number, (name, own) in enumerate(_groups(rows, "joint")):
        colour, dashes = STYLES[number]
        rises = [row["rise_s"] for row in own]
        for axes, key in (
            (left, "least_opening_cavity_mm"),
            (middle, "least_opening_pop_mm"),
            (right, "margin"),
        ):
            axes.plot(rises, [row[key] for row in own], color=colour, linestyle=dashes, marker="o", markersize=3.5,
                      linewidth=1.6, label=name)  # fmt: skip
    for axes in (left, middle, right):
        axes.set(xscale="log", xlabel="time to the peak [s]")
    left.set(ylabel="least opening that makes any cavity [mm]", ylim=(0.0, None))
    middle.set(ylabel="least opening that makes a pop [mm]", ylim=(0.0, None))
    right.set(ylabel="margin of an opening by 0.75 mm [1]")
    right.axhline(0.0, color="black", linewidth=0.8)
    handles, names = left.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2, frameon=False)
    _save(figure, file)


def draw_needed(rows: Sequence[Row], file: Path) -> None:
    """Opening that pops against the volume of the recess."""
    figure, axes = _axes("fluid in the recess [mm³]", "opening that makes a pop [mm]")
    for number, (area, own) in enumerate(_groups(rows, "area_mm2")):
        colour, dashes = STYLES[number]
        volume = [row["recess_volume_mm3"] for row in own]
        axes.plot(volume, [row["least_opening_pop_mm"] for row in own], color=colour, linestyle=dashes, marker="o",
                  markersize=4.0, label=f"facet of {area:g} mm²")  # fmt: skip
        axes.plot(volume, [row["volume_over_area_mm"] for row in own], color=colour, linewidth=0.7)
    axes.plot([], [], color="black", linewidth=0.7, label="volume over area")
    axes.set(xlim=(0.0, None), ylim=(0.0, None))
    axes.legend(loc="upper left", frameon=False)
    _save(figure, file)


def draw_wait(rows: Sequence[Row], file: Path) -> None:
    """Opening that pops against the time since the last pop."""
    figure, axes = _axes("time since the last pop [min]", "opening that makes a pop [mm]")
    for number, (name, own) in enumerate(_groups(rows, "gas")[:4]):
        colour, dashes = STYLES[number]
        axes.plot([row["wait_min"] for row in own], [row["least_opening_pop_mm"] for row in own], color=colour,
                  linestyle=dashes, marker="o", markersize=3.0, label=name)  # fmt: skip
    axes.axhline(0.75, color="black", linewidth=0.8)
    axes.annotate("the thrust opens this far", (1.0, 0.75), xycoords=("axes fraction", "data"), xytext=(-4, 5),
                  textcoords="offset points", ha="right", fontsize=9)  # fmt: skip
    axes.set(xlim=(0.0, None), ylim=(0.6, None))
    axes.legend(loc="upper right", frameon=False)
    _save(figure, file)


def _axes(x: str, y: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=x, ylabel=y)
    return figure, axes


def _groups(rows: Sequence[Row], key: str) -> list[tuple[Any, list[Row]]]:
    names = list(dict.fromkeys(row[key] for row in rows))
    return [(name, [row for row in rows if row[key] == name]) for name in names]


def _save(figure: Figure, file: Path) -> None:
    figure.savefig(file, dpi=150, metadata={"Software": None})


DRAWINGS: Mapping[str, Callable[[Sequence[Row], Path], None]] = {
    "load_separation": draw_load_separation,
    "thrust_duration": draw_duration,
    "separation_needed": draw_needed,
    "pop_and_wait": draw_wait,
}
