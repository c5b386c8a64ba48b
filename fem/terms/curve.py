"""Factors in time on loads and prescribed motions."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Curve:
    """Straight lines through (times, values), constant before the first and after the last.

    `times` (m,) [s], strictly increasing; `values` (m,) [1].
    """

    times: FloatArray
    values: FloatArray

    def __call__(self, time: float) -> float:
        """Return the factor at `time` [s]."""
        return float(np.interp(time, self.times, self.values))


def ramp(start: float, end: float) -> Curve:
    """Return the factor that rises from 0 at `start` to 1 at `end` [s] and stays there."""
    return Curve(np.array([start, end]), np.array([0.0, 1.0]))


def constant() -> Curve:
    """Return the factor 1 at all times."""
    return Curve(np.array([0.0]), np.array([1.0]))
