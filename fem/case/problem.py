"""A problem that can be solved: model, system, timeline. Nothing of the case file is left to interpret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fem.literature import ParameterSet
from fem.solver.march import PhaseSpan
from fem.structures.ligaments import StrandGroup
from fem.structures.model import SpineModel
from fem.structures.muscles import MuscleModel
from fem.system.system import System
from fem.terms.term import Term


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a run needs.

    Attributes
    ----------
    model : the spine without loads.
    system : its terms with the case's loads.
    phases : timeline.
    loads : names of the terms that are loads (their energy is a potential, not stored).
    sets : structure -> parameter set, with a record of the data that were used.
    """

    model: SpineModel
    system: System
    phases: tuple[PhaseSpan, ...]
    loads: tuple[str, ...]
    sets: Mapping[str, ParameterSet]

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of the model, cranial to caudal."""
        return tuple(disc.level for disc in self.model.discs)

    def with_muscles(self, muscles: MuscleModel) -> "Problem":
        """Return the problem with muscles in another state, on the same unknowns and pattern."""
        return self._with(replace(self.model, muscles=muscles), muscles.terms)

    def with_strands(self, strands: tuple[StrandGroup, ...]) -> "Problem":
        """Return the problem with ligaments of other laws, on the same unknowns and pattern."""
        return self._with(replace(self.model, strands=strands), [group.term for group in strands])

    def _with(self, model: SpineModel, terms: Sequence[Term]) -> "Problem":
        changed = {term.name: term for term in terms}
        kept = tuple(changed.get(term.name, term) for term in self.system.terms)
        return replace(self, model=model, system=replace(self.system, terms=kept))
