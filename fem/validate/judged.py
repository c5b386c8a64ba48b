"""What the model says to a published number: inside, below or above by how much, or cannot tell and why."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fem.literature import Datum
from fem.results.salvage import OpenedResult
from fem.units import from_internal, to_internal, unit_named
from fem.validate.declared import Comparison
from fem.validate.terms import MissingValueError, Term, value_of

INSIDE, BELOW, ABOVE, NO_RANGE, CANNOT_TELL = "inside", "below", "above", "no range", "cannot tell"
WORDS: Final = (INSIDE, BELOW, ABOVE, NO_RANGE, CANNOT_TELL)


@dataclass(frozen=True, slots=True)
class Judged:
    """One comparison with its numbers, all in the unit of the datum.

    Attributes
    ----------
    comparison, datum, unit : what is compared, with what, in which unit.
    published, low, high : the datum's value; the range that counts, None at an end that is open.
    accepted : the range comes from an accepted tolerance, not from a published spread.
    value : what the model gives; None where that cannot be told, then `why` says so.
    word : one of `WORDS`.
    off : distance to the nearest end of the range, to the value where there is no range; 0 inside; None without value.
    half_width : numerical band about the value; None where none is known.
    near_edge : an end of the range lies within that band.
    """

    comparison: Comparison
    datum: Datum
    unit: str
    published: float
    low: float | None
    high: float | None
    accepted: bool
    value: float | None
    word: str
    off: float | None
    why: str = ""
    half_width: float | None = None
    near_edge: bool = False

    @property
    def off_share(self) -> float | None:
        """Return the distance over the size of the published value [1]; None without, or where that is zero."""
        return None if self.off is None or self.published == 0.0 else self.off / abs(self.published)


def judge(one: Comparison, results: Mapping[str, OpenedResult], half_width: float | None = None) -> Judged:
    """Return what the results of the runs (name -> result) say to a published number.

    `half_width` is the numerical band of the value, in the unit of the datum. Without a result, or with a value that is
    missing or not finite, nothing can be told; it never counts as inside.
    """
    datum = one.published()
    try:
        value = from_internal(number(one, results, datum), datum.unit)
    except MissingValueError as missing:
        return _judged(one, datum, None, str(missing), None)
    return _judged(one, datum, value, "", half_width)


def number(one: Comparison, results: Mapping[str, OpenedResult], datum: Datum) -> float:
    """Return the number of the model, in internal units.

    Raises
    ------
    MissingValueError
        When a run, a quantity or a finite value is missing, the divisor is not positive, or the units do not fit.
    """

    def value(term: Term) -> float:
        if term.run not in results:
            raise MissingValueError(f"the run {term.run} is missing")
        return value_of(term, results[term.run])

    units = {unit_named(term.unit).dimension for term in one.terms}
    expected = {"dimensionless"} if one.over else units
    if len(units) != 1 or expected != {datum.dimension}:
        raise MissingValueError(f"its units do not fit: {', '.join(sorted(units))} against {datum.dimension}")
    plus = [value(term) for term in one.plus]
    total = max(plus) if one.largest else sum(plus)
    total = one.factor * (total - sum(value(term) for term in one.minus))
    if one.over:
        divisor = max(value(term) for term in one.over) - sum(value(term) for term in one.over_minus)
        if divisor <= 0.0:
            raise MissingValueError(f"what it is divided by is {divisor:g}")
        total /= divisor
    if not math.isfinite(total):
        raise MissingValueError(f"it is {total}")
    return total


def bounds(one: Comparison, datum: Datum) -> tuple[float | None, float | None, bool]:
    """Return the range that counts, in the unit of the datum, and whether it is an accepted tolerance."""
    value, low, high = (
        None if end is None else from_internal(end, datum.unit)
        for end in (datum.value, datum.low, datum.high)
    )
    assert value is not None
    if one.relation != "within":
        end = {"low": low, "high": high}.get(one.end, value)
        return (None, end, False) if one.relation == "at most" else (end, None, False)
    if low is not None and high is not None:
        return low, high, False
    if one.tolerance > 0.0:
        return value - one.tolerance * abs(value), value + one.tolerance * abs(value), True
    return None, None, False


def _judged(one: Comparison, datum: Datum, value: float | None, why: str, half_width: float | None) -> Judged:
    low, high, accepted = bounds(one, datum)
    published = from_internal(datum.value, datum.unit)
    word, off = verdict(value, low, high, published)
    near = value is not None and half_width is not None and _near(value, low, high, half_width)
    return Judged(
        one, datum, datum.unit, published, low, high, accepted, value, word, off, why, half_width, near
    )  # fmt: skip


def verdict(
    value: float | None, low: float | None, high: float | None, published: float
) -> tuple[str, float | None]:
    """Return the word for a value and a range, and how far off it is."""
    if value is None or not math.isfinite(value):
        return CANNOT_TELL, None
    if low is None and high is None:
        return NO_RANGE, value - published
    if low is not None and value < low:
        return BELOW, value - low
    if high is not None and value > high:
        return ABOVE, value - high
    return INSIDE, 0.0


def _near(value: float, low: float | None, high: float | None, half_width: float) -> bool:
    return any(end is not None and abs(value - end) <= half_width for end in (low, high))


def half_width_of(one: Comparison, half_width: float, unit: str) -> float:
    """Return a band in the unit of the datum of a comparison."""
    datum = one.published()
    return from_internal(to_internal(half_width, unit, unit_named(unit).dimension), datum.unit)
