"""One nonlinear solve: state in, (state, report) out. Consistent tangents, line search, prescribed motions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import FloatArray, IntArray, magnitude
from fem.elements.layout import State
from fem.errors import ElementInvertedError, FacetgapError, NonFiniteError
from fem.solver.linear import Factor, LinearSolver
from fem.solver.report import NewtonReport, Settings, StopReason
from fem.system.system import Evaluation, System

#: A full step is taken unless the work along it grew beyond this multiple of where it started.
_GROWTH = 1e4
#: The same once a step has undone the one before, in systems with terms that change their law.
_CAREFUL = 0.5
_SHORTEST = 1.0 / 64.0
_BACK_OFF = 0.4
_SEARCHES = 6
_DIVERGED = 1e8
#: Iterations without a residual below this share of the best before them, after a step undid another: it leads nowhere.
_PATIENCE, _PROGRESS = 5, 0.7
#: Cosine of the angle between two steps beyond which the second undoes the first.
_OPPOSITE = 0.9
#: Share of the tolerance that a step with the tangent of the one before must be expected to reach.
_SURE = 0.1


@dataclass(frozen=True, slots=True)
class Solution:
    """Where Newton ended, the system evaluated there, and the report; `evaluation` is None if it never evaluated."""

    state: State
    evaluation: Evaluation | None
    report: NewtonReport


def solve_newton(system: System, solver: LinearSolver, state: State, settings: Settings) -> Solution:
    """Find the equilibrium at the time of `state`, starting from it.

    Returns
    -------
    Solution
        An iteration that fails is an ordinary event: the report says why, nothing is raised.

    Notes
    -----
    Where convergence so far says that it suffices, the last iteration is made with the tangent of the one before (a
    chord step): it costs a third, and the residual is judged as ever.
    """
    norms: list[float] = []
    lengths: list[float] = []
    evaluation: Evaluation | None = None
    rounding, last, careful = 0.0, np.zeros(0), False
    tangents = _Tangents(system, solver, settings.tolerance)
    try:
        evaluation = system.evaluate(state, tangent=True)
        for _ in range(settings.iterations + 1):
            held, increments = system.imposed(state)
            rounding = _rounding(system, evaluation) if evaluation.values is not None else rounding
            norm, worst = residual_norm(system, evaluation, held, rounding / settings.tolerance)
            norms.append(norm)
            if norm <= settings.tolerance and _moved(system, state, increments):
                return Solution(
                    state, evaluation, NewtonReport(StopReason.CONVERGED, tuple(norms), tuple(lengths), worst)
                )
            if not norm < _DIVERGED:
                return Solution(
                    state, evaluation, NewtonReport(StopReason.DIVERGED, tuple(norms), tuple(lengths), worst)
                )
            stalled = careful and _stalled(norms)
            if stalled or len(lengths) == settings.iterations:
                break
            evaluation, factor = tangents.renewed(state, evaluation, held, norms)
            direction, multipliers = newton_direction(factor, evaluation, increments)
            careful = careful or _turns_back(system, direction, last)
            growth = _CAREFUL if careful else _GROWTH
            tangent = not _likely_last(norms, settings.tolerance)
            step = _Step(state, evaluation, direction, multipliers, tangent, growth)
            last = direction
            state, evaluation, length = _search(system, step, held)
            lengths.append(length)
    except (ElementInvertedError, NonFiniteError, np.linalg.LinAlgError) as error:
        return Solution(state, evaluation, _broken_off(error, norms, lengths))
    reason = StopReason.STALLED if stalled else StopReason.TOO_MANY_ITERATIONS
    report = NewtonReport(reason, tuple(norms), tuple(lengths), worst)
    return Solution(state, evaluation, report)


def _broken_off(error: Exception, norms: Sequence[float], lengths: Sequence[float]) -> NewtonReport:
    """Return the report of a solve that an error has ended."""
    ours = error if isinstance(error, FacetgapError) else None
    reason, worst = StopReason.NON_FINITE, ""
    if isinstance(error, ElementInvertedError):
        reason, worst = StopReason.INVERTED, error.term
    return NewtonReport(reason, tuple(norms), tuple(lengths), worst, str(error), ours)


def _likely_last(norms: Sequence[float], tolerance: float) -> bool:
    """Whether quadratic convergence will get from the last of `norms` (n,) where no new tangent is needed."""
    if len(norms) < 2:
        return False
    ratio = norms[-1] / norms[-2]
    expected = norms[-1] * ratio**2  # C r² with C = r / r₀², from the step before
    return expected <= tolerance or expected * (expected / norms[-1]) <= _SURE * tolerance


def _stalled(norms: Sequence[float]) -> bool:
    """Whether the last iterations, by their norms (n,), have brought nothing: a shorter step in time costs less."""
    early, late = norms[:-_PATIENCE], norms[-_PATIENCE:]
    return len(early) > 0 and min(late) > _PROGRESS * min(early)


def _chord_ends(norms: Sequence[float], tolerance: float) -> bool:
    """Whether a step with the last tangent will do: its error falls by C r₀, where a new tangent's falls by C r."""
    return len(norms) > 1 and norms[-1] * (norms[-1] / norms[-2]) <= _SURE * tolerance


