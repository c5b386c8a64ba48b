"""``facetgap compare``: differences between results, each against its numerical noise."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fem.compare.comparison import Comparison
    from fem.compare.screen import Choice
    from fem.results.salvage import OpenedResult

EXIT_MISSED = 4
_GROUPS = ("ligament", "facet", "level", "muscle", "disc")


@click.command("compare")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--align", default="peaks", show_default=True, metavar="EVENT|TIME",
    help="What to compare: peaks, or the state at thrust (its peak), inception (in the target), end, or at '2.1 s'.",
)  # fmt: skip
@click.option("--by", type=click.Choice(_GROUPS), help="Show this group only, and all of it.")
@click.option(
    "--all", "everything", is_flag=True, help="Show every quantity, not only the largest differences."
)
@click.option(
    "--noise", "companions", multiple=True, type=click.Path(path_type=Path), metavar="RESULT",
    help="Measure noise on this run of one of the cases with another mesh or shorter steps; repeatable.",
)  # fmt: skip
@click.option(
    "--measure-noise", is_flag=True,
    help="Solve such runs first, beside each result in RESULT.noise: the next mesh, and half the steps.",
)  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(1), default=2, show_default=True, help="Of these at once.")
@click.option(
    "--against", multiple=True, metavar="STUDY", help="Compare with a published experiment; repeatable."
)
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write every difference as a CSV table."
)
@click.option(
    "--html", "html_file", type=click.Path(path_type=Path), help="Write the comparison as a web page."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.option(
    "--fail-if", metavar="EXPR",
    help="Exit with 4 where it holds: 'facets.L4-L5 left.peak_gap_mean_mm.difference > 0.1 mm'.",
)  # fmt: skip
def command(
    results: tuple[Path, ...],
    align: str,
    by: str | None,
    everything: bool,
    companions: tuple[Path, ...],
    measure_noise: bool,
    jobs: int,
    against: tuple[str, ...],
    csv_file: Path | None,
    html_file: Path | None,
    as_json: bool,
    fail_if: str | None,
) -> int:
    """Compare RESULTS (result folders) with the first of them, or with published experiments.

    A difference within the numerical noise of the pair counts as 'cannot tell apart'. Where the noise comes from is
    said: measured on runs with another mesh or shorter steps, or known from other cases.
    """
    from fem.compare.condition import read_condition
    from fem.compare.events import read_alignment
    from fem.results.salvage import open_result

    condition = None if fail_if is None else read_condition(fail_if)
    alignment = read_alignment(align)
    opened = [open_result(path) for path in results]
    if against:
        return _against(opened, against, csv_file, html_file, as_json)
    if len(opened) < 2:
        raise click.UsageError(
            "one result alone has nothing to be compared with: name two, or --against STUDY"
        )
    if measure_noise:
        from fem.cli.noise_runs import measure

        measure(opened, jobs)
    from fem.compare.comparison import compare
    from fem.compare.condition import met
    from fem.compare.screen import Choice

    comparison = compare(opened, alignment, companions)
    found = (
        [text for pair in comparison.pairs for text in met(condition, pair.differences)] if condition else []
    )
    _write(comparison, csv_file, html_file)
    if as_json:
        _print_json(comparison, fail_if, found)
    else:
        _print(comparison, Choice(by, everything))
    for text in found:
        click.echo(f"--fail-if holds: {text}", err=True)
    return EXIT_MISSED if found else 0


def _print(comparison: "Comparison", choice: "Choice") -> None:
    from fem.compare.screen import comparison_table
    from fem.results.progress import wants_colour

    width = shutil.get_terminal_size((100, 24)).columns
    click.echo(comparison_table(comparison, choice, width, colour=wants_colour(sys.stdout)), nl=False)


def _print_json(comparison: "Comparison", fail_if: str | None, reasons: Sequence[str]) -> None:
    from fem.compare.document import comparison_document
    from fem.results.atomic import json_text

    click.echo(json_text(comparison_document(comparison, fail_if, reasons)), nl=False)


def _write(comparison: "Comparison", csv_file: Path | None, html_file: Path | None) -> None:
    from fem.compare.document import comparison_csv
    from fem.compare.page import comparison_page

    for file, make in ((csv_file, comparison_csv), (html_file, comparison_page)):
        if file is not None:
            _write_file(file, make(comparison))


def _write_file(file: Path, text: str) -> None:
    from fem.errors import UsageError
    from fem.results.atomic import write_text

    try:
        write_text(file, text)
    except OSError as error:
        raise UsageError(f"cannot write {file} ({error.strerror})") from error
    click.echo(f"wrote {file}", err=True)


def _against(
    opened: Sequence["OpenedResult"],
    studies: Sequence[str],
    csv_file: Path | None,
    html_file: Path | None,
    as_json: bool,
) -> int:
    from fem.compare.against import against, against_csv, against_document, against_table

    if html_file is not None:
        raise click.UsageError("--html shows a comparison of results; with --against take --csv or --json")
    report = against(opened, studies)
    if csv_file is not None:
        _write_file(csv_file, against_csv(report))
    if as_json:
        from fem.results.atomic import json_text

        click.echo(json_text(against_document(report)), nl=False)
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        click.echo(against_table(report, width), nl=False)
    return 0
