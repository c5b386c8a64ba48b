"""``facetgap resume``: go on with runs that were stopped."""

import sys
from pathlib import Path

import click


@click.command("resume")
@click.argument("results", nargs=-1, required=True, metavar="RESULT…", type=click.Path(path_type=Path))
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="Runs to go on with at once.")
@click.option("--json", "as_json", is_flag=True, help="Print the summaries as one JSON document.")
def command(results: tuple[Path, ...], jobs: int, as_json: bool) -> int:
    """Go on with the runs in RESULT folders, from the last checkpoint of each to the answer of one never stopped.

    A complete result stays as it is. One that failed is refused: its inputs would fail again.
    """
    from fem.cli.run import solve_and_show
    from fem.results.read import read_run
    from fem.runner import resume_request

    requests = []
    for place in dict.fromkeys(results):
        folder = place.parent if place.is_file() else place
        if read_run(folder)["status"] == "complete":
            click.echo(f"{folder} is complete; there is nothing to go on with", err=True)
        else:
            requests.append(resume_request(folder, tuple(sys.argv)))
    return solve_and_show(requests, jobs, as_json) if requests else 0
