"""``facetgap check``: validate input files without solving; every fault with file, line and key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from fem.cli.trust import allow_outside_option, inside


@click.command("check")
@click.argument("cases", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key of cases first; repeatable."
)
@allow_outside_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def command(cases: tuple[Path, ...], overrides: tuple[str, ...], allow_outside: bool, as_json: bool) -> int:
    """Validate CASES (files, or folders of them) without solving; print every fault.

    Anatomy recipes, guarding patterns and force tables are checked as what they are.
    """
    from fem.errors import InputError

    found: list[tuple[Path, InputError | None]] = []
    for path in _files(cases):
        found.append((path, fault_of(path, overrides, inside(path, allow_outside))))
    if as_json:
        _print_json(found)
    else:
        _print_lines(found)
    return InputError.exit_code if any(error for _, error in found) else 0


def fault_of(path: Path, overrides: tuple[str, ...] = (), folder: Path | None = None) -> Any:
    """Return the `InputError` that the file `path` deserves, or None; `folder` holds what it may name."""
    from fem.case.kind import check_file
    from fem.errors import InputError

    try:
        check_file(path, overrides, folder)
    except InputError as error:
        return error
    return None


def _files(cases: tuple[Path, ...]) -> Iterator[Path]:
    from fem.errors import UsageError

    for path in cases:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(item for item in path.rglob("*") if item.suffix in (".yaml", ".yml"))
        if not inside:
            raise UsageError(f"the folder {path} holds no case files (*.yaml)")
        yield from inside


def _print_lines(found: list[tuple[Path, Any]]) -> None:
    for path, error in found:
        if error is None:
            click.echo(f"{path}: ok")
        else:
            click.echo("\n".join(error.lines()), err=True)
    bad = [error for _, error in found if error is not None]
    if bad:
        faults = sum(len(error.problems) for error in bad)
        click.echo(f"{faults} error(s) in {len(bad)} of {len(found)} file(s)", err=True)


def _print_json(found: list[tuple[Path, Any]]) -> None:
    import json

    files = [{"file": str(path), "ok": error is None, "errors": _entries(error)} for path, error in found]
    click.echo(json.dumps({"version": 1, "files": files}, indent=2, ensure_ascii=False))


def _entries(error: Any) -> list[dict[str, Any]]:
    problems = error.problems if error is not None else ()
    return [
        {
            "file": problem.file or error.file,
            "line": problem.line,
            "column": problem.column,
            "key": problem.key,
            "message": problem.message,
        }
        for problem in problems
    ]
