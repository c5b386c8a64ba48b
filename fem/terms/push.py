"""A hand that travels: a spring that only pushes, between a prescribed motion and the bone under the hand."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.terms.curve import Curve
from fem.terms.term import Configuration, Contribution, no_bodies

#: Two times [s] closer than this are one: the ends of phases are sums of their durations.
_INSTANT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class PushTerm:
    """A displacement-controlled thrust on weighted points.

    Parameters
    ----------
    name : unique name.
    points : (1, k) material points under the hand.
    weights : (k,) share of each in the contact; their sum is 1.
    direction : (3,) unit vector along which the hand travels.
    travel : way [mm] of the hand since it began, in time.
    stiffness : [N/mm] of the contact, hand and soft tissue together.
    begins : [s] from then on the hand travels; before, it rests without force on whatever is under it.
    rest : [mm] mean place Σ w d·X of the points in the reference posture: where the hand starts when no converged
        state at or before `begins` is known, as in the very first phase.
    onset : [mm] indentation over which the contact stiffens from zero to `stiffness`; 0 for none.

    Notes
    -----
    With the mean place s = Σ w_i d·x_i and its value s₀ at `begins`, the hand indents the contact by δ = s₀ + u(t) − s
    and pushes with F(δ): 0 for δ ≤ 0, k δ²/2ε up to the onset ε, then k (δ − ε/2). Π = ∫F dδ, the force on point i is
    w_i F d, and the stiffness F' w_i w_j d ⊗ d. Kept in the history: s₀, under ``<name> start``.
    """

    name: str
    points: IntArray
    weights: FloatArray
    direction: FloatArray
    travel: Curve
    stiffness: float
    begins: float
    rest: float
    onset: float = 0.0

    @property
    def bodies(self) -> IntArray:
        """No bodies, (1, 0)."""
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return energy, force (1, 3k), stiffness (1, 3k, 3k) and the place at which the hand began."""
        energy, push, slope = self._response(self.indentation(configuration))
        gradient = np.outer(self.weights, self.direction).ravel()
        stiffness = slope * np.outer(gradient, gradient)[None] if tangent else None
        history = {self._key: np.array([self._place(configuration)])} if self._waits(configuration) else None
        return Contribution(energy, -push * gradient[None], stiffness, history=history)

    def force(self, configuration: Configuration) -> float:
        """Return the push [N] of the hand."""
        return self._response(self.indentation(configuration))[1]

    def indentation(self, configuration: Configuration) -> float:
        """Return δ [mm], negative where the hand has lost the bone; 0 before the hand begins."""
        if self._waits(configuration):
            return 0.0
        start = float(configuration.history.get(self._key, np.array([self.rest]))[0])
        return start + self.travel(configuration.time) - self._place(configuration)

    @property
    def _key(self) -> str:
        return f"{self.name} start"

    def _waits(self, configuration: Configuration) -> bool:
        return configuration.time <= self.begins + _INSTANT

    def _place(self, configuration: Configuration) -> float:
        return float(self.weights @ (configuration.positions[self.points[0]] @ self.direction))

    def _response(self, depth: float) -> tuple[float, float, float]:
        """Return energy [N mm], push [N] and its slope [N/mm] at an indentation [mm]."""
        k, onset = self.stiffness, self.onset
        if depth <= 0.0:
            return 0.0, 0.0, 0.0
        if depth < onset:
            return k * depth**3 / (6.0 * onset), k * depth**2 / (2.0 * onset), k * depth / onset
        past = depth - onset / 2.0
        return 0.5 * k * past**2 + k * onset**2 / 24.0, k * past, k
