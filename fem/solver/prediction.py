"""Where a body in motion is likely to be next: the last steps continued as a parabola in time."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray
from fem.elements.layout import State
from fem.elements.retraction import direction_between
from fem.system.system import Evaluation, System


@dataclass(frozen=True, slots=True)
class Trail:
    """The last two steps of a motion: how long they took [s] and where they went, directions (d,).

    A motion from rest has an earlier step of the same length that went nowhere.
    """

    elapsed: tuple[float, ...] = ()
    directions: tuple[FloatArray, ...] = ()

    def after(self, system: System, old: State, new: State) -> "Trail":
        """Return the trail with the step from `old` to `new` at its end."""
        direction = direction_between(system.layout, old, new)
        before = (new.elapsed, np.zeros_like(direction))
        if self.elapsed:
            before = (self.elapsed[-1], self.directions[-1])
        return Trail((before[0], new.elapsed), (before[1], direction))


#: Nothing has moved.
REST = Trail()


def predicted(
    system: System, state: State, evaluation: Evaluation, trail: Trail, elapsed: float
) -> State | None:
    """Return where `state` will be after `elapsed` if it goes on as before; None where nothing has moved yet.

    Notes
    -----
    With steps h₀, h₁ that went d₀, d₁: Δx = h d₁/h₁ + h (h + h₁)/(h₀ + h₁) (d₁/h₁ − d₀/h₀), Newton's interpolation.
    """
    if not trail.elapsed:
        return None
    (earlier, last), (first, second) = trail.elapsed, trail.directions
    speed, earlier_speed = second / last, first / earlier
    bend = elapsed * (elapsed + last) / (earlier + last)
    direction = elapsed * speed + bend * (speed - earlier_speed)
    return system.advance(state, evaluation, direction, np.zeros(len(evaluation.constraints[0])), 1.0)
