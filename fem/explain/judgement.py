"""What the runs of a case say together: which barrier holds and what would have helped, as surely as the verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fem.explain.changes import Change, LeftOut
from fem.explain.outcome import Outcome
from fem.results.cavitation import CAVITATES, STAYS_SHUT, UNDETERMINED

#: Verdict -> what the change would have done to the target.
WOULD: Final = {CAVITATES: "would", UNDETERMINED: "might", STAYS_SHUT: "would not"}
NEARER: Final = "nearer"
FARTHER: Final = "farther"
UNMOVED: Final = "no clear difference"

#: Differences of margin and probability that are no difference: the margin is found to 0.03 and replays are off by up
#: to 0.04 (docs/film.md); probability has steps of 0.005, and a few draws fall either way.
_SAME: Final = 0.05
#: Difference [mm] of what positioning opens beyond which margins from its end do not compare: judgement, a tenth of
#: what a pop needs.
PLACED: Final = 0.05
_GRADES: Final = {STAYS_SHUT: 0, UNDETERMINED: 1, CAVITATES: 2}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the case: what was changed, where it lies, what it came to (None and a message: it did not solve)."""

    change: Change
    folder: Path
    outcome: Outcome | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A counterfactual that was solved, against the case as it is.

    Attributes
    ----------
    effect : would, might or would not pop.
    moves : nearer, farther or no clear difference, to a pop than as it is.
    alone : the same by what follows positioning alone; differs from `moves` where positioning ends elsewhere.
    """

    run: Run
    outcome: Outcome
    effect: str
    moves: str
    alone: str

    @property
    def change(self) -> Change:
        """What was changed."""
        return self.run.change


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the runs of a case say together.

    Attributes
    ----------
    title, target : of the case.
    base : the case as it is; changes : what was changed, the most helpful first.
    unsolved : counterfactuals without an outcome; left_out : those that do not apply.
    sufficient : names of the changes that each alone make the target pop; empty if it pops as it is.
    barriers : names of what holds it back, the worst first: of the barriers that stand in the way, those without which
        the target comes clearly nearer to a pop; without any such, the efforts that are enough or come nearest.
    """

    title: str
    target: str
    base: Run
    was: Outcome
    changes: tuple[Judged, ...]
    unsolved: tuple[Run, ...]
    left_out: tuple[LeftOut, ...]
    sufficient: tuple[str, ...]
    barriers: tuple[str, ...]

    def named(self, name: str) -> Judged:
        """Return a counterfactual by its name."""
        return next(one for one in self.changes if one.change.name == name)


def judge(title: str, target: str, runs: Sequence[Run], left_out: Sequence[LeftOut] = ()) -> Judgement:
    """Return what the runs say; the first is the case as it is, and must have an outcome."""
    base, *others = runs
    was = base.outcome
    if was is None:
        raise ValueError("the case itself has no outcome")
    judged = [
        Judged(run, now, WOULD[now.verdict], moved(was, now), since_positioned(was, now))
        for run in others
        if (now := run.outcome) is not None
    ]
    ranked = tuple(sorted(judged, key=lambda one: standing(one.outcome), reverse=True))
    helpful = [one for one in ranked if one.change.kind != "unknown" and was.verdict != CAVITATES]
    enough = tuple(one.change.name for one in helpful if one.effect == WOULD[CAVITATES])
    unsolved = tuple(run for run in others if run.outcome is None)
    return Judgement(
        title, target, base, was, ranked, unsolved, tuple(left_out), enough, _barriers(helpful, enough)
    )


def _barriers(helpful: Sequence[Judged], enough: tuple[str, ...]) -> tuple[str, ...]:
    nearer = [one.change for one in helpful if one.moves == NEARER]
    found = tuple(change.name for change in nearer if change.kind == "barrier")
    return found or enough or tuple(change.name for change in nearer[:1])


def standing(outcome: Outcome) -> tuple[int, float, float]:
    """Return how near a target is to a pop, for sorting: by verdict, then margin, then probability."""
    return _GRADES[outcome.verdict], outcome.margin, outcome.probability


def moved(was: Outcome, now: Outcome) -> str:
    """Return whether a target came nearer to a pop.

    Notes
    -----
    A verdict and its margin count from the end of positioning. Of two runs that end it with the target open otherwise
    they have no start in common; then the margins since rest compare, positioning included. Else the verdicts do.
    """
    if was.since_rest is not None and now.since_rest is not None and placed_otherwise(was, now):
        step = _step(now.since_rest - was.since_rest)
        if step:
            return _word(step)
    return since_positioned(was, now)


def placed_otherwise(was: Outcome, now: Outcome) -> bool:
    """Whether positioning alone opens the target otherwise than as it is."""
    if was.positioned is None or now.positioned is None:
        return False
    return abs(now.positioned - was.positioned) > PLACED


def since_positioned(was: Outcome, now: Outcome) -> str:
    """Return whether a target came nearer: by its verdict, else its margin, else its probability."""
    steps = (
        _GRADES[now.verdict] - _GRADES[was.verdict],
        _step(now.margin - was.margin),
        _step(now.probability - was.probability),
    )
    return _word(next((step for step in steps if step), 0))


def _word(step: int) -> str:
    return NEARER if step > 0 else FARTHER if step < 0 else UNMOVED


def _step(difference: float) -> int:
    return 0 if abs(difference) < _SAME else 1 if difference > 0.0 else -1


def by_moves(changes: Sequence[Judged]) -> Mapping[str, tuple[Judged, ...]]:
    """Return the counterfactuals by where they move the target."""
    return {word: tuple(one for one in changes if one.moves == word) for word in (NEARER, UNMOVED, FARTHER)}
