"""``facetgap threshold``: the least force, speed or guarding at which the target pops, by bisection over runs."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fem.cli.trust import allow_outside_option, require_inside
from fem.errors import FacetgapError, InputError, UsageError

if TYPE_CHECKING:
    from fem.explain.bisection import Answer
    from fem.explain.counterfactuals import Plan
    from fem.explain.varied import Varied


@click.command("threshold")
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--vary", "key", required=True, metavar="KEY",
    help="thrust.peak, thrust.time_to_peak (or speed), thrust.displacement, moment, guarding, or a key of the case.",
)  # fmt: skip
@click.option("--from", "low", metavar="VALUE", help="Least value to try. [default: a quarter of the case's]")
@click.option("--to", "high", metavar="VALUE", help="Largest value to try. [default: four times the case's]")
@click.option(
    "--tolerance", default="5 %", show_default=True, metavar="SHARE",
    help="Width of the last bracket, as a share of its larger end (guarding: of the range).",
)  # fmt: skip
@click.option(
    "--criterion", type=click.Choice(["best", "0.5", "0.9"]), default="best", show_default=True,
    help="What counts as a pop: the best estimate (margin of 0 or more), or a probability.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Folder of all runs. [default: results/threshold/CASE/KEY]",
)  # fmt: skip
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key first; repeatable."
)
@allow_outside_option
@click.option("--force", is_flag=True, help="Replace results of other inputs in the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(
    case: Path,
    key: str,
    low: str | None,
    high: str | None,
    tolerance: str,
    criterion: str,
    output: Path | None,
    overrides: tuple[str, ...],
    allow_outside: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Find the least KEY at which the target of CASE pops, with the strain that it costs.

    Every value is a run of the case. Finished runs are used again: after an interrupt the same command goes on.
    """
    from fem.explain.bisection import search
    from fem.explain.counterfactuals import bare_plan
    from fem.explain.threshold_words import threshold_document, threshold_table
    from fem.explain.varied import bounded, varied
    from fem.results.atomic import json_text, write_json

    require_inside([case], overrides, allow_outside)
    planned = bare_plan(case, overrides)
    found = bounded(varied(planned.case_file, key), low, high)
    share = _share(tolerance)
    folder = output or Path("results") / "threshold" / planned.case_file.name / _file_name(key)
    told = search(_responding(planned, found, folder, force), found, share, criterion)
    title = planned.case_file.case.title
    document = threshold_document(told, str(case), title, planned.target)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "threshold.json", document)
    if as_json:
        click.echo(json_text(document), nl=False)
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        click.echo(threshold_table(told, title, planned.target, width), nl=False)
    click.echo(f"wrote {folder / 'threshold.json'}", err=True)


def _responding(planned: "Plan", found: "Varied", folder: Path, force: bool) -> "Callable[[float], Answer]":
    """Return what answers a value with what its run came to, or with why it could not be solved."""
    from fem.explain.changes import Change
    from fem.explain.runs import read_outcome, request_of
    from fem.results.progress import Progress
    from fem.runner import run_case

    def respond(value: float) -> "Answer":
        words = f"{found.name} = {found.written(value)}"
        change = Change(_file_name(found.written(value)), "", f"with {words}", found.overrides(value))
        progress = Progress(sys.stderr)
        try:
            request = request_of(planned, change, folder, force, tuple(sys.argv))
            progress.note(words)
            outcome = run_case(request, lambda text: progress.update(f"{words}: {text}"))
        except (InputError, UsageError):
            raise
        except FacetgapError as error:
            return str(error).partition("\n")[0]
        finally:
            progress.close()
        return read_outcome(outcome.folder, planned.target)

    return respond


def _share(text: str) -> float:
    from fem.units import QuantityError, parse_quantity

    try:
        share = parse_quantity(text, "dimensionless")
    except QuantityError as error:
        raise click.BadParameter(str(error), param_hint="--tolerance") from None
    if not 0.0 < share < 1.0:
        raise click.BadParameter(f"'{text}' must lie between 0 and 100 %", param_hint="--tolerance")
    return share


def _file_name(text: str) -> str:
    """Return a text as the name of a folder."""
    return "".join(sign if sign.isalnum() or sign in ".-" else "_" for sign in text)
