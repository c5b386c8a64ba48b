"""A case file into a checked `CaseFile`; everything that is wrong with it comes back at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem.case.schema import Case
from fem.document import Document, read_document
from fem.errors import InputError, Problem

if TYPE_CHECKING:
    from fem.anatomy.spine import Spine
    from fem.literature import ParameterSet


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case that can be built.

    Attributes
    ----------
    document : the text with its places; ``document.problem(key, message)`` points at a line.
    case : the validated content.
    anatomy : the recipe file, resolved; None for a closed-form problem.
    """

    document: Document[Case]
    case: Case
    anatomy: Path | None

    @property
    def name(self) -> str:
        """Name of the case: its file name without the ending."""
        return self.document.path.stem

    def parameter_sets(self) -> Mapping[str, "ParameterSet"]:
        """Return structure (``disc``, ``ligaments`` …) -> its parameter set with the case's overrides."""
        from fem.literature import load

        return {
            part: load(name).overridden(overrides, where=self.document.path.name)
            for part, (name, overrides) in self.case.parameters.sets().items()
        }

    def check_landmarks(self, spine: "Spine") -> None:
        """Raise `InputError` if a load names a landmark that its vertebra does not have."""
        from fem.case.checks import landmark_problems

        problems = landmark_problems(self.document, self.case, spine)
        if problems:
            raise self.document.error(*problems)


def read_case(path: Path | str, overrides: Sequence[str] = ()) -> CaseFile:
    """Read, validate and cross-check the case file `path`.

    Parameters
    ----------
    path : case file.
    overrides : texts such as ``spine.resolution=fine``, applied last.

    Raises
    ------
    InputError
        With every problem found, each with line, column and key.
    """
    from fem.case.checks import semantic_problems

    document = read_document(path, Case, overrides)
    case = document.model
    anatomy = document.file_at("spine.anatomy", case.spine.anatomy) if case.spine else None
    problems = list(semantic_problems(document, case, anatomy))
    if problems:
        raise InputError(path, sorted(problems, key=_position))
    return CaseFile(document, case, anatomy.resolve() if anatomy else None)


def _position(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line or 0, problem.column or 0
