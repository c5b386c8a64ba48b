"""What kind of input file a file is, by its keys, and its check as what it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fem.document.merge import load_merged

#: Keys that only a case has, only a recipe, and those that a guarding pattern has beside its rules.
_CASE: Final = frozenset({"spine", "problem", "phases", "title", "extends", "expect"})
_RECIPE: Final = frozenset({"sacral_endplate", "discs", "bodies", "endplates", "facets", "arches", "sacrum"})
_PATTERN: Final = frozenset({"source", "kind", "note", "rules", "tone", "reflex"})


def file_kind(path: Path, inside: Path | None = None) -> str:
    """Return ``case``, ``recipe``, ``pattern`` or ``force table``; what cannot be told is taken for a case.

    Raises
    ------
    InputError
        For a file that cannot be read as YAML at all.
    """
    if path.suffix.lower() == ".csv":
        return "force table"
    keys = frozenset(load_merged(path, inside).value)
    if keys & _CASE:
        return "case"
    if len(keys & _RECIPE) > 2:
        return "recipe"
    return "pattern" if len(keys & _PATTERN) > 2 else "case"


def check_file(path: Path, overrides: Sequence[str] = (), inside: Path | None = None) -> str:
    """Check a file as what it is, and return what that is; `overrides` change cases only.

    Parameters
    ----------
    inside : folder in which the files that it names must lie; None: anywhere.

    Raises
    ------
    InputError
        With every fault found.
    """
    kind = file_kind(path, inside)
    if kind == "recipe":
        from fem.anatomy.recipe import read_recipe

        read_recipe(path, inside)
    elif kind == "pattern":
        from fem.case.guarding import PatternFile
        from fem.document import read_document

        read_document(path, PatternFile, inside=inside)
    elif kind == "force table":
        from fem.case.force_table import read_force_table

        read_force_table(path)
    else:
        from fem.case.anatomy import checked_spine
        from fem.case.read import read_case

        checked_spine(read_case(path, overrides, inside))
    return kind
