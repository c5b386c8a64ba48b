"""The least push at which a target pops: walk to a bracket, halve it, and say where the answers do not line up."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from fem.explain.outcome import Outcome
from fem.explain.varied import Varied

#: How a search ended: bracket found; pops or does not at every value; a ligament fails first; a run was not solved.
FOUND: Final = "found"
EVERYWHERE: Final = "pops at every value"
NOWHERE: Final = "pops at no value"
LIMIT: Final = "a ligament fails first"
UNSOLVED: Final = "a run could not be solved"

#: Steps of the walk to a bracket: a factor, or a share of the range.
_FACTOR: Final = 1.5
_SHARE: Final = 0.2
#: Fall of a margin that is none: as for `fem.explain.judgement`.
_SAME: Final = 0.05
#: Digits that a tried value keeps: it is read, and names a folder.
_DIGITS: Final = 4

Criterion = Callable[[Outcome], bool]
Answer = Outcome | str


@dataclass(frozen=True, slots=True)
class Trial:
    """One value (internal units) and what its run came to; None and a message where it could not be solved."""

    value: float
    outcome: Outcome | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    Attributes
    ----------
    varied : what was varied; criterion : its name.
    trials : every run, the weakest push first.
    ended : why the search ended.
    short, enough : values without and with a pop, neighbours where both are there.
    lines_up : whether the margin grows (to within `_SAME`) from the weakest to the strongest push; bisection looks
        where the answer changes and nowhere else, so this is what shows that it may change again.
    """

    varied: Varied
    criterion: str
    trials: tuple[Trial, ...]
    ended: str
    short: float | None
    enough: float | None
    lines_up: bool

    def at(self, value: float) -> Outcome:
        """Return what the run of a value came to."""
        found = next(trial.outcome for trial in self.trials if trial.value == value)
        assert found is not None
        return found

    @property
    def fails_at(self) -> float | None:
        """Value of the weakest push that takes a ligament past its failure strain; None if none does."""
        return next((one.value for one in self.trials if one.outcome and one.outcome.failed), None)


def criterion_named(name: str) -> Criterion:
    """Return what counts as a pop: ``best`` (margin of 0 or more), or a probability such as ``0.9``."""
    if name == "best":
        return lambda one: one.margin >= 0.0
    least = float(name)
    return lambda one: one.probability >= least


def search(
    respond: Callable[[float], Answer], varied: Varied, tolerance: float = 0.05, criterion: str = "best"
) -> Search:
    """Look for the threshold.

    Parameters
    ----------
    respond : value -> what the run came to, or why it could not be solved; asked once for each value.
    varied : where to begin, how far to go.
    tolerance : width of the last bracket, as a share of its larger end (of the range where values are spaced evenly).
    """
    return _Walk(respond, varied, tolerance, criterion).go()


class _Walk:
    def __init__(
        self, respond: Callable[[float], Answer], varied: Varied, tolerance: float, criterion: str
    ) -> None:
        self._respond, self._varied, self._tolerance, self._name = respond, varied, tolerance, criterion
        self._pops = criterion_named(criterion)
        self._tried: dict[float, Trial] = {}
        # Up and down mean stronger and weaker pushes; where nobody knows, more counts as stronger.
        self._up: Literal[-1, 1] = -1 if varied.towards < 0 else 1

    def go(self) -> Search:
        start = rounded(self._varied.start)
        does = self._ask(start)
        if does is None:
            return self._done(UNSOLVED, None, None)
        ended = ""
        way = -self._up if does else self._up
        for turn in (way, -way):
            found = self._walk(start, does, turn)
            if not isinstance(found, str):
                return self._halve(*found)
            ended = ended or found
            # Nothing changes on the side where it should: look on the other only if that is not sure.
            if found in (UNSOLVED, LIMIT) or (self._varied.towards and self._lines_up()):
                break
        return self._done(ended, None if does else start, start if does else None)

    def _walk(self, start: float, does: bool, way: int) -> tuple[float, float] | str:
        """Return (no pop, pop) of the first neighbours that differ on one side of the start, or why there are none."""
        last = start
        while True:
            if not does and way == self._up and self._fails(last):
                return LIMIT
            value = self._next(last, way)
            if value == last:
                return EVERYWHERE if does else NOWHERE
            answer = self._ask(value)
            if answer is None:
                return UNSOLVED
            if answer != does:
                return (value, last) if does else (last, value)
            last = value

    def _halve(self, short: float, enough: float) -> Search:
        while not self._narrow(short, enough):
            middle = rounded(self._middle(short, enough))
            if middle in (short, enough):
                break
            does = self._ask(middle)
            if does is None:
                return self._done(UNSOLVED, short, enough)
            short, enough = (short, middle) if does else (middle, enough)
        return self._done(FOUND, short, enough)

    def _ask(self, value: float) -> bool | None:
        """Return whether the target pops at a value, None if its run could not be solved."""
        answer = self._respond(value)
        solved = isinstance(answer, Outcome)
        self._tried[value] = Trial(
            value, answer if isinstance(answer, Outcome) else None, "" if solved else str(answer)
        )
        return self._pops(answer) if isinstance(answer, Outcome) else None

    def _fails(self, value: float) -> bool:
        found = self._tried[value].outcome
        return found is not None and bool(found.failed)

    def _next(self, value: float, way: int) -> float:
        varied = self._varied
        if varied.scale == "factor":
            moved = value * _FACTOR**way
        else:
            moved = value + way * _SHARE * (varied.high - varied.low)
        low, high = rounded(varied.low), rounded(varied.high)
        return rounded(min(max(moved, low), high))

    def _middle(self, one: float, other: float) -> float:
        return math.sqrt(one * other) if self._varied.scale == "factor" else 0.5 * (one + other)

    def _narrow(self, one: float, other: float) -> bool:
        varied = self._varied
        whole = max(abs(one), abs(other)) if varied.scale == "factor" else varied.high - varied.low
        return abs(one - other) <= self._tolerance * whole * (1.0 + 1e-9)

    def _done(self, ended: str, short: float | None, enough: float | None) -> Search:
        trials = self._in_order()
        margins = [one.outcome.margin for one in trials if one.outcome is not None]
        lines_up = all(
            later > max(margins[:number], default=later) - _SAME for number, later in enumerate(margins)
        )
        return Search(self._varied, self._name, trials, ended, short, enough, lines_up)

    def _in_order(self) -> tuple[Trial, ...]:
        return tuple(sorted(self._tried.values(), key=lambda one: self._up * one.value))

    def _lines_up(self) -> bool:
        margins = [one.outcome.margin for one in self._in_order() if one.outcome is not None]
        return all(
            later > max(margins[:number], default=later) - _SAME for number, later in enumerate(margins)
        )


def rounded(value: float) -> float:
    """Return a value with the digits that are kept."""
    return float(f"{value:.{_DIGITS}g}")
