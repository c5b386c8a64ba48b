"""``facetgap validate``: the model held against published experiments, on one page."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fem.validate.runs import Wanted

PAGE, DOCUMENT = "validation.md", "validation.json"


@click.command("validate")
@click.argument("results", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--run", "solve", is_flag=True, help="Solve what has no result of these inputs yet; a few minutes."
)
@click.option(
    "--cases",
    type=click.Path(path_type=Path),
    default=Path("cases"),
    show_default=True,
    help="Folder of the cases.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder of page and runs. [default: results/validation]",
)
@click.option(
    "--resolution",
    type=click.Choice(("coarse", "standard", "fine")),
    help="Mesh, in place of that of the cases.",
)
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key of every case; repeatable."
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Runs to solve at once."
)
@click.option(
    "-n", "--dry-run", is_flag=True, help="Say which runs are there and which are missing; write nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole validation as one JSON document.")
def command(
    results: tuple[Path, ...],
    solve: bool,
    cases: Path,
    output: Path | None,
    resolution: str | None,
    overrides: tuple[str, ...],
    jobs: int,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Hold the model against published experiments and write one page, validation.md, and validation.json.

    RESULTS are result folders, or folders of them; those of the very inputs that a comparison asks for are used, as are
    those of earlier calls. Without a result a comparison says that it cannot tell.
    """
    from fem.results.atomic import json_text, write_json, write_text
    from fem.validate.bands import shipped_bands
    from fem.validate.declared import declared
    from fem.validate.document import Solved, validation_document
    from fem.validate.page import summary_lines, validation_page
    from fem.validate.runs import FOLDER, found_results, unused, wanted_runs

    folder = output or FOLDER
    what = declared()
    wanted = wanted_runs(what, cases, folder, resolution or "", overrides)
    places = [*results, folder]
    found = found_results(wanted, places)
    if strays := [str(stray) for stray in unused(results, found)]:
        told = ", ".join(strays[:4]) + (" …" if len(strays) > 4 else "")
        click.echo(
            f"{len(strays)} results named serve no comparison, their inputs are others: {told}", err=True
        )
    missing = [one for one in wanted if one.run.name not in found]
    if dry_run:
        return _say_plan(wanted, found)
    failures = _solve(missing, jobs) if solve else {}
    if solve:
        found = found_results(wanted, places)
    document = validation_document(what, Solved(wanted, found, failures), shipped_bands())
    write_json(folder / DOCUMENT, document)
    write_text(folder / PAGE, validation_page(document))
    click.echo(json_text(document) if as_json else "\n".join(summary_lines(document)), nl=not as_json)
    _say_end(folder, len(wanted), len(found), solve)
    return 0


def _say_plan(wanted: Sequence["Wanted"], found: object) -> int:
    assert isinstance(found, dict)
    for one in wanted:
        state = f"there, {found[one.run.name].path}" if one.run.name in found else "missing"
        changed = "".join(f" --set '{text}'" for text in one.request.overrides)
        click.echo(f"{one.run.name}: {one.request.case}{changed} -> {one.request.folder} ({state})")
    return 0


def _say_end(folder: Path, wanted: int, found: int, solved: bool) -> None:
    if found < wanted and not solved:
        click.echo(f"{wanted - found} of {wanted} runs are missing; --run solves them", err=True)
    click.echo(f"wrote {folder / PAGE} and {folder / DOCUMENT}", err=True)


def _solve(missing: Sequence["Wanted"], jobs: int) -> dict[str, str]:
    """Solve the missing runs; return why some failed. A failed run is told on the page and stops no other."""
    from dataclasses import replace

    from fem.cli.workers import solved
    from fem.runner import worker_count

    if missing:
        click.echo(f"{len(missing)} runs to solve", err=True)
    requests = [replace(one.request, force=True, command=tuple(sys.argv)) for one in missing]
    failures: dict[str, str] = {}
    workers = worker_count(min(jobs, os.cpu_count() or 1), max(1, len(requests)))
    for one, (_, error) in zip(missing, solved(requests, workers), strict=True):
        if error is not None:
            failures[one.run.name] = str(error).partition("\n")[0]
        click.echo(f"{one.run.name}: {'solved' if error is None else f'failed, {error}'}", err=True)
    return failures
