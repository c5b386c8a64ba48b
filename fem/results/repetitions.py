"""What repeating a case did to its ligaments: ``repetitions.csv``, and its sections of the summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from fem.results.atomic import write_text
from fem.results.quantities import ROTATIONS
from fem.results.tables import Cell, cell_text, csv_text

REPETITIONS_FILE: Final = "repetitions.csv"
#: Columns of the file: one row for each repetition, level and bundle.
COLUMNS: Final = (
    *("repetition", "level", "bundle", "peak_strain", "limit_fraction"),
    *("new_elongation_mm", "elongation_mm", "stiffness_left", "torn_strands"),
)


@dataclass(frozen=True, slots=True)
class BundleCost:
    """What one repetition did to one bundle.

    Attributes
    ----------
    peak_strain : largest strain of a strand in this repetition, of its intact reference length.
    limit_fraction : largest strain of a strand over its sub-failure strain.
    new_elongation, elongation : [mm] largest unrecovered elongation of a strand: from this repetition, in all.
    stiffness_left : mean over the strands, 1 for intact ones.
    torn : number of strands past their failure strain.
    """

    level: str
    bundle: str
    peak_strain: float
    limit_fraction: float
    new_elongation: float
    elongation: float
    stiffness_left: float
    torn: int


@dataclass(frozen=True, slots=True)
class Flexibility:
    """Level -> rotations (3,) [deg] between opposite moments, in the order of `ROTATIONS`: standard and small ones."""

    range_of_motion: Mapping[str, Sequence[float]]
    neutral_zone: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Repetitions:
    """A repeated run so far.

    Attributes
    ----------
    asked : how often the case is to be run.
    solved : how many repetitions were solved; one that found the ligaments as the one before is the same again.
    costs : one list for each repetition, in order.
    before, after : flexibility of the intact specimen, and of the one that the repetitions left, where tested.
    """

    asked: int
    solved: int = 0
    costs: tuple[tuple[BundleCost, ...], ...] = field(default=())
    before: Flexibility | None = None
    after: Flexibility | None = None


def write_repetitions(folder: Path, repetitions: Repetitions) -> None:
    """Write ``repetitions.csv`` anew."""
    rows: list[tuple[Cell, ...]] = [
        (
            number,
            *(cost.level, cost.bundle, cost.peak_strain, cost.limit_fraction),
            *(cost.new_elongation, cost.elongation, cost.stiffness_left, cost.torn),
        )
        for number, costs in enumerate(repetitions.costs, start=1)
        for cost in costs
    ]
    cells = [[cell_text(cell, REPETITIONS_FILE) for cell in row] for row in rows]
    write_text(folder / REPETITIONS_FILE, csv_text([COLUMNS, *cells]))


def with_repetitions(summary: Mapping[str, Any], repetitions: Repetitions) -> dict[str, Any]:
    """Return the summary with the sections ``repetitions``, ``laxity`` and ``flexibility``."""
    found = {**summary, "repetitions": _totals(repetitions)}
    if repetitions.costs:
        found["laxity"] = _laxity(repetitions)
    if repetitions.before is not None:
        found["flexibility"] = _flexibility(repetitions.before, repetitions.after)
    return found


def _totals(repetitions: Repetitions) -> dict[str, Any]:
    last = repetitions.costs[-1] if repetitions.costs else ()
    totals: dict[str, Any] = {
        "asked": repetitions.asked,
        "done": len(repetitions.costs),
        "solved": repetitions.solved,
        "limit_fraction": max(
            (cost.limit_fraction for costs in repetitions.costs for cost in costs), default=0.0
        ),
        "elongation_mm": max((cost.elongation for cost in last), default=0.0),
        "torn_strands": sum(cost.torn for cost in last),
    }
    if repetitions.before is not None and repetitions.after is not None:
        totals["range_of_motion_rise"] = _rise(
            repetitions.before.range_of_motion, repetitions.after.range_of_motion
        )
        totals["neutral_zone_rise"] = _rise(repetitions.before.neutral_zone, repetitions.after.neutral_zone)
    return totals


def _rise(before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]) -> float:
    """Return the largest rise of any rotation of any level, over what it was."""
    return float(max(np.max(np.divide(after[level], before[level]) - 1.0) for level in before))


def _laxity(repetitions: Repetitions) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for cost in repetitions.costs[-1]:
        own = [
            earlier
            for costs in repetitions.costs
            for earlier in costs
            if (earlier.level, earlier.bundle) == (cost.level, cost.bundle)
        ]
        found.setdefault(cost.level, {})[cost.bundle] = {
            "peak_strain": max(earlier.peak_strain for earlier in own),
            "elongation_mm": cost.elongation,
            "stiffness_left": cost.stiffness_left,
            "torn_strands": cost.torn,
        }
    return found


def _flexibility(before: Flexibility, after: Flexibility | None) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for moment, flexibility in (("before", before), ("after", after)):
        if flexibility is None:
            continue
        for zone, rotations in (
            ("", flexibility.range_of_motion),
            ("neutral_zone_", flexibility.neutral_zone),
        ):
            for level, angles in rotations.items():
                entry = found.setdefault(level, {})
                names = (f"{zone}{name}_{moment}_deg" for name in ROTATIONS)
                entry.update({name: float(angle) for name, angle in zip(names, angles, strict=True)})
    return found
