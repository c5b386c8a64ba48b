"""A problem that can be solved: model, system, timeline. Nothing of the case file is left to interpret."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fem.literature import ParameterSet
from fem.solver.march import PhaseSpan
from fem.structures.model import SpineModel
from fem.structures.muscles import MuscleModel
from fem.system.system import System


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
        changed = {term.name: term for term in muscles.terms}
        terms = tuple(changed.get(term.name, term) for term in self.system.terms)
        return replace(
            self, model=replace(self.model, muscles=muscles), system=replace(self.system, terms=terms)
        )
