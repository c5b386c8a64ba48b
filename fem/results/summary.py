"""``summary.json``: the headline numbers of a run under stable keys (catalogue: `fem.results.quantities`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

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
}


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

    def add(self, record: StepRecord) -> None:
        """Take one converged step into account."""
        self._iterations.append((record.step, record.iterations))
        self._first = self._first or record.energies
        self._last = record.energies
        for section, table in record.tables.items():
            if section in _LAST or section in _LARGEST:
                for place, row in table_rows(table):
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
            summary["energy"] = energy_entry(self._first, self._last)
            summary["newton"] = newton_entry(self._iterations)
        summary.update({section: dict(numbers) for section, numbers in (reported or {}).items()})
        return summary

    def _sections(self) -> dict[str, Any]:
        sections: dict[str, Any] = {}
        for section in ("levels", "ligaments", "facets", "discs"):
            for place, entry in self._entries.get(section, {}).items():
                branch = sections.setdefault(section, {})
                *outer, leaf = place.split("\t")
                for key in outer:
                    branch = branch.setdefault(key, {})
                branch[leaf] = dict(entry)
        return sections


def table_rows(table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (place, row); the place joins the key columns present (level, bundle or joint) with a tab."""
    columns = list(table)
    keys = [key for key in ("level", "bundle", "joint") if key in table]
    for values in zip(*table.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        yield "\t".join(str(row[key]) for key in keys), row


def energy_entry(first: Energies, last: Energies) -> dict[str, float]:
    """Return work, stored, dissipated [mJ] and the relative error of their balance.

    Notes
    -----
    error = |W - ΔU - D| / max(|W|, |ΔU|), with W and D counted from the first record and ΔU the change of the
    stored energy since then (pre-strained ligaments store energy before any load). Zero when nothing moved.
    """
    work, dissipated = last.work - first.work, last.dissipated - first.dissipated
    change = last.stored - first.stored
    scale = max(abs(work), abs(change))
    return {
        "work_mJ": last.work,
        "stored_mJ": last.stored,
        "dissipated_mJ": last.dissipated,
        "balance_error": abs(work - change - dissipated) / scale if scale > 0 else 0.0,
    }


def newton_entry(iterations: Sequence[tuple[int, int]]) -> dict[str, float]:
    """Return the total and the median over load steps of (step, iterations); step 0 is no load step."""
    steps = [count for step, count in iterations if step > 0]
    total = sum(count for _, count in iterations)
    return {"iterations": total, "median_per_step": median(steps) if steps else 0}


def _update(entry: dict[str, Any], section: str, row: Mapping[str, Any], time: float) -> None:
    if section == "ligaments" and row["peak_strain"] > entry.get("peak_strain", float("-inf")):
        entry.update(
            peak_strain=row["peak_strain"],
            time_of_peak_s=time,
            reference_length_mm=row["reference_length_mm"],
            state=row["state"],
        )
    entry.update({name: row[column] for name, column in _LAST.get(section, {}).items() if column in row})
    for name, column in _LARGEST.get(section, {}).items():
        if column in row:
            entry[name] = max(row[column], entry.get(name, row[column]))
