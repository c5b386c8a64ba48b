"""``facetgap calibrate``: fit the free numbers of a plan to published experiments."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fem.calibrate.outcome import Outcome


@click.command("calibrate")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder to write to. [default: results/calibration/PLAN]"
)  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="Cases to solve at once.")
@click.option(
    "--page", type=click.Path(path_type=Path), help="Put the tables between the marks of this page, too."
)
@click.option(
    "-n", "--dry-run", is_flag=True, help="Check the plan and say what would be fitted; solve nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def command(
    plan: Path, output: Path | None, jobs: int, page: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Fit the free parameters that PLAN (a TOML file) declares, by bounded least squares.

    Writes each fitted set as a data file, with calibration.json and calibration.md: bounds, values, residuals,
    sensitivities, and which datum pulls what. Solved trials are kept: after an interrupt the same command goes on.
    """
    from fem.calibrate.read import read_plan

    found = read_plan(plan)
    if dry_run:
        for stage in found.stages:
            names = ", ".join(parameter.name for parameter in stage.parameters)
            count = sum(len(curve.data) for curve in stage.curves)
            click.echo(f"{stage.title}: {names}; {count} data of {len(stage.cases)} cases")
        return
    from fem.calibrate.document import calibration_document
    from fem.calibrate.outcome import calibrate
    from fem.calibrate.page import screen_table
    from fem.calibrate.pool import solver
    from fem.calibrate.store import TrialStore
    from fem.results.atomic import json_text
    from fem.results.progress import Progress

    folder = output or Path("results") / "calibration" / plan.stem
    store = TrialStore(folder / "trials.jsonl", found.fingerprint)
    progress = Progress(sys.stderr)
    if store.count:
        progress.note(f"{store.count} solved trials found in {folder}; going on from them")
    try:
        with solver(jobs) as solve:
            told = calibrate(
                found,
                store.through(solve),
                lambda text: progress.update(f"{text} ({store.count} cases solved)"),
            )
    finally:
        progress.close()
    files = _write(told, folder)
    if page is not None:
        files.append(_fill(page, told))
    click.echo(json_text(calibration_document(told)) if as_json else screen_table(told), nl=False)
    for file in files:
        click.echo(f"wrote {file}", err=True)


def _write(told: "Outcome", folder: Path) -> list[Path]:
    from fem.calibrate.document import calibration_document
    from fem.calibrate.page import calibration_page
    from fem.calibrate.set_text import set_text
    from fem.results.atomic import write_json, write_text

    files = [
        write_text(folder / f"{section.name.rpartition('/')[2]}.toml", set_text(told, part))
        for part, section in told.plan.plan.sets.items()
    ]
    files.append(write_json(folder / "calibration.json", calibration_document(told)))
    return [*files, write_text(folder / "calibration.md", calibration_page(told))]


def _fill(page: Path, told: "Outcome") -> Path:
    from fem.calibrate.page import calibration_page, with_tables
    from fem.errors import UsageError
    from fem.results.atomic import write_text

    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read the page {page} ({error.strerror})") from error
    return write_text(page, with_tables(text, calibration_page(told)))
