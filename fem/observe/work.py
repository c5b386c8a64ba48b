"""Work along the way from one converged state to the next: ∫F·dx from what is known at the ends of steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray

#: Stretches whose ends are joined by one polynomial in time: three, so a cubic.
_JOINED: Final = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """One step's way.

    Attributes
    ----------
    duration : [s]
    motion : (d,) [mm, rad] from its start to its end.
    start, end : (d,) [N, N mm] force at both ends.
    """

    duration: float
    motion: FloatArray
    start: FloatArray
    end: FloatArray


def work_along(stretches: Sequence[Stretch]) -> FloatArray:
    """Return the work (n,) [N mm] of each of n stretches that follow each other.

    Notes
    -----
    Force and place are the polynomials P in time, of degree n, through the n + 1 ends (Lagrange):
    W = Σᵢⱼ Fᵢ·xⱼ ∫ Pᵢ dPⱼ/dt dt. One stretch is the trapezoidal rule, of second order; n are of order n + 1.
    """
    whole = sum(stretch.duration for stretch in stretches)
    times = np.cumsum([0.0, *(stretch.duration for stretch in stretches)]) / whole
    places = np.cumsum(
        [np.zeros_like(stretches[0].motion), *(stretch.motion for stretch in stretches)], axis=0
    )
    forces = np.array([stretches[0].start, *(stretch.end for stretch in stretches)])
    coefficients = np.linalg.inv(np.vander(times, increasing=True))  # column i: those of Pᵢ
    weights = coefficients @ (forces @ places.T) @ coefficients.T
    degree = np.arange(len(times))
    power = degree[:, np.newaxis] + degree
    rising = degree / np.maximum(power, 1)  # ∫ tᵏ d(tˡ)/dt dt = l/(k + l) tᵏ⁺ˡ
    return np.array(
        [np.sum(weights * rising * (end**power - start**power)) for start, end in pairwise(times)]
    )


@dataclass(frozen=True, slots=True)
class WorkCount:
    """Work [N mm] so far, and what is needed to go on.

    Static phases go in few large steps, so their work is counted along cubics in time: each stretch along that
    through its neighbours' ends, the first ones of a phase again once the third shows their curve. Dynamic phases
    go in many small steps; what their terms lose is counted straight, and so is their work.

    Attributes
    ----------
    recent : the last stretches of a static phase.
    begun, settled : [N mm] work at the start of the phase, and at the start of the last stretch.
    """

    work: float = 0.0
    phase: str = ""
    recent: tuple[Stretch, ...] = ()
    begun: float = 0.0
    settled: float = 0.0

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        recent = [{item.name: getattr(last, item.name) for item in fields(Stretch)} for last in self.recent]
        return {
            "work": self.work,
            "phase": self.phase,
            "recent": recent,
            "begun": self.begun,
            "settled": self.settled,
        }

    def after(self, stretch: Stretch, phase: str, static: bool) -> "WorkCount":
        """Return the count after one more stretch of a phase."""
        if not static:
            return WorkCount(self.work + float(work_along((stretch,))[0]), phase)
        earlier = self.recent if phase == self.phase else ()
        begun = self.begun if earlier else self.work
        recent = (*earlier, stretch)[-_JOINED:]
        *before, last = work_along(recent).tolist()
        settled = self.settled + before[-1] if len(earlier) == _JOINED else begun + sum(before)
        return WorkCount(settled + last, phase, recent, begun, settled)


def count_of(memory: Mapping[str, Any]) -> WorkCount:
    """Return the count that `WorkCount.memory` kept."""
    recent = tuple(Stretch(**kept) for kept in memory["recent"])
    return WorkCount(memory["work"], memory["phase"], recent, memory["begun"], memory["settled"])
