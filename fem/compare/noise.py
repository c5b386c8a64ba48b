"""The numerical noise of a difference: measured on companion runs, or else known shares from convergence studies."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from itertools import pairwise
from statistics import median
from typing import Any, Final

from fem.compare.companions import MESH, STEPS, Kind
from fem.compare.scales import SPAN, Family, Values, family
from fem.compare.values import Value, unit_of

#: Kinds of companions, and what each tells.
KINDS: Final[tuple[Kind, ...]] = (MESH, STEPS)
#: Share of the largest number of a section and unit below which a solved number means nothing.
_SOLVED_TO: Final = 1e-6
MEASURED, MIXED, DEFAULT, UNKNOWN = "measured", "measured in part", "default", "unknown"


@dataclass(frozen=True, slots=True)
class Floor:
    """The noise floor of one difference, in the unit of the quantity, and where it comes from; None: not known."""

    size: float | None
    origin: str


@dataclass(frozen=True, slots=True)
class Noisy:
    """One run as far as noise is concerned.

    Attributes
    ----------
    values : path -> value.
    companions : kind -> values of the same case with another mesh or with shorter steps.
    resolution : its mesh, empty where not known.
    times : (t,) [s] of its steps.
    scales : family -> its largest size at any time of the run.
    """

    values: Values
    companions: Mapping[Kind, Values]
    resolution: str = ""
    times: tuple[float, ...] = ()
    scales: Mapping[Family, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DefaultShare:
    """Known noise of a family of quantities: shares of its largest value by mesh and for steps, or an absolute size."""

    applies: tuple[str, ...]
    mesh: Mapping[str, float]
    steps: float
    absolute: float
    origin: str

    def of(self, resolution: str) -> float:
        """Return the share for mesh and steps together; an unknown mesh counts as the coarsest."""
        return self.mesh.get(resolution, max(self.mesh.values(), default=0.0))


@cache
def default_shares() -> tuple[DefaultShare, ...]:
    """Return the known noise of every family, from ``noise.toml``."""
    table = tomllib.loads(files("fem.compare").joinpath("noise.toml").read_text(encoding="utf-8"))
    return tuple(
        DefaultShare(
            tuple(entry["applies"]), entry.get("mesh", {}), entry.get("steps", 0.0), entry.get("absolute", 0.0),
            entry["origin"],
        )
        for entry in table.values()
    )  # fmt: skip


def floors(first: Noisy, second: Noisy) -> dict[str, Floor]:
    """Return path -> noise floor of the difference between two runs, for every number that both hold.

    Notes
    -----
    Each kind of noise (mesh, steps) adds its part. Where both runs have a companion of a kind, its part is how much the
    difference itself moves, |(B - A) - (B' - A')|: errors that the runs share do not count. With a companion of one
    run only, the other is taken to move as much. No part is less than the median over the quantity's places, since a
    single number may stand still by chance; nor is the whole less than what a solution to a tolerance leaves open.
    A kind without companions adds the known share of the largest value of the quantity at any time of a run, once for
    each run. A time is known no better than one step.
    """
    paths = [
        path
        for path, value in first.values.items()
        if path in second.values and _both(value, second.values[path])
    ]
    parts = {kind: _measured(kind, first, second, paths) for kind in KINDS}
    least = _least((first, second))
    return {path: _floor(path, first, second, parts, least) for path in paths}


def _both(one: Value, other: Value) -> bool:
    return isinstance(one.value, float) and isinstance(other.value, float)


def _floor(
    path: str,
    first: Noisy,
    second: Noisy,
    parts: Mapping[Kind, Mapping[str, float]],
    least: Mapping[tuple[str, str], float],
) -> Floor:
    value = first.values[path]
    found = [parts[kind].get(path) for kind in KINDS]
    known = [part for part in found if part is not None]
    default = [_default(kind, value, (first, second)) for kind in KINDS if parts[kind].get(path) is None]
    if not known and any(part is None for part in default):
        size, origin = None, UNKNOWN
    else:
        size = sum(known) + sum(part for part in default if part is not None)
        origin = MEASURED if len(known) == len(KINDS) else MIXED if known else DEFAULT
    if value.unit == "s":
        step = max(_step_at(run, path) for run in (first, second))
        return Floor(max(size or 0.0, step), origin if origin != UNKNOWN else DEFAULT)
    smallest = least.get((value.section, value.unit), 0.0)
    return Floor(None if size is None else max(size, smallest), origin)


def _least(runs: Sequence[Noisy]) -> dict[tuple[str, str], float]:
    """Return (section, unit) -> what a solution to a tolerance leaves open in any number of that unit."""
    found: dict[tuple[str, str], float] = {}
    for run in runs:
        for (section, name), size in run.scales.items():
            key = (section, unit_of(section, name.removesuffix(SPAN)))
            found[key] = max(found.get(key, 0.0), _SOLVED_TO * size)
    return found


def _measured(kind: Kind, first: Noisy, second: Noisy, paths: Sequence[str]) -> dict[str, float]:
    """Return path -> how much the difference moves from runs to companions; empty without companions of a kind."""
    moved = {}
    for path in paths:
        shifts = [_shift(run, kind, path) for run in (first, second)]
        if shifts[0] is not None and shifts[1] is not None:
            moved[path] = abs(shifts[1] - shifts[0])
        elif (one := next((shift for shift in shifts if shift is not None), None)) is not None:
            moved[path] = 2.0 * abs(one)
    middle = _medians(moved, first.values)
    return {path: max(size, middle[family(first.values[path])]) for path, size in moved.items()}


def _shift(run: Noisy, kind: Kind, path: str) -> float | None:
    """Return the change of a number from a run to its companion; None where there is none."""
    other = run.companions.get(kind, {}).get(path)
    own = run.values[path].value
    if other is None or not isinstance(other.value, float) or not isinstance(own, float):
        return None
    return other.value - own


def _medians(moved: Mapping[str, float], values: Values) -> dict[Family, float]:
    families: dict[Family, list[float]] = {}
    for path, size in moved.items():
        families.setdefault(family(values[path]), []).append(size)
    return {own: median(sizes) for own, sizes in families.items()}


def _default(kind: Kind, value: Value, runs: Sequence[Noisy]) -> float | None:
    share = next(
        (own for own in default_shares() if any(fnmatchcase(value.path, p) for p in own.applies)), None
    )
    if share is None:
        return None
    if share.absolute:
        return share.absolute if kind == MESH else 0.0
    parts = [share.of(run.resolution) if kind == MESH else share.steps for run in runs]
    return sum(part * _scale(run, value) for part, run in zip(parts, runs, strict=True))


def _scale(run: Noisy, value: Value) -> float:
    """Return the largest size of a quantity in a run; that of a span is no smaller than that of its levels."""
    return max(run.scales.get(key, 0.0) for key in (family(value), (value.section, value.name)))


def _step_at(run: Noisy, path: str) -> float:
    """Return the longer of the steps [s] that meet at a time of the run; 0 where its steps are not known."""
    time = _number(run.values[path])
    return max((b - a for a, b in pairwise(run.times) if a <= time <= b), default=0.0)


def _number(value: Any) -> float:
    found = value.value
    return found if isinstance(found, float) and found == found else 0.0
