"""``facetgap plot``: the figures of results, each with its data as CSV."""

from pathlib import Path

import click

from fem.figures.kinds import ENDINGS, KINDS, ON_WISH


@click.command("plot", epilog="Kinds: " + "; ".join(f"{kind}: {what}" for kind, what in KINDS.items()) + ".")
@click.argument("results", nargs=-1, required=True, metavar="RESULT...", type=click.Path(path_type=Path))
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(tuple(KINDS)), help="What to draw; repeatable."
)
@click.option(
    "--to", "endings", multiple=True, type=click.Choice(ENDINGS), help="Format; repeatable. Default: png."
)
@click.option(
    "--ligament", "ligaments", multiple=True, metavar="BUNDLE",
    help="Bundle that 'strain' shows, as 'L4-L5 CL left'; repeatable.",
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder; default: RESULT/plots, of several plots/.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of file names.")
def command(
    results: tuple[Path, ...],
    kinds: tuple[str, ...],
    endings: tuple[str, ...],
    ligaments: tuple[str, ...],
    output: Path | None,
    as_json: bool,
) -> None:
    """Draw the figures of one RESULT, or of several in the same axes, each with its data as CSV beside it.

    Without --kind, all that the results can give is drawn, and what they cannot give is said.
    """
    from fem.figures.catalogue import draw, write_all
    from fem.figures.data import open_results

    data = open_results(results)
    wanted = kinds or (("strain",) if ligaments else tuple(kind for kind in KINDS if kind not in ON_WISH))
    drawn = draw(tuple(dict.fromkeys(wanted)), data, ligaments)
    folder = output or (data[0].result.path / "plots" if len(data) == 1 else Path("plots"))
    formats = tuple(dict.fromkeys(endings)) or ENDINGS[:1]
    files = write_all(drawn, folder, formats)
    for kind, reason in drawn.refused.items():
        click.echo(f"not drawn: {kind}: {reason}", err=True)
    if as_json:
        click.echo(_document(drawn, folder, formats), nl=False)
        return
    for file in files:
        click.echo(file)
    if kinds and not files:
        raise click.exceptions.Exit(2)


def _document(drawn: "object", folder: Path, formats: tuple[str, ...]) -> str:
    from fem.figures.catalogue import Drawn
    from fem.results.atomic import json_text

    assert isinstance(drawn, Drawn)
    figures = [
        {
            "kind": drawing.kind,
            "says": drawing.says,
            "files": [str(folder / f"{drawing.name}.{ending}") for ending in formats],
            "data": str(folder / f"{drawing.name}.csv"),
        }
        for drawing in drawn.drawings
    ]
    return json_text({"version": 1, "figures": figures, "not_drawn": drawn.refused})
