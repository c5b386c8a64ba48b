"""A case file into a checked `CaseFile`; everything that is wrong with it comes back at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem.case.schema import Case
from fem.document import Document, read_document

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
    from fem.case.checks import anatomy_file, semantic_problems

    document = read_document(path, Case, overrides, semantic_problems)
    anatomy = anatomy_file(document)
    return CaseFile(document, document.model, anatomy.resolve() if anatomy else None)
