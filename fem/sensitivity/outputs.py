"""What is asked of a run: opening of the target, strain of the capsules, or any number of its summary."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fem.errors import UsageError
from fem.results.expect import lookup
from fem.results.read import Result, read_result, read_table


@dataclass(frozen=True, slots=True)
class Output:
    """Name, unit and meaning of what is asked."""

    name: str
    unit: str
    meaning: str


#: The answers that a pop turns on.
OUTPUTS: Final[dict[str, Output]] = {
    output.name: output
    for output in (
        Output("margin", "1", "margin of the target's verdict: above 0 it pops"),
        Output("margin_since_rest", "1", "the same, counted since rest: positioning included"),
        Output("peak_gap", "mm", "largest mean gap of the target"),
        Output("opening", "mm", "largest growth of the target's mean gap since rest"),
        Output("capsule_strain", "1", "largest strand strain of any facet capsule"),
    )
}
#: What is found by replays of the film rather than read from a result.
REPLAYED: Final = ("margin", "margin_since_rest")


def measure(folder: Path, name: str, target: str | None) -> float:
    """Return an answer of the result in `folder`, in the unit of its `Output` (of the summary, for others).

    Raises
    ------
    UsageError
        When the run is not complete, or holds no such number.
    """
    result = read_result(folder)
    if result.status != "complete":
        raise UsageError(f"the run in {folder} is {result.status}")
    known = _READ.get(name)
    value = lookup(result.summary, name) if known is None else known(result, target or "")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"the result in {folder} holds no number {name}")
    return float(value)


def _peak_gap(result: Result, target: str) -> Any:
    return result.summary.get("facets", {}).get(target, {}).get("peak_gap_mean_mm")


def _opening(result: Result, target: str) -> Any:
    rows = [row for row in read_table(result.path, "facets") if row["joint"] == target]
    return max((float(row["gap_mean_change_mm"]) for row in rows), default=None)


def _capsule_strain(result: Result, target: str) -> Any:
    levels = result.summary.get("ligaments", {}).values()
    strains = [
        entry["peak_strain"] for level in levels for name, entry in level.items() if name.startswith("CL")
    ]
    return max(strains, default=None)


_READ: Final[dict[str, Callable[[Result, str], Any]]] = {
    "peak_gap": _peak_gap,
    "opening": _opening,
    "capsule_strain": _capsule_strain,
}
