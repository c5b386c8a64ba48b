"""Dead forces on points, pure moments on bodies, displacements of points and rotations of bodies prescribed."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.tensors import rotation_vector, skew
from fem.terms.curve import Curve
from fem.terms.spins import inverse_left_jacobian, spin_gradient
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
    The energy is the Lagrangian's λ (n·(x − X) − u), zero once the condition holds.
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
        """Return the constraint, the force λ n of its multiplier and their energy."""
        multiplier = configuration.internal.get(self.name, np.zeros(1))
        moved = configuration.positions[self.points[:, 0]] - self.start
        gap = moved @ self.direction - self.curve(configuration.time) * self.value
        gradient = self.direction[None, :].copy()
        force = multiplier[:, None] * gradient
        stiffness = np.zeros((1, 3, 3)) if tangent else None
        energy = float(multiplier @ gap)
        return Contribution(energy, force, stiffness, constraint=Constraint(gap, gradient))


@dataclass(frozen=True, slots=True)
class RotationTerm:
    """The rotation of a body about a unit axis (3,) is `value` [rad] times `curve`; its other motions stay free.

    Notes
    -----
    Condition a·θ − φ(t) = 0 on the rotation vector θ of the body, exp(skew θ) = R, with a multiplier, the moment about
    the axis. Its gradient in spin increments is g = J⁻ᵀ a, J⁻¹ = I − ½ [θ] + c [θ]² the inverse left Jacobian of the
    rotation group, c = 1/θ² − cot(θ/2)/(2θ) (Chirikjian, Stochastic Models, vol. 2, 2011, eq. 10.86).
    """

    name: str
    body: int
    axis: FloatArray
    value: float
    curve: Curve

    @property
    def points(self) -> IntArray:
        """No points, (1, 0)."""
        return np.zeros((1, 0), dtype=np.int64)

    @property
    def bodies(self) -> IntArray:
        """The turned body, (1, 1)."""
        return np.array([[self.body]])

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return the constraint, the moment λ g of its multiplier and its geometric stiffness."""
        theta = rotation_vector(configuration.rotations[self.body])
        multiplier = float(configuration.internal.get(self.name, np.zeros(1))[0])
        gap = np.array([self.axis @ theta - self.curve(configuration.time) * self.value])
        gradient, by_theta = spin_gradient(theta, self.axis)
        local = np.zeros((1, 6))
        local[0, 3:] = gradient
        stiffness = None
        if tangent:
            stiffness = np.zeros((1, 6, 6))
            slope = by_theta @ inverse_left_jacobian(theta)
            stiffness[0, 3:, 3:] = multiplier * 0.5 * (slope + slope.T)
        return Contribution(0.0, multiplier * local, stiffness, constraint=Constraint(gap, local))
