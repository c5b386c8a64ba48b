"""Does the gas add up? What bubbles lost against what flowed out of them, by a second route."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.gas.bubbles import Bubbles
from fem.gas.dissolution import Dissolution, outflow

_POINTS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Gas (g,) [N mm] at the start, left at a time, and flowed out until then (negative: flowed in).

    `error` (g,) [1] is what is missing, over the larger of start and greatest amount that went through.
    """

    start: FloatArray
    left: FloatArray
    escaped: FloatArray
    error: FloatArray

    @property
    def worst(self) -> float:
        """Largest error of all gases [1]."""
        return float(np.abs(self.error).max())


def gas_ledger(life: Dissolution) -> Ledger:
    """Balance the gas of a life up to its last step.

    Notes
    -----
    The outflow is evaluated again in physical variables (`outflow`) and summed by Gauss–Legendre quadrature over √t
    between the steps; the life itself was integrated as radius and mole fractions over another variable.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    roots = np.sqrt(life.times)
    middle, half = 0.5 * (roots[1:] + roots[:-1]), 0.5 * np.diff(roots)
    at = (middle[:, None] + half[:, None] * nodes).ravel()
    share = 2.0 * at * (half[:, None] * weights).ravel()
    # A point rounded up to the very last instant would see a bubble that is gone already.
    inside = (at > 0.0) & (at**2 < life.times[-1])
    at, share = at[inside], share[inside]
    radius, contents = life.radius_at(at**2), life.contents_at(at**2)
    flows = np.array([
        outflow(Bubbles(life.start.number, held), life.surroundings, float(size), float(root) ** 2,
                transient=life.transient)
        for held, size, root in zip(contents, radius, at, strict=True)
    ])  # fmt: skip
    moved = flows * share[:, None]
    escaped, left = moved.sum(axis=0), life.contents_at(life.times[-1:])[0]
    scale = np.maximum(life.start.contents, np.abs(moved).sum(axis=0))
    missing = life.start.contents - left - escaped
    error = np.divide(missing, scale, out=np.zeros_like(missing), where=scale > 0.0)
    return Ledger(frozen(life.start.contents), frozen(left), frozen(escaped), frozen(error))
