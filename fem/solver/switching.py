"""Steps that end where a term changes its law: a moment that only the motion tells, looked for step by step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from fem.arrays import FloatArray
from fem.solver.newton import Solution
from fem.system.system import System

#: How exactly a step ends on a change [s], and most steps that are solved to find it.
_EXACT = 1e-4
_TRIES = 14
#: From so many known ends on, intervals are halved.
_PATIENCE = 8
#: Excess that the start of a step counts for in the first guess.
_BEFORE = -1.0

#: Solves a step to a time [s], near a solution of a longer step if there is one.
Solve = Callable[[float, Solution | None], Solution]


@dataclass(frozen=True, slots=True)
class Landing:
    """A solved step: when it ended [s], and what terms remember that changed their law there.

    `excess` says how far it is beyond the first change of a law (see `fem.terms.term.Switch`), `minor` that it does not
    matter.
    """

    solution: Solution
    end: float
    memory: Mapping[str, FloatArray] = field(default_factory=dict)
    excess: float = -inf
    minor: bool = False


def land_on_switch(system: System, solve: Solve, start: float, end: float) -> Landing:
    """Return a step from `start` to `end` [s], or one that ends earlier: on the first change of a term's law.

    Notes
    -----
    How far its end is beyond the change is a function of a step's length, and each value of it costs a solved step.
    Its zero is bracketed and found by interpolation, linear beyond it and linear-fractional between ends on both sides
    (suction grows like a hyperbola where a recess runs empty); the end on its far side is taken.
    """
    late = _landed(system, solve, end, None)
    if late.excess <= 0.0 or late.minor:
        return late
    marks, early = [(late.end, late.excess)], start
    for _ in range(_TRIES):
        if late.end - early <= _EXACT or _is_near(marks, late):
            break
        landing = _landed(system, solve, _next_end(marks, start, early, late.end), late.solution)
        if not landing.solution.report.converged:
            return landing
        marks.append((landing.end, landing.excess))
        if landing.excess > 0.0:
            late = landing
        else:
            early = landing.end
    return late


def _is_near(marks: Sequence[tuple[float, float]], late: Landing) -> bool:
    """Whether the change is as near to its far side as need be, by the slope from the nearest of the known ends."""
    others = [mark for mark in marks if mark[0] != late.end]
    if not others:
        return False
    end, excess = min(others, key=lambda mark: abs(mark[0] - late.end))
    rise = (late.excess - excess) / (late.end - end)
    return late.excess <= _EXACT * rise < inf


def _landed(system: System, solve: Solve, end: float, near: Solution | None) -> Landing:
    solution = solve(end, near)
    if not solution.report.converged or solution.evaluation is None:
        return Landing(solution, end)
    switch = system.switch(solution.evaluation)
    return Landing(solution, end, switch.memory, switch.excess, switch.minor)


def _next_end(marks: Sequence[tuple[float, float]], start: float, early: float, late: float) -> float:
    """Return where to end next, from (end, excess) so far.

    Notes
    -----
    Beyond the change a step runs on almost in proportion to its length, short of it on another curve: the nearest ends
    beyond tell the zero. The first such end is sought half-way to the zero of a line from the start.
    """
    beyond = sorted((mark for mark in set(marks) if 0.0 < mark[1] < inf), key=lambda mark: mark[1])
    guess = 0.5 * (early + late)
    if len(marks) == 1 and beyond:
        guess = late - 0.5 * (late - start) * beyond[0][1] / (beyond[0][1] - _BEFORE)
    elif len(marks) <= _PATIENCE:
        guess = _hyperbola(beyond if len(beyond) > 1 else marks, guess, early)
        guess = guess if early < guess < late else _hyperbola(marks, 0.5 * (early + late), early)
    if not early - _EXACT < guess < late:
        return 0.5 * (early + late)
    # A little late rather than early: the end on the far side is what is wanted.
    return float(np.clip(guess + 0.4 * _EXACT, early + 0.5 * _EXACT, late - 0.5 * _EXACT))


def _hyperbola(marks: Sequence[tuple[float, float]], otherwise: float, early: float) -> float:
    """Return the zero of t = (a + b e)/(1 + c e) through the three (end, excess) nearest to it; a line through two."""
    near = np.array(sorted(set(marks), key=lambda mark: abs(mark[1]))[:3])
    if not np.isfinite(near).all():
        return otherwise
    ends, excess = near[:, 0] - early, near[:, 1]
    columns = np.stack([np.ones(len(near)), excess, -excess * ends], axis=1)[:, : len(near)]
    return early + float(np.linalg.lstsq(columns, ends, rcond=None)[0][0])
