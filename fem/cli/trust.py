"""Files that a case names: only inside its project folder, unless the command line allows more."""

from collections.abc import Iterable
from pathlib import Path

import click

#: Option of every command that reads a case or a recipe.
allow_outside_option = click.option(
    "--allow-outside", is_flag=True, help="Let the case name files outside its project folder."
)


def inside(file: Path, allow_outside: bool) -> Path | None:
    """Return the folder in which the files that `file` names must lie; None: anywhere."""
    from fem.document import project_folder

    return None if allow_outside else project_folder(file)


def require_inside(cases: Iterable[Path], overrides: tuple[str, ...], allow_outside: bool) -> None:
    """Refuse cases that name files outside, before anything is solved; other faults are told where a case is run.

    Raises
    ------
    InputError
        With every fault of the first case that names a file outside its project folder.
    """
    from fem.case.anatomy import checked_spine
    from fem.case.read import read_case
    from fem.document.file import OUTSIDE
    from fem.errors import FacetgapError, InputError

    for case in () if allow_outside else cases:
        try:
            checked_spine(read_case(case, overrides, inside(case, allow_outside)))
        except InputError as error:
            if any(OUTSIDE in problem.message for problem in error.problems):
                raise
        except FacetgapError:
            continue
