"""Muscle fascicles: poly-lines whose tension depends on length, speed, activation and what happened before."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.materials.muscle.activation import ActivationDynamics, StretchRecord, reflex_excitation
from fem.materials.muscle.hill import MuscleLaw
from fem.materials.muscle.reflex import Reflex
from fem.terms.cable import cable_geometry
from fem.terms.term import Configuration, Contribution, no_bodies


@dataclass(frozen=True, slots=True)
class FascicleState:
    """How fascicles are in a converged state, each (f,).

    Attributes
    ----------
    activation : 0 to 1.
    force : [N] tension; `passive_force` [N] the part of it that is passive (elastic, counted in the term's energy).
    length : [mm] of the path.
    fibre_strain : from the neutral posture.
    fibre_velocity : [1/s] rate of the fibre strain, positive in lengthening.
    """

    activation: FloatArray
    force: FloatArray
    passive_force: FloatArray
    length: FloatArray
    fibre_strain: FloatArray
    fibre_velocity: FloatArray


@dataclass(frozen=True, slots=True)
class _Drive:
    """Speed [mm/s], activation, short-range reference [mm] and what an earlier stretch left, each (f,); the reflex's
    record at the step's end."""

    velocity: FloatArray
    activation: FloatArray
    reference: FloatArray | None
    carried: FloatArray
    record: StretchRecord | None


@dataclass(frozen=True, slots=True)
class MuscleTerm:
    """Fascicles through k points each.

    Parameters
    ----------
    name : unique name.
    points : (f, k) material points along each fascicle.
    law : tension of length, speed and activation.
    activation : (f,) activation before any reflex, 0 to 1; the excitation that a reflex adds to.
    dynamics : how activation follows excitation in time.
    reflex : the answer to a stretch, or None.
    posture : (f,) [mm] lengths in the posture that is held, about which short-range stiffness acts in static phases,
        or None for none there.
    labels : which each fascicle is, in words; may be left out.

    Notes
    -----
    Force T ∂l/∂x, stiffness (∂T/∂l + ∂T/∂v/Δt) ∂l/∂x ⊗ ∂l/∂x + T ∂²l/∂x²: the speed is the change of length since the
    last converged state over Δt. In a static phase (elapsed 0) there is no speed and no reflex, activation is the given
    one, and short-range stiffness acts about `posture`: without it, a guarded column would have no stiffness that
    keeps it from buckling. In a dynamic phase it acts about the lengths at the phase's start, on top of what the last
    static phase left. The energy is the passive fibres' alone; what the active part does is work.
    """

    name: str
    points: IntArray
    law: MuscleLaw
    activation: FloatArray
    dynamics: ActivationDynamics
    reflex: Reflex | None = None
    posture: FloatArray | None = None
    labels: tuple[str, ...] = ()

    @property
    def bodies(self) -> IntArray:
        """No bodies, (f, 0)."""
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return the passive energy, force (f, 3k), stiffness (f, 3k, 3k) and what to remember."""
        geometry = cable_geometry(configuration.positions[self.points], tangent)
        length = geometry.length
        drive = self._drive(configuration, length)
        response = self.law.respond(length, drive.velocity, drive.activation, drive.reference, drive.carried)
        energy = float(np.sum(response.energy))
        force = response.tension[:, None] * geometry.gradient
        history = self._history(drive, length, configuration.elapsed <= 0.0)
        if geometry.hessian is None:
            return Contribution(energy, force, history=history)
        slope = response.stiffness
        if configuration.elapsed > 0.0:
            slope = slope + response.damping / configuration.elapsed
        outer = geometry.gradient[:, :, None] * geometry.gradient[:, None, :]
        stiffness = slope[:, None, None] * outer + response.tension[:, None, None] * geometry.hessian
        return Contribution(energy, force, stiffness, history=history)

    def unit_forces(self, positions: FloatArray) -> FloatArray:
        """Return the static active force (f, 3k) [N] on the points per unit activation, at positions (p, 3)."""
        geometry = cable_geometry(positions[self.points], False)
        still = np.zeros_like(geometry.length)
        # The internal force of a term is the gradient of its energy; what acts on the points is its opposite.
        return -self.law.respond(geometry.length, still, still, None).active[:, None] * geometry.gradient

    def observe(self, configuration: Configuration) -> FascicleState:
        """Return the state of the fascicles where the configuration holds the history of the converged step."""
        length = cable_geometry(configuration.positions[self.points], False).length
        activation = self._remembered(configuration, "activation", self.activation)
        velocity = self._remembered(configuration, "velocity", np.zeros_like(length))
        reference = self._remembered(configuration, "reference", length)
        carried = self._remembered(configuration, "carried", np.zeros_like(length))
        response = self.law.respond(length, velocity, activation, reference, carried)
        strain = self.law.fibre_strain(length)
        rate = np.asarray(velocity / self.law.fibre_length)
        return FascicleState(activation, response.tension, response.passive, length, strain, rate)

    def _drive(self, configuration: Configuration, length: FloatArray) -> _Drive:
        time, elapsed = configuration.time, configuration.elapsed
        count = len(length)
        if elapsed <= 0.0:
            record = None if self.reflex is None else StretchRecord.begin(time, count)
            return _Drive(np.zeros(count), self.activation, self.posture, np.zeros(count), record)
        neutral = np.broadcast_to(self.law.neutral_length, (count,))
        before = self._remembered(configuration, "length", neutral)
        reference = self._remembered(configuration, "reference", neutral)
        activation = self._remembered(configuration, "activation", self.activation)
        excitation, record = self.activation, None
        if self.reflex is not None:
            known = self._record(configuration, count)
            extra, onset = reflex_excitation(self.reflex, known, time)
            excitation = np.minimum(excitation + extra, 1.0)
            strain = np.asarray((length - reference) / self.law.fibre_length)
            record = known.extended(time, strain, self.reflex.delay, onset)
        return _Drive(
            (length - before) / elapsed,
            self.dynamics.after(activation, excitation, elapsed),
            reference,
            self._remembered(configuration, "carried", np.zeros(count)),
            record,
        )

    def _history(self, drive: _Drive, length: FloatArray, still: bool) -> dict[str, FloatArray]:
        """Return what to remember; a static step ends with lengths at which short-range stiffness begins anew."""
        carried = self.law.short_range(length, drive.reference)[0] if still else drive.carried
        history = {
            f"{self.name}.length": length,
            f"{self.name}.velocity": drive.velocity,
            f"{self.name}.activation": drive.activation,
            f"{self.name}.reference": length if still or drive.reference is None else drive.reference,
            f"{self.name}.carried": carried,
        }
        if drive.record is not None:
            history |= {f"{self.name}.stretch": drive.record.table, f"{self.name}.onset": drive.record.onset}
        return history

    def _remembered(self, configuration: Configuration, what: str, otherwise: FloatArray) -> FloatArray:
        return configuration.history.get(f"{self.name}.{what}", otherwise)

    def _record(self, configuration: Configuration, count: int) -> StretchRecord:
        table = configuration.history.get(f"{self.name}.stretch")
        if table is None:
            return StretchRecord.begin(configuration.time - configuration.elapsed, count)
        return StretchRecord(table, configuration.history[f"{self.name}.onset"])
