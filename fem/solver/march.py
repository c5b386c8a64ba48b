"""Steps through the phases of a case, loads or time: grow where Newton finds it easy, cut back where it fails."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from fem.elements.layout import State
from fem.elements.retraction import direction_between
from fem.errors import NotConvergedError
from fem.solver.failure import failure_of
from fem.solver.linear import LinearSolver
from fem.solver.newton import Solution, solve_newton
from fem.solver.prediction import REST, Trail, predicted
from fem.solver.report import NewtonReport, Settings, Step, StopReason
from fem.solver.switching import Landing, land_on_switch
from fem.system.system import Evaluation, System

#: A step that took at most this many iterations lets the next one be twice as long.
_EASY = 7
#: How much longer a step may be than the one before; backward differences stay stable below 1 + √2.
_GROWTH = 2.0
_END = 1e-12


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """One phase: its name, when it starts and ends [s], its solver settings.

    Attributes
    ----------
    dynamic : whether rates matter: masses, viscosity, activation; otherwise the phase is a path of equilibria.
    stops : times [s] inside the phase that are landed on exactly, such as peaks and corners of loads.
    """

    name: str
    start: float
    end: float
    settings: Settings
    dynamic: bool = False
    stops: tuple[float, ...] = ()

    @property
    def duration(self) -> float:
        """How long the phase lasts [s]."""
        return self.end - self.start

    @property
    def largest_step(self) -> float:
        """Largest step as a share of the duration."""
        settings = self.settings
        if not self.dynamic:
            return settings.largest_step
        return min(settings.largest_step, settings.longest_step / self.duration)

    @property
    def stop_shares(self) -> tuple[float, ...]:
        """The stops as shares of the duration, ascending."""
        inside = sorted(stop for stop in self.stops if self.start < stop < self.end)
        return tuple((stop - self.start) / self.duration for stop in inside)

    def time(self, share: float) -> float:
        """Return the time [s] at a share of the duration; exact at stops and at the end."""
        if share == 1.0:
            return self.end
        for stop in self.stops:
            if share == (stop - self.start) / self.duration:
                return stop
        return self.start + share * self.duration


Listener = Callable[[str, float, NewtonReport], None]


def march(
    system: System,
    solver: LinearSolver,
    state: State,
    phases: Sequence[PhaseSpan],
    listen: Listener | None = None,
    since: Step | None = None,
) -> Iterator[Step]:
    """Yield a `Step` for every converged step; stops and phase ends are landed on exactly.

    Parameters
    ----------
    state : where to begin. A march that begins with a dynamic phase begins at rest, but for what the state's history
        says otherwise (`InertiaTerm.moving`).
    listen : called after every nonlinear solve, converged or not, with phase name, time and report.
    since : the last step of a march through the same phases that was broken off; the steps after it are the same.

    Raises
    ------
    NotConvergedError
        When a step below the smallest allowed one still fails; everything yielded before stays valid.
    """
    number, now, first = 0, _Now(state), 0
    if since is not None:
        number, now = since.number, _Now(since.state, since.evaluation, since.trail)
        first = [phase.name for phase in phases].index(since.phase)
    for phase in phases[first:]:
        if phase.dynamic and now.evaluation is None:
            now = replace(now, state=_remembering(system, state))
        share, length = 0.0, _first_length(phase, now)
        if since is not None and phase.name == since.phase:
            share, length = since.share, since.length
        while share < 1.0 - _END:
            landing, reached, cutbacks = _one_step(system, solver, now, phase, (share, length), listen)
            solution = landing.solution
            assert solution.evaluation is not None
            length = _next_length(reached - share, solution.report, phase)
            share = reached
            now = _adopt(system, now, landing, phase)
            number += 1
            how = (solution.report, cutbacks, length, now.trail)
            yield Step(number, phase.name, share, now.state, solution.evaluation, *how)


@dataclass(frozen=True, slots=True)
class _Now:
    """The last converged state, the system evaluated there (None at the very beginning), and how it got there."""

    state: State
    evaluation: Evaluation | None = None
    trail: Trail = REST


def _remembering(system: System, state: State) -> State:
    """Return `state` with a memory of rest for every term that remembers nothing yet."""
    here = system.evaluate(replace(state, elapsed=0.0), tangent=False)
    return replace(state, history={**system.history(here), **state.history})


def _adopt(system: System, now: _Now, landing: Landing, phase: PhaseSpan) -> _Now:
    solution = landing.solution
    assert solution.evaluation is not None
    history = {**now.state.history, **system.history(solution.evaluation), **landing.memory}
    state = replace(solution.state, history=history)
    trail = now.trail.after(system, now.state, state) if phase.dynamic else REST
    return _Now(state, solution.evaluation, trail)


def _one_step(
    system: System,
    solver: LinearSolver,
    now: _Now,
    phase: PhaseSpan,
    pace: tuple[float, float],
    listen: Listener | None,
) -> tuple[Landing, float, int]:
    """Return a step, the share of the phase at its end, and how often it had to be cut."""
    (share, length), cutbacks = pace, 0
    start = phase.time(share)

    def solve(end: float, near: Solution | None) -> Solution:
        for trial in _trials(system, now, end, end - start if phase.dynamic else 0.0, near):
            solution = solve_newton(system, solver, trial, phase.settings)
            if listen is not None:
                listen(phase.name, end, solution.report)
            if solution.report.converged or solution.report.reason is StopReason.STALLED:
                break  # in circles from one start, in circles from another: a shorter step costs less
        return solution

    while True:
        target = _target(phase, share, length)
        end = phase.time(target)
        landing = land_on_switch(system, solve, start, end)
        if landing.end < end:
            target = (landing.end - phase.start) / phase.duration
        if landing.solution.report.converged:
            return landing, target, cutbacks
        length, cutbacks = 0.25 * (target - share), cutbacks + 1
        if length < phase.settings.smallest_step:
            raise NotConvergedError(_explain(system, phase, landing, (start, cutbacks)))


def _trials(system: System, now: _Now, time: float, elapsed: float, near: Solution | None) -> Iterator[State]:
    """Yield where Newton may start: on the way to a longer step's end, where a motion would go on to, and here."""
    if now.evaluation is not None and near is not None:
        share = elapsed / near.state.elapsed
        way = share * direction_between(system.layout, now.state, near.state)
        between = system.advance(
            now.state, now.evaluation, way, np.zeros(len(now.evaluation.constraints[0])), 1.0
        )
        yield replace(between, time=time, elapsed=elapsed)
    elif now.evaluation is not None and elapsed > 0.0:
        ahead = predicted(system, now.state, now.evaluation, now.trail, elapsed)
        if ahead is not None:
            yield replace(ahead, time=time, elapsed=elapsed)
    yield replace(now.state, time=time, elapsed=elapsed)


