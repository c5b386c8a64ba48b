"""Cartilage that is pressed beyond what its law was made for: forces there are a numerical guard, not physics."""

from collections.abc import Iterator

import numpy as np

from fem.case.problem import Problem
from fem.materials.surface import CartilageLayers
from fem.results.record import StepRecord


def overpressed(problem: Problem, record: StepRecord) -> Iterator[str]:
    """Yield a sentence for every joint whose cartilage a step squeezes beyond the limit of its law.

    The sentence holds no number of the step, so that a result says it once for a joint and a phase.
    """
    facets = problem.model.facets
    law = None if facets is None else facets.term.law
    if facets is None or not isinstance(law, CartilageLayers):
        return
    table = record.tables["facets"]
    layers = np.asarray(law.thickness)[facets.start[:-1]]
    for joint, gap, layer in zip(table["joint"], table["gap_min_mm"], layers, strict=True):
        if -float(gap) > law.limit * layer:
            yield (
                f"the cartilage of {joint} is squeezed by more than {100.0 * law.limit:g} % of its thickness in phase "
                f"'{record.phase}', where its law ends: bone would bear there; forces and gaps of this joint mean "
                "little, and the load is more than the model is made for"
            )
