"""A thrust as a curve in time: preload, half-sine or measured pulse, release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.arrays import FloatArray
from fem.case.force_table import ForceTable
from fem.case.loads import ThrustLoad
from fem.terms.curve import Curve, half_sine, through

#: How far the hand lifts off after a thrust of given travel [mm]: farther than any bone springs back.
_LIFTED: Final = 100.0

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Thrust:
    """One thrust: its preload, and what comes on top.

    Attributes
    ----------
    preload : [N] held before the thrust, and after it if its values end at 0.
    times : (m,) [s] since the phase began.
    values : (m,) force above the preload [N], or travel [mm].
    time_to_peak : [s] from the start of the phase to the peak.
    """

    preload: float
    times: FloatArray
    values: FloatArray
    time_to_peak: float

    @property
    def duration(self) -> float:
        """Time [s] from the start of the phase to the end of the pulse."""
        return float(self.times[-1])

    @property
    def shortest(self) -> float:
        """The shorter [s] of rise and release, whichever there is."""
        return min(time for time in (self.time_to_peak, self.duration - self.time_to_peak) if time > 0.0)


def pulse(load: ThrustLoad, table: ForceTable | None) -> Thrust:
    """Return the course of a thrust; a load with a `table` needs it read."""
    if load.table is not None:
        if table is None:
            raise ValueError(f"the table '{load.table}' of a thrust has not been read")
        first = float(table.forces[0])
        return Thrust(first, table.times, np.asarray(table.forces - first), table.time_to_peak)
    preload, rise = load.preload or 0.0, load.time_to_peak or 0.0
    top = load.displacement if load.peak is None else load.peak - preload
    curve = half_sine(top or 0.0, rise, load.release_time)
    return Thrust(preload, curve.times, curve.values, rise)


def force_curve(spans: Sequence[Span], thrusts: Mapping[int, Thrust]) -> Curve:
    """Return the force [N] of thrusts by number of their phase, over phases with given (start, end) [s].

    Notes
    -----
    Over the phase before a thrust the force ramps to its preload, over the phase after to 0 or to the next preload.
    Within its phase, after the pulse, what the pulse ends with is held.
    """
    times, values = [spans[0][0]], [0.0]
    for number, (start, end) in enumerate(spans):
        thrust, following = thrusts.get(number), thrusts.get(number + 1)
        if thrust is not None:
            _append(times, values, start + thrust.times, thrust.preload + thrust.values)
            _append(times, values, [end], [values[-1]])
        else:
            _append(times, values, [end], [following.preload if following else 0.0])
    return through(times, values)


def travel_curve(spans: Sequence[Span], number: int, thrust: Thrust) -> Curve:
    """Return the travel [mm] of the hand in the thrust of phase `number`; over the phase after, it lifts off."""
    start, end = spans[number]
    times, values = [spans[0][0]], [0.0]
    _append(times, values, start + thrust.times, thrust.values)
    _append(times, values, [end], [values[-1]])
    if number + 1 < len(spans):
        _append(times, values, [spans[number + 1][1]], [-_LIFTED])
    return through(times, values)


def _append(
    times: list[float],
    values: list[float],
    more: Sequence[float] | FloatArray,
    levels: Sequence[float] | FloatArray,
) -> None:
    """Add points that lie later than the last one (phase ends are sums of durations: equal up to rounding)."""
    for time, value in zip(more, levels, strict=True):
        if time > times[-1] + 1e-9:
            times.append(float(time))
            values.append(float(value))
