"""Ligament strain, (length - reference length) / reference length: against time, and peaks by ligament and level."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from fem.anatomy.vocabulary import BUNDLES
from fem.figures.data import Clock, NothingToDrawError, ResultData, clock
from fem.figures.drawing import COLOURS, GREY, Drawing, legend, panels, style
from fem.results.tables import Cell

DEFINITION: Final = (
    "Strain = (length - reference length) / reference length of each strand; negative is slack."
)
_PANELS: Final = 2
_HATCHES: Final = ("", "////", "....", "xxxx", "----", "++++", "oooo")

Bundle = tuple[str, str]


def draw_strain(data: Sequence[ResultData], wanted: Sequence[str] = ()) -> list[Drawing]:
    """Draw strain against time: a panel a bundle, a line a result, a band over its strands, its limit.

    Parameters
    ----------
    wanted : bundles as ``L4-L5 CL left``; without, the capsule of the target and the bundles nearest to their limits.
    """
    bundles = [_parsed(text, data) for text in wanted] or _telling(data)
    if not bundles:
        raise NothingToDrawError("the given results hold no ligaments")
    figure, axes = panels(len(bundles), 36.0)
    time = clock(data)
    rows: list[tuple[Cell, ...]] = []
    for bundle, panel in zip(bundles, axes, strict=True):
        for number, one in enumerate(data):
            rows += _course(panel, one, bundle, time, number)
        _limit(panel, data, bundle)
        panel.axhline(0.0, color=GREY, linewidth=0.5)
        panel.set_ylabel(f"{' '.join(bundle)}\nstrain [%]")
    axes[-1].set(xlabel=time.label, xlim=time.limits)
    if len(data) > 1:
        legend(axes[0], 1)
    says = (
        f"Strain of {' and '.join(' '.join(bundle) for bundle in bundles)} against time: mean over the strands, the "
        f"band from the least to the most strained strand. {DEFINITION} The dashed line is the strain beyond which a "
        "run warns, with the kind and source of that number."
    )
    header = ("result", "level", "bundle", "time_s", "mean_strain", "least_strain", "largest_strain")
    return [Drawing("strain", "strain", figure, says, header, rows)]


def _parsed(text: str, data: Sequence[ResultData]) -> Bundle:
    level, _, bundle = text.strip().partition(" ")
    known = {
        (lev, name)
        for one in data
        for lev, names in one.result.summary.get("ligaments", {}).items()
        for name in names
    }
    if (level, bundle) not in known:
        places = ", ".join(sorted({lev for lev, _ in known})) or "none"
        names = ", ".join(sorted({name for _, name in known})) or "none"
        raise NothingToDrawError(
            f"there is no bundle '{text}' in the results; levels: {places}; bundles: {names}"
        )
    return level, bundle


def _telling(data: Sequence[ResultData]) -> list[Bundle]:
    """Return the capsule of the target and the bundle that comes nearest to its limit, both if they differ."""
    found: list[Bundle] = []
    for one in data:
        level, _, side = (one.target or "").partition(" ")
        if f"CL {side}" in one.result.summary.get("ligaments", {}).get(level, {}):
            found.append((level, f"CL {side}"))
    ranked = sorted(
        (
            (float(entry.get("limit_fraction", 0.0)), level, bundle)
            for one in data
            for level, entries in one.result.summary.get("ligaments", {}).items()
            for bundle, entry in entries.items()
        ),
        reverse=True,
    )
    found += [(level, bundle) for _, level, bundle in ranked]
    return list(dict.fromkeys(found))[:_PANELS]


def _course(panel: Axes, one: ResultData, bundle: Bundle, time: Clock, number: int) -> list[tuple[Cell, ...]]:
    level, name = bundle
    table = one.table("ligaments").where(level=level, bundle=name)
    if not len(table):
        return []
    times, mean = table.numbers("time_s"), table.numbers("mean_strain")
    low, high = _band(one, bundle, times, table.numbers("peak_strain"))
    panel.fill_between(
        time(one, times), 100 * low, 100 * high, color=COLOURS[number % 7], alpha=0.2, linewidth=0.0
    )
    panel.plot(time(one, times), 100 * mean, **style(number), label=one.label)
    return [
        (one.label, level, name, *(float(value) for value in row))
        for row in zip(times, mean, low, high, strict=True)
    ]


def _band(
    one: ResultData, bundle: Bundle, times: np.ndarray, highest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest strand strain at each time (t,); without strands only the largest."""
    strands = one.table("strands").where(level=bundle[0], bundle=bundle[1])
    if not len(strands) or len(strands) % len(times):
        return highest, highest
    strain = strands.numbers("strain").reshape(len(times), -1)
    return strain.min(axis=1), strain.max(axis=1)


