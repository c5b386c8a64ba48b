"""Facet gap, contact and film: against time, and as maps at the event."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from fem.arrays import FloatArray
from fem.figures.data import Clock, NothingToDrawError, ResultData, clock
from fem.figures.drawing import COLOURS, Drawing, legend, panels, plates, stem, style
from fem.figures.patch import Patch, facet_patch
from fem.results.tables import Cell

_FILM: Final = (("lowest in the film", "lowest_pressure_kPa"), ("in the recess", "recess_pressure_kPa"))
_PLATE_MM: Final = 40.0
_ABREAST: Final = 2
_LEAST_SPAN: Final = 0.02


def draw_gap(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw mean gap and, of results with films, pressure of the target joint against time, a line a result."""
    shown = [(one, _joint(one)) for one in data]
    shown = [(one, joint) for one, joint in shown if joint is not None]
    if not shown:
        raise NothingToDrawError("the given results hold no facet joints")
    films = any(len(one.table("film")) for one, _ in shown)
    figure, axes = panels(3 if films else 2, 31.0)
    time = clock([one for one, _ in shown])
    rows: list[tuple[Cell, ...]] = []
    for number, (one, joint) in enumerate(shown):
        rows += _gap(axes[0], one, str(joint), time, number)
        rows += _line(axes[1], one, ("facets", str(joint), "contact_force_N"), time, number)
        if films:
            rows += _pressures(axes[2], one, str(joint), time, number)
    axes[0].set_ylabel("mean gap [mm]")
    axes[1].set(ylabel="contact force [N]", ylim=(0.0, max(1.0, axes[1].get_ylim()[1])))
    axes[-1].set(xlabel=time.label, xlim=time.limits)
    legend(axes[0])
    if films:
        axes[2].set_ylabel("pressure [kPa, abs.]")
        legend(axes[2], 2)
    says = (
        "Mean gap and contact force of " + ", ".join(f"{joint} ({one.label})" for one, joint in shown) + " against time"
        + (", with the lowest absolute pressure in the film and that in the recess. A dot marks where a cavity forms "
           "with the default inputs." if films else ". The joints are dry: no film was part of the model.")
    )  # fmt: skip
    return [Drawing("gap", "gap", figure, says, ("result", "joint", "quantity", "time_s", "value"), rows)]


def _joint(one: ResultData) -> str | None:
    """Return the target, without one the joint that opens widest; None where there are no joints."""
    facets = one.result.summary.get("facets", {})
    if one.target in facets:
        return one.target
    return max(facets, key=lambda name: facets[name].get("peak_gap_mean_mm", 0.0), default=None)


def _gap(panel: Axes, one: ResultData, joint: str, time: Clock, number: int) -> list[tuple[Cell, ...]]:
    rows = _line(panel, one, ("facets", joint, "gap_mean_mm"), time, number, f"{one.label}, {joint}")
    told = one.result.summary["facets"][joint].get("cavitation", {})
    if "time_s" in told:
        gap = np.interp(told["time_s"], [float(row[3]) for row in rows], [float(row[4]) for row in rows])
        panel.plot(time(one, told["time_s"]), gap, "o", color="black", markersize=3.0)
        panel.annotate("a cavity forms", (float(time(one, told["time_s"])), float(gap)), xytext=(4, -8),
                       textcoords="offset points", fontsize=6)  # fmt: skip
    return rows


def _pressures(panel: Axes, one: ResultData, joint: str, time: Clock, number: int) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for (word, column), dashes in zip(_FILM, ("-", ":"), strict=True):
        look = {"color": COLOURS[number % len(COLOURS)], "linestyle": dashes}
        label = word if number == 0 else None
        rows += _line(panel, one, ("film", joint, column), time, number, label, look)
    return rows


def _line(
    panel: Axes, one: ResultData, what: tuple[str, str, str], time: Clock, number: int,
    label: str | None = None, look: dict[str, Any] | None = None,
) -> list[tuple[Cell, ...]]:  # fmt: skip
    name, joint, column = what
    table = one.table(name).where(joint=joint)
    if not table.has(column):
        return []
    times, values = table.numbers("time_s"), table.numbers(column)
    panel.plot(time(one, times), values, label=label, **(look or style(number)))
    return [(one.label, joint, column, float(t), float(v)) for t, v in zip(times, values, strict=True)]


def draw_maps(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw gap, contact pressure and film pressure over the target's surface at the event, a figure a result."""
    return [_maps(one, len(data) > 1) for one in data]


def _maps(one: ResultData, several: bool) -> Drawing:
    joint = _joint(one)
    if joint is None:
        raise NothingToDrawError(f"{one.label} holds no facet joints")
    moment, why = one.event
    patch = facet_patch(one.result, joint, moment)
    figure = _map_figure(patch)
    says = (
        f"Facet surface of {joint} in {one.label} at {patch.time:.4f} s, the kept step nearest to where {why} "
        f"({moment:.4f} s), seen along its normal: {', '.join(name for name, _, _ in patch.maps)}."
    )
    header = ("across_mm", "up_mm", *(f"{name} [{unit}]" for name, unit, _ in patch.maps))
    columns = (patch.plane[:, 0], patch.plane[:, 1], *(values for _, _, values in patch.maps))
    rows: list[tuple[Cell, ...]] = [tuple(float(v) for v in row) for row in zip(*columns, strict=True)]
    return Drawing(stem("maps", one.label) if several else "maps", "maps", figure, says, header, rows)


def _map_figure(patch: Patch) -> Figure:
    lines = -(-len(patch.maps) // _ABREAST)
    figure, grid = plates(lines, _ABREAST, _PLATE_MM)
    for panel in grid[len(patch.maps) :]:
        panel.set_axis_off()
    for (name, unit, values), panel in zip(patch.maps, grid, strict=False):
        _map(figure, panel, patch, (name, unit, values))
    grid[0].set_ylabel("up [mm]")
    grid[_ABREAST * (lines - 1)].set(xlabel="across [mm]", ylabel="up [mm]")
    return figure


def _map(figure: Figure, panel: Axes, patch: Patch, shown: tuple[str, str, FloatArray]) -> None:
    """Draw one quantity over the surface, with a colour bar below; of one that is the same everywhere say so."""
    name, unit, values = shown
    signed = name == "gap" and bool(values.min() < 0.0)
    reach = float(np.abs(values).max())
    # Blue is open, red pressed together; of all else bright is much. Both scales read the same to the colour-blind.
    colours, limits = ("RdBu", (-reach, reach)) if signed else ("viridis", _ends(values))
    corners = patch.plane[patch.quads]
    cells = PolyCollection(
        list(corners), array=values[patch.quads].mean(axis=1), cmap=colours, edgecolors="face"
    )
    cells.set_clim(*limits)
    panel.add_collection(cells)
    panel.autoscale_view()
    panel.set_aspect("equal")
    panel.set_title(f"{name}\n[{unit}]")
    if np.ptp(values) <= 0.0:
        cells.set(cmap="Greys", clim=(0.0, 10.0), array=np.ones(len(patch.quads)))
        panel.annotate(
            f"{values[0]:g}\neverywhere", (0.5, 0.5), xycoords="axes fraction", ha="center", va="center"
        )
        return
    figure.colorbar(cells, ax=panel, shrink=0.9)


def _ends(values: FloatArray) -> tuple[float, float]:
    """Return the ends of a colour scale, not so near to each other that noise would look like a pattern."""
    low, high = float(values.min()), float(values.max())
    least = _LEAST_SPAN * max(abs(low), abs(high))
    middle, half = (low + high) / 2, max(high - low, least) / 2
    return middle - half, middle + half
