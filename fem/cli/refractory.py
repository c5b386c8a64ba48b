"""``facetgap refractory``: how long the gas of a pop stays in the joint."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fem.cli.trust import allow_outside_option, inside

if TYPE_CHECKING:
    from fem.case.read import CaseFile
    from fem.gas.clock import ClockSettings, PopAgain
    from fem.literature import ParameterSet

_MARKS = ("0 min", "5 min", "15 min", "30 min", "60 min", "95 min", "180 min")


@click.command("refractory")
@click.argument("case", required=False, metavar="[CASE|RESULT]", type=click.Path(path_type=Path))
@click.option(
    "--gas", "overrides", multiple=True, metavar="KEY=VALUE",
    help="Replace a number of the literature set 'gas', as bubble.radius='0.2 mm'; repeatable.",
)  # fmt: skip
@click.option(
    "--at", "marks", multiple=True, metavar="TIME", help="A row of the table, as '40 min'; repeatable."
)
@allow_outside_option
@click.option("--until", default="240 min", show_default=True, metavar="TIME", help="How far to look.")
@click.option("--draws", default=128, show_default=True, type=click.IntRange(1), help="Draws of the inputs.")
@click.option("--seed", default=20, show_default=True, type=click.IntRange(0), help="Of the draws.")
@click.option(
    "--plot", type=click.Path(path_type=Path), help="Draw the curve too (.svg, .pdf, .png), CSV beside."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(
    case: Path | None,
    overrides: tuple[str, ...],
    marks: tuple[str, ...],
    allow_outside: bool,
    until: str,
    draws: int,
    seed: int,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Say what is left of the bubbles of a pop against time, when they are small or gone, and how surely.

    With a CASE that thrusts at a target, or the folder of its RESULT, also when that thrust can pop the target again:
    the film is replayed over the recorded motion with less and less gas. A case without a result is solved first. The
    gas data are those of the case.
    """
    horizon = _time(until, "--until")
    if horizon <= 0.0:
        raise click.BadParameter(f"'{until}' must be more than 0 min", param_hint="--until")
    rows = tuple(_time(mark, "--at") for mark in marks)
    rows = rows or tuple(time for time in (_time(mark, "--at") for mark in _MARKS) if time <= horizon)
    case_file, folder = _opened(case, allow_outside)
    data = _gas_data(case_file, overrides)
    if plot is not None:
        from fem.results.gas_figure import check_figure_name, draw_gas_clock

        check_figure_name(plot)
    from fem.gas.clock import ClockSettings, gas_clock
    from fem.results.gas_clock import clock_document, clock_table

    settings = ClockSettings(horizon=horizon, marks=rows, draws=draws, seed=seed)
    clock = gas_clock(data, settings)
    name = None if case_file is None else case_file.name if folder is None else folder.name
    again = None if case_file is None else _again(case_file, folder, data, settings)
    if as_json:
        from fem.results.atomic import json_text

        click.echo(json_text(clock_document(clock, data, rows, name, again)), nl=False)
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        click.echo(clock_table(clock, rows, width, name, again), nl=False)
    if plot is not None:
        for file in draw_gas_clock(clock, data, plot):
            click.echo(f"wrote {file}", err=True)


def _opened(case: Path | None, allow_outside: bool) -> "tuple[CaseFile | None, Path | None]":
    """Return the case and, where a result was named, its folder."""
    if case is None:
        return None, None
    from fem.case.read import read_case
    from fem.errors import UsageError
    from fem.results.read import RUN_FILE, read_run
    from fem.results.takeover import RESOLVED_FILE

    folder = case.parent if case.name == RUN_FILE else case if case.is_dir() else None
    if folder is not None:
        read_run(folder)
    case_file = (
        read_case(case, (), inside(case, allow_outside))
        if folder is None
        else read_case(folder / RESOLVED_FILE)
    )
    if case_file.case.spine is None:
        raise UsageError(f"{case} is a problem without a spine; the gas clock needs a joint")
    return case_file, folder


def _gas_data(case_file: "CaseFile | None", overrides: tuple[str, ...]) -> "ParameterSet":
    """Return the set ``gas``: of the case where it names one, then with the overrides of the command line."""
    from fem.literature import load

    data = load("gas")
    if case_file is not None:
        data = case_file.parameter_sets().get("gas", data)
    return data.overridden(_pairs(overrides), where="--gas")


def _again(
    case_file: "CaseFile", folder: Path | None, data: "ParameterSet", settings: "ClockSettings"
) -> "PopAgain | None":
    """Return when the case's thrust can pop its target again; None without a target or a phase in time."""
    case = case_file.case
    if case.target is None or not case.dynamic or case.spine is None or "facets" not in case.spine.structures:
        return None
    from fem.observe.refractory import pop_again
    from fem.results.film_motion import read_motion

    if folder is None:
        from fem.runner import RunRequest, run_case

        outcome = run_case(RunRequest(case_file.document.path), lambda text: click.echo(text, err=True))
        folder = outcome.folder
    return pop_again(read_motion(folder), case.target, data, settings)


def _pairs(overrides: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in overrides]
    for key, equals, value in pairs:
        if not (key and equals and value):
            raise click.BadParameter(f"'{key}{equals}{value}': write it as key=value", param_hint="--gas")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _time(text: str, option: str) -> float:
    from fem.units import QuantityError, parse_quantity

    try:
        return parse_quantity(text, "time")
    except QuantityError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
