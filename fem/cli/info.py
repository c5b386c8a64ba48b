"""``facetgap info``: what a file is, in words."""

from pathlib import Path

import click


@click.command("info")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print the run of a result folder as one JSON document."
)
def command(file: Path, as_json: bool) -> None:
    """Say what FILE holds: a result folder, a summary or a mesh file."""
    import shutil

    from fem.results.atomic import json_text
    from fem.results.describe import describe
    from fem.results.read import read_result

    if as_json:
        click.echo(json_text(read_result(file).run), nl=False)
    else:
        click.echo(describe(file, shutil.get_terminal_size().columns), nl=False)
