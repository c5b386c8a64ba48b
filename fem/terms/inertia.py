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
#: relative to the term's own stiffness, so Newton then gains at least two digits an iteration instead of doubling them.
_SMALL_TURN = 1e-2
_PARTS = ("centre", "rotation", "motion", "turn", "momentum", "momentum change", "step")


class _Motion(NamedTuple):
    """Mass centres (e, 3) [mm], rotations (e, 3, 3), changes of centre and turn (e, 3), momenta (e, 2, 3)."""

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
        rule = backward_difference(configuration.elapsed, float(before.step[0]))
        now, speeds = self._moved(configuration, before, rule)
        balance = rule.rate(now.momentum_change, before.momentum_change)
        arm = now.centre - configuration.origins[self.bodies[:, 0]]
        force = np.concatenate([balance[:, 0], balance[:, 1] + np.cross(arm, balance[:, 0])], axis=1)
        energy = 0.5 * float(np.sum(now.momentum * speeds))
        history = self._history(now)
        if not tangent:
            return Contribution(energy, force, history=history)
        stiffness, asymmetric = self._tangent(now, arm, balance, rule)
        gyrates = float(np.linalg.norm(now.turn, axis=1).max(initial=0.0)) > _SMALL_TURN
        return Contribution(energy, force, stiffness, asymmetric if gyrates else None, history=history)

    def resting(self, configuration: Configuration) -> Mapping[str, FloatArray]:
        """Return the memory of bodies that have not moved before."""
        return self._still(configuration, AT_REST)

    def moving(
        self, configuration: Configuration, velocity: FloatArray, spin: FloatArray
    ) -> Mapping[str, FloatArray]:
        """Return the memory of bodies that move: mass centres with `velocity` (e, 3) [mm/s], `spin` (e, 3) [rad/s].

        Both in space axes. What follows begins abruptly: forces may act at once.
        """
        still = self._still(configuration, RELEASED)
        rotation = still[f"{self.name} rotation"]
        inertia = rotation @ self.inertia @ np.swapaxes(rotation, 1, 2)
        momentum = np.stack(
            [self.mass[:, None] * velocity, np.einsum("eij,ej->ei", inertia, np.asarray(spin))], axis=1
        )
        return {**still, f"{self.name} momentum": momentum}

    def momenta(self, history: Mapping[str, FloatArray]) -> FloatArray:
        """Return momentum [t mm/s] and angular momentum about the mass centre [t mm²/s], (e, 2, 3), in space axes."""
        return history[f"{self.name} momentum"]

    def _still(self, configuration: Configuration, step: float) -> dict[str, FloatArray]:
        rotation = configuration.rotations[self.bodies[:, 0]]
        zero = np.zeros((len(self.mass), 3))
        pair = np.zeros((len(self.mass), 2, 3))
        return self._history(
            _Motion(self._centres(configuration), rotation, zero, zero, pair, pair, np.array([step]))
        )

    def _history(self, motion: _Motion) -> dict[str, FloatArray]:
        return {f"{self.name} {part}": value for part, value in zip(_PARTS, motion, strict=True)}

    def _remembered(self, configuration: Configuration) -> _Motion:
        names = [f"{self.name} {part}" for part in _PARTS]
        if not all(name in configuration.history for name in names):
            raise ValueError(
                f"{self.name} does not remember where its bodies were; begin with a converged static step, or put "
                "`resting` or `moving` of the term into the history of the first state"
            )
        return _Motion(*(configuration.history[name] for name in names))

    def _centres(self, configuration: Configuration) -> FloatArray:
        body = self.bodies[:, 0]
        arm = np.einsum("eij,ej->ei", configuration.rotations[body], self.centre)
        return np.asarray(configuration.origins[body] + arm)

    def _moved(
        self, configuration: Configuration, before: _Motion, rule: BackwardDifference
    ) -> tuple[_Motion, FloatArray]:
        """Return the motion at the end of the step, and velocity and spin (e, 2, 3) in space axes."""
        rotation = configuration.rotations[self.bodies[:, 0]]
        centre = self._centres(configuration)
        motion = centre - before.centre
        turn = rotation_vector(np.swapaxes(before.rotation, 1, 2) @ rotation)
        velocity, spin = rule.rate(motion, before.motion), rule.rate(turn, before.turn)
        angular = np.einsum("eij,ejk,ek->ei", rotation, self.inertia, spin)
        momentum = np.stack([self.mass[:, None] * velocity, angular], axis=1)
        step = np.array([configuration.elapsed])
        now = _Motion(centre, rotation, motion, turn, momentum, momentum - before.momentum, step)
        return now, np.stack([velocity, np.einsum("eij,ej->ei", rotation, spin)], axis=1)

    def _tangent(
        self, now: _Motion, arm: FloatArray, balance: FloatArray, rule: BackwardDifference
    ) -> tuple[FloatArray, FloatArray]:
        """Return the symmetric tangent (e, 6, 6) and what the gyration adds to it, antisymmetric."""
        mass = (rule.new**2 * self.mass)[:, None, None]
        r, f = skew(arm), skew(balance[:, 0])
        turned = now.rotation @ self.inertia @ np.swapaxes(inverse_left_jacobian(now.turn), 1, 2)
        gyration = rule.new**2 * turned @ np.swapaxes(now.rotation, 1, 2)
        gyration -= rule.new * skew(now.momentum[:, 1])
        spin = f @ r - mass * (r @ r) + gyration
        stiffness = np.zeros((len(arm), 6, 6))
        stiffness[:, :3, :3] = mass * np.eye(3)
        stiffness[:, :3, 3:], stiffness[:, 3:, :3] = -mass * r, mass * r
        stiffness[:, 3:, 3:] = 0.5 * (spin + np.swapaxes(spin, 1, 2))
        asymmetric = np.zeros_like(stiffness)
        rest = 0.5 * (gyration - np.swapaxes(gyration, 1, 2)) + 0.5 * skew(balance[:, 1])
        asymmetric[:, 3:, 3:] = 0.5 * (rest - np.swapaxes(rest, 1, 2))
        return stiffness, asymmetric
