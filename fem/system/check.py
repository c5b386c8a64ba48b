"""Public checks of derivatives and invariants: used by tests and by `facetgap check --deep`."""

from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import FloatArray
from fem.elements.layout import State
from fem.elements.retraction import retract
from fem.system.pattern import symmetric_product
from fem.system.system import Evaluation, System


@dataclass(frozen=True, slots=True)
class DerivativeReport:
    """Largest relative difference between derivative and central difference, and how active the tested state is."""

    tangent_error: float
    force_error: float
    residual_norm: float
    tangent_norm: float

    def require(self, tolerance: float) -> None:
        """Raise AssertionError unless both errors are below `tolerance` and the state is active."""
        if not (self.residual_norm > 0.0 and self.tangent_norm > 0.0):
            raise AssertionError("the state is inactive: residual or tangent is zero, so nothing was tested")
        if not (self.tangent_error <= tolerance and self.force_error <= tolerance):
            raise AssertionError(
                f"derivative check failed: tangent {self.tangent_error:.2e}, force {self.force_error:.2e}, "
                f"allowed {tolerance:.0e}"
            )


def check_derivatives(
    system: System, state: State, directions: int = 6, step: float = 1e-5, conservative: bool = True
) -> DerivativeReport:
    """Compare tangent with differences of the residual, and residual with differences of the energy.

    Parameters
    ----------
    system : all of whose motions are ignored; cell pressures are condensed exactly (retained ones dropped),
        multipliers are kept as they are.
    directions : number of random directions (a fixed seed).
    step : length of the differences, in mm and rad.
    conservative : compare residual with energy too.
    """
    kept = {name: state.internal[name] for name in _multipliers(system, state) if name in state.internal}
    state = replace(state, internal=kept)
    here = system.evaluate(state, tangent=True)
    generator = np.random.default_rng(7)
    tangent_error = force_error = tangent_norm = 0.0
    for _ in range(directions):
        direction = generator.normal(size=system.layout.dof_count)
        plus, minus = _shifted(system, state, direction, step), _shifted(system, state, direction, -step)
        slope = _product(system, here, direction)
        difference = (plus.residual - minus.residual) / (2.0 * step)
        antisymmetric = _spin_commutator(system, here, direction)
        size = max(float(np.linalg.norm(difference)), float(np.linalg.norm(slope)), 1e-300)
        tangent_error = max(tangent_error, float(np.linalg.norm(slope + antisymmetric - difference)) / size)
        tangent_norm = max(tangent_norm, float(np.linalg.norm(slope)))
        if conservative:
            work = float(here.residual @ direction)
            change = (plus.energy - minus.energy) / (2.0 * step)
            scale = float(np.linalg.norm(here.residual)) * float(np.linalg.norm(direction)) + 1e-300
            force_error = max(force_error, abs(work - change) / scale)
    return DerivativeReport(tangent_error, force_error, float(np.linalg.norm(here.residual)), tangent_norm)


def moved_rigidly(state: State, rotation: FloatArray, shift: FloatArray) -> State:
    """Return `state` turned by `rotation` (3, 3) about the origin, then moved by `shift` (3,) [mm], bodies and all."""
    return replace(
        state,
        nodes=state.nodes @ rotation.T + shift,
        origins=state.origins @ rotation.T + shift,
        rotations=rotation @ state.rotations,
    )


def check_rigid_motion(system: System, state: State, rotation: FloatArray, shift: FloatArray) -> float:
    """Return how far a rigid motion of everything changes the energy or fails to turn the residual [1].

    For systems of internal terms; fixed bodies move along. Relative to the energy and to the largest residual.

    Raises
    ------
    AssertionError
        If the state is inactive.
    """
    here = system.evaluate(state, tangent=False)
    there = system.evaluate(moved_rigidly(state, rotation, shift), tangent=False)
    if not (abs(here.energy) > 0.0 and np.abs(here.residual).max() > 0.0):
        raise AssertionError("the state is inactive: energy or residual is zero, so nothing was tested")
    # Unknowns come in triples (node, translation, spin), so one reshape turns them all.
    turned = (here.residual.reshape(-1, 3) @ rotation.T).ravel()
    energy = abs(there.energy - here.energy) / abs(here.energy)
    return max(energy, float(np.abs(there.residual - turned).max() / np.abs(turned).max()))


def _shifted(system: System, state: State, direction: FloatArray, length: float) -> Evaluation:
    return system.evaluate(retract(system.layout, state, length * direction, state.internal), tangent=False)


def _multipliers(system: System, state: State) -> list[str]:
    here = system.evaluate(state, tangent=False)
    return [name for name, part in here.contributions.items() if part.constraint is not None]


def _product(system: System, at: Evaluation, direction: FloatArray) -> FloatArray:
    if at.values is None:
        raise ValueError("the evaluation holds no tangent")
    out = symmetric_product(system.pattern.matrix(at.values), direction)
    dofs, block = at.asymmetric
    out[dofs] += block @ direction[dofs]
    return out


def _spin_commutator(system: System, at: Evaluation, direction: FloatArray) -> FloatArray:
    """Return −½ skew(m) δθ of each body: the part of dR that vanishes with the body's total moment m.

    Spin increments do not commute, so away from equilibrium the derivative of a gradient is not symmetric; the
    system stores its symmetric part.
    """
    out = np.zeros_like(direction)
    for start in system.layout.body_start:
        if start >= 0:
            spin = slice(start + 3, start + 6)
            moment = np.array(at.residual[spin])
            out[spin] = -0.5 * np.cross(moment, direction[spin])
    return out
