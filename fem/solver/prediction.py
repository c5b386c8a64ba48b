"""Where a body in motion is likely to be next: the last steps continued as a parabola in time."""

from dataclasses import dataclass
from math import inf

import numpy as np

from fem.arrays import FloatArray, magnitude
from fem.elements.layout import State
from fem.elements.retraction import direction_between
from fem.system.system import Evaluation, System

#: Largest expected error of a prediction, as a share of the step: beyond it Newton does as well from where it is.
_WORTHWHILE = 0.3


@dataclass(frozen=True, slots=True)
class Trail:
    """The last two steps of a motion: how long they took [s] and where they went, directions (d,).

    A motion from rest has an earlier step of the same length that went nowhere. `missed` is how far the last step
    was from what its predecessors foretold, as a share of it.
    """

    elapsed: tuple[float, ...] = ()
    directions: tuple[FloatArray, ...] = ()
    missed: float = inf

    def after(self, system: System, old: State, new: State) -> "Trail":
        """Return the trail with the step from `old` to `new` at its end."""
        direction = direction_between(system.layout, old, new)
        if not self.elapsed:
            return Trail((new.elapsed, new.elapsed), (np.zeros_like(direction), direction))
        miss = magnitude(self.ahead(new.elapsed) - direction) / max(magnitude(direction), 1e-300)
        # What a parabola misses grows with the third power of the steps' lengths.
        order = self.growth(new.elapsed)
        return Trail((self.elapsed[-1], new.elapsed), (self.directions[-1], direction), miss / order)

    def ahead(self, elapsed: float) -> FloatArray:
        """Return the direction (d,) in which the motion would go on for `elapsed` [s].

        Notes
        -----
        With steps h₀, h₁ that went d₀, d₁: Δx = h d₁/h₁ + h (h + h₁)/(h₀ + h₁) (d₁/h₁ − d₀/h₀), Newton's
        interpolation.
        """
        (earlier, last), (first, second) = self.elapsed, self.directions
        speed, earlier_speed = second / last, first / earlier
        bend = elapsed * (elapsed + last) / (earlier + last)
        return elapsed * speed + bend * (speed - earlier_speed)

    def growth(self, elapsed: float) -> float:
        """Return the parabola's error over `elapsed`, as a share of the step, relative to that for equal steps."""
        earlier, last = self.elapsed
        return (elapsed + last) * (elapsed + last + earlier) / (6.0 * last * last)


#: Nothing has moved.
REST = Trail()


def predicted(
    system: System, state: State, evaluation: Evaluation, trail: Trail, elapsed: float
) -> State | None:
    """Return where `state` will be after `elapsed` if it goes on as before; None where that cannot be told."""
    if not trail.elapsed or trail.missed * trail.growth(elapsed) > _WORTHWHILE:
        return None
    step = trail.ahead(elapsed)
    return system.advance(state, evaluation, step, np.zeros(len(evaluation.constraints[0])), 1.0)
