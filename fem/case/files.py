"""The files that a case names, relative to the file that says so."""

from pathlib import Path

from fem.case.loads import ThrustLoad
from fem.case.schema import Case
from fem.document import Document


def anatomy_file(document: Document[Case]) -> Path | None:
    """Return the recipe of a case; None without a spine."""
    spine = document.model.spine
    return document.file_at("spine.anatomy", spine.anatomy) if spine else None


def table_files(document: Document[Case]) -> dict[tuple[int, int], Path]:
    """Return (number of the phase, number of the load in it) -> the table of a thrust."""
    return {
        (number, index): document.file_at(("phases", number, "loads", index, "table"), load.table)
        for number, phase in enumerate(document.model.phases)
        for index, load in enumerate(phase.loads)
        if isinstance(load, ThrustLoad) and load.table is not None
    }


def pattern_file(document: Document[Case]) -> Path | None:
    """Return the case's own guarding pattern; None without muscles, or where it names a shipped pattern."""
    muscles = document.model.muscles
    if muscles is None or not is_file_name(muscles.guarding):
        return None
    return document.file_at("muscles.guarding", muscles.guarding)


def is_file_name(pattern: str) -> bool:
    """Return whether the text names a pattern file rather than a shipped pattern."""
    return pattern.endswith((".yaml", ".yml"))