def _target(phase: PhaseSpan, share: float, length: float) -> float:
    """Return the share of the phase to go to next: `length` on, but never past a stop nor shortly before it."""
    stop = min((s for s in phase.stop_shares if s > share + _END), default=1.0)
    if phase.dynamic:  # equal steps up to the stop: lengths that jump would cost accuracy
        count = ceil((stop - share) / length * (1.0 - _END))
        return stop if count <= 1 else share + (stop - share) / count
    target = share + length
    return stop if target > stop - 0.25 * length else target


def _first_length(phase: PhaseSpan, now: _Now) -> float:
    length = min(phase.settings.first_step, phase.largest_step)
    if phase.dynamic and now.trail.elapsed:
        return min(length, _GROWTH * now.trail.elapsed[-1] / phase.duration)
    return length


def _next_length(taken: float, report: NewtonReport, phase: PhaseSpan) -> float:
    if report.iterations <= _EASY:
        return min(_GROWTH * taken, phase.largest_step)
    return min(max(taken, phase.settings.smallest_step), phase.largest_step)


def _explain(system: System, phase: PhaseSpan, landing: Landing, tried: tuple[float, int]) -> str:
    """Return what failed, given from where [s] and with how many cuts of the step it was tried."""
    begin, cutbacks = tried
    share = 100.0 * (begin - phase.start) / phase.duration
    often = "once" if cutbacks == 1 else f"{cutbacks} times"
    return (
        f"phase '{phase.name}' did not converge at t = {landing.end:.6g} s ({share:.0f} % of the phase is done, "
        f"up to t = {begin:.6g} s; the step was cut {often}): "
        f"{failure_of(system, landing.solution).words()}"
    )
