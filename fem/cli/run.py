"""``facetgap run``: solve case files, a result folder each."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
@click.option("--force", is_flag=True, help="Replace a result of other inputs.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be run, and where to; solve nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the summaries as one JSON document.")
def command(
    cases: tuple[Path, ...],
    output: Path | None,
    jobs: int,
    overrides: tuple[str, ...],
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Solve CASES and write a result folder for each (default results/<case>).

    The result table goes to stdout, progress and warnings to stderr.
    """
    from fem.runner import RunRequest

    requests = [
        RunRequest(case, overrides, _folder(case, output, len(cases)), force, tuple(sys.argv))
        for case in cases
    ]
    if dry_run:
        return _plan(requests)
    outcomes = _solve(requests, jobs, quiet=as_json)
    if as_json:
        _print_json(outcomes)
    return EXIT_MISSED if any(outcome.missed for outcome in outcomes) else 0


def _folder(case: Path, output: Path | None, count: int) -> Path | None:
    return output / case.stem if output is not None and count > 1 else output


def _plan(requests: Sequence["RunRequest"]) -> int:
    from fem.case.read import read_case
    from fem.runner import default_folder

    for request in requests:
        case_file = read_case(request.case, request.overrides)
        folder = request.folder or default_folder(case_file)
        click.echo(f"{request.case}: {case_file.case.title} -> {folder}")
    return 0


def _solve(requests: Sequence["RunRequest"], jobs: int, quiet: bool) -> list["RunOutcome"]:
    from fem.runner import worker_count

    workers = worker_count(jobs, len(requests))
    if workers > 1:
        return _solve_together(requests, workers, quiet)
    return [_solve_one(request, quiet) for request in requests]


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


def _solve_together(requests: Sequence["RunRequest"], workers: int, quiet: bool) -> list["RunOutcome"]:
    """Solve in processes of their own; a failure is raised after the others have ended."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from fem.runner import run_case

    outcomes, failures = [], []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for request, future in [(request, pool.submit(run_case, request)) for request in requests]:
            error = future.exception()
            if isinstance(error, Exception):
                click.echo(f"{request.case}: {error}", err=True)
                failures.append(error)
                continue
            outcomes.append(future.result())
            _show(request, outcomes[-1], quiet)
    if failures:
        raise failures[0]
    return outcomes


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
