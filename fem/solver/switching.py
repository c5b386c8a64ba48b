"""Steps that end where a term changes its law: a moment that only the motion tells, looked for step by step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, prod

from fem.arrays import FloatArray
from fem.solver.newton import Solution
from fem.system.system import System

#: How exactly a step ends on a change [s], and most steps that are solved to find it.
_EXACT = 1e-4
_TRIES = 14
#: From so many known ends on, intervals are halved.
_PATIENCE = 8
#: Beyond this excess a state says no more than that it is beyond.
_MOST = 1.0

#: Solves a step to a time [s], near a solution of a longer step if there is one.
Solve = Callable[[float, Solution | None], Solution]


@dataclass(frozen=True, slots=True)
class Landing:
    """A solved step: when it ended [s], and what terms remember that changed their law there."""

    solution: Solution
    end: float
    memory: Mapping[str, FloatArray] = field(default_factory=dict)


def land_on_switch(system: System, solve: Solve, start: float, end: float) -> Landing:
    """Return a step from `start` to `end` [s], or one that ends earlier: on the first change of a term's law.

    Notes
    -----
    How far its end is beyond the change is a function of a step's length, and each value of it costs a solved step.
    Its zero is bracketed and found by inverse quadratic interpolation (Brent's way); the end on its far side is taken.
    """
    late, excess = _landed(system, solve, end, None)
    if excess <= 0.0:
        return late
    # Rest is as far from a change as can be: how far the start is does not matter to its sign.
    marks = [(start, -1.0), (late.end, min(excess, _MOST))]
    for _ in range(_TRIES):
        early = max(mark for mark in marks if mark[1] <= 0.0)
        beyond = min(mark for mark in marks if mark[1] > 0.0)
        width = beyond[0] - early[0]
        if min(width, width * beyond[1] / (beyond[1] - early[1])) <= _EXACT:
            break
        landing, excess = _landed(system, solve, _next_end(marks, early[0], beyond[0]), late.solution)
        if not landing.solution.report.converged:
            return landing
        marks.append((landing.end, min(excess, _MOST)))
        if excess > 0.0:
            late = landing
    return late


def _landed(system: System, solve: Solve, end: float, near: Solution | None) -> tuple[Landing, float]:
    """Return a step to `end` and how far that is beyond a change; −inf if it could not be solved."""
    solution = solve(end, near)
    if not solution.report.converged or solution.evaluation is None:
        return Landing(solution, end), -inf
    excess, memory = system.switch(solution.evaluation)
    return Landing(solution, end, memory), excess


def _next_end(marks: Sequence[tuple[float, float]], early: float, late: float) -> float:
    """Return where to end next, from (end, excess) so far: the zero of a parabola, or the middle where that is off."""
    near = sorted(marks, key=lambda mark: abs(mark[1]))[:3]
    values = [value for _, value in near]
    guess = 0.5 * (early + late)
    if len(marks) <= _PATIENCE and len(set(values)) == len(values):
        guess = 0.0
        for number, (end, value) in enumerate(near):
            others = [other for place, other in enumerate(values) if place != number]
            guess += end * prod(other / (other - value) for other in others)
    inside = early + 0.25 * _EXACT < guess < late - 0.25 * _EXACT
    # A little late rather than early: the end on the far side is what is wanted.
    return min(guess + 0.5 * _EXACT, late - 0.5 * _EXACT) if inside else 0.5 * (early + late)
