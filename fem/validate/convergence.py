"""Order of convergence through a series of solutions, and the band that it leaves about one of them.

Notes
-----
With an error a h^p the solutions f(h) give p from their differences and a from any one of them. The band is the
distance of the solution in use from the extrapolated one, times a factor of safety: 1.25 where the order was observed
in a sensible range, 3 where it was not or where there are two solutions only (grid convergence index, Roache 1994).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scipy.optimize import brentq

#: Factors of safety, the orders that count as sensible, and the formal one (linear cells, BDF2).
SURE: Final = 1.25
UNSURE: Final = 3.0
SENSIBLE: Final = (0.5, 2.5)
ASSUMED: Final = 2.0
_LEAST, _MOST = 0.02, 20.0
#: Differences below this share of the values are rounding, and no order is read off them.
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Band:
    """What a series of solutions leaves open about the one that is used.

    Attributes
    ----------
    values, sizes : solutions and their step or cell sizes, coarsest first.
    used : number of the solution in use.
    order : observed order; None where the solutions do not run in one direction or are fewer than three.
    half_width : half the width of the band about the solution in use, same unit as the values.
    factor : factor of safety in it.
    """

    values: tuple[float, ...]
    sizes: tuple[float, ...]
    used: int
    order: float | None
    half_width: float
    factor: float


def band(values: Sequence[float], sizes: Sequence[float], used: int) -> Band:
    """Return order and band of two or three solutions (the finest three of more).

    Parameters
    ----------
    values, sizes : solutions and their step or cell sizes, sizes falling.
    used : number of the solution whose band is wanted, counted over all values.

    Raises
    ------
    ValueError
        For fewer than two solutions, sizes that do not fall, or numbers that are not finite.
    """
    if len(values) != len(sizes) or len(values) < 2:
        raise ValueError("a band needs at least two solutions, and a size for each")
    if any(after >= before for before, after in pairwise(sizes)):
        raise ValueError("the sizes must fall from solution to solution")
    if not all(map(math.isfinite, (*values, *sizes))):
        raise ValueError("solutions and sizes must be finite")
    order = observed_order(values[-3:], sizes[-3:]) if len(values) > 2 else None
    power = ASSUMED if order is None else min(max(order, SENSIBLE[0]), SENSIBLE[1])
    factor = SURE if order is not None and SENSIBLE[0] <= order <= SENSIBLE[1] else UNSURE
    half = factor * abs(values[used] - extrapolated(values, sizes, power))
    if order is None and len(values) > 2:  # to and fro: at least as wide as they lie apart
        half = max(half, factor * (max(values) - min(values)) / 2.0)
    return Band(tuple(values), tuple(sizes), used, order, half, factor)


def extrapolated(values: Sequence[float], sizes: Sequence[float], order: float) -> float:
    """Return the solution at size 0 from the two finest ones and an order."""
    ratio = (sizes[-2] / sizes[-1]) ** order
    return float(values[-1] + (values[-1] - values[-2]) / (ratio - 1.0))


def observed_order(values: Sequence[float], sizes: Sequence[float]) -> float | None:
    """Return p of an error a h^p through three solutions; None where they do not run in one direction.

    Solved from (f1 - f2)/(f2 - f3) = (h1^p - h2^p)/(h2^p - h3^p), whatever the ratios of the sizes.
    """
    first, second, third = values
    before, after = first - second, second - third
    scale = max(map(abs, values)) * _ROUNDING
    if before * after <= 0.0 or abs(before) <= scale or abs(after) <= scale:
        return None
    wanted = before / after

    def miss(order: float) -> float:
        h1, h2, h3 = (size / sizes[1] for size in sizes)
        return float((h1**order - h2**order) / (h2**order - h3**order)) - wanted

    if miss(_LEAST) * miss(_MOST) > 0.0:
        return None
    return float(brentq(miss, _LEAST, _MOST, xtol=1e-10))
