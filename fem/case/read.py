"""A case file into a checked `CaseFile`; everything that is wrong with it comes back at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem.case.files import anatomy_file, pattern_file, table_files
from fem.case.schema import Case
from fem.document import Document, read_document

if TYPE_CHECKING:
    from fem.anatomy.spine import Spine
    from fem.case.force_table import ForceTable
    from fem.literature import ParameterSet
    from fem.solver.march import PhaseSpan
    from fem.structures.guarding import GuardingPlan


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
        """Return structure (``disc``, ``muscles`` …) -> its parameter set with the case's overrides; what it needs."""
        from fem.literature import load

        return {
            part: load(name).overridden(overrides, where=self.document.path.name)
            for part, (name, overrides) in self.case.parameter_sets().items()
        }

    def force_tables(self) -> Mapping[tuple[int, int], "ForceTable"]:
        """Return (number of the phase, number of the load in it) -> the measured table of a thrust."""
        from fem.case.force_table import read_force_table

        return {place: read_force_table(path) for place, path in table_files(self.document).items()}

    def guarding(self) -> "GuardingPlan | None":
        """Return how the muscles guard; None without muscles."""
        from fem.case.guarding import guarding_plan

        return guarding_plan(self.document)

    def phase_spans(self) -> "tuple[PhaseSpan, ...]":
        """Return the phases in time, with the steps that thrusts and reflexes ask for."""
        from fem.case.timeline import phase_spans

        plan = self.guarding()
        return phase_spans(self.case, self.force_tables(), plan is not None and plan.reflex is not None)

    @property
    def inputs(self) -> Mapping[str, Path]:
        """Role -> file, of every file besides the case that the answer depends on."""
        files = {} if self.anatomy is None else {"anatomy": self.anatomy}
        tables = sorted(set(table_files(self.document).values()))
        files |= {f"force table {number}": path for number, path in enumerate(tables, 1)}
        pattern = pattern_file(self.document)
        files |= {} if pattern is None else {"guarding": pattern}
        return {**files, **self._data_files()}

    def _data_files(self) -> Mapping[str, Path]:
        """Role -> data file of every parameter set that the case reads; a closed-form problem reads none."""
        if self.case.problem is not None:
            return {}
        from fem.literature import data_file

        names = sorted({name for name, _ in self.case.parameter_sets().values()})
        return {f"data {name}": data_file(name) for name in names}

    def check_landmarks(self, spine: "Spine") -> None:
        """Raise `InputError` if a load names a landmark that its vertebra does not have."""
        from fem.case.checks import landmark_problems

        problems = landmark_problems(self.document, self.case, spine)
        if problems:
            raise self.document.error(*problems)


def read_case(path: Path | str, overrides: Sequence[str] = (), inside: Path | None = None) -> CaseFile:
    """Read, validate and cross-check the case file `path`.

    Parameters
    ----------
    path : case file.
    overrides : texts such as ``spine.resolution=fine``, applied last.
    inside : folder in which the files that the case names must lie (`fem.document.project_folder`); None: anywhere.

    Raises
    ------
    InputError
        With every problem found, each with line, column and key.
    """
    from fem.case.checks import semantic_problems

    document = read_document(path, Case, overrides, semantic_problems, inside)
    anatomy = anatomy_file(document)
    return CaseFile(document, document.model, anatomy.resolve() if anatomy else None)
