"""Load steps through the phases of a case: grow where Newton finds it easy, cut back where it fails."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fem.elements.layout import State
from fem.errors import NotConvergedError
from fem.solver.linear import LinearSolver
from fem.solver.newton import Solution, solve_newton
from fem.solver.report import NewtonReport, Settings, Step
from fem.system.system import System

#: A step that took at most this many iterations lets the next one be twice as long.
_EASY = 7
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


Listener = Callable[[str, float, NewtonReport], None]


def march(
    system: System,
    solver: LinearSolver,
    state: State,
    phases: Sequence[PhaseSpan],
    listen: Listener | None = None,
) -> Iterator[Step]:
    """Yield a `Step` for every converged load step; phase ends are landed on exactly.

    Parameters
    ----------
    listen : called after every nonlinear solve, converged or not, with phase name, time and report.

    Raises
    ------
    NotConvergedError
        When a step below the smallest allowed one still fails; everything yielded before stays valid.
    """
    number = 0
    for phase in phases:
        share, length = 0.0, min(phase.settings.first_step, phase.settings.largest_step)
        while share < 1.0 - _END:
            solution, reached, cutbacks = _one_step(system, solver, state, phase, share, length, listen)
            assert solution.evaluation is not None
            length = _next_length(reached - share, solution.report, phase.settings)
            share = reached
            state = replace(solution.state, history={**state.history, **system.history(solution.evaluation)})
            number += 1
            yield Step(number, phase.name, share, state, solution.evaluation, solution.report, cutbacks)


def _one_step(
    system: System,
    solver: LinearSolver,
    state: State,
    phase: PhaseSpan,
    share: float,
    length: float,
    listen: Listener | None,
) -> tuple[Solution, float, int]:
    cutbacks = 0
    while True:
        target = share + length
        if target > 1.0 - 0.25 * length:
            target = 1.0
        time = phase.end if target == 1.0 else phase.start + target * (phase.end - phase.start)
        solution = solve_newton(system, solver, replace(state, time=time), phase.settings)
        if listen is not None:
            listen(phase.name, time, solution.report)
        if solution.report.converged:
            return solution, target, cutbacks
        length, cutbacks = 0.25 * (target - share), cutbacks + 1
        if length < phase.settings.smallest_step:
            raise NotConvergedError(_explain(phase, time, solution.report))


def _next_length(taken: float, report: NewtonReport, settings: Settings) -> float:
    if report.iterations <= _EASY:
        return min(2.0 * taken, settings.largest_step)
    return min(max(taken, settings.smallest_step), settings.largest_step)


def _explain(phase: PhaseSpan, time: float, report: NewtonReport) -> str:
    norms = ", ".join(f"{norm:.1e}" for norm in report.norms[-4:])
    detail = f" ({report.detail})" if report.detail else ""
    return (
        f"phase '{phase.name}' did not converge at t = {time:.6g} s: {report.reason.value}{detail}; "
        f"worst place: {report.worst or 'unknown'}; last residuals: {norms or 'none'}. "
        "Try a smaller load, a finer resolution, or a smaller solver.smallest_step."
    )
