"""What a figure draws of one result: its tables as columns, its loads as curves, its clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray
from fem.errors import FacetgapError, UsageError
from fem.figures.columns import Columns
from fem.results.read import Result, read_result, read_table
from fem.results.takeover import RESOLVED_FILE
from fem.units import from_internal

#: Unit of a load inside -> the one it is drawn in, and what it is.
_DRAWN: Final = {
    "N": ("N", "force"),
    "N mm": ("N m", "moment"),
    "mm": ("mm", "travel"),
    "rad": ("deg", "rotation"),
}
_BEFORE: Final = 0.15


class NothingToDrawError(UsageError):
    """A kind of figure that a result cannot give; the message says why."""


@dataclass(frozen=True, slots=True)
class LoadCourse:
    """One load over the timeline: `values` in `unit` at `times` [s]; `what` it is (force, moment …)."""

    name: str
    what: str
    unit: str
    times: FloatArray
    values: FloatArray


@dataclass(frozen=True, slots=True)
class ThrustTimes:
    """One thrust: preload and peak [N] (0 where it is a travel), and when it begins and peaks [s]."""

    preload: float
    peak: float
    onset: float
    time: float


@dataclass(frozen=True)
class ResultData:
    """One result to draw; `label` names it in legends. Everything is read when first asked for."""

    result: Result
    label: str
    _tables: dict[str, Columns] = field(default_factory=dict, repr=False)

    @property
    def target(self) -> str | None:
        """Return the joint that the case names, such as ``L4-L5 left``."""
        target = self.result.summary.get("target")
        return None if target is None else str(target)

    def table(self, name: str) -> Columns:
        """Return a table; one without rows where the result has none of that name."""
        if name not in self._tables:
            try:
                rows = read_table(self.result.path, name)
            except UsageError:
                rows = []
            names = rows[0] if rows else ()
            self._tables[name] = Columns({key: np.array([row[key] for row in rows]) for key in names})
        return self._tables[name]

    @cached_property
    def case(self) -> Any | None:
        """Return the case as it was resolved; None where it can no longer be read."""
        from fem.case.read import read_case

        try:
            return read_case(self.result.path / RESOLVED_FILE)
        except (FacetgapError, OSError):
            return None

    @cached_property
    def loads(self) -> tuple[LoadCourse, ...]:
        """Return the loads of the case, in the order in which it names them."""
        if self.case is None or self.case.case.spine is None:
            return ()
        from fem.case.timeline import timed_loads

        found = []
        for load in timed_loads(self.case.case, self.case.force_tables()):
            unit, what = _DRAWN[load.unit]
            values = np.array([from_internal(float(value), unit) for value in load.curve.values])
            found.append(LoadCourse(load.name, what, unit, np.asarray(load.curve.times), values))
        return tuple(found)

    @cached_property
    def thrusts(self) -> tuple[ThrustTimes, ...]:
        """Return when each thrust of the case begins and peaks."""
        if self.case is None or self.case.case.spine is None:
            return ()
        from fem.case.loads import ThrustLoad
        from fem.case.thrust_curve import pulse

        tables = self.case.force_tables()
        found, start = [], 0.0
        for number, phase in enumerate(self.case.case.phases):
            for place, load in enumerate(phase.loads):
                if isinstance(load, ThrustLoad):
                    course = pulse(load, tables.get((number, place)))
                    peak = 0.0 if load.displacement else course.preload + float(np.max(course.values))
                    found.append(ThrustTimes(course.preload, peak, start, start + course.time_to_peak))
            start += phase.duration
        return tuple(found)

    @cached_property
    def origin(self) -> float | None:
        """Return when the first dynamic phase begins [s]; None for a result without one."""
        start = 0.0
        for phase in self.case.case.phases if self.case is not None else ():
            if phase.kind == "dynamic":
                return float(start)
            start += phase.duration
        return None

    @property
    def end(self) -> float:
        """Return the last time that was reached [s]."""
        return float(self.result.run.get("last_time_s", 0.0))

    @cached_property
    def event(self) -> tuple[float, str]:
        """Return the moment [s] that matters most, and why: inception, widest gap of the target, peak strain, end."""
        told = self.result.summary.get("facets", {}).get(self.target or "", {}).get("cavitation", {})
        if "time_s" in told:
            return float(told["time_s"]), f"a cavity forms in {self.target}"
        facets = self.table("facets").where(joint=self.target) if self.target else Columns({})
        if len(facets):
            row = int(np.argmax(facets.numbers("gap_mean_mm")))
            return float(facets.numbers("time_s")[row]), f"{self.target} is widest open"
        entries = [e for level in self.result.summary.get("ligaments", {}).values() for e in level.values()]
        if entries:
            worst = max(entries, key=lambda entry: entry["peak_strain"])
            return float(worst["time_of_peak_s"]), "the most strained ligament peaks"
        return self.end, "the end"

    def limit(self, bundle: str) -> tuple[float, str] | None:
        """Return the strain beyond which this result warns of a bundle, and where that number comes from."""
        name = bundle.removesuffix(" left").removesuffix(" right")
        for entry in self.result.run.get("literature", ()):
            if str(entry["set"]).startswith("ligaments/limits") and entry["key"] == f"{name}.warning_strain":
                return float(str(entry["value"]).split()[0]), f"{entry['kind']}, {entry['source']}"
        return None


def open_results(folders: Sequence[Path]) -> list[ResultData]:
    """Return the results of `folders`, labelled by name, by folder where two names are the same."""
    found = [read_result(folder) for folder in folders]
    names = [str(result.run.get("name", result.path.name)) for result in found]
    folders_own = [result.path.resolve().name for result in found]
    choices = (names, folders_own, [str(result.path) for result in found])
    labels = next((choice for choice in choices if len(set(choice)) == len(found)), choices[-1])
    return [ResultData(result, label) for result, label in zip(found, labels, strict=True)]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time axis of some results: label, limits, and whether it counts from where the dynamic phases begin."""

    label: str
    limits: tuple[float, float]
    moving: bool

    def __call__(self, one: ResultData, times: FloatArray | float) -> FloatArray:
        """Return times [s] of a result on this axis."""
        now = np.asarray(times, dtype=np.float64)
        return np.asarray(1e3 * (now - (one.origin or 0.0))) if self.moving else now


def clock(data: Sequence[ResultData]) -> Clock:
    """Return the time axis of some results: [ms] since the thrust where all of them move in time, else [s]."""
    if all(one.origin is not None for one in data):
        longest = max(1e3 * (one.end - (one.origin or 0.0)) for one in data)
        label = "time since the dynamic phase began [ms]"
        return Clock(label, (-_BEFORE * longest, longest), True)
    label = "time [s] (static phases: load steps)"
    return Clock(label, (0.0, max(one.end for one in data) or 1.0), False)
