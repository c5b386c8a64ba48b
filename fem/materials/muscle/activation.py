"""Activation in time: first-order dynamics, and the excitation that a stretch reflex adds."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.materials.muscle.reflex import Reflex
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class ActivationDynamics:
    """da/dt = (u − a)/τ, with τ = `rise` where the excitation u exceeds a and `fall` where not."""

    rise: Annotated[float, Parameter("s", "time constant of activation", low=0.0, open_low=True)]
    fall: Annotated[float, Parameter("s", "time constant of deactivation", low=0.0, open_low=True)]

    def after(self, activation: FloatArray, excitation: FloatArray, elapsed: float) -> FloatArray:
        """Return a (f,) after `elapsed` [s] of constant excitation (f,): exact, whatever the step."""
        time = np.where(excitation > activation, self.rise, self.fall)
        return np.asarray(excitation + (activation - excitation) * np.exp(-elapsed / time))


@dataclass(frozen=True, slots=True)
class StretchRecord:
    """What the reflex remembers.

    Attributes
    ----------
    table : (m, 1 + f) rows of time [s] and fibre strains since the dynamic phase began, oldest first.
    onset : (f,) [s] time at which the reflex began, −inf where it waits.
    """

    table: FloatArray
    onset: FloatArray

    @classmethod
    def begin(cls, time: float, count: int) -> "StretchRecord":
        """Return an empty record at the start of a dynamic phase."""
        return cls(np.concatenate([[time], np.zeros(count)])[None, :], np.full(count, -np.inf))

    def strain(self, time: float) -> FloatArray:
        """Return the strains (f,) at `time`, linear between rows; the ends hold outside."""
        times = self.table[:, 0]
        after = int(np.searchsorted(times, time))
        if after == 0:
            return np.asarray(self.table[0, 1:])
        if after == len(times):
            return np.asarray(self.table[-1, 1:])
        share = (time - times[after - 1]) / (times[after] - times[after - 1])
        return np.asarray((1.0 - share) * self.table[after - 1, 1:] + share * self.table[after, 1:])

    def extended(self, time: float, strain: FloatArray, delay: float, onset: FloatArray) -> "StretchRecord":
        """Return the record with one more row, without rows that no later look `delay` back can reach."""
        old = int(np.searchsorted(self.table[:, 0], time - delay, side="right")) - 1
        row = np.concatenate([[time], strain])[None, :]
        return StretchRecord(np.concatenate([self.table[max(old, 0) :], row]), onset)


def reflex_excitation(reflex: Reflex, record: StretchRecord, time: float) -> tuple[FloatArray, FloatArray]:
    """Return the excitation (f,) that the reflex adds at `time`, and since when it acts (f,) [s].

    Notes
    -----
    gain x max(0, ε(t − delay) − threshold) while t − onset < duration. A delay shorter than the time step sees the
    last converged strain, so the excitation never depends on the unknowns of the step.
    """
    stimulus = np.maximum(record.strain(time - reflex.delay) - reflex.threshold, 0.0)
    over = time - record.onset >= reflex.duration
    onset = np.where(over & (stimulus <= 0.0), -np.inf, record.onset)
    onset = np.where((stimulus > 0.0) & np.isneginf(onset), time, onset)
    return np.where(time - onset < reflex.duration, reflex.gain * stimulus, 0.0), onset
