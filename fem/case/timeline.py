"""The case's loads along its phases: which value each has at each phase's end, as curves in time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fem.case.loads import AnyLoad, DirectedLoad, FollowerLoad, MomentLoad, RotationLoad
from fem.case.schema import Case, Phase, SolverSection
from fem.solver.march import PhaseSpan
from fem.solver.report import Settings
from fem.terms.curve import Curve


@dataclass(frozen=True, slots=True)
class TimedLoad:
    """A load and the curve of its value in internal units [N, N mm, rad, mm]; `load` is its first mention."""

    name: str
    load: AnyLoad
    curve: Curve


def phase_spans(case: Case) -> tuple[PhaseSpan, ...]:
    """Return the phases with their start and end times [s] and solver settings."""
    spans, start = [], 0.0
    for number, phase in enumerate(case.phases):
        follower = number == 0 and case.follower_load is not None
        loaded = bool(phase.loads) or follower or case.problem is not None
        settings = _settings(case.solver, phase)
        if not loaded and phase.steps is None:  # nothing changes but what was out of balance: one step
            settings = replace(settings, first_step=1.0, largest_step=1.0)
        spans.append(PhaseSpan(phase.name, start, start + phase.duration, settings))
        start += phase.duration
    return tuple(spans)


def timed_loads(case: Case) -> tuple[TimedLoad, ...]:
    """Return every distinct load of the case once, with its curve over the whole timeline.

    A load ramps to its value over the phase that names it and is held; a later phase that names it again ramps it on.
    """
    found: dict[str, tuple[AnyLoad, list[float | None]]] = {}
    for number, phase in enumerate(case.phases):
        for load in phase.loads:
            _, values = found.setdefault(load_name(load), (load, [None] * len(case.phases)))
            values[number] = load_value(load)
    if case.follower_load is not None:
        follower = FollowerLoad(kind="follower", value=f"{case.follower_load.value!r} N")
        _, values = found.setdefault(load_name(follower), (follower, [None] * len(case.phases)))
        values[0] = case.follower_load.value
    return tuple(TimedLoad(name, load, _curve(case.phases, values)) for name, (load, values) in found.items())


def load_name(load: AnyLoad) -> str:
    """Return the name of a load, equal for two mentions of the same one."""
    if isinstance(load, FollowerLoad):
        return "follower load"
    if isinstance(load, (MomentLoad, RotationLoad)):
        return f"{load.kind} on {load.on}, {load.motion}"
    direction = ", ".join(f"{x:g}" for x in load.direction)
    return f"{load.kind} on {load.on} at {load.landmark or 'body centre'} along ({direction})"


def load_value(load: AnyLoad) -> float:
    """Return the value of a load in internal units."""
    if isinstance(load, DirectedLoad) and load.kind == "thrust":
        raise NotImplementedError("thrusts are refused when the case is read")
    value: float = load.value
    return value


def _curve(phases: Sequence[Phase], values: Sequence[float | None]) -> Curve:
    times, levels = [0.0], [0.0]
    for phase, value in zip(phases, values, strict=True):
        times.append(times[-1] + phase.duration)
        levels.append(levels[-1] if value is None else value)
    return Curve(np.array(times), np.array(levels))


def _settings(solver: SolverSection, phase: Phase) -> Settings:
    largest = solver.largest_step if phase.steps is None else min(solver.largest_step, 1.0 / phase.steps)
    return Settings(
        tolerance=solver.tolerance,
        iterations=solver.iterations,
        first_step=min(solver.first_step, largest),
        largest_step=largest,
        smallest_step=solver.smallest_step,
    )
