"""``facetgap bench``: how fast this machine solves, and where the time goes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fem.cli.trust import allow_outside_option, require_inside

if TYPE_CHECKING:
    from fem.benchmark.bars import Report

EXIT_MISSED = 4
PARTS = ("whole", "assembly", "levels")


@click.command("bench")
@click.argument("case", type=click.Path(path_type=Path), default=Path("cases/moments/flexion.yaml"))
@click.option(
    "--resolution", default="standard", show_default=True, help="Of the whole run and of the levels."
)
@click.option("--levels", default="L1-S1", show_default=True, help="Of the whole run and of the assembly.")
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(PARTS), help="Measure this only; repeatable."
)
@allow_outside_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    case: Path, resolution: str, levels: str, parts: tuple[str, ...], allow_outside: bool, as_json: bool
) -> int:
    """Time a spine CASE (default cases/moments/flexion.yaml): a whole run, assembly at `fine`, growth with levels.

    A small run comes first, so compilation is not counted. Exit code 4 when a bar is missed.
    """
    from fem.benchmark.bars import assembly_share, level_growth, warm_up, whole_run
    from fem.benchmark.speed import span_overrides

    require_inside([case], (), allow_outside)
    own = span_overrides(levels, resolution)
    finest = span_overrides(levels, "coarse" if resolution == "coarse" else "fine")
    work: dict[str, Callable[[], Report]] = {
        "whole": lambda: whole_run(case, own),
        "assembly": lambda: assembly_share(case, finest),
        "levels": lambda: level_growth(case, resolution),
    }
    click.echo("warming up", err=True)
    warm_up(case)
    reports = []
    for name in parts or PARTS:
        click.echo(f"measuring: {name}", err=True)
        reports.append(work[name]())
        if not as_json:
            _print(reports[-1])
    if as_json:
        _print_json(reports)
    return 0 if all(bar.met for report in reports for bar in report.bars) else EXIT_MISSED


def _print(report: "Report") -> None:
    import shutil

    from fem.benchmark.bars import levels_table, parts_table

    width = shutil.get_terminal_size((100, 24)).columns
    for name, runs in report.runs.items():
        table = parts_table(runs[0], width) if len(runs) == 1 else levels_table(runs, width)
        click.echo("\n".join((f"{name}:", *table)))
    for bar in report.bars:
        click.echo(bar.line())
    click.echo()


def _print_json(reports: list["Report"]) -> None:
    from fem.results.atomic import json_text

    runs: dict[str, Any] = {}
    bars: list[Any] = []
    for report in reports:
        document = report.document()
        runs.update(document["runs"])
        bars += document["bars"]
    click.echo(json_text({"version": 1, "runs": runs, "bars": bars}), nl=False)
