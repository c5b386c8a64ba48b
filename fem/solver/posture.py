"""Which amplitudes of given forces leave a posture as it is: bounded least squares on segment moments."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from fem.arrays import BoolArray, FloatArray, IntArray
from fem.elements.layout import State
from fem.errors import NotConvergedError
from fem.solver.failure import failure_of
from fem.solver.linear import LinearSolver
from fem.solver.newton import Solution, linear_response, solve_newton
from fem.solver.report import Settings
from fem.system.system import Evaluation, System
from fem.tensors import rotation_vector

#: Weights of the amplitudes beside the moments, as shares of the largest moment per unit amplitude (numerical).
_WEIGHTS = (1e-4, 1.0)
_BISECTIONS = 12
_ROUNDS = 6
_SMALLEST_SHARE = 1.0 / 32.0


class Actuators(Protocol):
    """Forces of adjustable amplitude: muscles with activations."""

    @property
    def preferred(self) -> FloatArray:
        """Amplitudes (f,) from which to depart as little as possible."""
        ...

    @property
    def lowest(self) -> FloatArray:
        """Amplitudes (f,) below which an actuator must not go."""
        ...

    @property
    def highest(self) -> FloatArray:
        """Amplitudes (f,) above which an actuator cannot go."""
        ...

    def system(self, amplitudes: FloatArray) -> System:
        """Return the system in which the actuators pull with these amplitudes (f,)."""
        ...

    def columns(self, evaluation: Evaluation) -> FloatArray:
        """Return the internal force (d, f) of each actuator per unit amplitude."""
        ...


@dataclass(frozen=True, slots=True)
class Posture:
    """Amplitudes (f,), the equilibrium under them, and how far it is from the posture that was to be held.

    Attributes
    ----------
    rotation : (s, 3) [rad] what each segment has turned by.
    moment : (s, 3) [N mm] segment moments that are left: what would turn the segments back.
    """

    amplitudes: FloatArray
    state: State
    evaluation: Evaluation
    rotation: FloatArray
    moment: FloatArray
    rounds: int


@dataclass(frozen=True, slots=True)
class _Segments:
    """Relative spins of pairs of bodies: rows (3 s, d), and the relative rotations (s, 3, 3) to be held."""

    pairs: IntArray
    rows: FloatArray
    held: FloatArray

    def turned(self, state: State) -> FloatArray:
        """Return the rotation vectors (s, 3) since the held posture."""
        return rotation_vector(_relative(self.pairs, state) @ np.swapaxes(self.held, -1, -2))


def hold_posture(
    actuators: Actuators,
    solver: LinearSolver,
    state: State,
    pairs: IntArray,
    settings: Settings,
    tolerance: float,
) -> Posture:
    """Find the amplitudes that leave the relative rotations of `pairs` as they are in `state`.

    Parameters
    ----------
    state : equilibrium with all amplitudes zero; the posture to hold.
    pairs : (s, 2) upper and lower body of each segment.
    tolerance : [rad] rotation of a segment that counts as none.

    Notes
    -----
    To first order the amplitudes a turn the segments by ``B K⁻¹ (−G a)`` (B relative spins, K tangent, G forces per
    amplitude); times ``(B K⁻¹ Bᵀ)⁻¹`` these are segment moments, with what compression and shear do to the discs
    included. Bounded least squares, min |moments|² + w² Σ (a − a₀)², with the largest weight w for which no segment
    turns by more than half the tolerance, gives the amplitudes nearest to the preferred a₀ that will do; where none
    will, w is small and the moments are as small as they can be. The equilibrium is then solved for, and what is left
    is taken out in the same way, until no segment has turned by more than `tolerance`.

    Raises
    ------
    NotConvergedError
        When an equilibrium under the amplitudes cannot be found.
    """
    amplitudes = np.zeros_like(actuators.lowest)
    segments = _segments(actuators.system(amplitudes), state, pairs)
    here, best = _reach(actuators, solver, state, (amplitudes, amplitudes), settings), None
    for number in range(1, _ROUNDS + 1):
        assert here.evaluation is not None
        tangent = actuators.system(amplitudes).evaluate(here.state, tangent=True)
        stiffness, slope = _linearised(actuators, solver, segments, tangent)
        turned = segments.turned(here.state).ravel()
        aim = _sought(actuators, stiffness, slope, turned - slope @ amplitudes, 0.5 * tolerance)
        here = _reach(actuators, solver, here.state, (amplitudes, aim), settings)
        amplitudes = aim
        assert here.evaluation is not None
        left = segments.turned(here.state)
        moment = (stiffness @ left.ravel()).reshape(-1, 3)
        found = Posture(amplitudes, here.state, here.evaluation, left, moment, number)
        if best is not None and np.abs(left).max() >= 0.9 * np.abs(best.rotation).max():
            return best if np.abs(best.rotation).max() <= np.abs(left).max() else found
        best = found
        if np.abs(left).max() <= tolerance:
            return best
    assert best is not None
    return best


def _segments(system: System, state: State, pairs: IntArray) -> _Segments:
    start = system.layout.body_start
    rows = np.zeros((3 * len(pairs), system.layout.dof_count))
    for segment, (upper, lower) in enumerate(pairs):
        for body, sign in ((upper, 1.0), (lower, -1.0)):
            if start[body] >= 0:
                rows[3 * segment + np.arange(3), start[body] + 3 + np.arange(3)] = sign
    return _Segments(pairs, rows, _relative(pairs, state))


def _relative(pairs: IntArray, state: State) -> FloatArray:
    upper, lower = state.rotations[pairs[:, 0]], state.rotations[pairs[:, 1]]
    return np.asarray(np.swapaxes(lower, -1, -2) @ upper)


def _linearised(
    actuators: Actuators, solver: LinearSolver, segments: _Segments, evaluation: Evaluation
) -> tuple[FloatArray, FloatArray]:
    """Return the segments' stiffness (3s, 3s) [N mm/rad] and their rotation per unit amplitude (3s, f) [rad]."""
    assert evaluation.values is not None
    factor = solver.factorise(evaluation.values, np.zeros(0, dtype=np.int64))
    response = linear_response(factor, evaluation, segments.rows.T)
    compliance = segments.rows @ response
    stiffness: FloatArray = np.asarray(np.linalg.inv(compliance))
    return stiffness, -response.T @ actuators.columns(evaluation)


