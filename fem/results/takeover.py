"""What to do with a result folder that is already there: keep it, refuse it, or clear it for a new run."""

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from fem.errors import FacetgapError, UsageError
from fem.results import provenance
from fem.results.checkpoint import CHECKPOINT_FILE
from fem.results.fields import FIELDS_FOLDER, SERIES_FILE
from fem.results.film_motion import MOTION_FILE
from fem.results.quantities import TABLES
from fem.results.read import RUN_FILE, SUMMARY_FILE, read_run
from fem.results.record import RunInfo
from fem.results.repetitions import REPETITIONS_FILE
from fem.results.scene import SCENE_FILE
from fem.results.tables import PARTIAL_SUFFIX

LOG_FILE: Final = "log.txt"
CASE_FILE: Final = "case.yaml"
RESOLVED_FILE: Final = "case.resolved.yaml"
_FILES: Final = (
    SERIES_FILE,
    SUMMARY_FILE,
    SCENE_FILE,
    LOG_FILE,
    CASE_FILE,
    RESOLVED_FILE,
    MOTION_FILE,
    REPETITIONS_FILE,
)
_TABLES: Final = (*TABLES, "history")
#: What `fem.results.atomic` writes beside a file; a killed run may leave one.
_UNFINISHED: Final = re.compile(r"\.(.+)\.[a-z0-9_]{8}")
_KEYS_SHOWN: Final = 8


def up_to_date(path: Path, info: RunInfo, force: bool) -> bool:
    """Return True when the result in `path` can stay, False when it may be replaced.

    Raises
    ------
    UsageError
        When it must not be replaced: no result at all, a job that still runs, or, without `force`, a result of
        other inputs; then the settings that differ are named.
    """
    if not (path / RUN_FILE).is_file():
        raise UsageError(f"{path} holds files but no {RUN_FILE}, so it is no result; choose another with -o")
    try:
        run = read_run(path)
    except FacetgapError:
        if force:
            return False
        raise
    if run["status"] == "running":
        _refuse_running(path, run.get("process", {}), force)
    if force:
        return False
    if run.get("input_hash") == provenance.input_hash(info):
        return bool(run["status"] == "complete")
    raise UsageError(
        f"{path} holds a result of other inputs; they differ in: {_differences(run, info)}. "
        "Replace it with --force, or keep both with -o OTHER_FOLDER"
    )


def clear(path: Path) -> None:
    """Remove the files a run writes, and nothing else; not ``run.json``, which tells whose folder it is."""
    shutil.rmtree(path / FIELDS_FOLDER, ignore_errors=True)
    for name in (CHECKPOINT_FILE, *_table_files(_TABLES), *_FILES):
        (path / name).unlink(missing_ok=True)
    sweep(path)


def cut_back(path: Path, tables: Iterable[str]) -> None:
    """Remove what a run that goes on from its checkpoint had written after it, but for rows and fields.

    Parameters
    ----------
    tables : those that the checkpoint knows.
    """
    later = set(_TABLES) - set(tables)
    for name in (*_table_files(sorted(later)), SUMMARY_FILE, MOTION_FILE, REPETITIONS_FILE):
        (path / name).unlink(missing_ok=True)
    sweep(path)


def sweep(path: Path) -> None:
    """Remove what a killed run left of files that it had not finished."""
    for entry in _litter(path):
        entry.unlink(missing_ok=True)
    fields = path / FIELDS_FOLDER
    for entry in [*fields.glob(".*"), *fields.glob("*/.*")]:
        if _UNFINISHED.fullmatch(entry.name):
            entry.unlink(missing_ok=True)


def holds_something(path: Path) -> bool:
    """Whether a folder holds more than a run leaves that was killed as it began."""
    litter = set(_litter(path))
    return any(entry not in litter for entry in path.iterdir())


def _litter(path: Path) -> list[Path]:
    ours = {RUN_FILE, CHECKPOINT_FILE, *_FILES}
    found = [(entry, _UNFINISHED.fullmatch(entry.name)) for entry in path.glob(".*")]
    return [entry for entry, match in found if match is not None and match[1] in ours]


def _table_files(names: Iterable[str]) -> list[str]:
    return [f"{name}.csv{suffix}" for name in names for suffix in ("", PARTIAL_SUFFIX)]


def refuse_failed(path: Path) -> None:
    """Raise where the run in a folder failed: the same inputs would fail again, from a checkpoint too."""
    run = read_run(path)
    if run["status"] == "failed":
        raise UsageError(
            f"the run in {path} failed, and would fail again: {run.get('message', 'no reason was kept')} "
            "Nothing was gone on with; change the case, and solve it with facetgap run"
        )


def held_by(path: Path) -> str:
    """Return the sentence about another process that has the folder."""
    try:
        number = read_run(path).get("process", {}).get("pid")
    except FacetgapError:  # it has only just begun
        number = None
    who = "another process" if number is None else f"process {number}"
    return f"{path} is being written by {who}; wait for it, or choose another folder with -o"


def _refuse_running(path: Path, process: Mapping[str, Any], force: bool) -> None:
    if provenance.is_alive(process):
        raise UsageError(held_by(path))
    if provenance.is_elsewhere(process) and not force:
        raise UsageError(
            f"{path} may still be being written on {process['host']}; choose another with -o, "
            "or --force if that job is dead"
        )


def _differences(run: Mapping[str, Any], info: RunInfo) -> str:
    keys = provenance.differing_keys(run.get("fingerprint", {}), provenance.fingerprint(info))
    more = len(keys) - _KEYS_SHOWN
    return ", ".join(keys[:_KEYS_SHOWN]) + (f" and {more} more" if more > 0 else "")
