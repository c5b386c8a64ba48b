"""The case's phases in time, and its loads along them as curves in internal units."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from fem.case.force_table import ForceTable
from fem.case.loads import AnyLoad, FollowerLoad, MomentLoad, RotationLoad, ThrustLoad
from fem.case.schema import Case, Phase, SolverSection
from fem.case.thrust_curve import Thrust, force_curve, pulse, travel_curve
from fem.solver.march import PhaseSpan
from fem.solver.report import Settings
from fem.terms.curve import Curve, through

#: (number of the phase, number of the load in it) -> its measured table.
Tables = Mapping[tuple[int, int], ForceTable]

#: A dynamic phase takes so many steps to the peak of its shortest thrust; without one, over its duration.
_STEPS_TO_PEAK: Final = 10
#: What follows a dynamic phase rings as it did: steps may be so much longer at most, if no reflex drives it on.
_AFTER: Final = 2.0
#: The first step after a static phase is of first order only: a quarter of the others.
_FIRST: Final = 0.25


@dataclass(frozen=True, slots=True)
class TimedLoad:
    """A load over the whole timeline.

    Attributes
    ----------
    name : unique.
    load : its first mention.
    curve : its value in time; `unit` says what of: ``N`` (force, follower, force thrust or the preload of a thrust),
        ``N mm`` (moment), ``rad`` (rotation) or ``mm`` (displacement, and travel of the hand in a thrust).
    unit : internal unit of the values.
    begins : [s] when the hand of a thrust with a `displacement` starts its travel; None for every other load.
    """

    name: str
    load: AnyLoad
    curve: Curve
    unit: str
    begins: float | None = None


def phase_spans(case: Case, tables: Tables | None = None, reflex: bool = False) -> tuple[PhaseSpan, ...]:
    """Return the phases with start and end [s], solver settings, kind, and the peaks and ends of thrusts as stops.

    `reflex` says that muscles answer to stretch: what they set in motion does not ring out by itself.
    """
    after = 1.0 if reflex else _AFTER
    thrusts = _thrusts(case, tables or {})
    moved = _moved(case)
    spans, start = [], 0.0
    ringing = float("inf")
    for number, phase in enumerate(case.phases):
        own = [thrust for (place, _), (_, thrust) in thrusts.items() if place == number]
        settings = _settings(case.solver, phase, own, ringing)
        ringing = after * settings.longest_step if phase.kind == "dynamic" else float("inf")
        if phase.kind == "static" and number not in moved and phase.steps is None:
            # nothing changes but what was out of balance: one step
            settings = replace(settings, first_step=1.0, largest_step=1.0)
        end = start + phase.duration
        stops = {start + stop for thrust in own for stop in (thrust.time_to_peak, thrust.duration)}
        inside = tuple(sorted(stop for stop in stops if start < stop < end - 1e-9 * phase.duration))
        spans.append(PhaseSpan(phase.name, start, end, settings, phase.kind == "dynamic", inside))
        start = end
    return tuple(spans)


def timed_loads(case: Case, tables: Tables | None = None) -> tuple[TimedLoad, ...]:
    """Return every distinct load of the case once, with its curve over the whole timeline.

    Parameters
    ----------
    tables : measured forces by place, as `fem.case.read.CaseFile.force_tables` gives them.

    Notes
    -----
    A load ramps to its value over the phase that names it and is held; a later phase that names it again ramps it on.
    Thrusts at one place are one load [N] with their preload. A thrust with a `displacement` is a load of its own [mm],
    its preload another [N].
    """
    ends = _ends(case)
    found: dict[str, tuple[AnyLoad, list[float | None]]] = {}
    for number, phase in enumerate(case.phases):
        for load in phase.loads:
            if not isinstance(load, ThrustLoad):
                _, values = found.setdefault(load_name(load), (load, [None] * len(case.phases)))
                values[number] = load.value
    if case.follower_load is not None:
        follower = FollowerLoad(kind="follower", value=f"{case.follower_load.value!r} N")
        _, values = found.setdefault(load_name(follower), (follower, [None] * len(case.phases)))
        values[0] = case.follower_load.value
    ramped = (
        TimedLoad(name, load, _ramps(ends, values), _UNITS[load.kind])
        for name, (load, values) in found.items()
    )
    return (*ramped, *_thrust_loads(case, ends, tables or {}))


_UNITS: Final = {"moment": "N mm", "rotation": "rad", "displacement": "mm", "force": "N", "follower": "N"}


def load_name(load: AnyLoad) -> str:
    """Return the name of a load, equal for two mentions of the same one."""
    if isinstance(load, FollowerLoad):
        return "follower load"
    if isinstance(load, (MomentLoad, RotationLoad)):
        return f"{load.kind} on {load.on}, {load.motion}"
    direction = ", ".join(f"{x:g}" for x in load.direction)
    name = f"{load.kind} on {load.on} at {load.landmark or 'body centre'} along ({direction})"
    patch = load.patch if isinstance(load, ThrustLoad) else None
    return f"{name}, patch {patch:g} mm" if patch else name


def _ends(case: Case) -> list[float]:
    """Return the start of the first phase and the end of each [s]."""
    ends = [0.0]
    for phase in case.phases:
        ends.append(ends[-1] + phase.duration)
    return ends


def _ramps(ends: list[float], values: list[float | None]) -> Curve:
    levels = [0.0]
    for value in values:
        levels.append(levels[-1] if value is None else value)
    return through(ends, levels)


def _thrusts(case: Case, tables: Tables) -> dict[tuple[int, int], tuple[ThrustLoad, Thrust]]:
    """Return each thrust by phase and number in it."""
    return {
        (number, index): (load, pulse(load, tables.get((number, index))))
        for number, phase in enumerate(case.phases)
        for index, load in enumerate(phase.loads)
        if isinstance(load, ThrustLoad)
    }


def _thrust_loads(case: Case, ends: list[float], tables: Tables) -> list[TimedLoad]:
    spans = list(pairwise(ends))
    forces: dict[str, tuple[ThrustLoad, dict[int, Thrust]]] = {}
    loads = []
    for (number, _), (load, thrust) in _thrusts(case, tables).items():
        name = load_name(load)
        if load.displacement is not None:
            start = spans[number][0]
            curve = travel_curve(spans, number, thrust)
            loads.append(TimedLoad(f"{name} in '{case.phases[number].name}'", load, curve, "mm", start))
            if not thrust.preload:
                continue
            name, thrust = f"preload of {name}", replace(thrust, values=0.0 * thrust.values)
        forces.setdefault(name, (load, {}))[1][number] = thrust
    return loads + [
        TimedLoad(name, load, force_curve(spans, thrusts), "N") for name, (load, thrusts) in forces.items()
    ]


def _moved(case: Case) -> set[int]:
    """Return the phases in which a load changes."""
    moved = {number for number, phase in enumerate(case.phases) if phase.loads}
    thrusts = {
        number for number in moved for load in case.phases[number].loads if isinstance(load, ThrustLoad)
    }
    moved |= {number + step for number in thrusts for step in (-1, 1)}
    first = case.follower_load is not None
    return set(range(len(case.phases))) if case.problem is not None else moved | ({0} if first else set())


def _settings(solver: SolverSection, phase: Phase, thrusts: list[Thrust], ringing: float) -> Settings:
    largest = solver.largest_step if phase.steps is None else min(solver.largest_step, 1.0 / phase.steps)
    settings = Settings(
        tolerance=solver.tolerance,
        iterations=solver.iterations,
        first_step=min(solver.first_step, largest),
        largest_step=largest,
        smallest_step=solver.smallest_step,
    )
    if phase.kind == "static":
        return settings
    shortest = min((thrust.shortest for thrust in thrusts), default=phase.duration)
    longest = min(shortest / _STEPS_TO_PEAK, largest * phase.duration, ringing)
    first = _FIRST * longest / phase.duration
    return replace(
        settings, longest_step=longest, first_step=first, smallest_step=min(solver.smallest_step, first)
    )
