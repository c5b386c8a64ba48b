"""d(mv)/dt and d(RJω)/dt: the inertia of rigid bodies, integrated in time from the term's own memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.tensors import rotation_vector, skew
from fem.terms.backward import AT_REST, RELEASED, BackwardDifference, backward_difference
from fem.terms.spins import inverse_left_jacobian
from fem.terms.term import Configuration, Contribution

#: Turn in one step [rad] below which the tangent leaves out what gyration makes asymmetric. It is the turn itself
#: relative to the term's own stiffness, so that Newton still gains a digit and a half an iteration or more.
_SMALL_TURN = 3e-2
_PARTS = ("centre", "rotation", "motion", "turn", "momentum", "momentum_change", "step")


class _Motion(NamedTuple):
    """Mass centres (e, 3) [mm], rotations (e, 3, 3), changes of centre and turn (e, 3), momenta (e, 2, 3).

    `step` (2,) [s] is how long the last step took, for the formula of the velocities and for that of the balance.
    """

    centre: FloatArray
    rotation: FloatArray
    motion: FloatArray
    turn: FloatArray
    momentum: FloatArray
    momentum_change: FloatArray
    step: FloatArray


@dataclass(frozen=True, slots=True)
class InertiaTerm:
    """Rigid bodies with mass.

    Parameters
    ----------
    name : unique name.
    bodies : (e, 1) body numbers.
    mass : (e,) [t]
    inertia : (e, 3, 3) [t mm²] inertia tensors about the mass centres, in body axes.
    centre : (e, 3) [mm] mass centres from the bodies' origins, in body axes.

    Notes
    -----
    Momentum p = m v and angular momentum L = R J ω about the mass centre, v and ω by backward differences of places
    and of turns θ = log(R_nᵀ R_{n+1}), ṗ and L̇ by the same formula (`backward_difference`), so that without force
    both momenta stay as they are, to rounding. Second order; fast oscillations that the step cannot resolve die out.
    The energy is the kinetic one. In a static phase (no time elapsed) the term does nothing and remembers rest.
    """

    name: str
    bodies: IntArray
    mass: FloatArray
    inertia: FloatArray
    centre: FloatArray

    @property
    def points(self) -> IntArray:
        """No points, (e, 0)."""
        return self.bodies[:, :0]

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return the kinetic energy, force (e, 6) and stiffness (e, 6, 6)."""
        if configuration.elapsed == 0.0:
            stiffness = np.zeros((len(self.mass), 6, 6)) if tangent else None
            return Contribution(
                0.0, np.zeros((len(self.mass), 6)), stiffness, history=self.resting(configuration)
            )
        before = self._remembered(configuration)
        kinematic, rule = (backward_difference(configuration.elapsed, float(step)) for step in before.step)
        now, speeds = self._moved(configuration, before, kinematic)
        balance = rule.rate(now.momentum_change, before.momentum_change)
        arm = now.centre - configuration.origins[self.bodies[:, 0]]
        force = np.concatenate([balance[:, 0], balance[:, 1] + np.cross(arm, balance[:, 0])], axis=1)
        energy = 0.5 * float(np.sum(now.momentum * speeds))
        history = self._history(now)
        if not tangent:
            return Contribution(energy, force, history=history)
        stiffness, asymmetric = self._tangent(now, arm, balance, (kinematic.new, rule.new))
        gyrates = float(np.linalg.norm(now.turn, axis=1).max(initial=0.0)) > _SMALL_TURN
        return Contribution(energy, force, stiffness, asymmetric if gyrates else None, history=history)

    def resting(self, configuration: Configuration) -> Mapping[str, FloatArray]:
        """Return the memory of bodies that have not moved before."""
        zero, pair = np.zeros((len(self.mass), 3)), np.zeros((len(self.mass), 2, 3))
        steps = np.full(2, AT_REST)
        return self._history(_Motion(*self._places(configuration), zero, zero, pair, pair, steps))

    def moving(
        self,
        configuration: Configuration,
        velocity: FloatArray,
        spin: FloatArray,
        step: float,
        abrupt: bool = False,
    ) -> Mapping[str, FloatArray]:
        """Return the memory of bodies that have moved freely over a `step` [s] before, for the first state's history.

        Mass centres have `velocity` (e, 3) [mm/s] and bodies `spin` (e, 3) [rad/s], both in space axes. Forces set in
        from zero; where they are there at once, say `abrupt`, and the balance begins with backward Euler.
        """
        centre, rotation = self._places(configuration)
        own = np.einsum("eji,ej->ei", rotation, np.asarray(spin))
        angular = np.einsum("eij,ej->ei", self.inertia, own)
        # Euler's equations of the free body: J ω̇ = −ω × J ω; the earlier turn was shorter by half a step of it.
        gained = -np.linalg.solve(self.inertia, np.cross(own, angular)[..., None])[..., 0]
        turn = step * own - 0.5 * step**2 * gained
        momentum = np.stack(
            [self.mass[:, None] * velocity, np.einsum("eij,ej->ei", rotation, angular)], axis=1
        )
        steps = np.array([step, RELEASED if abrupt else step])
        motion = step * np.asarray(velocity, dtype=np.float64)
        return self._history(_Motion(centre, rotation, motion, turn, momentum, 0.0 * momentum, steps))

    def momenta(self, history: Mapping[str, FloatArray]) -> FloatArray:
        """Return momentum [t mm/s] and angular momentum about the mass centre [t mm²/s], (e, 2, 3), in space axes."""
        return history[f"{self.name}.momentum"]

    def _history(self, motion: _Motion) -> dict[str, FloatArray]:
        return {f"{self.name}.{part}": value for part, value in zip(_PARTS, motion, strict=True)}

    def _remembered(self, configuration: Configuration) -> _Motion:
        names = [f"{self.name}.{part}" for part in _PARTS]
        if not all(name in configuration.history for name in names):
            raise ValueError(
                f"{self.name} does not remember where its bodies were; begin with a converged static step, or put "
                "`resting` or `moving` of the term into the history of the first state"
            )
        return _Motion(*(configuration.history[name] for name in names))

    def _places(self, configuration: Configuration) -> tuple[FloatArray, FloatArray]:
        """Return mass centres (e, 3) and rotations (e, 3, 3)."""
        body = self.bodies[:, 0]
        rotation = configuration.rotations[body]
        return configuration.origins[body] + np.einsum("eij,ej->ei", rotation, self.centre), rotation

    def _moved(
        self, configuration: Configuration, before: _Motion, rule: BackwardDifference
    ) -> tuple[_Motion, FloatArray]:
        """Return the motion at the end of the step, and velocity and spin (e, 2, 3) in space axes."""
        centre, rotation = self._places(configuration)
        motion = centre - before.centre
        turn = rotation_vector(np.swapaxes(before.rotation, 1, 2) @ rotation)
        velocity, spin = rule.rate(motion, before.motion), rule.rate(turn, before.turn)
        angular = np.einsum("eij,ejk,ek->ei", rotation, self.inertia, spin)
        momentum = np.stack([self.mass[:, None] * velocity, angular], axis=1)
        step = np.full(2, configuration.elapsed)
        now = _Motion(centre, rotation, motion, turn, momentum, momentum - before.momentum, step)
        return now, np.stack([velocity, np.einsum("eij,ej->ei", rotation, spin)], axis=1)

    def _tangent(
        self, now: _Motion, arm: FloatArray, balance: FloatArray, rates: tuple[float, float]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the symmetric tangent (e, 6, 6) and what the gyration adds to it, antisymmetric.

        `rates` [1/s]: velocity by place, and force by momentum.
        """
        twice, once = rates[0] * rates[1], rates[1]
        mass = (twice * self.mass)[:, None, None]
        r, f = skew(arm), skew(balance[:, 0])
        turned = now.rotation @ self.inertia @ np.swapaxes(inverse_left_jacobian(now.turn), 1, 2)
        gyration = twice * turned @ np.swapaxes(now.rotation, 1, 2) - once * skew(now.momentum[:, 1])
        spin = f @ r - mass * (r @ r) + gyration
        stiffness = np.zeros((len(arm), 6, 6))
        stiffness[:, :3, :3] = mass * np.eye(3)
        stiffness[:, :3, 3:], stiffness[:, 3:, :3] = -mass * r, mass * r
        stiffness[:, 3:, 3:] = 0.5 * (spin + np.swapaxes(spin, 1, 2))
        asymmetric = np.zeros_like(stiffness)
        rest = gyration - np.swapaxes(gyration, 1, 2) + skew(balance[:, 1])
        asymmetric[:, 3:, 3:] = 0.25 * (rest - np.swapaxes(rest, 1, 2))
        return stiffness, asymmetric
