"""The muscles of a problem as actuators that hold a posture."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray
from fem.case.problem import Problem
from fem.structures.muscles import MuscleModel
from fem.system.reduction import reduce_force
from fem.system.system import Evaluation, System


@dataclass(frozen=True, slots=True)
class MuscleActuators:
    """Activations of a problem's muscles about what guarding asks for, from `lowest` to `highest` (f,)."""

    problem: Problem
    lowest: FloatArray
    highest: FloatArray

    @property
    def muscles(self) -> MuscleModel:
        """The muscles."""
        if self.problem.model.muscles is None:
            raise ValueError("this problem has no muscles")
        return self.problem.model.muscles

    @property
    def preferred(self) -> FloatArray:
        """What guarding asks for, (f,)."""
        return self.muscles.activation

    def system(self, amplitudes: FloatArray) -> System:
        """Return the system with these activations (f,)."""
        return self.problem.with_muscles(self.muscles.with_activation(amplitudes)).system

    def columns(self, evaluation: Evaluation) -> FloatArray:
        """Return the internal force (d, f) of each fascicle per unit activation."""
        at, system = evaluation.configuration, self.problem.system
        out = np.zeros((system.layout.dof_count, len(self.muscles.names)))
        for term, part in self.muscles.slices():
            reduction = system.reductions[term.name]
            forces = reduce_force(reduction, at.positions, at.origins, -term.unit_forces(at.positions))
            dofs = reduction.dofs
            fascicle = np.broadcast_to((part.start + reduction.rest)[:, None], dofs.shape)
            kept = dofs >= 0
            np.add.at(out, (dofs[kept], fascicle[kept]), forces[kept])
        return out
