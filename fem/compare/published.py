"""How the numbers of each shipped experiment are found in results."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from fem.literature import Datum, ParameterSet
from fem.results.motions import ANGLE_OF_MOTION
from fem.results.salvage import OpenedResult
from fem.units import QuantityError, parse_quantity, to_internal

_MOMENT: Final = re.compile(r"phases\[(\d+)\]\.loads\[(\d+)\]\.kind")
_LUMBAR: Final = ("L1-L2", "L2-L3", "L3-L4", "L4-L5")
#: Moments closer than this share count as the same.
_SAME: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Finding:
    """A published number and what results say to it, in internal units; without both, `why` says what is wrong."""

    what: str
    paths: tuple[Path, ...]
    datum: Datum | None = None
    computed: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Bent:
    """A result of a pure moment: its motion, largest moment [N mm], and the phase it acts in."""

    result: OpenedResult
    motion: str
    moment: float
    phase: str

    def rotations(self, levels: Sequence[str]) -> list[tuple[float, float]]:
        """Return (moment [N mm], rotation [rad] of all the levels together, positive along the motion) by step."""
        column, sign = ANGLE_OF_MOTION[self.motion]
        return [
            (moment, to_internal(sign * sum(rows[level][column] for level in levels), "deg", "angle"))
            for moment, rows in self._steps("levels")
        ]

    def pressures(self, level: str) -> list[tuple[float, float]]:
        """Return (moment [N mm], rise of the nucleus pressure [MPa]) by step."""
        return [(moment, rows[level]["pressure_rise_MPa"]) for moment, rows in self._steps("discs")]

    def _steps(self, table: str) -> Iterator[tuple[float, Mapping[str, Mapping[str, float]]]]:
        for line in self.result.table("history"):
            if line["phase"] == self.phase:
                rows = {
                    str(row["level"]): row for row in self.result.table(table) if row["step"] == line["step"]
                }
                yield float(line["load_fraction"]) * self.moment, rows


def cramer_2012(results: Sequence[OpenedResult], data: ParameterSet) -> Iterator[Finding]:
    """Gapping of the target, the largest rise of its mean gap since step 0, beside joints that popped or did not."""
    for result in results:
        own = (result.path,)
        target = result.summary.get("target")
        entry = result.summary.get("facets", {}).get(target, {})
        change, start = entry.get("peak_gap_mean_mm"), _first_gap(result, str(target))
        if target is None or change is None or start is None:
            yield Finding("gapping", own, why="it has no target, or no facet gap of it")
            continue
        gapping = entry.get("cavitation", {}).get("mri_gapping_mm", change - start)
        for key in ("gapping_cavitated", "gapping_not_cavitated"):
            what = f"gapping of {target}, {key.removeprefix('gapping_').replace('_', ' ')}"
            yield Finding(what, own, data.datum(key), gapping)


def heuer_2007(results: Sequence[OpenedResult], data: ParameterSet) -> Iterator[Finding]:
    """Rotation and pressure rise of the L4-L5 disc alone, at the moments of the study that a run went through."""
    for result in results:
        own = (result.path,)
        bent = _bent(result)
        why = _not_a_bare_disc(result) if isinstance(bent, Bent) else bent
        if why or not isinstance(bent, Bent):
            yield Finding("disc alone", own, why=str(why))
            continue
        motion = next(name for name in data.groups() if bent.motion.replace(" ", "_").startswith(name))
        moments = data.series(f"{motion}.moment")
        curves = {"rotation": bent.rotations(["L4-L5"]), "pressure_rise": bent.pressures("L4-L5")}
        for label, moment in moments.items():
            for name, curve in curves.items():
                what = f"{motion.replace('_', ' ')} {moment / 1e3:g} N m, {name.replace('_', ' ')}"
                computed = interpolated(curve, moment)
                if computed is not None:
                    yield Finding(what, own, data.datum(f"{motion}.{name}.{label}"), computed)


def rohlmann_2001(results: Sequence[OpenedResult], data: ParameterSet) -> Iterator[Finding]:
    """Range of motion L1-L5: two runs of opposite motions, at the moment of the study, added."""
    moment = data.datum("moment").value
    found: dict[str, dict[str, tuple[Path, float]]] = {}
    for result in results:
        bent = _bent(result)
        why = bent if isinstance(bent, str) else _not_lumbar(bent, moment)
        if why or isinstance(bent, str):
            yield Finding("range of motion", (result.path,), why=why)
            continue
        rotation = interpolated(bent.rotations(_LUMBAR), moment)
        if rotation is not None:
            found.setdefault(ANGLE_OF_MOTION[bent.motion][0], {})[bent.motion] = (result.path, rotation)
    keys = {"flexion_deg": "flexion_extension"}
    for column, both in found.items():
        key = keys.get(column, column.removesuffix("_deg"))
        paths = tuple(path for path, _ in both.values())
        if len(both) == 2:
            total = sum(rotation for _, rotation in both.values())
            yield Finding(f"L1-L5 {key.replace('_', ' + ')}", paths, data.datum(key), total)
        else:
            yield Finding(key, paths, why="the study adds both directions: name the run of the other one too")


def interpolated(curve: Sequence[tuple[float, float]], moment: float) -> float | None:
    """Return a value at a moment, straight between steps from no moment on; None beyond the last step."""
    points = [(0.0, 0.0), *curve]
    for (before, start), (after, end) in pairwise(points):
        if before < moment <= after * (1.0 + _SAME):
            return start + (end - start) * min(1.0, (moment - before) / (after - before))
    return None


def _bent(result: OpenedResult) -> Bent | str:
    """Return what moment a result is of; a sentence where it is not of one pure moment alone."""
    settings = result.settings
    loads = [key for key in settings if _MOMENT.fullmatch(key)]
    if not loads or not all(result.has_table(name) for name in ("history", "levels")):
        return "its settings hold no load, or its tables are missing"
    if len(loads) > 1 or settings[loads[0]] != "moment" or settings.get("follower_load.value"):
        return "it is not a run under one pure moment"
    load = loads[0].removesuffix("kind")
    motion = settings.get(f"{load}motion")
    if motion not in ANGLE_OF_MOTION:
        return f"its moment is about no anatomical axis ({motion})"
    try:
        moment = parse_quantity(settings[f"{load}value"], "moment")
    except (KeyError, QuantityError):
        return "its moment cannot be read"
    phase = settings.get(f"{load.split('.')[0]}.name")
    return Bent(result, str(motion), abs(moment), str(phase))


def _not_a_bare_disc(result: OpenedResult) -> str:
    structures = [value for key, value in result.settings.items() if key.startswith("spine.structures")]
    if result.settings.get("spine.levels") != "L4-L5" or structures != ["disc"]:
        return "the study is of the L4-L5 disc alone (spine.levels: L4-L5, structures: [disc])"
    return "" if result.has_table("discs") else "it holds no discs.csv"


def _not_lumbar(bent: Bent, moment: float) -> str:
    held = {str(row["level"]) for row in bent.result.table("levels")}
    if not set(_LUMBAR) <= held:
        return "the study is of L1 to L5, not all of which it holds"
    if bent.moment < moment * (1.0 - _SAME):
        return f"the study is at {moment / 1e3:g} N m, its moment only goes to {bent.moment / 1e3:g} N m"
    return ""


def _first_gap(result: OpenedResult, joint: str) -> float | None:
    if not result.has_table("facets"):
        return None
    gaps = (row["gap_mean_mm"] for row in result.table("facets") if row["joint"] == joint)
    return next((float(gap) for gap in gaps), None)
