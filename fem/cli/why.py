"""``facetgap why``: which barrier keeps the target from popping, by counterfactual runs of the case."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fem.cli.trust import allow_outside_option, require_inside
from fem.errors import FacetgapError
from fem.explain.changes import NAMES

if TYPE_CHECKING:
    from fem.explain.changes import Change
    from fem.explain.counterfactuals import Plan
    from fem.explain.judgement import Run
    from fem.runner import RunRequest

Wanted = Sequence[tuple["Change", "RunRequest"]]


@click.command("why")
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder of all runs. [default: results/why/CASE]"
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Runs to solve at once. [default: one for each core]"
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key first; repeatable."
)
@click.option(
    "--only", multiple=True, type=click.Choice(NAMES), help="Run no other counterfactual; repeatable."
)
@allow_outside_option
@click.option("--force", is_flag=True, help="Replace results of other inputs in the folder.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be run, and what not; solve nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(
    case: Path,
    output: Path | None,
    jobs: int | None,
    overrides: tuple[str, ...],
    only: tuple[str, ...],
    allow_outside: bool,
    force: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say which barrier keeps the target of CASE from popping, and what it would have cost to overcome it.

    The case is run as it is and again with one thing changed at a time: no guarding, rested, more force, faster, force
    on the target, target like its neighbours, other films. What is finished stays finished: run the command again after
    an interrupt, and it goes on from there.
    """
    from fem.explain.counterfactuals import plan
    from fem.explain.presentation import explanation_document, explanation_table
    from fem.explain.runs import default_folder, explain, requests, write_explanation

    require_inside([case], overrides, allow_outside)
    planned = plan(case, overrides, only)
    folder = output or default_folder(planned)
    wanted = requests(planned, folder, force=force, command=sys.argv)
    if dry_run:
        return _say_plan(planned, wanted)
    runs = _solved(planned, wanted, jobs or os.cpu_count() or 1)
    told = explain(planned, runs)
    written = write_explanation(told, str(case), folder)
    if as_json:
        from fem.results.atomic import json_text

        click.echo(json_text(explanation_document(told, str(case))), nl=False)
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        click.echo(explanation_table(told, width), nl=False)
    for file in written:
        click.echo(f"wrote {file}", err=True)
    return None


def _say_plan(planned: "Plan", wanted: Wanted) -> None:
    from fem.explain.runs import is_ready

    for change, request in wanted:
        state = "up to date" if is_ready(request) else "to be solved"
        click.echo(f"{change.name}: {change.words} -> {request.folder} ({state})")
        for override in change.overrides:
            click.echo(f"  --set '{override}'")
    for one in planned.left_out:
        click.echo(f"{one.name}: left out, {one.reason}")


def _solved(planned: "Plan", wanted: Wanted, jobs: int) -> "list[Run]":
    """Return every run, solved now or before; the case as it is must solve, a counterfactual may fail."""
    from fem.cli.workers import solve_in_workers
    from fem.explain.judgement import Run
    from fem.explain.runs import is_ready, solved
    from fem.runner import worker_count

    missing = [(change, request) for change, request in wanted if not is_ready(request)]
    _say_work(wanted, missing)
    failures: dict[str, Exception] = {}
    done = len(wanted) - len(missing)
    try:
        by_request = solve_in_workers(
            [request for _, request in missing], worker_count(jobs, max(1, len(missing)))
        )
        for (change, _), (_, outcome) in zip(missing, by_request, strict=True):
            failures |= {change.name: outcome} if isinstance(outcome, Exception) else {}
            done += not isinstance(outcome, Exception)
            said = f"failed: {outcome}" if isinstance(outcome, Exception) else "solved"
            click.echo(f"{change.words}: {said}", err=True)
    except KeyboardInterrupt:
        click.echo("what is finished is kept; the same command goes on from there", err=True)
        raise
    if "as_it_is" in failures:
        raise failures["as_it_is"]
    for error in failures.values():
        if not isinstance(error, FacetgapError):
            raise error
    return [
        Run(change, _folder(request), None, str(failures[change.name]).partition("\n")[0])
        if change.name in failures
        else solved(change, _folder(request), planned.target)
        for change, request in wanted
    ]


def _folder(request: "RunRequest") -> Path:
    assert request.folder is not None
    return request.folder


def _say_work(wanted: Wanted, missing: Wanted) -> None:
    ready = [change.words for change, request in wanted if (change, request) not in missing]
    for words in ready:
        click.echo(f"{words}: up to date", err=True)
    if missing:
        click.echo(f"{len(missing)} of {len(wanted)} runs to solve", err=True)
