"""The anatomy that a case names, assembled and held against what the case says of it."""

from typing import TYPE_CHECKING

from fem.case.loads import DirectedLoad
from fem.case.read import CaseFile

if TYPE_CHECKING:
    from fem.anatomy.spine import Spine


def checked_spine(case_file: CaseFile) -> "Spine | None":
    """Validate the recipe of a case and, where a load names a landmark, that the landmark exists.

    Returns the assembled spine where it had to be assembled, else None.

    Raises
    ------
    InputError
        In the recipe (its file and line), or in the case (a landmark that its vertebra does not have).
    """
    if case_file.anatomy is None:
        return None
    from fem.anatomy.recipe import read_recipe

    recipe = read_recipe(case_file.anatomy, case_file.document.inside)
    loads = [load for phase in case_file.case.phases for load in phase.loads]
    if not any(isinstance(load, DirectedLoad) and load.landmark for load in loads):
        return None
    from fem.anatomy.assemble import assemble_spine

    spine = assemble_spine(recipe.model)
    case_file.check_landmarks(spine)
    return spine
