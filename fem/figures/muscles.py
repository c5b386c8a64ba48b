"""Activation and force of the muscles against time."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from fem.arrays import FloatArray
from fem.figures.data import NothingToDrawError, ResultData, clock
from fem.figures.drawing import COLOURS, Drawing, legend, panels, stem, style
from fem.results.tables import Cell

#: At most so many groups: those that reach the largest forces.
_GROUPS: Final = 5

Course = tuple[str, FloatArray, FloatArray, FloatArray]


def draw_muscles(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw activation above and force below of the strongest groups: a figure a result."""
    return [_muscles(one, len(data) > 1) for one in data]


def _muscles(one: ResultData, several: bool) -> Drawing:
    courses = group_courses(one)
    if not courses:
        raise NothingToDrawError(f"{one.label} was solved without muscles")
    strongest = sorted(courses, key=lambda course: -float(course[3].max()))[:_GROUPS]
    figure, axes = panels(2, 38.0)
    time = clock([one])
    for number, (name, times, activation, force) in enumerate(strongest):
        look = style(number % len(COLOURS))
        axes[0].plot(time(one, times), 100 * activation, **look, label=name)
        axes[1].plot(time(one, times), force, **look)
    axes[0].set_ylabel("activation [%]")
    axes[1].set(ylabel="force [N]", xlabel=time.label, xlim=time.limits)
    legend(axes[0], 2)
    says = (
        f"Muscles of {one.label}: largest activation of any fascicle and force of all fascicles together, of the "
        f"{len(strongest)} groups and sides that pull hardest; the data hold all {len(courses)}."
    )
    header = ("group", "time_s", "activation", "force_N")
    rows: list[tuple[Cell, ...]] = [
        (name, float(t), float(a), float(f))
        for name, times, activation, force in courses
        for t, a, f in zip(times, activation, force, strict=True)
    ]
    return Drawing(
        stem("muscles", one.label) if several else "muscles", "muscles", figure, says, header, rows
    )


def group_courses(one: ResultData) -> list[Course]:
    """Return (group and side, times [s], largest activation, force of all fascicles [N]) of every group."""
    table = one.table("muscles")
    if not len(table):
        return []
    times = np.unique(table.numbers("time_s"))
    activation, force = table.numbers("activation"), table.numbers("force_N")
    group, side = table.columns["group"], table.columns["side"]
    found = []
    for name in table.texts("group"):
        for hand in table.texts("side"):
            rows = (group == name) & (side == hand)
            if rows.any():
                each = activation[rows].reshape(len(times), -1), force[rows].reshape(len(times), -1)
                found.append((f"{name} {hand}", times, each[0].max(axis=1), each[1].sum(axis=1)))
    return found
