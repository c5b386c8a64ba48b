"""``facetgap literature``: the data sets, those that a case uses, and whether all of them are in order."""

from pathlib import Path
from typing import Any

import click

from fem.cli.trust import allow_outside_option, inside


@click.group("literature")
def command() -> None:
    """List the literature data, those that a case uses, or check them all."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def list_sets(as_json: bool) -> None:
    """List every parameter set: name, what its numbers may be used for, source."""
    from fem.literature import available, load, load_sources

    sets = [load(name) for name in available()]
    if as_json:
        _print_json({"sets": [{"name": one.name, "scope": one.scope, "source": one.source} for one in sets]})
        return
    for one in sets:
        click.echo(f"{one.name}\n    {one.scope}\n    {load_sources()[one.source].citation()}")


@command.command("used")
@click.argument("case", type=click.Path(path_type=Path))
@allow_outside_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def used(case: Path, allow_outside: bool, as_json: bool) -> None:
    """Print the references that CASE rests on."""
    from fem.case.parameter_words import relevant_data
    from fem.case.read import read_case
    from fem.literature import load_sources

    case_file = read_case(case, (), inside(case, allow_outside))
    cited: dict[str, int] = {}
    for _, data in relevant_data(case_file).values():
        for datum in data:
            cited[datum.source] = cited.get(datum.source, 0) + 1
    sources = load_sources()
    if as_json:
        _print_json({"sources": {key: sources[key].citation() for key in sorted(cited) if key in sources}})
        return
    for key in sorted(cited):
        reference = sources[key].citation() if key in sources else "given in the case file"
        click.echo(f"{key} ({cited[key]} numbers): {reference}")


@command.command("check")
def check() -> int:
    """Check every data file: units, kinds, sources, bands."""
    from fem.errors import ParameterError
    from fem.literature import available, load

    faults = 0
    for name in available():
        try:
            click.echo(f"{name}: ok, {len(load(name).data)} numbers")
        except ParameterError as error:
            faults += 1
            click.echo(f"error: {error}", err=True)
    return ParameterError.exit_code if faults else 0


def _print_json(content: dict[str, Any]) -> None:
    import json

    click.echo(json.dumps({"version": 1, **content}, indent=2, ensure_ascii=False))
