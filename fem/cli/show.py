"""``facetgap show``: the resolved model in words, or what a result holds."""

import shutil
from pathlib import Path
from typing import Any

import click

from fem.cli.trust import allow_outside_option, inside


@click.command("show")
@click.argument("path", metavar="CASE|RESULT", type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key first; repeatable."
)
@allow_outside_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of words.")
def command(path: Path, overrides: tuple[str, ...], allow_outside: bool, as_json: bool) -> None:
    """Say what a CASE models, with the source of every number, or what a RESULT folder holds."""
    if path.is_dir():
        _show_result(path)
        return
    from fem.case.anatomy import checked_spine
    from fem.case.read import read_case

    case_file = read_case(path, overrides, inside(path, allow_outside))
    checked_spine(case_file)
    if as_json:
        import json

        click.echo(json.dumps(_document(case_file), indent=2, ensure_ascii=False))
        return
    from fem.case.words import case_words

    click.echo(case_words(case_file), nl=False)


def _show_result(path: Path) -> None:
    from fem.results.describe import describe

    click.echo(describe(path, shutil.get_terminal_size().columns), nl=False)


def _document(case_file: Any) -> dict[str, Any]:
    from fem.case.parameter_words import relevant_data
    from fem.case.resolved import resolved_settings
    from fem.literature import load_sources

    parameters = [
        {"structure": role, "set": found.name, **datum.entry()}
        for role, (found, data) in relevant_data(case_file).items()
        for datum in data
    ]
    cited = {entry["source"] for entry in parameters}
    sources = {key: source.citation() for key, source in load_sources().items() if key in cited}
    settings = resolved_settings(case_file)
    return {"version": 1, "case": settings, "parameters": parameters, "sources": sources}
