"""½ d·K d + ½ θ·K θ: elastic joints of six degrees between two bodies, with Kelvin damping."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.tensors import rotation_vector, skew
from fem.terms.backward import AT_REST, BackwardDifference, backward_difference
from fem.terms.spins import inverse_left_jacobian, spin_gradient
from fem.terms.term import Configuration, Contribution

_PARTS = ("deformation", "change", "viscous_force", "step")


class _Memory(NamedTuple):
    """Deformation, its last change and the viscous force (e, 6); how long the last step took (1,) [s]."""

    deformation: FloatArray
    change: FloatArray
    viscous: FloatArray
    step: FloatArray


class _Joint(NamedTuple):
    """Where the joints stand: space-to-joint rotation (e, 3, 3), arms to the upper place (e, 3), deformation (e, 6)."""

    axes: FloatArray
    lower_arm: FloatArray
    upper_arm: FloatArray
    deformation: FloatArray


@dataclass(frozen=True, slots=True)
class BushingTerm:
    """Elastic joints: a bush that resists every relative motion of two bodies.

    Parameters
    ----------
    name : unique name.
    bodies : (e, 2) lower and upper body.
    place : (e, 2, 3) [mm] the joint's place from the origin of either body, in its axes.
    axes : (e, 3, 3) columns are the joint's axes, in the axes of the lower body.
    stiffness : (e, 6) three of translation [N/mm] and three of rotation [N mm/rad], about the joint's axes.
    damping : (e,) [s] viscous force per force at unit rate: Kelvin's damping time.

    Notes
    -----
    Deformation q: the way d from place to place and the rotation vector θ of upper in lower body, both in the joint's
    axes, which the lower body carries. Π = ½ Σ K q²; on top of its gradient a viscous force τ K q̇, q̇ by backward
    differences (`backward_difference`). Work done against it is lost: ½ (f_n + f_{n+1}) Δq.
    """

    name: str
    bodies: IntArray
    place: FloatArray
    axes: FloatArray
    stiffness: FloatArray
    damping: FloatArray

    @property
    def points(self) -> IntArray:
        """No points, (e, 0)."""
        return self.bodies[:, :0]

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return energy, force (e, 12) and stiffness (e, 12, 12): lower body, then upper."""
        joint = self._joint(configuration)
        before = self._before(configuration, joint)
        change = joint.deformation - before.deformation
        viscous, slope = np.zeros_like(change), np.zeros_like(change)
        lost = 0.0
        if configuration.elapsed > 0.0:
            rule = backward_difference(configuration.elapsed, float(before.step[0]))
            viscous, slope = self._viscous(change, before, rule)
            lost = 0.5 * float(np.sum((viscous + before.viscous) * change))
        now = _Memory(joint.deformation, change, viscous, np.array([configuration.elapsed]))
        load = self.stiffness * joint.deformation + viscous
        energy = 0.5 * float(np.sum(self.stiffness * joint.deformation**2))
        gradient = _gradient(joint)
        force = np.einsum("eqi,eq->ei", gradient, load)
        stiffness = None
        if tangent:
            material = np.einsum("eqi,eq,eqj->eij", gradient, self.stiffness + slope, gradient)
            whole = material + _geometric(joint, load)
            stiffness = 0.5 * (whole + np.swapaxes(whole, 1, 2))
        return Contribution(energy, force, stiffness, history=self._history(now), lost=lost)

    def deformation(self, configuration: Configuration) -> FloatArray:
        """Return the way [mm] and the rotation vector [rad] (e, 6) of the upper in the lower body, joint's axes."""
        return self._joint(configuration).deformation

    def _joint(self, configuration: Configuration) -> _Joint:
        lower, upper = self.bodies.T
        turn, origin = configuration.rotations, configuration.origins
        axes = np.swapaxes(turn[lower] @ self.axes, 1, 2)
        upper_arm = np.einsum("eij,ej->ei", turn[upper], self.place[:, 1])
        lower_arm = origin[upper] + upper_arm - origin[lower]
        own = np.einsum("eji,ej->ei", self.axes, self.place[:, 0])
        way = np.einsum("eij,ej->ei", axes, lower_arm) - own
        rotation = rotation_vector(axes @ turn[upper] @ self.axes)
        return _Joint(axes, lower_arm, upper_arm, np.concatenate([way, rotation], axis=1))

    def _viscous(
        self, change: FloatArray, before: _Memory, rule: BackwardDifference
    ) -> tuple[FloatArray, FloatArray]:
        """Return the viscous force (e, 6) and its derivative by the deformation (e, 6)."""
        viscosity = self.damping[:, None] * self.stiffness
        return viscosity * rule.rate(change, before.change), rule.new * viscosity

    def _before(self, configuration: Configuration, joint: _Joint) -> _Memory:
        zero = np.zeros_like(joint.deformation)
        rest = _Memory(joint.deformation, zero, zero, np.array([AT_REST]))
        if configuration.elapsed == 0.0:
            return rest
        history: Mapping[str, FloatArray] = configuration.history
        return _Memory(*(history.get(f"{self.name}.{p}", r) for p, r in zip(_PARTS, rest, strict=True)))

    def _history(self, memory: _Memory) -> dict[str, FloatArray]:
        return {f"{self.name}.{part}": value for part, value in zip(_PARTS, memory, strict=True)}


def _gradient(joint: _Joint) -> FloatArray:
    """Return the derivative (e, 6, 12) of the deformation by shift and spin of lower and upper body."""
    S = joint.axes
    out = np.zeros((len(S), 6, 12))
    out[:, :3, :3], out[:, :3, 3:6] = -S, S @ skew(joint.lower_arm)
    out[:, :3, 6:9], out[:, :3, 9:] = S, -S @ skew(joint.upper_arm)
    spin = inverse_left_jacobian(joint.deformation[:, 3:]) @ S
    out[:, 3:, 3:6], out[:, 3:, 9:] = -spin, spin
    return out


def _geometric(joint: _Joint, load: FloatArray) -> FloatArray:
    """Return what the change of the gradient adds to the stiffness, (e, 12, 12), under loads (e, 6)."""
    S, theta = joint.axes, joint.deformation[:, 3:]
    back = np.swapaxes(S, 1, 2)
    f = skew(np.einsum("eij,ej->ei", back, load[:, :3]))
    moment, by_theta = spin_gradient(theta, load[:, 3:])
    m = skew(np.einsum("eij,ej->ei", back, moment))
    bend = back @ by_theta @ inverse_left_jacobian(theta) @ S
    s, r = skew(joint.lower_arm), skew(joint.upper_arm)
    out = np.zeros((len(S), 12, 12))
    out[:, :3, 3:6], out[:, 6:9, 3:6] = f, -f
    out[:, 3:6, :3], out[:, 3:6, 6:9], out[:, 3:6, 9:] = -f, f, -f @ r - bend
    out[:, 3:6, 3:6] = s @ f + m + bend
    out[:, 9:, 3:6], out[:, 9:, 9:] = -r @ f - m - bend, f @ r + bend
    return out