def newton_direction(
    factor: Factor, evaluation: Evaluation, increments: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the Newton direction (d,) and the multipliers' increments (m,).

    Notes
    -----
    With the symmetric tangent K factorised, the full one is K + P A Pᵀ (A from non-conservative loads, small and
    antisymmetric) bordered by the constraint gradients C: ``(K + P A Pᵀ) d + Cᵀ λ = −R``, ``C d = −c``; both
    corrections cost a few extra right-hand sides (Sherman–Morrison–Woodbury, Schur complement).
    """
    values, gradients = evaluation.constraints
    extra = len(values)
    right = np.concatenate([-evaluation.predicted[:, None], gradients.T], axis=1)
    base = factor.solve(right[:, :1], increments)
    columns = np.concatenate([base, factor.solve(right[:, 1:])], axis=1) if extra else base
    columns = _corrected(factor, evaluation.asymmetric, columns)
    direction = columns[:, 0]
    if not extra:
        return direction, np.zeros(0)
    schur = gradients @ columns[:, 1:]
    multipliers = np.linalg.solve(schur, gradients @ direction + values)
    return direction - columns[:, 1:] @ multipliers, np.asarray(multipliers)


def linear_response(factor: Factor, evaluation: Evaluation, right: FloatArray) -> FloatArray:
    """Return the displacements (d, r) that forces (d, r) cause to first order, constraints kept."""
    gradients = evaluation.constraints[1]
    columns = factor.solve(np.concatenate([right, gradients.T], axis=1))
    columns = _corrected(factor, evaluation.asymmetric, columns)
    free, held = columns[:, : right.shape[1]], columns[:, right.shape[1] :]
    if not len(gradients):
        return free
    return np.asarray(free - held @ np.linalg.solve(gradients @ held, gradients @ free))


def _corrected(factor: Factor, asymmetric: tuple[IntArray, FloatArray], columns: FloatArray) -> FloatArray:
    """Return the solutions (d, r) that K + P A Pᵀ gives where K alone gave `columns` (d, r)."""
    dofs, block = asymmetric
    free = ~np.isin(dofs, factor.held)
    forces = block[free] @ columns[dofs]
    coupled = block[np.ix_(free, free)]
    live = (np.abs(coupled).sum(axis=1) > 0.0) | (np.abs(forces).sum(axis=1) > 0.0)
    if not live.any():
        return columns
    rows = dofs[free][live]
    unit = np.zeros((len(columns), len(rows)))
    unit[rows, np.arange(len(rows))] = 1.0
    basis = factor.solve(unit)
    small = np.eye(len(rows)) + coupled[np.ix_(live, live)] @ basis[rows]
    return np.asarray(columns - basis @ np.linalg.solve(small, forces[live]))


def residual_norm(system: System, evaluation: Evaluation, held: IntArray, least: float) -> tuple[float, str]:
    """Return the residual over the largest force of any term, spins scaled to forces, and the worst place in words.

    The reference is `least` [N] at least: nothing below the rounding of the forces themselves can be asked for, and an
    unloaded model counts as converged.
    """
    scale = system.force_scale
    residual = scale * evaluation.residual
    residual[held] = 0.0
    largest = max((magnitude(scale * f) for f in evaluation.forces.values()), default=0.0)
    reference = max(largest, least)
    gap = evaluation.constraints[0]
    missed = float(np.abs(gap).max()) if len(gap) else 0.0
    if reference == 0.0:
        return missed, "nothing is loaded"
    norm = magnitude(residual) / reference
    return max(norm, missed), system.describe_unknown(int(np.argmax(np.abs(residual))))


def _rounding(system: System, evaluation: Evaluation) -> float:
    """Return the norm of the forces [N] that rounding the positions makes: stiffness times their last digit."""
    assert evaluation.values is not None
    stiffness = np.abs(evaluation.values[system.pattern.start[:-1]]) * system.force_scale**2
    here = evaluation.configuration
    # Bodies without points have places too, and turns of order one.
    size = max(1.0, np.abs(here.positions).max(initial=0.0), np.abs(here.origins).max(initial=0.0))
    return float(np.finfo(np.float64).eps * size) * magnitude(stiffness)


def _moved(system: System, state: State, increments: FloatArray) -> bool:
    """Whether prescribed motions have reached their values."""
    return bool(np.all(np.abs(increments) <= 1e-10)) if len(increments) else True


def _between(near: tuple[float, float], far: tuple[float, float] | None) -> float:
    """Return the length to try between one that falls short and one that goes too far, (length, work along it)."""
    if far is None:
        return 0.5 * near[0]
    width = far[0] - near[0]
    return near[0] + float(np.clip(near[1] / (near[1] - far[1]), 0.1, 0.7)) * width


def _turns_back(system: System, direction: FloatArray, last: FloatArray) -> bool:
    """Whether a step undoes the one before: Newton jumps to and fro across a kink, such as a cavity that vanishes."""
    if not len(last) or not system.switches:
        return False
    now, before = direction / system.force_scale, last / system.force_scale
    size = magnitude(now) * magnitude(before)
    return bool(np.sum(now * before) < -_OPPOSITE * size and magnitude(now) > 0.5 * magnitude(before))


@dataclass(slots=True)
class _Tangents:
    """The tangent of one solve: made anew for every step but a last one for which that of the step before will do."""

    system: System
    solver: LinearSolver
    tolerance: float
    factor: Factor | None = None
    asymmetric: tuple[IntArray, FloatArray] = (np.zeros(0, dtype=np.int64), np.zeros((0, 0)))
    chord: bool = False

    def renewed(
        self, state: State, evaluation: Evaluation, held: IntArray, norms: Sequence[float]
    ) -> tuple[Evaluation, Factor]:
        """Return the evaluation at `state` to step from and the factor to step with."""
        sure = self.factor is not None and not self.chord and _chord_ends(norms, self.tolerance)
        if evaluation.values is None and not sure:
            evaluation = self.system.evaluate(state, tangent=True)
        self.chord = evaluation.values is None
        if evaluation.values is not None:
            self.factor = self.solver.factorise(evaluation.values, held)
            self.asymmetric = evaluation.asymmetric
        assert self.factor is not None
        return replace(evaluation, asymmetric=self.asymmetric), self.factor


@dataclass(frozen=True, slots=True)
class _Step:
    """A Newton step from a state: direction (d,), increments of the multipliers, whether its end needs a tangent, and
    to what multiple of where it started the work along it may grow."""

    state: State
    evaluation: Evaluation
    direction: FloatArray
    multipliers: FloatArray
    tangent: bool
    growth: float


def _search(system: System, step: _Step, held: IntArray) -> tuple[State, Evaluation, float]:
    """Take the full step unless it overshoots; then look for a length at which the work along it is small."""
    state, evaluation, direction = step.state, step.evaluation, step.direction
    free = np.ones(len(direction), dtype=np.bool_)
    free[held] = False
    start = -float(np.sum(evaluation.predicted[free] * direction[free]))
    length, near, far = 1.0, (0.0, start), None
    best: tuple[float, State, Evaluation, float] | None = None
    for _ in range(_SEARCHES + 1):
        trial = system.advance(state, evaluation, direction, step.multipliers, length)
        try:
            reached = system.evaluate(trial, tangent=step.tangent)
        except (ElementInvertedError, NonFiniteError):
            if length <= _SHORTEST:
                raise
            length *= _BACK_OFF
            continue
        slope = -float(np.sum(reached.predicted[free] * direction[free]))
        if start <= 0.0 or abs(slope) <= step.growth * abs(start):
            return trial, reached, length
        if best is None or abs(slope) < best[0]:
            best = (abs(slope), trial, reached, length)
        if slope < 0.0:
            far = (length, slope)
        else:
            near = (length, slope)
        length = _between(near, far)
    if best is None:
        raise ElementInvertedError("the model", [], 0.0)
    return best[1:]
