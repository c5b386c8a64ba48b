"""Cartilage that is pressed beyond what its law was made for: forces there are a numerical guard, not physics."""

from collections.abc import Iterator

import numpy as np

from fem.arrays import FloatArray
from fem.case.problem import Problem
from fem.materials.surface import CartilageLayers
from fem.structures.facets import FacetModel


def overpressed(problem: Problem, phase: str, positions: FloatArray) -> Iterator[str]:
    """Yield a sentence for every joint whose cartilage is squeezed beyond the limit of its law at `positions` [mm].

    The sentence holds no number of the step, so that a result says it once for a joint and a phase.
    """
    facets = problem.model.facets
    law = None if facets is None else facets.term.law
    if facets is None or not isinstance(law, CartilageLayers):
        return
    share = squeezed(facets, law, positions)
    for number, joint in enumerate(facets.names):
        if share[facets.rows(number)].max() > law.limit:
            yield (
                f"the cartilage of {joint} is squeezed by more than {100.0 * law.limit:g} % of its thickness in phase "
                f"'{phase}', where its law ends: bone would bear there; forces and gaps of this joint mean "
                "little, and the load is more than the model is made for"
            )


def squeezed(facets: FacetModel, law: CartilageLayers, positions: FloatArray) -> FloatArray:
    """Return the share (s,) of the thickness by which layers are squeezed; 0 where they do not fully face each other.

    Off the outline of the facing surface, where that fades out, gaps are those of its continuation: no bone is there.
    """
    surface = facets.term.surface_state(positions)
    share: FloatArray = np.where(surface.overlap == 1.0, -surface.gap, 0.0) / law.thickness
    return np.maximum(share, 0.0)
