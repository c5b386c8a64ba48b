"""``summary.json``: the headline numbers of a run under stable keys (catalogue: `fem.results.quantities`)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from fem.results.energy import energy_entry, most_moved
from fem.results.quantities import SECTIONS
from fem.results.record import Energies, ModelInfo, StepRecord, Table

SUMMARY_VERSION: Final = 1

#: Summary entry -> table column, where the summary shows the value of the last step.
_LAST: Final[dict[str, dict[str, str]]] = {
    "levels": {name: name for name in ("flexion_deg", "lateral_bending_deg", "axial_rotation_deg")},
    "facets": {name: name for name in ("gap_min_mm", "gap_mean_mm", "gap_mean_change_mm", "contact_force_N")},
    "discs": {name: name for name in ("pressure_MPa", "pressure_rise_MPa")},
}

#: Summary entry -> table column, where it shows the largest value of the run.
_LARGEST: Final[dict[str, dict[str, str]]] = {
    "ligaments": {"peak_force_N": "force_N", "limit_fraction": "limit_fraction"},
    "facets": {"peak_gap_mean_mm": "gap_mean_mm", "opening_speed_mm_s": "opening_speed_mm_s"},
    "muscles": {name: name for name in ("activation", "force_N", "fibre_velocity_1_s", "over_limit")},
}

#: Key columns of which the place in the summary is made, where a table has them.
_PLACES: Final = ("level", "bundle", "joint", "muscle")

#: Section -> the column whose largest value decides a peak, and what else is kept of that moment.
_PEAKS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "ligaments": ("peak_strain", ("reference_length_mm", "state")),
    "muscles": ("fibre_strain", ()),
}

#: Column of the muscle table -> how the fascicles of one group and side make one number.
_FOLDS: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "activation": max,
    "force_N": sum,
    "fibre_strain": max,
    "fibre_velocity_1_s": max,
    "over_limit": sum,
}

#: Stages in which the solver gets over what failed (`fem.solver.recovery.STAGES`, which costs much to import).
RECOVERY_STAGES: Final = ("line_searches", "restarts", "shorter_steps", "load_back_offs")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: status (complete, failed, interrupted), wall-clock seconds, why if not complete."""

    status: str
    wall_s: float
    message: str = ""


class SummaryBuilder:
    """Keeps last values and peaks while a run goes on; holds no fields."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, dict[str, Any]]] = {}
        self._iterations: list[tuple[int, int]] = []
        self._first: Energies | None = None
        self._last: Energies | None = None
        self._moved = 0.0
        self._recovered: Counter[str] = Counter()

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        ends = {"first": self._first, "last": self._last}
        energies = {name: None if found is None else asdict(found) for name, found in ends.items()}
        recovered = dict(self._recovered)
        return {
            "entries": self._entries,
            "iterations": self._iterations,
            "moved": self._moved,
            "recovered": recovered,
            **energies,
        }

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Go on from a `memory`."""
        self._entries, self._moved = dict(memory["entries"]), memory["moved"]
        self._iterations = [(step, count) for step, count in memory["iterations"]]
        self._recovered = Counter(memory["recovered"])
        first, last = (memory[name] for name in ("first", "last"))
        self._first = None if first is None else Energies(**first)
        self._last = None if last is None else Energies(**last)

    def count_recovery(self, stage: str) -> None:
        """Take into account that the solver went through a stage of recovery (`fem.solver.recovery`)."""
        self._recovered[stage] += 1

    def add(self, record: StepRecord) -> None:
        """Take one converged step into account."""
        self._iterations.append((record.step, record.iterations))
        self._first = self._first or record.energies
        self._last = record.energies
        self._moved = max(self._moved, most_moved(self._first, record.energies))
        for section, table in record.tables.items():
            if section in SECTIONS:
                for place, row in table_rows(muscle_groups(table) if section == "muscles" else table):
                    entry = self._entries.setdefault(section, {}).setdefault(place, {})
                    _update(entry, section, row, record.time_s)

    def build(
        self,
        model: ModelInfo | None,
        outcome: Outcome,
        reported: Mapping[str, Mapping[str, float]] | None = None,
    ) -> dict[str, Any]:
        """Return the summary; keys of physics that did not take part are absent.

        `reported` adds sections of numbers that are no part of a spine, as verification problems have.
        """
        summary: dict[str, Any] = {
            "version": SUMMARY_VERSION,
            "status": outcome.status,
            "converged": outcome.status == "complete",
            "wall_s": round(outcome.wall_s, 3),
        }
        if model is not None:
            summary["dof"] = model.dof
            if model.target is not None:
                summary["target"] = model.target
        summary.update(self._sections())
        if self._first is not None and self._last is not None:
            summary["energy"] = energy_entry(self._first, self._last, self._moved)
            recovered = {stage: self._recovered[stage] for stage in RECOVERY_STAGES}
            summary["newton"] = {**newton_entry(self._iterations), **recovered}
        summary.update({section: dict(numbers) for section, numbers in (reported or {}).items()})
        return summary

    def _sections(self) -> dict[str, Any]:
        sections: dict[str, Any] = {}
        for section in SECTIONS:
            for place, entry in self._entries.get(section, {}).items():
                branch = sections.setdefault(section, {})
                *outer, leaf = place.split("\t")
                for key in outer:
                    branch = branch.setdefault(key, {})
                branch[leaf] = dict(entry)
        return sections


def table_rows(table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (place, row); the place joins the key columns present with a tab: level and bundle, joint, fascicle."""
    columns = list(table)
    keys = ["fascicle"] if "fascicle" in table else [key for key in _PLACES if key in table]
    for values in zip(*table.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        yield "\t".join(str(row[key]) for key in keys), row


def muscle_groups(table: Table) -> Table:
    """Return the muscle table with one row for each group and side: forces are summed, of the rest the largest."""
    rows: dict[str, list[int]] = {}
    for number, (group, side) in enumerate(zip(table["group"], table["side"], strict=True)):
        rows.setdefault(f"{group} {side}", []).append(number)
    columns = {
        name: [fold([float(table[name][row]) for row in own]) for own in rows.values()]
        for name, fold in _FOLDS.items()
    }
    return {"muscle": list(rows), **columns}


def newton_entry(iterations: Sequence[tuple[int, int]]) -> dict[str, float]:
    """Return the total and the median over load steps of (step, iterations); step 0 is no load step."""
    steps = [count for step, count in iterations if step > 0]
    total = sum(count for _, count in iterations)
    return {"iterations": total, "median_per_step": median(steps) if steps else 0}


def _update(entry: dict[str, Any], section: str, row: Mapping[str, Any], time: float) -> None:
    if section in _PEAKS:
        peak, kept = _PEAKS[section]
        if row[peak] > entry.get(peak, float("-inf")):
            entry.update({peak: row[peak], "time_of_peak_s": time}, **{name: row[name] for name in kept})
    entry.update({name: row[column] for name, column in _LAST.get(section, {}).items() if column in row})
    for name, column in _LARGEST.get(section, {}).items():
        if column in row:
            entry[name] = max(row[column], entry.get(name, row[column]))
