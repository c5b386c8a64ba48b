"""Dead forces on material points, pure moments on bodies, displacements prescribed at material points."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.tensors import skew
from fem.terms.curve import Curve
from fem.terms.term import Configuration, Constraint, Contribution, no_bodies


@dataclass(frozen=True, slots=True)
class ForceTerm:
    """Forces (e, 3) [N] fixed in space on points (e, 1), times `curve`."""

    name: str
    points: IntArray
    forces: FloatArray
    curve: Curve

    @property
    def bodies(self) -> IntArray:
        """No bodies, (e, 0)."""
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return the potential −f·x, force (e, 3) = −f and zero stiffness."""
        forces = self.curve(configuration.time) * self.forces
        energy = -float(np.sum(forces * configuration.positions[self.points[:, 0]]))
        stiffness = np.zeros((len(forces), 3, 3)) if tangent else None
        return Contribution(energy, -forces, stiffness)


@dataclass(frozen=True, slots=True)
class MomentTerm:
    """A pure moment (3,) [N mm] fixed in space on one body, times `curve`.

    Notes
    -----
    Such a moment has no potential (its work depends on the path), so its tangent in spin increments has an
    antisymmetric part −½ skew(M); the solver adds it as a correction of rank two.
    """

    name: str
    body: int
    moment: FloatArray
    curve: Curve

    @property
    def points(self) -> IntArray:
        """No points, (1, 0)."""
        return np.zeros((1, 0), dtype=np.int64)

    @property
    def bodies(self) -> IntArray:
        """The loaded body, (1, 1)."""
        return np.array([[self.body]])

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return force (1, 6) = −M on the spin; energy is left at zero."""
        moment = self.curve(configuration.time) * self.moment
        force = np.zeros((1, 6))
        force[0, 3:] = -moment
        if not tangent:
            return Contribution(0.0, force)
        asymmetric = np.zeros((1, 6, 6))
        asymmetric[0, 3:, 3:] = -0.5 * skew(moment)
        return Contribution(0.0, force, np.zeros((1, 6, 6)), asymmetric)


@dataclass(frozen=True, slots=True)
class DisplacementTerm:
    """The displacement of a point along a unit direction (3,) is `value` [mm] times `curve`; the rest is free.

    Notes
    -----
    Condition n·(x − X) − u(t) = 0 with a multiplier λ, the force on the point along −n; λ is found by the solver.
    """

    name: str
    points: IntArray
    start: FloatArray
    direction: FloatArray
    value: float
    curve: Curve

    @property
    def bodies(self) -> IntArray:
        """No bodies, (1, 0)."""
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return the constraint and the force λ n of its multiplier."""
        multiplier = configuration.internal.get(self.name, np.zeros(1))
        moved = configuration.positions[self.points[:, 0]] - self.start
        gap = moved @ self.direction - self.curve(configuration.time) * self.value
        gradient = self.direction[None, :].copy()
        force = multiplier[:, None] * gradient
        stiffness = np.zeros((1, 3, 3)) if tangent else None
        return Contribution(0.0, force, stiffness, constraint=Constraint(gap, gradient))
