"""``facetgap export``: a result for other programs."""

from pathlib import Path
from typing import Final

import click

#: Format -> ending of what is written; without one it is a folder of files.
_ENDINGS: Final = {"csv": "", "parquet": "", "npz": ".npz", "exodus": ".e"}


@click.command("export")
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--to", "target", type=click.Choice(list(_ENDINGS)), required=True,
    help="csv, parquet (a folder of tables), npz (tables in one file), exodus (fields over time in one file).",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; default RESULT/export/….")
def command(result: Path, target: str, output: Path | None) -> None:
    """Write RESULT (a result folder) in another format and print where it is.

    Of a run that was cut off, what can be read is written; what cannot is said.
    """
    from fem.errors import UsageError
    from fem.results.salvage import open_result

    opened = open_result(result)
    for remark in opened.remarks:
        click.echo(f"note: {remark}", err=True)
    place = (
        output
        or opened.path / "export" / f"{target if not _ENDINGS[target] else opened.name}{_ENDINGS[target]}"
    )
    if _ENDINGS[target] and place.is_dir():
        raise UsageError(f"{place} is a folder, and {target} writes one file; name a file with -o")
    try:
        if target == "exodus":
            from fem.results.exodus import write_exodus

            title = str(opened.run.get("title") or opened.name)
            click.echo(write_exodus(opened.path, place, title))
            return
        from fem.results.export_tables import export_csv, export_npz, export_parquet

        write = {"csv": export_csv, "parquet": export_parquet, "npz": export_npz}[target]
        click.echo(write(opened, place))
    except OSError as error:
        raise UsageError(f"cannot write {place} ({error.strerror}); choose another with -o") from error
