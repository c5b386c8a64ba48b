"""Range of motion and neutral zone: a specimen under small and standard pure moments, one way and back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from fem.anatomy.vocabulary import MOTIONS
from fem.arrays import FloatArray
from fem.elements.layout import State, reference_state
from fem.literature import ParameterSet
from fem.materials.damage import StrandDamage
from fem.observe.kinematics import level_motion
from fem.results.repetitions import Flexibility
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import Settings
from fem.structures.model import SpineModel
from fem.system.system import System, build_system
from fem.terms.curve import through
from fem.terms.loads import MomentTerm

#: The two ways of each rotation, in the order of the angles of a level.
_WAYS: Final = (
    ("flexion", "extension"),
    ("lateral bending left", "lateral bending right"),
    ("axial rotation left", "axial rotation right"),
)
_SETTINGS: Final = Settings(first_step=1.0, largest_step=1.0, iterations=20)
_SETTLE: Final = PhaseSpan("flexibility: settle", 0.0, 1.0, _SETTINGS)
_SMALL: Final = PhaseSpan("flexibility: small moment", 1.0, 2.0, _SETTINGS)
_WHOLE: Final = PhaseSpan("flexibility: whole moment", 2.0, 3.0, _SETTINGS)


def moments_of_test(data: ParameterSet) -> tuple[float, float]:
    """Return the small moment of the neutral zone and the whole one of the range of motion [N mm]."""
    return data.number("test.neutral_moment", "moment"), data.number("test.moment", "moment")


class FlexibilityTest:
    """A specimen and the moments of its test; `measure` it with whatever ligaments it has by then.

    Parameters
    ----------
    specimen : the spine without thorax, muscles, film and supports, its lowest vertebra fixed.
    data : the set ``flexibility``: ``test.moment`` for the range of motion, ``test.neutral_moment`` for the zone.
    """

    def __init__(self, specimen: SpineModel, data: ParameterSet) -> None:
        self.specimen = specimen
        self._moments = moments_of_test(data)
        self._system = build_system(specimen.layout, (*specimen.terms, self._moment("flexion")))
        self._solver = LinearSolver(self._system.pattern)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of the specimen, and its whole span where there are several."""
        names = tuple(disc.level for disc in self.specimen.discs)
        return names if len(names) == 1 else (*names, f"{names[0].split('-')[0]}-{names[-1].split('-')[1]}")

    def measure(self, damage: Sequence[StrandDamage]) -> Flexibility:
        """Return the rotations between opposite moments with ligaments so damaged, one entry for each strand group.

        Raises
        ------
        NotConvergedError
            When the specimen finds no equilibrium.
        """
        start = reference_state(self.specimen.layout)
        groups = (group.damaged(left) for group, left in zip(self.specimen.strands, damage, strict=True))
        terms = {group.term.name: group.term for group in groups}
        system = replace(self._system, terms=tuple(terms.get(term.name, term) for term in self._system.terms))
        for step in march(system, self._solver, start, (_SETTLE,)):
            start = step.state
        spans = []
        for axis, (one, other) in enumerate(_WAYS):
            between = self._ends(system, start, one) - self._ends(system, start, other)
            spans.append(np.abs(between[:, :, axis]))
        neutral, whole = np.stack(spans, axis=-1)
        return Flexibility(self._by_level(whole), self._by_level(neutral))

    def _by_level(self, angles: FloatArray) -> dict[str, tuple[float, ...]]:
        return {level: tuple(row) for level, row in zip(self.levels, angles.tolist(), strict=True)}

    def _ends(self, system: System, start: State, motion: str) -> FloatArray:
        """Return the rotations (2, levels, 3) [deg] at the small and at the whole moment."""
        moment = self._moment(motion)
        system = replace(
            system, terms=tuple(moment if term.name == moment.name else term for term in system.terms)
        )
        found = {step.phase: step.state for step in march(system, self._solver, start, (_SMALL, _WHOLE))}
        return np.array(
            [
                [
                    np.degrees(level_motion(self.specimen, level, start, found[phase.name])[0])
                    for level in self.levels
                ]
                for phase in (_SMALL, _WHOLE)
            ]
        )

    def _moment(self, motion: str) -> MomentTerm:
        top = self.specimen.discs[0].level.split("-")[0]
        curve = through([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, *self._moments])
        return MomentTerm("flexibility test", self.specimen.bodies[top], np.array(MOTIONS[motion]), curve)
