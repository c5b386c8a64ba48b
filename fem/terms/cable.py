"""Σ T δl: strands of ligaments, follower load, any poly-line that pulls its points together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.materials.law import CableLaw, CableResponse
from fem.materials.relaxation import PronySeries
from fem.terms.curve import Curve
from fem.terms.term import Configuration, Contribution, no_bodies


class CableGeometry(NamedTuple):
    """Length (f,) [mm], its gradient (f, 3k) and Hessian (f, 3k, 3k) with respect to the k points."""

    length: FloatArray
    gradient: FloatArray
    hessian: FloatArray | None


class _Pull(NamedTuple):
    """Tension (f,) [N], its slope (f,) [N/mm], what to remember, energy [N mm] turned into heat."""

    tension: FloatArray
    slope: FloatArray
    memory: Mapping[str, FloatArray] | None = None
    lost: float = 0.0


#: Columns of a cable's memory before those of the branches: length and static tension.
_BEFORE_BRANCHES = 2


@dataclass(frozen=True, slots=True)
class CableTerm:
    """Cables through k points each, with a tension that depends on the whole length.

    Parameters
    ----------
    name : unique name.
    points : (f, k) material points along each cable.
    law : tension of length.
    curve : factor in time on the tension, or None for 1.
    relaxation : branches (f, b) or (b,) of overstress on the tension, or None where rates play no part.
    labels : which each cable is, in words; may be left out.

    Notes
    -----
    Π = Σ E(l), force T ∂l/∂x, stiffness dT/dl ∂l/∂x ⊗ ∂l/∂x + T ∂²l/∂x².

    With `relaxation` the tension during a step in time is max(T + Σ Q, 0), Q as in `PronySeries`: a strand that is
    let go faster than it recovers goes slack, it never pushes. History ``<name>, overstress`` (f, 2 + b): length
    [mm], static tension [N], Q of each branch [N]. Without history, or with no time elapsed, the law acts alone and
    what is returned is at rest here. The energy is the law's; all work of the overstress counts as lost.
    """

    name: str
    points: IntArray
    law: CableLaw
    curve: Curve | None = None
    relaxation: PronySeries | None = None
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.curve is not None and self.relaxation is not None:
            raise ValueError(f"cable {self.name}: a tension driven by a curve in time cannot relax as well")

    @property
    def bodies(self) -> IntArray:
        """No bodies, (f, 0)."""
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return energy, force (f, 3k) and stiffness (f, 3k, 3k)."""
        geometry = cable_geometry(configuration.positions[self.points], tangent)
        response = self.law.respond(geometry.length)
        factor = 1.0 if self.curve is None else self.curve(configuration.time)
        energy = factor * float(np.sum(response.energy))
        pull = self._pull(configuration, geometry.length, response)
        force = factor * pull.tension[:, None] * geometry.gradient
        if geometry.hessian is None:
            return Contribution(energy, force, history=pull.memory, lost=pull.lost)
        outer = geometry.gradient[:, :, None] * geometry.gradient[:, None, :]
        stiffness = pull.slope[:, None, None] * outer
        stiffness += pull.tension[:, None, None] * geometry.hessian
        return Contribution(energy, force, factor * stiffness, history=pull.memory, lost=pull.lost)

    def lengths(self, positions: FloatArray) -> FloatArray:
        """Return the lengths (f,) [mm] at current positions (p, 3)."""
        return cable_geometry(positions[self.points], False).length

    def tensions(
        self, positions: FloatArray, time: float, history: Mapping[str, FloatArray] | None = None
    ) -> FloatArray:
        """Return the tensions (f,) [N] at current positions (p, 3).

        With the `history` that was adopted there, overstress included; without it the law's tension alone.
        """
        factor = 1.0 if self.curve is None else self.curve(time)
        tension = factor * self.law.respond(self.lengths(positions)).tension
        memory = (history or {}).get(self._overstress)
        return tension if memory is None else _never_pushing(tension, memory)

    @property
    def _overstress(self) -> str:
        return f"{self.name}, overstress"

    def _pull(self, configuration: Configuration, length: FloatArray, static: CableResponse) -> _Pull:
        """Return tension and slope with what relaxation adds to the law's; nothing, if time stands still."""
        if self.relaxation is None:
            return _Pull(static.tension, static.stiffness)
        past = configuration.history.get(self._overstress)
        memory = np.zeros((len(length), _BEFORE_BRANCHES + self.relaxation.count))
        memory[:, 0], memory[:, 1] = length, static.tension
        if past is None or configuration.elapsed == 0.0:
            return _Pull(static.tension, static.stiffness, {self._overstress: memory})
        decay, gain = self.relaxation.recursion(configuration.elapsed)
        change = static.tension - past[:, 1]
        memory[:, _BEFORE_BRANCHES:] = decay * past[:, _BEFORE_BRANCHES:] + gain * change[:, None]
        tension, before = _never_pushing(static.tension, memory), _never_pushing(past[:, 1], past)
        slope = np.where(tension > 0.0, (1.0 + gain.sum(axis=-1)) * static.stiffness, 0.0)
        extra = 0.5 * (tension - static.tension + before - past[:, 1])
        lost = float(np.sum(extra * (length - past[:, 0])))
        return _Pull(tension, slope, {self._overstress: memory}, lost)


def _never_pushing(static: FloatArray, memory: FloatArray) -> FloatArray:
    """Return the tension (f,) [N]: static plus overstress, zero where a strand let go has not recovered yet."""
    return np.asarray(np.maximum(static + memory[:, _BEFORE_BRANCHES:].sum(axis=1), 0.0))


def cable_geometry(points: FloatArray, hessian: bool) -> CableGeometry:
    """Return the length of poly-lines through points (f, k, 3) and its derivatives."""
    count, k = points.shape[:2]
    gradient = np.zeros((count, k, 3))
    matrix = np.zeros((count, k, 3, k, 3)) if hessian else None
    length = np.zeros(count)
    for i in range(k - 1):
        edge = points[:, i + 1] - points[:, i]
        size = np.linalg.norm(edge, axis=1)
        unit = edge / size[:, None]
        length += size
        gradient[:, i] -= unit
        gradient[:, i + 1] += unit
        if matrix is not None:
            across = (np.eye(3) - unit[:, :, None] * unit[:, None, :]) / size[:, None, None]
            for a, b, sign in ((i, i, 1), (i + 1, i + 1, 1), (i, i + 1, -1), (i + 1, i, -1)):
                matrix[:, a, :, b, :] += sign * across
    flat = None if matrix is None else matrix.reshape(count, 3 * k, 3 * k)
    return CableGeometry(length, gradient.reshape(count, 3 * k), flat)
