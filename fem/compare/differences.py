"""Differences between results, each with its noise floor and what may be said of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fem.compare.noise import UNKNOWN, Floor, Noisy, floors
from fem.compare.values import Scalar, Value

SAME: Final = "cannot tell apart"
DIFFERS: Final = "differs"
NO_FLOOR: Final = "noise not known"
NOT_A_NUMBER: Final = "not a number"
ONLY_FIRST, ONLY_SECOND = "only in the first", "only in the second"
VERDICTS: Final = (SAME, DIFFERS, NO_FLOOR, NOT_A_NUMBER, ONLY_FIRST, ONLY_SECOND)


@dataclass(frozen=True, slots=True)
class Difference:
    """One quantity in two runs.

    Attributes
    ----------
    value : what is compared, with the number of the run that has it.
    first, second : number or word in either run, None where it has none.
    floor : noise floor of the difference, in the unit of the quantity.
    verdict : one of `VERDICTS`; a number that is not finite is never the same as any other.
    """

    value: Value
    first: Scalar | None
    second: Scalar | None
    floor: Floor
    verdict: str

    @property
    def path(self) -> str:
        """Return the dotted path of the quantity."""
        return self.value.path

    @property
    def size(self) -> float | None:
        """Return second less first; None for words and where either is missing or not finite."""
        if not (isinstance(self.first, float) and isinstance(self.second, float)):
            return None
        found = self.second - self.first
        return found if math.isfinite(found) else None

    @property
    def relative(self) -> float | None:
        """Return the difference over the size of the first value; None without one."""
        if self.size is None or not isinstance(self.first, float) or self.first == 0.0:
            return None
        return self.size / abs(self.first)

    @property
    def excess(self) -> float:
        """Return how many times its floor a difference is, for sorting; what has none comes before what is the same."""
        if self.verdict == SAME:
            return 0.0
        if self.size is None or not self.floor.size:
            return 1.0
        return abs(self.size) / self.floor.size


@dataclass(frozen=True, slots=True)
class Pair:
    """The differences of two runs, by the numbers they have among all that are compared."""

    first: int
    second: int
    differences: tuple[Difference, ...]

    def counts(self) -> dict[str, int]:
        """Return verdict -> how often it was given, of those that were."""
        found = [difference.verdict for difference in self.differences]
        return {verdict: found.count(verdict) for verdict in VERDICTS if verdict in found}


def pairs_of(runs: Sequence[Noisy]) -> tuple[Pair, ...]:
    """Return the differences of every run from the first."""
    return tuple(Pair(0, number, differences(runs[0], run)) for number, run in enumerate(runs) if number)


def differences(first: Noisy, second: Noisy) -> tuple[Difference, ...]:
    """Return the difference in every quantity that either run holds, in the order of the first."""
    floor = floors(first, second)
    paths = dict.fromkeys((*first.values, *second.values))
    return tuple(_difference(path, first.values, second.values, floor) for path in paths)


def _difference(
    path: str, first: Mapping[str, Value], second: Mapping[str, Value], floor: Mapping[str, Floor]
) -> Difference:
    one, other = first.get(path), second.get(path)
    found = one or other
    assert found is not None
    own = floor.get(path, Floor(None, UNKNOWN))
    values = (None if one is None else one.value, None if other is None else other.value)
    return Difference(found, *values, own, verdict_on(*values, own))


def verdict_on(first: Scalar | None, second: Scalar | None, floor: Floor) -> str:
    """Return what may be said of two values."""
    if first is None or second is None:
        return ONLY_SECOND if first is None else ONLY_FIRST
    if isinstance(first, str) or isinstance(second, str):
        return SAME if first == second else DIFFERS
    if not (math.isfinite(first) and math.isfinite(second)):
        return NOT_A_NUMBER
    size = abs(second - first)
    if size == 0.0 or (floor.size is not None and size <= floor.size):
        return SAME
    return NO_FLOOR if floor.size is None else DIFFERS
