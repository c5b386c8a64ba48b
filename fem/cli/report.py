"""``facetgap report``: a result as one HTML page."""

from pathlib import Path

import click


@click.command("report")
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File (.html); default: RESULT/report.html."
)
@click.option("--no-pictures", is_flag=True, help="Leave out the pictures of the spine, which need PyVista.")
def command(result: Path, output: Path | None, no_pictures: bool) -> None:
    """Write RESULT (a result folder) as one self-contained HTML page that needs no network.

    Answer with margin and band, pictures, curves, tables, what was assumed with its sources, convergence, provenance.
    """
    from fem.report.page import write_report

    click.echo(write_report(result, output, pictures=not no_pictures))
