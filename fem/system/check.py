"""Public checks of derivatives and invariants: used by tests and by `facetgap check --deep`."""

from dataclasses import dataclass

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
    system : all of whose motions are ignored; internal unknowns are condensed exactly (retained ones dropped).
    directions : number of random directions (a fixed seed).
    step : length of the differences, in mm and rad.
    conservative : compare residual with energy too.
    """
    state = State(state.nodes, state.origins, state.rotations, state.time, {}, state.history)
    here = system.evaluate(state, tangent=True)
    generator = np.random.default_rng(7)
    tangent_error = force_error = tangent_norm = 0.0
    for _ in range(directions):
        direction = generator.normal(size=system.layout.dof_count)
        plus, minus = _shifted(system, state, direction, step), _shifted(system, state, direction, -step)
        slope = _product(system, here, direction)
        difference = (plus.residual - minus.residual) / (2.0 * step)
        antisymmetric = _spin_commutator(system, here, direction)
        size = max(float(np.linalg.norm(difference)), 1e-300)
        tangent_error = max(tangent_error, float(np.linalg.norm(slope + antisymmetric - difference)) / size)
        tangent_norm = max(tangent_norm, float(np.linalg.norm(slope)))
        if conservative:
            work = float(here.residual @ direction)
            change = (plus.energy - minus.energy) / (2.0 * step)
            scale = float(np.linalg.norm(here.residual)) * float(np.linalg.norm(direction)) + 1e-300
            force_error = max(force_error, abs(work - change) / scale)
    return DerivativeReport(tangent_error, force_error, float(np.linalg.norm(here.residual)), tangent_norm)


def _shifted(system: System, state: State, direction: FloatArray, length: float) -> Evaluation:
    return system.evaluate(retract(system.layout, state, length * direction, {}), tangent=False)


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
