"""What a case must show: judge `expect` entries against the summary; refuse unknown names before a run."""

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fem.results.quantities import summary_paths

#: Where an expected range comes from; a regression range is only what an earlier version gave.
KINDS: Final = ("analytic", "published", "regression")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One `expect` entry: dotted path into the summary, allowed range (in the unit of the name), origin."""

    quantity: str
    low: float
    high: float
    kind: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An expectation and what came out; `value` is None where the summary holds no such number."""

    expectation: Expectation
    value: float | None
    passed: bool
    reason: str

    def entry(self) -> dict[str, Any]:
        """Return the verdict as the mapping kept in ``summary.json``."""
        wanted = self.expectation
        return {
            "quantity": wanted.quantity,
            "between": [wanted.low, wanted.high],
            "kind": wanted.kind,
            "source": wanted.source,
            "value": self.value,
            "passed": self.passed,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class KnownQuantity:
    """Answer of `known_quantity`; false in a condition when the name is unknown.

    `unit` is the quantity's unit (``1`` for plain numbers); `suggestion` the nearest valid name, or empty.
    """

    known: bool
    unit: str = ""
    suggestion: str = ""

    def __bool__(self) -> bool:
        return self.known


def known_quantity(name: str, levels: Sequence[str]) -> KnownQuantity:
    """Return whether a summary of a case with these levels can hold the number `name`, and its unit."""
    units = {path: quantity.unit for path, quantity in summary_paths(levels) if quantity.unit}
    if name in units:
        return KnownQuantity(True, unit=units[name])
    near = difflib.get_close_matches(name, units, n=1, cutoff=0.6)
    return KnownQuantity(False, suggestion=near[0] if near else "")


def judge(expectations: Sequence[Expectation], summary: Mapping[str, Any]) -> list[Verdict]:
    """Return one verdict per expectation, in order. A missing value or NaN misses."""
    return [_judge_one(expectation, lookup(summary, expectation.quantity)) for expectation in expectations]


def lookup(summary: Mapping[str, Any], path: str) -> Any:
    """Return the summary's entry at a dotted path, or None."""
    value: Any = summary
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def missed(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the verdicts in a summary that did not pass."""
    return [entry for entry in summary.get("expect", []) if not entry["passed"]]


def _judge_one(expectation: Expectation, value: Any) -> Verdict:
    low, high = expectation.low, expectation.high
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Verdict(expectation, None, False, f"the result holds no number {expectation.quantity}")
    if not math.isfinite(value):
        return Verdict(expectation, None, False, f"{expectation.quantity} is not a finite number")
    if low <= value <= high:
        return Verdict(expectation, float(value), True, "")
    side = "below" if value < low else "above"
    return Verdict(
        expectation, float(value), False, f"{value:.6g} is {side} the range {low:.6g} … {high:.6g}"
    )