def _sought(
    actuators: Actuators, stiffness: FloatArray, slope: FloatArray, offset: FloatArray, tolerance: float
) -> FloatArray:
    """Return the amplitudes (f,) in their bounds with the heaviest weight under which all turns stay small."""
    light, heavy = (float(np.log(weight)) for weight in _WEIGHTS)
    best = _least_squares(actuators, stiffness, slope, offset, float(np.exp(light)))
    if np.abs(offset + slope @ best).max() > tolerance:
        return best
    for _ in range(_BISECTIONS):
        middle = 0.5 * (light + heavy)
        tried = _least_squares(actuators, stiffness, slope, offset, float(np.exp(middle)))
        if np.abs(offset + slope @ tried).max() <= tolerance:
            light, best = middle, tried
        else:
            heavy = middle
    return best


def _least_squares(
    actuators: Actuators, stiffness: FloatArray, slope: FloatArray, offset: FloatArray, weight: float
) -> FloatArray:
    """Return the amplitudes (f,) in their bounds that minimise |moments|² + w² Σ (a − a₀)²."""
    from scipy.optimize import lsq_linear

    moments, target = stiffness @ slope, -stiffness @ offset
    amplitudes = actuators.lowest.copy()
    free: BoolArray = actuators.highest > actuators.lowest
    if not free.any():
        return amplitudes
    count = int(free.sum())
    scale = weight * float(np.linalg.norm(moments, axis=0).max())
    matrix = np.concatenate([moments[:, free], scale * np.eye(count)])
    fixed = target - moments[:, ~free] @ amplitudes[~free]
    bounds = (actuators.lowest[free], actuators.highest[free])
    right = np.concatenate([fixed, scale * actuators.preferred[free]])
    with threadpool_limits(1, user_api="blas"):  # small matrices: threads would only wait for each other
        found = lsq_linear(matrix, right, bounds=bounds, method="bvls")
    amplitudes[free] = np.clip(found.x, *bounds)
    return amplitudes


def _reach(
    actuators: Actuators,
    solver: LinearSolver,
    start: State,
    way: tuple[FloatArray, FloatArray],
    settings: Settings,
) -> Solution:
    """Follow the equilibrium from one set of amplitudes to another, in halves where the whole way is too far."""
    done, share, state = 0.0, 1.0, start
    while True:
        reached = min(1.0, done + share)
        system = actuators.system(way[0] + reached * (way[1] - way[0]))
        solution = solve_newton(system, solver, state, settings)
        if solution.report.converged:
            done, state = reached, solution.state
            if done >= 1.0:
                return solution
            continue
        share *= 0.5
        if share < _SMALLEST_SHARE:
            raise NotConvergedError(
                "the muscles could not be brought into equilibrium with the spine: "
                f"{failure_of(system, solution).words()} With muscles, a lower muscles.level often helps."
            )
