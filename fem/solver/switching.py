"""Steps that end where a term changes its law: a moment that only the motion tells, looked for step by step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fem.arrays import FloatArray
from fem.solver.newton import Solution
from fem.system.system import System

#: How exactly a step ends on a change [s], and most steps that are solved to find it.
_EXACT = 5e-5
_TRIES = 12
#: Where a step ended too early, how much of the way to the known end on the far side the next one goes on.
_ONWARD = 0.1


@dataclass(frozen=True, slots=True)
class Landing:
    """A solved step: when it ended [s], and what terms remember that changed their law there."""

    solution: Solution
    end: float
    memory: Mapping[str, FloatArray] = field(default_factory=dict)


def land_on_switch(system: System, solve: Callable[[float], Solution], start: float, end: float) -> Landing:
    """Return a step from `start` to `end` [s], or one that ends earlier: on the first change of a term's law.

    Parameters
    ----------
    solve : solves a step to a given time.

    Notes
    -----
    A term tells when the change was due as if everything had moved straight; the step is solved anew to just after
    that. Where the change is missed, the end goes on a little, between what is known to be too early and too late.
    """
    early, late = start, None
    for _ in range(_TRIES):
        solution = solve(end)
        if not solution.report.converged:
            return Landing(solution, end)
        assert solution.evaluation is not None
        found = system.switch(solution.evaluation)
        if found is not None:
            late = Landing(solution, end, found[1])
            due = max(start + found[0], early)
            if end - due <= _EXACT:
                return late
            end = due + 0.5 * _EXACT
        elif late is None:
            return Landing(solution, end)
        else:
            early = end
            if late.end - early <= _EXACT:
                return late
            end = early + max(_ONWARD * (late.end - early), 0.5 * _EXACT)
    assert late is not None
    return late
