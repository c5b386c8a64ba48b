"""Backward differences of second order over unequal steps: the rate of anything at the end of a step."""

from dataclasses import dataclass
from math import inf

from fem.arrays import FloatArray

#: Length of the previous step [s] that a term remembers where nothing moved before, and where motion begins abruptly.
AT_REST, RELEASED = 0.0, inf


@dataclass(frozen=True, slots=True)
class BackwardDifference:
    """Factors [1/s] on the change over this step and over the previous one: rate = new Δ − old Δ_previous."""

    new: float
    old: float

    def rate(self, change: FloatArray, previous: FloatArray) -> FloatArray:
        """Return the rate at the end of the step of what changed by `change`, and by `previous` in the step before."""
        return self.new * change - self.old * previous


def backward_difference(elapsed: float, previous: float) -> BackwardDifference:
    """Return the formula for a step of `elapsed` after one of `previous` [s].

    Notes
    -----
    With r = elapsed/previous: ẏ = [(1 + 2r)/(1 + r) Δ − r²/(1 + r) Δ_previous]/elapsed, exact for parabolas (BDF2;
    Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, III.5; stable for r < 1 + √2). `AT_REST`
    stands for an equal step without change: exact for forces that set in from zero. `RELEASED` gives backward
    Euler: exact where a finite force sets in at once. Both keep the order of the whole run.
    """
    ratio = 1.0 if previous == AT_REST else elapsed / previous
    new, old = (1.0 + 2.0 * ratio) / (1.0 + ratio), ratio**2 / (1.0 + ratio)
    return BackwardDifference(new / elapsed, old / elapsed)
