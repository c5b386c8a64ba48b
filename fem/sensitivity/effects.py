"""Elementary effects of inputs on answers, from steps of which both ends are known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.sensitivity.design import LEVELS, missing, problem

#: Steps without which there is neither spread nor interval.
_LEAST: Final = 2
_CONFIDENCE: Final = 0.95
_RESAMPLES: Final = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """Input `number` moved from share `before` to `after` of its range, and the answer from `low` to `high`.

    An answer that is NaN is not known.
    """

    number: int
    before: float
    after: float
    answer_before: float
    answer_after: float

    @property
    def known(self) -> bool:
        """Whether both answers are."""
        return math.isfinite(self.answer_before) and math.isfinite(self.answer_after)

    @property
    def turns(self) -> bool:
        """Whether the answer changes its sign."""
        return (self.answer_before >= 0.0) != (self.answer_after >= 0.0)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an input does to an answer, over its whole range and in the answer's unit.

    Attributes
    ----------
    number : of the input.
    mu_star : mean size of its elementary effects; interval : half the 95 % interval of it, by bootstrap.
    mu : their mean, with sign; sigma : their standard deviation, large where other inputs decide what this one does.
        Neither interval nor sigma is known from a single step.
    steps : of how many; turns : in how many the answer changed its sign.
    """

    number: int
    mu_star: float
    interval: float | None
    mu: float
    sigma: float | None
    steps: int
    turns: int


def effects(steps: Sequence[Step], inputs: int, seed: int) -> tuple[Effect, ...]:
    """Return the effect of each input that has a known step, largest first.

    Notes
    -----
    Each input's steps are handed to SALib as trajectories of one step: the same elementary effects as those of whole
    trajectories, but a run that failed costs the two steps that touch it and not its whole trajectory.
    """
    found = []
    for number in range(inputs):
        own = [step for step in steps if step.number == number and step.known]
        if own:
            found.append(_effect(number, own, seed))
    return tuple(sorted(found, key=lambda effect: -effect.mu_star))


def _effect(number: int, steps: Sequence[Step], seed: int) -> Effect:
    try:
        from SALib.analyze import morris
    except ModuleNotFoundError as error:
        raise missing(error) from None
    alone = len(steps) < _LEAST
    asked = [*steps, *steps] if alone else steps  # a single step has no spread that could be asked for
    shares = np.array([[share] for step in asked for share in (step.before, step.after)])
    answers = np.array([answer for step in asked for answer in (step.answer_before, step.answer_after)])
    told = morris.analyze(
        problem(1),
        shares,
        answers,
        num_resamples=_RESAMPLES,
        conf_level=_CONFIDENCE,
        num_levels=LEVELS,
        seed=seed,
    )
    mu_star, interval, mu, sigma = (
        float(np.ravel(told[key])[0]) for key in ("mu_star", "mu_star_conf", "mu", "sigma")
    )
    turns = sum(step.turns for step in steps)
    return Effect(
        number, mu_star, None if alone else interval, mu, None if alone else sigma, len(steps), turns
    )
