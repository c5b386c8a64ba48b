"""Run one case from file to result folder: the page to read first."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fem.case.anatomy import checked_spine
from fem.case.expect import expectations
from fem.case.read import CaseFile, read_case
from fem.case.resolved import resolved_settings, resolved_text
from fem.errors import FacetgapError, StorageError, UsageError
from fem.results.expect import Expectation, missed
from fem.results.folder import ResultFolder, claim
from fem.results.provenance import input_file
from fem.results.read import read_result, read_run
from fem.results.record import RunInfo
from fem.results.takeover import refuse_failed, up_to_date


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run: case file, overrides (``key=value``), result folder (None: ``results/<case>``).

    `force` replaces another result; `resume` goes on with one of the same inputs that was stopped.
    """

    case: Path
    overrides: tuple[str, ...] = ()
    folder: Path | None = None
    force: bool = False
    command: tuple[str, ...] = ()
    resume: bool = False


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Where the result lies, its summary, whether it was there already, and what the run warned of."""

    folder: Path
    summary: Mapping[str, Any]
    up_to_date: bool
    warnings: tuple[str, ...] = ()

    @property
    def missed(self) -> tuple[Any, ...]:
        """Return the expectations that were not met."""
        return tuple(missed(self.summary))


#: Called with a sentence about what happens now.
Listener = Callable[[str], None]


def run_case(request: RunRequest, listen: Listener = lambda text: None) -> RunOutcome:
    """Solve a case and write its result folder; nothing is written before the input is accepted.

    Raises
    ------
    FacetgapError
        Of any kind, with its exit code. Once the folder is claimed it holds an openable result all the same.
    """
    case_file = read_case(request.case, request.overrides)
    checked_spine(case_file)
    info = run_info(case_file, request)
    folder = request.folder or default_folder(case_file)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; a result needs a folder, choose another with -o")
    if not request.force and folder.is_dir() and any(folder.iterdir()) and up_to_date(folder, info, False):
        return RunOutcome(folder, read_result(folder).summary, up_to_date=True)
    work = _verification if case_file.case.problem is not None else _spine
    return work(case_file, lambda: _claimed(folder, info, request), folder, listen)


def resume_request(place: Path, command: tuple[str, ...] = ()) -> RunRequest:
    """Return the request that goes on with the run in a result folder.

    Raises
    ------
    UsageError
        When there is no result, its run failed, or it does not say what it was made from.
    """
    run = read_run(place)
    refuse_failed(place)
    asked = run.get("request", {})
    if "case" not in asked:
        raise UsageError(
            f"{place} was left by facetgap {run.get('versions', {}).get('facetgap', 'of an unknown version')}, which "
            "kept nothing to go on from; solve the case from the start: facetgap run CASE"
        )
    case = Path(asked["case"])
    if run["status"] != "complete" and not case.is_file():
        raise UsageError(f"{case}, the case that {place} was solved from, is not there any more; put it back")
    return RunRequest(case, tuple(asked.get("overrides", ())), place, command=command, resume=True)


def default_folder(case_file: CaseFile) -> Path:
    """Return ``results/<case>``."""
    return Path("results") / case_file.name


def run_info(case_file: CaseFile, request: RunRequest) -> RunInfo:
    """Return what identifies the run: resolved settings, input files with their hashes, command."""
    path = case_file.document.path
    inputs = [input_file("case", path)]
    inputs += [input_file(role, file) for role, file in case_file.inputs.items()]
    return RunInfo(
        case_file.name,
        case_file.case.title,
        resolved_settings(case_file),
        tuple(inputs),
        path.read_text(encoding="utf-8"),
        resolved_text(case_file),
        request.command,
        {"case": str(request.case.absolute()), "overrides": list(request.overrides)},
    )


#: Takes the result folder for this run; None where a result in it is up to date.
Claim = Callable[[], ResultFolder | None]


def _spine(case_file: CaseFile, claimed: Claim, place: Path, listen: Listener) -> RunOutcome:
    from fem.case.build import build_mesh, build_problem
    from fem.observe.simulation import simulate
    from fem.system.compilation import kernels_compiled

    first = (
        "" if kernels_compiled() else ", then compiling the kernels (a minute or two, on the first run only)"
    )
    listen(f"meshing{first}")
    mesh = build_mesh(case_file)
    problem = build_problem(case_file, mesh)
    folder = claimed()
    if folder is None:
        return RunOutcome(place, read_result(place).summary, up_to_date=True)
    if folder.checkpoint is not None:
        listen(f"going on {folder.whereabouts()}")
    return _guarded(folder, case_file, lambda: (simulate(case_file, problem, folder, listen), None))


def _verification(case_file: CaseFile, claimed: Claim, place: Path, listen: Listener) -> RunOutcome:
    from fem.case.verification import pose_verification
    from fem.observe.simulation import solve_closed_form

    problem = pose_verification(case_file.case)
    folder = claimed()
    if folder is None:
        return RunOutcome(place, read_result(place).summary, up_to_date=True)
    return _guarded(folder, case_file, lambda: ((), solve_closed_form(problem, folder, listen)))


def _claimed(place: Path, info: RunInfo, request: RunRequest) -> ResultFolder | None:
    """Claim the folder; one that cannot be written is the user's to mend."""
    try:
        return claim(place, info, force=request.force, resume=request.resume)
    except OSError as error:
        raise UsageError(
            f"cannot write the result folder {place} ({error.strerror}); choose another with -o"
        ) from error


#: Solver warnings, and what a closed-form problem reports.
_Ended = tuple[Sequence[str], Mapping[str, Mapping[str, float]] | None]


def _guarded(folder: ResultFolder, case_file: CaseFile, work: Callable[[], _Ended]) -> RunOutcome:
    """Do the work; whatever happens, leave an openable result that says how it ended."""
    from fem.observe.undisturbed import undisturbed

    def close(status: str, message: str = "", **more: Any) -> Mapping[str, Any]:
        with undisturbed():
            return folder.finish(status, message, **more)

    try:
        warnings, reported = work()
    except KeyboardInterrupt:
        close("interrupted", "stopped by the user")
        raise
    except OSError as error:
        stopped = _stopped(folder, error)
        with suppress(OSError):  # what is on the disk already can be opened, and gone on with
            close("interrupted", str(stopped))
        raise stopped from error
    except FacetgapError as error:
        close("failed", str(error))
        raise
    except Exception as error:
        close("failed", f"a bug: {type(error).__name__}: {error}")
        raise
    expected = [
        Expectation(e.quantity, e.low, e.high, e.kind, e.source) for e in expectations(case_file.case)
    ]
    try:
        summary = close("complete", expect=expected, reported=reported)
    except OSError as error:
        raise _stopped(folder, error) from error
    told = tuple(dict.fromkeys((*warnings, *folder.warnings)))
    return RunOutcome(folder.path, summary, up_to_date=False, warnings=told)


def _stopped(folder: ResultFolder, error: OSError) -> StorageError:
    """Return the sentence about a disk that is full or does not let itself be written."""
    return StorageError(
        f"the result in {folder.path} could not be written ({error.strerror or error}); make room or mend the folder, "
        f"then go on with: facetgap resume {folder.path}"
    )


def worker_count(wanted: int, cases: int) -> int:
    """Return how many cases to solve at once: no more than there are cases, or cores."""
    return max(1, min(wanted, cases, os.cpu_count() or 1))
