"""Steps that end where a term changes its law: a moment that only the motion tells, looked for step by step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fem.arrays import FloatArray
from fem.solver.newton import Solution
from fem.system.system import System

#: How exactly a step ends on a change [s], and most steps that are solved to find it.
_EXACT = 5e-5
_TRIES = 12

#: Solves a step to a time [s], near a solution of a longer step if there is one.
Solve = Callable[[float, Solution | None], Solution]


@dataclass(frozen=True, slots=True)
class Landing:
    """A solved step: when it ended [s], and what terms remember that changed their law there."""

    solution: Solution
    end: float
    memory: Mapping[str, FloatArray] = field(default_factory=dict)


def land_on_switch(system: System, solve: Solve, end: float) -> Landing:
    """Return a step to `end` [s], or one that ends earlier: on the first change of a term's law.

    Notes
    -----
    A term tells when the change was due as if everything had moved straight from one solved end of the step to a
    later one; the step is solved anew to just after that moment, which becomes the earlier or the later of the two.
    """
    solution = solve(end, None)
    if not solution.report.converged or solution.evaluation is None:
        return Landing(solution, end)
    due = system.switch(solution.evaluation)
    if due is None:
        return Landing(solution, end)
    late, early = Landing(solution, end, due[1]), None
    for _ in range(_TRIES):
        # Freed of what held it, a motion is faster on the far side of the change: the moment told comes too early.
        ahead = 0.0 if early is None else min(due[0] - early.configuration.time, 0.5 * (late.end - due[0]))
        if late.end - due[0] <= _EXACT:
            break
        end = min(due[0] + ahead + 0.5 * _EXACT, late.end - 0.5 * _EXACT)
        solution = solve(end, late.solution)
        if not solution.report.converged or solution.evaluation is None:
            return Landing(solution, end)
        found = system.switch(solution.evaluation, early)
        if found is not None:
            late, due = Landing(solution, end, found[1]), found
        else:
            early = solution.evaluation
            assert late.solution.evaluation is not None
            due = system.switch(late.solution.evaluation, early) or due
    return late
