"""Load and motion against time; moment against rotation."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from fem.figures.data import Clock, LoadCourse, NothingToDrawError, ResultData, clock
from fem.figures.drawing import COLOURS, GREY, Drawing, legend, panels, stem, style
from fem.results.motions import ANGLE_OF_MOTION
from fem.results.tables import Cell

_ANGLES: Final = {
    "flexion": "flexion_deg",
    "bending left": "lateral_bending_deg",
    "turn left": "axial_rotation_deg",
}
_LONGEST: Final = 44


def draw_load(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw loads above and the motion of one level below, a figure a result."""
    return [_load_and_motion(one, len(data) > 1) for one in data]


def _load_and_motion(one: ResultData, several: bool) -> Drawing:
    levels = one.table("levels")
    if not len(levels):
        raise NothingToDrawError(f"{one.label} holds no table of its levels: nothing moves in it")
    if not one.loads:
        raise NothingToDrawError(f"{one.label} carries no load, or its resolved case cannot be read")
    units = list(dict.fromkeys(load.unit for load in one.loads))
    figure, axes = panels(len(units) + 1, 31.0)
    time = clock([one])
    rows: list[tuple[Cell, ...]] = []
    for unit, panel in zip(units, axes[:-1], strict=True):
        rows += _loads(panel, one, time, unit)
    level = (one.target or "").rpartition(" ")[0] or levels.texts("level")[-1]
    rows += _motion(axes[-1], one, time, level)
    axes[-1].set(xlabel=time.label, xlim=time.limits)
    says = (
        f"Loads of {one.label} and the rotation of {level} against time"
        + ("; preload, onset and peak of the thrust are marked" if one.thrusts else "")
        + ". Rotation of the upper on the lower vertebra, right-handed about anatomical axes."
    )
    name = stem("load", one.label) if several else "load"
    return Drawing(name, "load", figure, says, ("quantity", "unit", "time_s", "value"), rows)


def _loads(panel: Axes, one: ResultData, time: Clock, unit: str) -> list[tuple[Cell, ...]]:
    loads = [load for load in one.loads if load.unit == unit]
    for number, load in enumerate(loads):
        times, values = _extended(load, one.end)
        panel.plot(time(one, times), values, **style(number), label=_short(load.name))
    if unit == "N":
        _thrust_marks(panel, one, time)
    panel.set_ylabel(f"{loads[0].what} [{unit}]")
    legend(panel)
    return [
        (load.name, unit, float(t), float(v))
        for load in loads
        for t, v in zip(load.times, load.values, strict=True)
    ]


def _extended(load: LoadCourse, end: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the curve up to the end that was reached: a load is held after its last point."""
    times = np.append(load.times, max(end, float(load.times[-1])))
    return times, np.append(load.values, load.values[-1])


def _thrust_marks(panel: Axes, one: ResultData, time: Clock) -> None:
    for thrust in one.thrusts:
        marks = [("onset", thrust.onset, thrust.preload), ("peak", thrust.time, thrust.peak)]
        for word, moment, value in marks:
            if value <= 0.0:
                continue
            panel.plot(time(one, moment), value, "o", color="black", markersize=3.0)
            text = f"onset, preload {value:.0f} N" if word == "onset" else f"peak {value:.0f} N"
            panel.annotate(
                text, (float(time(one, moment)), value), xytext=(5, -7 if word == "onset" else -2),
                textcoords="offset points", fontsize=6,
            )  # fmt: skip


def _motion(panel: Axes, one: ResultData, time: Clock, level: str) -> list[tuple[Cell, ...]]:
    table = one.table("levels").where(level=level)
    times = table.numbers("time_s")
    rows: list[tuple[Cell, ...]] = []
    for number, (word, column) in enumerate(_ANGLES.items()):
        values = table.numbers(column)
        panel.plot(time(one, times), values, **style(number), label=word)
        rows += [(f"{level} {column}", "deg", float(t), float(v)) for t, v in zip(times, values, strict=True)]
    panel.axhline(0.0, color=GREY, linewidth=0.5)
    panel.set_ylabel(f"rotation {level} [deg]")
    legend(panel, 3)
    return rows


def draw_moment(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw rotation against the moment that causes it: each level of one result, or the whole of several."""
    curves = [curve for one in data for curve in _curves(one, whole=len(data) > 1)]
    if not curves:
        raise NothingToDrawError(
            "no moment that changes acts in the given results, so there is no moment to plot against"
        )
    figure, (panel,) = panels(1, 58.0)
    rows: list[tuple[Cell, ...]] = []
    for number, (label, motion, moments, angles) in enumerate(curves):
        panel.plot(angles, moments, **style(number), marker="o", markersize=2.0, label=label)
        rows += [(label, motion, float(a), float(m)) for a, m in zip(angles, moments, strict=True)]
    motions = " / ".join(dict.fromkeys(curve[1] for curve in curves))
    panel.set(xlabel=f"rotation, {motions} [deg]", ylabel="moment [N m]")
    legend(panel, 3 if len(data) == 1 else 1)
    says = (
        f"Moment against rotation ({motions}) at the converged steps, loading and unloading; both positive in the "
        "direction of the moment. Other loads of the case act as well."
    )
    return [
        Drawing(
            "moment_rotation", "moment", figure, says, ("line", "motion", "rotation_deg", "moment_N_m"), rows
        )
    ]


def _curves(one: ResultData, whole: bool) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Return (label, motion, moments [N m], rotations [deg]) of each level for the first moment that changes."""
    moments = [load for load in one.loads if load.unit == "N m" and np.ptp(load.values) > 0.0]
    levels = one.table("levels")
    if not moments or not len(levels):
        return []
    motion = moments[0].name.partition(", ")[2]
    column, sign = ANGLE_OF_MOTION[motion]
    names = levels.texts("level")
    found = []
    for name in names[-1:] if whole else names:
        table = levels.where(level=name)
        acting = np.interp(table.numbers("time_s"), moments[0].times, moments[0].values)
        label = f"{one.label}, {name}" if whole else name
        found.append((label, motion, acting, sign * table.numbers(column)))
    return found[: len(COLOURS)]


def _short(name: str) -> str:
    plain = name.partition(" along ")[0]
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
