"""A motion in time from rest, in steps of one length: the short way to solve a problem that needs no case file."""

from collections.abc import Sequence

from fem.elements.layout import State, reference_state
from fem.solver.linear import LinearSolver
from fem.solver.march import Listener, PhaseSpan, march
from fem.solver.report import Settings, Step
from fem.system.system import System


def solve_motion(
    system: System,
    duration: float,
    step: float,
    state: State | None = None,
    stops: Sequence[float] = (),
    listen: Listener | None = None,
) -> list[Step]:
    """Return the steps of a motion over `duration` from the time of `state`, none longer than `step` [s].

    Parameters
    ----------
    system : terms and prescribed motions; masses are terms of it (`fem.terms.inertia.InertiaTerm`).
    state : where to start; at rest in the reference pose by default. Velocities are a part of its history.
    stops : times [s] to land on exactly.
    listen : see `fem.solver.march.march`.

    Raises
    ------
    NotConvergedError
        When even a step a thousand times shorter fails.
    """
    start = reference_state(system.layout) if state is None else state
    share = min(1.0, step / duration)
    settings = Settings(
        tolerance=1e-10, first_step=share, largest_step=share, smallest_step=1e-3 * share, longest_step=step
    )
    phase = PhaseSpan("motion", start.time, start.time + duration, settings, True, tuple(stops))
    return list(march(system, LinearSolver(system.pattern), start, [phase], listen))
