"""One load path from rest to its end: the short way to solve a problem that needs no case file."""

from fem.elements.layout import State, reference_state
from fem.solver.linear import LinearSolver
from fem.solver.march import Listener, PhaseSpan, march
from fem.solver.report import Settings, Step
from fem.system.system import System


def solve_static(
    system: System,
    settings: Settings | None = None,
    state: State | None = None,
    listen: Listener | None = None,
) -> Step:
    """Return the last step of the phase from 0 to 1 s, over which `ramp(0, 1)` brings the loads in.

    Parameters
    ----------
    system : terms and prescribed motions.
    settings : numerical settings; one whole load step to begin with unless told otherwise.
    state : where to start; at rest by default.
    listen : see `fem.solver.march.march`.

    Raises
    ------
    NotConvergedError
        When the smallest load step still fails.
    """
    own = Settings(first_step=1.0, largest_step=1.0) if settings is None else settings
    start = reference_state(system.layout) if state is None else state
    phase = PhaseSpan("load", 0.0, 1.0, own)
    *_, last = march(system, LinearSolver(system.pattern), start, [phase], listen)
    return last
