"""Draws of data within their bands: the same everywhere, evenly spread, inputs independent."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.arrays import FloatArray
from fem.errors import ParameterError
from fem.literature.datum import Datum

#: A band whose end is this many times its start is drawn by logarithm, so that each factor is equally likely.
_WIDE: Final = 3.5


@dataclass(frozen=True, slots=True)
class Band:
    """What a number may be, in internal units."""

    name: str
    low: float
    high: float

    def at(self, share: FloatArray) -> FloatArray:
        """Return the numbers at shares of the band: along it, or along its logarithm where it is wide."""
        if self.low > 0.0 and self.high >= _WIDE * self.low:
            return np.asarray(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)


def band_of(datum: Datum) -> Band | None:
    """Return the band of a datum, None where it has none."""
    if datum.low is None or datum.high is None or not datum.low < datum.high:
        return None
    return Band(datum.name, datum.low, datum.high)


def even_shares(count: int, inputs: int, seed: int) -> FloatArray:
    """Return `count` points (count, inputs) in [0, 1).

    Notes
    -----
    A Sobol sequence moved by one random shift of `seed` (Cranley–Patterson).
    """
    from scipy.stats import qmc

    if count < 1:
        raise ParameterError(f"{count} draws give no band; ask for one or more")
    if inputs == 0:
        return np.zeros((count, 0))
    whole = 1 << (count - 1).bit_length()  # a Sobol sequence is balanced at powers of two
    points = qmc.Sobol(inputs, scramble=False).random(whole)[:count]
    return np.asarray((points + np.random.default_rng(seed).random(inputs)) % 1.0)
