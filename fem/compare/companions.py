"""Companions of a run: the same case on another mesh or in shorter steps, from which its noise is measured."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from fem.errors import UsageError
from fem.results.read import RUN_FILE
from fem.results.salvage import OpenedResult, open_result
from fem.results.takeover import RESOLVED_FILE

Kind = Literal["mesh", "steps"]
MESH: Final[Kind] = "mesh"
STEPS: Final[Kind] = "steps"

#: Beside ``results/thrust`` its companions lie in ``results/thrust.noise/mesh`` and ``…/steps``.
SUFFIX: Final = ".noise"
#: Settings in which a companion may differ, by kind.
_MESH_KEY: Final = "spine.resolution"
_STEP_KEYS: Final = re.compile(r"solver\.(first_step|largest_step|smallest_step)|phases\[\d+\]\.steps")
#: What says nothing about how a run was solved.
_WORDS: Final = re.compile(r"title|description|facetgap version|output\..*|expect.*|.*\.anatomy|version")
#: Mesh -> the one a companion has: finer where there is one.
_NEXT: Final = {"coarse": "standard", "standard": "fine", "fine": "standard"}


@dataclass(frozen=True, slots=True)
class Companion:
    """A run that tells the noise of another, and of which kind it is."""

    kind: Kind
    result: OpenedResult


@dataclass(frozen=True, slots=True)
class Planned:
    """A companion that is still to be solved: case file, overrides, folder."""

    kind: Kind
    case: Path
    overrides: tuple[str, ...]
    folder: Path


def found_beside(result: OpenedResult) -> tuple[Companion, ...]:
    """Return the companions kept beside a result; one that does not fit any more is left out."""
    found = []
    for kind in (MESH, STEPS):
        folder = noise_folder(result.path) / kind
        if (folder / RUN_FILE).is_file():
            other = open_result(folder)
            if kind_of(result, other) == kind and _usable(other):
                found.append(Companion(kind, other))
    return tuple(found)


def assigned(results: Sequence[OpenedResult], named: Sequence[Path]) -> list[tuple[Companion, ...]]:
    """Return the companions of each result: those named, before those kept beside it.

    Raises
    ------
    UsageError
        When a named one is no companion of any of the results; what differs is said.
    """
    own: list[dict[Kind, Companion]] = [{c.kind: c for c in found_beside(result)} for result in results]
    for path in named:
        other, used = open_result(path), False
        for result, companions in zip(results, own, strict=True):
            kind = kind_of(result, other)
            if kind is not None:
                companions[kind], used = Companion(kind, other), True
        if not used:
            raise UsageError(_no_companion(results, other))
    return [tuple(companions.values()) for companions in own]


def kind_of(result: OpenedResult, other: OpenedResult) -> Kind | None:
    """Return in what `other` differs from `result`: mesh or steps alone; None for anything else, or for nothing."""
    keys = differing(result.settings, other.settings)
    if keys == [_MESH_KEY]:
        return MESH
    return STEPS if keys and all(_STEP_KEYS.fullmatch(key) for key in keys) else None


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the settings that differ, without titles and other words."""
    missing = object()
    keys = sorted({*one, *other})
    return [
        key for key in keys if not _WORDS.fullmatch(key) and one.get(key, missing) != other.get(key, missing)
    ]


def noise_folder(path: Path) -> Path:
    """Return where the companions of a result are kept."""
    return path.with_name(path.name + SUFFIX)


def planned(result: OpenedResult) -> tuple[Planned, ...]:
    """Return the companions to solve for a result: the next mesh, and at least twice as many steps.

    Raises
    ------
    UsageError
        When its case or its steps are not known.
    """
    case = result.path / RESOLVED_FILE
    if not case.is_file() or not result.has_table("history"):
        raise UsageError(
            f"the noise of {result.path} cannot be measured: it holds no {RESOLVED_FILE} or no history.csv"
        )
    folder = noise_folder(result.path)
    plans = []
    mesh = result.settings.get(_MESH_KEY)
    if mesh in _NEXT:
        plans.append(Planned(MESH, case, (f"{_MESH_KEY}={_NEXT[mesh]}",), folder / MESH))
    doubled = tuple(f"phases[{number}].steps={2 * count}" for number, count in _step_counts(result))
    if doubled:
        plans.append(Planned(STEPS, case, doubled, folder / STEPS))
    return tuple(plans)


def _step_counts(result: OpenedResult) -> list[tuple[int, int]]:
    """Return (number of the phase, its load steps), of phases that took any; step 0 is no load step."""
    names = {
        str(value): int(key.split("[")[1].split("]")[0])
        for key, value in result.settings.items()
        if re.fullmatch(r"phases\[\d+\]\.name", key)
    }
    counts: dict[int, int] = {}
    for row in result.table("history"):
        if row["step"] > 0 and row["phase"] in names:
            counts[names[row["phase"]]] = counts.get(names[row["phase"]], 0) + 1
    return sorted(counts.items())


def _usable(result: OpenedResult) -> bool:
    return bool(result.summary) and result.status == "complete"


def _no_companion(results: Sequence[OpenedResult], other: OpenedResult) -> str:
    keys = differing(results[0].settings, other.settings)
    what = (
        f"it differs from {results[0].path} in {', '.join(keys[:5])}"
        if keys
        else "it is solved in the same way"
    )
    return (
        f"{other.path} tells nothing about the noise of these results: {what}; a companion differs in "
        "spine.resolution alone, or in the steps alone (phases[…].steps, solver.largest_step)"
    )
