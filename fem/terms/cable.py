"""Σ T δl: strands of ligaments, follower load, any poly-line that pulls its points together."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.materials.law import CableLaw
from fem.terms.curve import Curve
from fem.terms.term import Configuration, Contribution, no_bodies


class CableGeometry(NamedTuple):
    """Length (f,) [mm], its gradient (f, 3k) and Hessian (f, 3k, 3k) with respect to the k points."""

    length: FloatArray
    gradient: FloatArray
    hessian: FloatArray | None


@dataclass(frozen=True, slots=True)
class CableTerm:
    """Cables through k points each, with a tension that depends on the whole length.

    Parameters
    ----------
    name : unique name.
    points : (f, k) material points along each cable.
    law : tension of length.
    curve : factor in time on the tension, or None for 1.

    Notes
    -----
    Π = Σ E(l), force T ∂l/∂x, stiffness dT/dl ∂l/∂x ⊗ ∂l/∂x + T ∂²l/∂x².
    """

    name: str
    points: IntArray
    law: CableLaw
    curve: Curve | None = None

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
        force = factor * response.tension[:, None] * geometry.gradient
        if geometry.hessian is None:
            return Contribution(energy, force)
        outer = geometry.gradient[:, :, None] * geometry.gradient[:, None, :]
        stiffness = response.stiffness[:, None, None] * outer
        stiffness += response.tension[:, None, None] * geometry.hessian
        return Contribution(energy, force, factor * stiffness)

    def lengths(self, positions: FloatArray) -> FloatArray:
        """Return the lengths (f,) [mm] at current positions (p, 3)."""
        return cable_geometry(positions[self.points], False).length

    def tensions(self, positions: FloatArray, time: float) -> FloatArray:
        """Return the tensions (f,) [N] at current positions (p, 3)."""
        factor = 1.0 if self.curve is None else self.curve(time)
        return factor * self.law.respond(self.lengths(positions)).tension


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
