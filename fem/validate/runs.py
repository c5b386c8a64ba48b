"""The runs behind the comparisons: which results are there and of the same inputs, which are to be solved."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fem.case.read import read_case
from fem.errors import FacetgapError, UsageError
from fem.results.provenance import fingerprint
from fem.results.read import RUN_FILE, read_run
from fem.results.salvage import OpenedResult, open_result
from fem.runner import RunRequest, run_info
from fem.validate.declared import Declared, Run

FOLDER: Final = Path("results") / "validation"
#: Settings that change no number: where the anatomy lies (its contents count), and remarks.
_REMARKS: Final = frozenset({"spine.anatomy", "title", "description"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A declared run as it is wanted now: its request, and what stands for all its inputs (`inputs_of`)."""

    run: Run
    request: RunRequest
    hash: str


def wanted_runs(
    what: Declared, cases: Path, folder: Path, resolution: str = "", extra: Sequence[str] = ()
) -> tuple[Wanted, ...]:
    """Return every declared run with its inputs as they are now.

    Parameters
    ----------
    cases : folder of the shipped cases.
    folder : where results go, one folder each.
    resolution : mesh of all runs but those with a mesh of their own; empty for that of the case.
    extra : further overrides of every run.

    Raises
    ------
    FacetgapError
        When a case cannot be read.
    """
    if not cases.is_dir():
        raise UsageError(f"there is no folder {cases} with the cases to validate; name it with --cases")
    return tuple(_wanted(run, cases, folder, resolution, extra) for run in what.runs.values())


def _wanted(run: Run, cases: Path, folder: Path, resolution: str, extra: Sequence[str]) -> Wanted:
    mesh = (f"spine.resolution={resolution}",) if resolution and not run.fixed else ()
    request = RunRequest(cases / run.case, (*run.overrides, *mesh, *extra), folder / run.name)
    info = run_info(read_case(request.case, request.overrides), request)
    return Wanted(run, request, inputs_of(fingerprint(info)))


def inputs_of(settings: Mapping[str, Any]) -> str:
    """Return a hash of everything that decides a result, the same wherever the files lie."""
    told = {key: value for key, value in settings.items() if key not in _REMARKS}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def found_results(wanted: Iterable[Wanted], places: Iterable[Path]) -> dict[str, OpenedResult]:
    """Return run name -> complete result of the very same inputs in any of the places or the folders in them."""
    by_hash: dict[str, Path] = {}
    for folder in _result_folders(places):
        try:
            run = read_run(folder)
        except FacetgapError:
            continue
        if run["status"] == "complete":
            by_hash.setdefault(inputs_of(run.get("fingerprint", {})), folder)
    return {one.run.name: open_result(by_hash[one.hash]) for one in wanted if one.hash in by_hash}


def unused(places: Iterable[Path], results: Mapping[str, OpenedResult]) -> list[Path]:
    """Return the result folders that were named and serve no comparison."""
    used = {result.path for result in results.values()}
    return [folder for folder in _result_folders(places) if folder not in used]


def _result_folders(places: Iterable[Path]) -> Iterator[Path]:
    seen = set()
    for place in places:
        for folder in (place, *(sorted(place.iterdir()) if place.is_dir() else ())):
            if (folder / RUN_FILE).is_file() and folder.resolve() not in seen:
                seen.add(folder.resolve())
                yield folder
