"""Counterfactuals of the load: more force, more speed, the same force on the target."""

import json
import math
from typing import Any, Final

from fem.case.loads import MomentLoad, ThrustLoad
from fem.case.read import CaseFile
from fem.case.schema import Case
from fem.case.thrust_schema import SHORTEST_RISE
from fem.document.write import plain_values
from fem.explain.changes import Change, LeftOut
from fem.explain.pushes import Push, in_words, moving_loads, pushes_of, written

#: How much more force, and how much of the time: judgement, clearly more than one hand differs between thrusts.
MORE_FORCE: Final = 1.5
LESS_TIME: Final = 0.5

#: A clinician's hand in side posture on a target of the left side, as in cases/manipulation/thrust_l45_relaxed.yaml.
HAND_LANDMARK: Final = "spinous process"
HAND_DIRECTION: Final = (0.35, -0.9, -0.25)
HAND_PATCH: Final = 30.0
#: Cosine of the angle (5 degrees) within which two directions count as one.
_ALIKE: Final = math.cos(math.radians(5.0))

_NOTHING_MOVES: Final = "no load grows in a dynamic phase"


def more_force(case_file: CaseFile) -> Change | LeftOut:
    """Return the case with all that drives it half as large again."""
    barrier, pushes = "too little force", pushes_of(case_file.case)
    if not pushes:
        return LeftOut("more_force", barrier, _NOTHING_MOVES)
    if any(push.size_key is None for push in pushes):
        return LeftOut("more_force", barrier, "the force is a measured table")
    overrides = tuple(f"{push.size_key}={written(MORE_FORCE * push.size, push.dimension)}" for push in pushes)
    largest = max(pushes, key=lambda push: abs(push.size))
    what = {"moment": "moment", "force": "force"}.get(largest.dimension, "travel")
    sizes = (
        f"{in_words(MORE_FORCE * largest.size, largest.dimension)} "
        f"instead of {in_words(largest.size, largest.dimension)}"
    )
    return Change(
        "more_force", barrier, f"with {MORE_FORCE:g} times the {what}, {sizes}", overrides, "effort"
    )


def faster(case_file: CaseFile) -> Change | LeftOut:
    """Return the case with all that drives it in half the time: rise of a thrust, phase of a ramp."""
    barrier, case = "too little speed", case_file.case
    pushes = pushes_of(case)
    if not pushes:
        return LeftOut("faster", barrier, _NOTHING_MOVES)
    if any(isinstance(push.load, ThrustLoad) and push.load.table is not None for push in pushes):
        return LeftOut("faster", barrier, "the force is a measured table")
    times = _times(case, pushes)
    shortest = min(times.values())
    if LESS_TIME * shortest < SHORTEST_RISE:
        given = in_words(shortest, "time")
        return LeftOut("faster", barrier, f"{given} is as fast as the model resolves")
    overrides = tuple(f"{key}={written(LESS_TIME * time, 'time')}" for key, time in times.items())
    rise = next(time for key, time in times.items() if not key.endswith("release"))
    words = f"in half the time, {in_words(LESS_TIME * rise, 'time')} instead of {in_words(rise, 'time')}"
    return Change("faster", barrier, words, overrides, "effort")


def redirected(case_file: CaseFile) -> Change | LeftOut:
    """Return the case with its force on the target's upper vertebra: a hand there, or what a moment grows by."""
    case, barrier = case_file.case, "a push that does not act on the target"
    pushes, upper = pushes_of(case), _upper(case)
    if not pushes:
        return LeftOut("redirected", barrier, _NOTHING_MOVES)
    if any(not isinstance(push.load, ThrustLoad | MomentLoad) for push in pushes):
        return LeftOut("redirected", barrier, "a prescribed motion or a plain force has no hand to be moved")
    # A phase's whole list first, then single loads of it.
    overrides = [*_moments(case), *_hands(case, pushes)]
    if not overrides:
        return LeftOut("redirected", barrier, f"it acts on {upper} in that direction already")
    thrust = any(isinstance(push.load, ThrustLoad) for push in pushes)
    words = (
        f"with the same force as a clinician's hand on {upper}"
        if thrust
        else f"with the growing part of the moment on {upper} itself"
    )
    return Change("redirected", barrier, words, tuple(overrides))


