"""What a threshold is looked for in: a name for people, the keys of the case behind it, and the range of values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from fem.case.loads import MomentLoad, ThrustLoad
from fem.case.read import CaseFile
from fem.case.resolved import resolved_settings
from fem.case.thrust_schema import SHORTEST_RISE
from fem.document import key_path, nearest
from fem.errors import UsageError
from fem.explain.pushes import in_words, pushes_of, written
from fem.units import QuantityError, parse_quantity, unit_named

#: Default range around the case's own value, as a factor either way; and the largest level of guarding: beyond it
#: single fascicles are fully driven (docs/guarding.md).
_REACH: Final = 4.0
_MOST_GUARDING: Final = 0.5
#: A peak must lie above its preload, which it includes: by at least this share.
_ABOVE_PRELOAD: Final = 1.05
#: A phase ends so much after the rise of its thrust, where its own duration would be too short for it.
_PHASE_OVER_RISE: Final = 2.1


@dataclass(frozen=True, slots=True)
class Varied:
    """A number of a case, or several that go together.

    Attributes
    ----------
    name : as the user wrote it.
    parts : key of the case -> its value there, in internal units; all are scaled by the same factor.
    dimension : of the values.
    start, low, high : value in the case (of the first part), and the ends of the search, in internal units.
    towards : 1 if more of it brings a pop nearer, -1 if less does; 0 where nobody knows.
    scale : whether values are spaced by factors or evenly.
    room : phase -> its duration [s], which a longer rise must fit into; empty for anything but times.
    """

    name: str
    parts: Mapping[str, float]
    dimension: str
    start: float
    low: float
    high: float
    towards: Literal[-1, 0, 1] = 1
    scale: Literal["factor", "even"] = "factor"
    room: Mapping[int, float] | None = None

    def overrides(self, value: float) -> tuple[str, ...]:
        """Return the overrides that give the case a value."""
        if len(self.parts) == 1:
            texts = [f"{key}={written(value, self.dimension)}" for key in self.parts]
        else:
            share = value / self.start
            texts = [f"{key}={written(share * own, self.dimension)}" for key, own in self.parts.items()]
        for phase, duration in (self.room or {}).items():
            if _PHASE_OVER_RISE * value > duration:
                texts.append(f"phases[{phase}].duration={written(_PHASE_OVER_RISE * value, 'time')}")
        return tuple(texts)

    def written(self, value: float) -> str:
        """Return a value for people."""
        return in_words(value, self.dimension)


def varied(case_file: CaseFile, name: str) -> Varied:
    """Return what `name` stands for in a case: one of `NAMES`, or a key of the case that holds a quantity.

    Raises
    ------
    UsageError
        When the case has nothing of that name, with the names it may be.
    """
    make = NAMES.get(ALIASES.get(name, name))
    if make is not None:
        return make(case_file, name)
    return _key(case_file, name)


def bounded(found: Varied, low: str | None, high: str | None) -> Varied:
    """Return what is varied with the ends of its range as the user wants them; UsageError where they make no range."""
    try:
        ends = [
            own if text is None else parse_quantity(text, found.dimension)
            for text, own in ((low, found.low), (high, found.high))
        ]
    except QuantityError as error:
        raise UsageError(f"--from and --to of {found.name}: {error}") from None
    least = 0.0 if found.scale == "even" else float.fromhex("0x1p-1022")
    if not least <= ends[0] < ends[1]:
        told = f"{found.written(ends[0])} to {found.written(ends[1])}"
        raise UsageError(f"{found.name} cannot be looked for from {told}; give a range that grows, above 0")
    start = min(max(found.start, ends[0]), ends[1])
    parts = (
        found.parts
        if start == found.start
        else {key: own * start / found.start for key, own in found.parts.items()}
    )
    return replace(found, low=ends[0], high=ends[1], start=start, parts=parts)


def _peaks(case_file: CaseFile, name: str) -> Varied:
    thrusts = [(push, push.load) for push in pushes_of(case_file.case) if isinstance(push.load, ThrustLoad)]
    parts = {f"{push.key}.peak": load.peak for push, load in thrusts if load.peak is not None}
    start = _first(case_file, name, parts, "a thrust with a peak")
    preload = max((load.preload or 0.0) for _, load in thrusts)
    low = max(start / _REACH, _ABOVE_PRELOAD * preload)
    return Varied(name, parts, "force", start, min(low, start), _REACH * start)


def _travels(case_file: CaseFile, name: str) -> Varied:
    thrusts = [(push, push.load) for push in pushes_of(case_file.case) if isinstance(push.load, ThrustLoad)]
    parts = {f"{push.key}.displacement": load.displacement for push, load in thrusts if load.displacement}
    start = _first(case_file, name, parts, "a thrust with a displacement")
    return Varied(name, parts, "length", start, start / _REACH, _REACH * start)


def _rises(case_file: CaseFile, name: str) -> Varied:
    case = case_file.case
    parts: dict[str, float] = {}
    room: dict[int, float] = {}
    for push in pushes_of(case):
        load, duration = push.load, case.phases[push.phase].duration
        if not isinstance(load, ThrustLoad):
            parts[f"phases[{push.phase}].duration"] = duration
        elif load.time_to_peak is not None:
            parts[f"{push.key}.time_to_peak"] = load.time_to_peak
            room[push.phase] = duration
    start = _first(case_file, name, parts, "a load that rises in a dynamic phase")
    low = max(SHORTEST_RISE, start / _REACH)
    return Varied(name, parts, "time", start, min(low, start), _REACH * start, -1, room=room)


def _moments(case_file: CaseFile, name: str) -> Varied:
    parts = {
        f"{push.key}.value": push.size
        for push in pushes_of(case_file.case)
        if isinstance(push.load, MomentLoad)
    }
    start = _first(case_file, name, parts, "a moment that grows in a dynamic phase")
    return Varied(name, parts, "moment", start, start / _REACH, _REACH * start)


def _guarding(case_file: CaseFile, name: str) -> Varied:
    muscles, guards = case_file.case.muscles, case_file.guarding()
    if muscles is None or guards is None or not guards.pattern.rules:
        raise UsageError(
            f"{case_file.document.path} has no guarding whose level could be varied; give it a pattern, for example "
            "--set 'muscles={guarding: bilateral, level: 0.2}'"
        )
    start = muscles.level or 0.0
    high = max(_MOST_GUARDING, start)
    return Varied(name, {"muscles.level": start}, "dimensionless", start, 0.0, high, -1, "even")


def _first(case_file: CaseFile, name: str, parts: Mapping[str, float], what: str) -> float:
    if not parts:
        raise UsageError(
            f"{case_file.document.path} has no {what.removeprefix('a ')}, so --vary {name} finds nothing to vary"
        )
    return next(iter(parts.values()))


def _key(case_file: CaseFile, name: str) -> Varied:
    """Return any key of the case that holds a quantity; nobody knows which way a pop lies."""
    node: Any = resolved_settings(case_file)
    for part in key_path(name):
        inside = isinstance(node, dict) and part in node
        if not inside and not (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            near = nearest(name, [*NAMES, *ALIASES], 0.4)
            raise UsageError(
                f"'{name}' is neither a key of {case_file.document.path} that holds a quantity nor one of "
                f"{', '.join(NAMES)}{near}"
            )
        node = node[part]
    dimension, value = _quantity(name, node)
    if not value > 0.0:
        raise UsageError(f"{name} is {node}; only a quantity above 0 can be varied by factors")
    return Varied(name, {name: value}, dimension, value, value / _REACH, _REACH * value, 0)


def _quantity(name: str, text: Any) -> tuple[str, float]:
    if isinstance(text, int | float) and not isinstance(text, bool):
        return "dimensionless", float(text)
    try:
        dimension = unit_named(str(text).partition(" ")[2]).dimension
        return dimension, parse_quantity(str(text), dimension)
    except QuantityError:
        raise UsageError(f"{name} is '{text}', which is no quantity that could be varied") from None


#: What may be varied by a name of its own.
NAMES: Final[Mapping[str, Callable[[CaseFile, str], Varied]]] = {
    "thrust.peak": _peaks,
    "thrust.displacement": _travels,
    "thrust.time_to_peak": _rises,
    "moment": _moments,
    "guarding": _guarding,
}
#: Other names that are understood.
ALIASES: Final[Mapping[str, str]] = {
    "peak": "thrust.peak",
    "force": "thrust.peak",
    "displacement": "thrust.displacement",
    "travel": "thrust.displacement",
    "time_to_peak": "thrust.time_to_peak",
    "speed": "thrust.time_to_peak",
    "muscles.level": "guarding",
}
