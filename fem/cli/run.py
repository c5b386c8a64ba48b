"""``facetgap run``: solve case files, a result folder each."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fem.cli.trust import allow_outside_option, require_inside
from fem.errors import FacetgapError, InputError, NotConvergedError, UsageError

if TYPE_CHECKING:
    from fem.runner import RunOutcome, RunRequest

EXIT_MISSED = 4


@click.command("run")
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Result folder (one case) or parent of several."
)
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="Cases to solve at once.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key first; repeatable."
)
@allow_outside_option
@click.option("--force", is_flag=True, help="Replace a result of other inputs.")
@click.option(
    "--resume", is_flag=True, help="Go on with a result that was stopped, from its last checkpoint."
)
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be run, and where to; solve nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the summaries as one JSON document.")
def command(
    cases: tuple[Path, ...],
    output: Path | None,
    jobs: int,
    overrides: tuple[str, ...],
    allow_outside: bool,
    force: bool,
    resume: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Solve CASES and write a result folder for each (default results/<case>).

    The result table goes to stdout, progress and warnings to stderr.
    """
    from fem.runner import RunRequest

    if resume and force:
        raise UsageError("--force solves a case from the start, --resume goes on with it; choose one")
    requests = [
        RunRequest(case, overrides, _folder(case, output, len(cases)), force, tuple(sys.argv), resume)
        for case in cases
    ]
    _require_folders_of_their_own(requests)
    require_inside(cases, overrides, allow_outside)
    if dry_run:
        return _plan(requests)
    return solve_and_show(requests, jobs, as_json)


def solve_and_show(requests: Sequence["RunRequest"], jobs: int, as_json: bool) -> int:
    """Solve every request, print what it came to, and return the exit code."""
    outcomes, failures = _solve(requests, jobs, quiet=as_json)
    if as_json and outcomes:
        _print_json(outcomes)
    if failures:
        if len(requests) > 1 and isinstance(failures[0], FacetgapError):
            return failures[0].exit_code
        raise failures[0]
    return EXIT_MISSED if any(outcome.missed for outcome in outcomes) else 0


def _folder(case: Path, output: Path | None, count: int) -> Path | None:
    return output / case.stem if output is not None and count > 1 else output


def _require_folders_of_their_own(requests: Sequence["RunRequest"]) -> None:
    """Refuse two cases that would write to one folder, before either has cost time."""
    owners: dict[Path, Path] = {}
    for request in requests:
        folder = request.folder or Path("results") / request.case.stem
        if folder in owners:
            raise UsageError(
                f"{owners[folder]} and {request.case} would both write to {folder}; run them one by one, with -o"
            )
        owners[folder] = request.case


def _plan(requests: Sequence["RunRequest"]) -> int:
    from fem.case.anatomy import checked_spine
    from fem.case.read import read_case
    from fem.runner import default_folder

    for request in requests:
        case_file = read_case(request.case, request.overrides)
        checked_spine(case_file)
        folder = request.folder or default_folder(case_file)
        click.echo(f"{request.case}: {case_file.case.title} -> {folder}")
    return 0


def _solve(
    requests: Sequence["RunRequest"], jobs: int, quiet: bool
) -> tuple[list["RunOutcome"], list[Exception]]:
    """Solve every case, also after one has failed; return what was solved, and the failures."""
    from fem.runner import worker_count

    workers = worker_count(jobs, len(requests))
    if workers > 1:
        return _solve_together(requests, workers, quiet)
    outcomes: list[RunOutcome] = []
    failures: list[Exception] = []
    for request in requests:
        try:
            outcomes.append(_solve_one(request, quiet))
        except FacetgapError as error:
            _say_failed(request, error, several=len(requests) > 1)
            failures.append(error)
    return outcomes, failures


def _solve_one(request: "RunRequest", quiet: bool) -> "RunOutcome":
    from fem.results.progress import Progress
    from fem.runner import run_case

    progress = Progress(sys.stderr)
    try:
        outcome = run_case(request, lambda text: progress.update(f"{request.case.stem}: {text}"))
        for sentence in outcome.warnings:
            progress.warn(sentence)
    finally:
        progress.close()
    _show(request, outcome, quiet)
    return outcome


def _solve_together(
    requests: Sequence["RunRequest"], workers: int, quiet: bool
) -> tuple[list["RunOutcome"], list[Exception]]:
    from fem.cli.workers import solve_in_workers

    outcomes: list[RunOutcome] = []
    failures: list[Exception] = []
    for request, outcome in solve_in_workers(requests, workers):
        if isinstance(outcome, Exception):
            _say_failed(request, outcome, several=True)
            failures.append(outcome)
        else:
            outcomes.append(outcome)
            _show(request, outcome, quiet)
    return outcomes, failures


def _say_failed(request: "RunRequest", error: Exception, several: bool) -> None:
    """Say where the last good state lies, and with several cases what went wrong: no other line names the case."""
    if several and isinstance(error, InputError):
        click.echo(str(error), err=True)
    elif several:
        click.echo(f"{request.case}: error: {error}", err=True)
    if isinstance(error, NotConvergedError):
        folder = request.folder or Path("results") / request.case.stem
        click.echo(f"the last good state is kept in {folder}; facetgap view {folder} shows it", err=True)


def _show(request: "RunRequest", outcome: "RunOutcome", quiet: bool) -> None:
    import shutil

    from fem.results.progress import wants_colour
    from fem.results.screen import result_table

    if outcome.up_to_date:
        click.echo(f"{request.case}: up to date ({outcome.folder}); solve again with --force", err=True)
    if quiet:
        return
    width = shutil.get_terminal_size((100, 24)).columns
    click.echo(result_table(outcome.summary, width, colour=wants_colour(sys.stdout)), nl=False)
    click.echo(f"result: {outcome.folder}")


def _print_json(outcomes: Sequence["RunOutcome"]) -> None:
    from fem.results.atomic import json_text

    runs: list[Any] = [
        {"folder": str(outcome.folder), "summary": dict(outcome.summary)} for outcome in outcomes
    ]
    click.echo(json_text({"version": 1, "runs": runs}))
