"""What to do with a result folder that is already there: keep it, refuse it, or clear it for a new run."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fem.errors import FacetgapError, UsageError
from fem.results import provenance
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
    """Remove the files a run writes, and nothing else; ``run.json`` last, so that half a job shows."""
    tables = [f"{name}.csv{suffix}" for name in (*TABLES, "history") for suffix in ("", PARTIAL_SUFFIX)]
    shutil.rmtree(path / FIELDS_FOLDER, ignore_errors=True)
    for name in (*tables, *_FILES, RUN_FILE):
        (path / name).unlink(missing_ok=True)


def _refuse_running(path: Path, process: Mapping[str, Any], force: bool) -> None:
    if provenance.is_alive(process):
        raise UsageError(f"{path} is being written by process {process['pid']}; choose another with -o")
    if provenance.is_elsewhere(process) and not force:
        raise UsageError(
            f"{path} may still be being written on {process['host']}; choose another with -o, "
            "or --force if that job is dead"
        )


def _differences(run: Mapping[str, Any], info: RunInfo) -> str:
    keys = provenance.differing_keys(run.get("fingerprint", {}), provenance.fingerprint(info))
    more = len(keys) - _KEYS_SHOWN
    return ", ".join(keys[:_KEYS_SHOWN]) + (f" and {more} more" if more > 0 else "")