def _limit(panel: Axes, data: Sequence[ResultData], bundle: Bundle) -> None:
    limits = {one.limit(bundle[1]) for one in data} - {None}
    low, high = panel.get_ylim()
    for limit in limits:
        assert limit is not None
        value, source = 100 * limit[0], limit[1]
        text = f"warns beyond {value:.0f} % ({source})"
        if value <= high + 0.6 * (high - low):
            panel.axhline(value, color="black", linewidth=0.8, linestyle="--")
            panel.set_ylim(low, max(high, value + 0.12 * (value - low)))
            panel.annotate(text, (1.0, value), xycoords=("axes fraction", "data"), xytext=(0, 2),
                           textcoords="offset points", ha="right", fontsize=6)  # fmt: skip
        else:
            panel.annotate(f"{text}: above this panel", (1.0, 1.0), xycoords="axes fraction", xytext=(0, 1),
                           textcoords="offset points", ha="right", fontsize=6)  # fmt: skip


def draw_peaks(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw the peak strain of every ligament: a panel a level, bars a result, a mark at each limit."""
    sections = [one.result.summary.get("ligaments", {}) for one in data]
    levels = list(dict.fromkeys(level for section in sections for level in section))
    if not levels:
        raise NothingToDrawError("the given results hold no ligaments")
    bundles = [
        name
        for name in BUNDLES
        if any(name in section.get(level, {}) for section in sections for level in levels)
    ]
    figure, axes = panels(len(levels), 27.0 if len(levels) > 1 else 45.0)
    rows: list[tuple[Cell, ...]] = []
    for level, panel in zip(levels, axes, strict=True):
        for number, one in enumerate(data):
            rows += _bars(panel, one, level, bundles, (number, len(data)))
        _marks(panel, data, bundles)
        panel.axhline(0.0, color="black", linewidth=0.5)
        panel.set_ylabel(f"{level}\npeak strain [%]")
    low, high = zip(*(panel.get_ylim() for panel in axes), strict=True)
    for panel in axes:
        panel.set_ylim(min(low), max(high))
    axes[-1].set_xticks(range(len(bundles)), [name.replace(" ", "\n") for name in bundles])
    if len(data) > 1:
        legend(axes[0], 1)
    says = (
        f"Largest strain of any strand of each ligament over the run, by level. {DEFINITION} The black marks are the "
        "strains beyond which a run warns."
    )
    return [
        Drawing(
            "peak_strain", "peaks", figure, says, ("result", "level", "bundle", "peak_strain", "limit"), rows
        )
    ]


def _bars(
    panel: Axes, one: ResultData, level: str, bundles: Sequence[str], place: tuple[int, int]
) -> list[tuple[Cell, ...]]:
    number, count = place
    entries = one.result.summary.get("ligaments", {}).get(level, {})
    there = [index for index, name in enumerate(bundles) if name in entries]
    heights = [float(entries[bundles[index]]["peak_strain"]) for index in there]
    width = 0.8 / count
    panel.bar(
        [index + (number - (count - 1) / 2) * width for index in there], [100 * height for height in heights], width,
        color=COLOURS[number % len(COLOURS)], hatch=_HATCHES[number % len(_HATCHES)], edgecolor="white", linewidth=0.3,
        label=one.label,
    )  # fmt: skip
    limits = [one.limit(bundles[index]) for index in there]
    return [
        (one.label, level, bundles[index], height, "" if limit is None else limit[0])
        for index, height, limit in zip(there, heights, limits, strict=True)
    ]


def _marks(panel: Axes, data: Sequence[ResultData], bundles: Sequence[str]) -> None:
    for index, name in enumerate(bundles):
        for limit in {one.limit(name) for one in data} - {None}:
            assert limit is not None
            panel.plot([index - 0.42, index + 0.42], [100 * limit[0]] * 2, color="black", linewidth=1.0)
