"""States and steps as a checkpoint keeps them: nested mappings of numbers and arrays, and back."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from fem.elements.layout import State
from fem.results.checkpoint import Memory
from fem.results.repetitions import BundleCost, Flexibility, Repetitions
from fem.solver.prediction import Trail
from fem.solver.report import NewtonReport, Step, StopReason
from fem.system.system import System

_REACHED: Final = NewtonReport(StopReason.CONVERGED, (), (), "")


def kept_state(state: State) -> dict[str, Any]:
    """Return a state as a mapping."""
    return {item.name: getattr(state, item.name) for item in fields(State)}


def kept_place(state: State) -> dict[str, Any]:
    """Return where everything is in a state as a mapping, without what its terms remember: that is most of its size."""
    return kept_state(replace(state, history={}))


def state_of(memory: Memory) -> State:
    """Return the state that `kept_state` or `kept_place` kept."""
    return State(**memory)


def kept_step(step: Step) -> dict[str, Any]:
    """Return a converged step as a mapping: what a march needs to go on from it."""
    trail = {item.name: getattr(step.trail, item.name) for item in fields(Trail)}
    place = {name: getattr(step, name) for name in ("number", "phase", "share", "length")}
    # The system was evaluated with what its terms remembered of the step before.
    before = step.evaluation.configuration.history
    return {**place, "state": kept_state(step.state), "before": before, "trail": trail}


def step_of(memory: Memory, system: System) -> Step:
    """Return the step that `kept_step` kept, the system evaluated there again."""
    state = state_of(memory["state"])
    evaluation = system.evaluate(replace(state, history=memory["before"]), tangent=False)
    way = memory["trail"]
    trail = Trail(tuple(way["elapsed"]), tuple(way["directions"]), way["missed"])
    number, phase, share, length = (memory[name] for name in ("number", "phase", "share", "length"))
    return Step(number, phase, share, state, evaluation, _REACHED, 0, length, trail)


def kept_repetitions(record: Repetitions) -> dict[str, Any]:
    """Return what repeating a case has done so far as a mapping."""
    costs = [
        [[getattr(cost, item.name) for item in fields(BundleCost)] for cost in own] for own in record.costs
    ]
    tests = {name: _kept_flexibility(getattr(record, name)) for name in ("before", "after")}
    return {"asked": record.asked, "solved": record.solved, "costs": costs, **tests}


def repetitions_of(memory: Memory) -> Repetitions:
    """Return what `kept_repetitions` kept."""
    costs = tuple(tuple(BundleCost(*values) for values in own) for own in memory["costs"])
    before, after = (_flexibility_of(memory[name]) for name in ("before", "after"))
    return Repetitions(memory["asked"], memory["solved"], costs, before, after)


def _kept_flexibility(found: Flexibility | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {item.name: _listed(getattr(found, item.name)) for item in fields(Flexibility)}


def _listed(angles: Mapping[str, Any]) -> dict[str, list[float]]:
    return {level: [float(angle) for angle in own] for level, own in angles.items()}


def _flexibility_of(memory: Memory | None) -> Flexibility | None:
    return None if memory is None else Flexibility(**memory)
