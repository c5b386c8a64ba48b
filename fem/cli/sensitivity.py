"""``facetgap sensitivity``: which inputs move the answers of a case most, by Morris' elementary effects."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from fem.cli.trust import allow_outside_option, require_inside
from fem.errors import FacetgapError

if TYPE_CHECKING:
    from fem.sensitivity.analysis import Analysis, Replayer
    from fem.sensitivity.runs import PointRun


@click.command("sensitivity")
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--inputs", "plan", default="thrust", show_default=True, metavar="PLAN",
    help="What is varied, and how far: a plan by name, or a file (.yaml).",
)  # fmt: skip
@click.option(
    "-r", "--trajectories", default=4, show_default=True, type=click.IntRange(2, 1000),
    help="Morris trajectories; each has one run more than the plan has inputs.",
)  # fmt: skip
@click.option("--seed", default=20, show_default=True, type=click.IntRange(0), help="Of the trajectories.")
@click.option("--most", default=10, show_default=True, type=click.IntRange(1), help="Inputs in each table.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Folder of all runs. [default: results/sensitivity/CASE]",
)  # fmt: skip
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Runs to solve at once. [default: one for each core]"
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key first; repeatable."
)
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Draw the tables too (.svg, .pdf, .png), CSV beside."
)
@click.option(
    "--page", type=click.Path(path_type=Path),
    help="Page (.md) that gets the tables, between its two marks.",
)  # fmt: skip
@allow_outside_option
@click.option("--force", is_flag=True, help="Replace results of other inputs in the folder.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what is varied and how many runs it takes.")
@click.option("--no-solve", is_flag=True, help="Tell what the finished runs say, and solve nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def command(
    case: Path,
    plan: str,
    trajectories: int,
    seed: int,
    most: int,
    output: Path | None,
    jobs: int | None,
    overrides: tuple[str, ...],
    plot: Path | None,
    page: Path | None,
    allow_outside: bool,
    force: bool,
    dry_run: bool,
    no_solve: bool,
    as_json: bool,
) -> None:
    """Say which inputs move the verdict, the gap of the target and the strain of the capsules of CASE most.

    Every input of the plan goes through its range while the others stand anywhere in theirs. Inputs of the synovial
    film are varied by replays over the motion of each run. Finished runs are used again, by more trajectories too:
    after an interrupt the same command goes on.
    """
    from fem.sensitivity.design import design
    from fem.sensitivity.runs import default_folder, point_runs
    from fem.sensitivity.study import read_plan, study

    if plot is not None:
        from fem.figures.sensitivity import check_name

        check_name(plot)
    if page is not None:
        from fem.sensitivity.page import check_page

        check_page(page)
    require_inside([case], overrides, allow_outside)
    asked = study(case, read_plan(plan), overrides)
    planned = design(len(asked.inputs), trajectories, seed)
    folder = output or default_folder(asked)
    otherwise: Literal["refuse", "replace", "pass over"] = (
        "pass over" if no_solve else "replace" if force else "refuse"
    )
    runs = point_runs(asked, planned, folder, otherwise=otherwise, command=sys.argv)
    if dry_run:
        from fem.sensitivity.presentation import plan_lines

        ready = sum(run.ready for run in runs)
        click.echo("\n".join(plan_lines(asked, len(runs), ready)))
        return
    from fem.sensitivity.analysis import analyse, replayer

    films = replayer(asked, planned, folder, seed)
    failed = _not_there(runs) if no_solve else _solved(runs, jobs or os.cpu_count() or 1, films)
    told = analyse(asked, planned, runs, folder, seed, failed)
    _say(told, most, as_json)
    for file in _written(told, folder, most, plot, page):
        click.echo(f"wrote {file}", err=True)


def _not_there(runs: "Sequence[PointRun]") -> dict[str, str]:
    return {str(run.folder): "no finished result of these inputs yet" for run in runs if not run.ready}


def _solved(runs: "Sequence[PointRun]", jobs: int, films: "Replayer | None") -> dict[str, str]:
    """Solve what is missing, replay its films, and return folder -> why, of every run that failed."""
    from fem.cli.workers import solve_in_workers
    from fem.runner import worker_count

    missing = list({run.folder: run.request for run in runs if not run.ready}.values())
    failed: dict[str, str] = {}
    if missing:
        click.echo(f"{len(missing)} of {len(runs)} runs to solve", err=True)
    try:
        workers = worker_count(jobs, max(1, len(missing)))
        for number, (request, outcome) in enumerate(solve_in_workers(missing, workers), 1):
            said = "solved"
            if isinstance(outcome, Exception):
                if not isinstance(outcome, FacetgapError):
                    raise outcome
                failed[str(request.folder)] = str(outcome).partition("\n")[0]
                said = f"failed: {failed[str(request.folder)]}"
            click.echo(f"{number} of {len(missing)}: {request.folder}: {said}", err=True)
            if films is not None and said == "solved":
                place = next(n for n, run in enumerate(runs) if run.folder == request.folder)
                films.row(place, runs[place])
    except KeyboardInterrupt:
        click.echo("what is finished is kept; the same command goes on from there", err=True)
        raise
    return failed


def _say(told: "Analysis", most: int, as_json: bool) -> None:
    from fem.results.atomic import json_text
    from fem.sensitivity.presentation import effects_document, effects_table

    if as_json:
        click.echo(json_text(effects_document(told)), nl=False)
    else:
        click.echo(effects_table(told, most, shutil.get_terminal_size((110, 24)).columns), nl=False)


def _written(
    told: "Analysis", folder: Path, most: int, plot: Path | None, page: Path | None
) -> Iterator[Path]:
    """Write document, table and whatever else was asked for; yield the files."""
    from fem.results.atomic import write_json, write_text
    from fem.results.tables import csv_text
    from fem.sensitivity.presentation import CSV_HEADER, effect_rows, effects_document

    yield write_json(folder / "sensitivity.json", effects_document(told))
    yield write_text(folder / "effects.csv", csv_text([CSV_HEADER, *effect_rows(told)]))
    if plot is not None:
        from fem.sensitivity.picture import picture

        plot.parent.mkdir(parents=True, exist_ok=True)
        yield from picture(told, most, plot.stem).write(plot.parent, (plot.suffix[1:],))
    if page is not None:
        from fem.sensitivity.page import put_tables

        yield put_tables(page, told, most)
