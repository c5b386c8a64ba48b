"""The runs behind an explanation: which are there already, which are to be solved, what they came to."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from fem.case.read import read_case
from fem.errors import UsageError
from fem.explain.changes import Change
from fem.explain.counterfactuals import AS_IT_IS, Plan
from fem.explain.judgement import Judgement, Run, judge
from fem.explain.outcome import Outcome, outcome
from fem.explain.page import explanation_page
from fem.explain.presentation import explanation_document
from fem.results.atomic import write_json, write_text
from fem.results.read import read_result, read_table
from fem.results.takeover import up_to_date
from fem.runner import RunRequest, run_info

DOCUMENT_FILE: Final = "why.json"
PAGE_FILE: Final = "why.html"


def default_folder(plan: Plan) -> Path:
    """Return ``results/why/<case>``."""
    return Path("results") / "why" / plan.case_file.name


def requests(
    plan: Plan, folder: Path, *, force: bool = False, command: Sequence[str] = ()
) -> tuple[tuple[Change, RunRequest], ...]:
    """Return every run with its request, the case as it is first.

    A result of the very case in ``results/<case>`` is taken for the case as it is. With `force` a result of other
    inputs in a run's folder is replaced.

    Raises
    ------
    UsageError
        When a folder holds something else, or, without `force`, a result of other inputs; the keys are named.
    """
    found = []
    for change in (AS_IT_IS, *plan.changes):
        usual = RunRequest(
            plan.path, plan.overrides, Path("results") / plan.case_file.name, command=tuple(command)
        )
        if change is AS_IT_IS and not (folder / change.name).exists() and is_done(usual):
            found.append((change, usual))
        else:
            found.append((change, request_of(plan, change, folder, force, tuple(command))))
    return tuple(found)


def request_of(
    plan: Plan, change: Change, folder: Path, force: bool = False, command: tuple[str, ...] = ()
) -> RunRequest:
    """Return the request of one run, in a folder of its own in `folder`; errors as for `requests`."""
    request = RunRequest(plan.path, plan.overrides_of(change), folder / change.name, command=command)
    if force and not _may_stay(request):
        return replace(request, force=True)
    is_ready(request)
    return request


def is_ready(request: RunRequest) -> bool:
    """Return whether a complete result of a request is there; errors as for `fem.results.takeover.up_to_date`."""
    folder = request.folder
    assert folder is not None
    if not folder.is_dir() or not any(folder.iterdir()) or request.force:
        return False
    return up_to_date(folder, run_info(read_case(request.case, request.overrides), request), False)


def is_done(request: RunRequest) -> bool:
    """Return whether the folder of a request holds its complete result; False for anything else."""
    try:
        return is_ready(request)
    except UsageError:
        return False


def _may_stay(request: RunRequest) -> bool:
    """Return whether what lies in the folder of a request is of its inputs, or nothing."""
    try:
        is_ready(request)
    except UsageError:
        return False
    return True


def solved(change: Change, folder: Path, target: str) -> Run:
    """Return a run that has a complete result in `folder`."""
    return Run(change, folder, read_outcome(folder, target))


def read_outcome(folder: Path, target: str) -> Outcome:
    """Return what the run in `folder` came to."""
    result = read_result(folder)
    if result.status != "complete":
        raise UsageError(f"the run in {folder} is {result.status}; run the command again")
    return outcome(result.summary, target, read_table(folder, "levels"))


def explain(plan: Plan, runs: Sequence[Run]) -> Judgement:
    """Return what the runs of a plan say."""
    return judge(plan.case_file.case.title, plan.target, runs, plan.left_out)


def write_explanation(told: Judgement, case: str, folder: Path) -> tuple[Path, Path]:
    """Write ``why.json`` and ``why.html`` into `folder` and return both."""
    folder.mkdir(parents=True, exist_ok=True)
    document, page = folder / DOCUMENT_FILE, folder / PAGE_FILE
    write_json(document, explanation_document(told, case))
    write_text(page, explanation_page(told))
    return document, page
