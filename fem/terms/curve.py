"""Factors in time on loads and prescribed motions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.arrays import FloatArray, frozen

#: Straight pieces of each half of a half-sine: at most 5e-6 of its height away from it.
_PIECES: Final = 256


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


def through(times: Sequence[float], values: Sequence[float]) -> Curve:
    """Return straight lines through the given points; `times` [s] strictly increasing."""
    return Curve(frozen(np.array(times)), frozen(np.array(values)))


def half_sine(height: float, rise: float, release: float) -> Curve:
    """Return a pulse from 0 to `height` within `rise` [s] and back to 0 within `release` [s], starting at time 0.

    Notes
    -----
    h sin(π t / 2 rise) up to the peak and h cos(π (t − rise) / 2 release) after it: with equal times the half-sine
    sin(π t / T) of duration T = 2 rise. Given as samples, exact at the peak and at both ends.
    """
    share = np.linspace(0.0, 1.0, _PIECES + 1)
    up = height * np.sin(0.5 * np.pi * share)
    times = np.concatenate([rise * share, rise + release * share[1:]])
    values = np.concatenate([up, up[-2::-1]])
    return Curve(frozen(times), frozen(values))