def _times(case: Case, pushes: tuple[Push, ...]) -> dict[str, float]:
    """Return key -> time [s] of all that says how fast a case is driven."""
    times: dict[str, float] = {}
    for push in pushes:
        if isinstance(push.load, ThrustLoad):
            times[f"{push.key}.time_to_peak"] = push.load.time_to_peak or 0.0
            if push.load.release is not None:
                times[f"{push.key}.release"] = push.load.release
        else:
            times[f"phases[{push.phase}].duration"] = case.phases[push.phase].duration
    return times


def _hands(case: Case, pushes: tuple[Push, ...]) -> list[str]:
    """Return the overrides that put every thrust on the target's upper vertebra."""
    side = 1.0 if _side(case) == "left" else -1.0
    direction = (HAND_DIRECTION[0], side * HAND_DIRECTION[1], HAND_DIRECTION[2])
    overrides = []
    for push in pushes:
        load = push.load
        if not isinstance(load, ThrustLoad) or _is_there(load, _upper(case), direction):
            continue
        entry: dict[str, Any] = {
            "patch": written(HAND_PATCH, "length"),
            **plain_values(load),
            "on": _upper(case),
            "landmark": HAND_LANDMARK,
            "direction": list(direction),
        }
        overrides.append(f"{push.key}={json.dumps(entry)}")
    return overrides


def _is_there(load: ThrustLoad, upper: str, direction: tuple[float, float, float]) -> bool:
    if (load.on, load.landmark) != (upper, HAND_LANDMARK):
        return False
    along = sum(a * b for a, b in zip(load.direction, direction, strict=True))
    return along >= _ALIKE * math.hypot(*load.direction) * math.hypot(*direction)


def _moments(case: Case) -> list[str]:
    """Return the overrides with which what a moment grows by in time acts on the target's upper vertebra.

    What it was held at before stays where it was; an axial rotation is turned to the side that opens the target.
    """
    upper, moved = _upper(case), list(moving_loads(case))
    growing = {
        (push.load.on, push.load.motion)
        for push in pushes_of(case)
        if isinstance(push.load, MomentLoad) and (push.load.on, push.load.motion) != (upper, _opening(case, push.load))
    }  # fmt: skip
    phases: dict[int, list[Any]] = {}
    for push in moved:
        load = push.load
        if not isinstance(load, MomentLoad) or (load.on, load.motion) not in growing:
            continue
        loads = phases.setdefault(push.phase, _plain_loads(case, push.phase))
        stays = _towards(load.value, push.held)
        loads[push.index] = {**plain_values(load), "value": written(stays, "moment")}
        loads.append(
            {
                **plain_values(load),
                "on": upper,
                "motion": _opening(case, load),
                "value": written(load.value - stays, "moment"),
            }
        )
    return [f"phases[{number}].loads={json.dumps(loads)}" for number, loads in phases.items()]


def _plain_loads(case: Case, phase: int) -> list[Any]:
    return [plain_values(load) for load in case.phases[phase].loads]


def _towards(value: float, held: float) -> float:
    """Return the part of `value` that does not go beyond `held`."""
    low, high = min(0.0, held), max(0.0, held)
    return min(max(value, low), high)


def _opening(case: Case, load: MomentLoad) -> str:
    return f"axial rotation {_side(case)}" if load.motion.startswith("axial rotation") else load.motion


def _upper(case: Case) -> str:
    return str(case.target).split("-")[0]


def _side(case: Case) -> str:
    return str(case.target).rpartition(" ")[2]
