"""What a fit came to: parameters, residuals, sensitivities, and which datum pulls what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray
from fem.calibrate.fit import Listener, Problem, derivatives, search
from fem.calibrate.free import Free, moved_sets, vector
from fem.calibrate.read import PlanFile
from fem.calibrate.store import Solve
from fem.errors import NotConvergedError
from fem.literature import Datum, ParameterSet


@dataclass(frozen=True, slots=True)
class Point:
    """A datum: where it stands in the plan, what was measured, and what the model says to it, in internal units.

    Attributes
    ----------
    start, fitted, check : with the starting set, with the fitted one, and with that on the mesh it is checked on.
    """

    case: str
    experiment: str
    group: str
    quantity: str
    moment: float
    measured: Datum
    weight: float
    start: float
    fitted: float
    check: float

    @property
    def label(self) -> str:
        """Return the datum in words: ``flexion 2.5 N m, rotation``."""
        return f"{self.group.replace('_', ' ')} {self.moment / 1e3:g} N m, {self.quantity.replace('_', ' ')}"

    @property
    def residual(self) -> float:
        """Weighted relative residual, as the fit sees it."""
        return self.weight * (self.fitted / self.measured.value - 1.0)


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """A fitted stage.

    Attributes
    ----------
    numbers : (p,) the parameters, in internal units.
    points : (r,) the data.
    sensitivity : (r, p) change of each computed datum, as a share of what was measured, for a parameter that goes
        from one bound to the other (the slope at the fitted values).
    """

    title: str
    parameters: tuple[Free, ...]
    numbers: FloatArray
    points: tuple[Point, ...]
    sensitivity: FloatArray

    @property
    def squares(self) -> tuple[float, float]:
        """Sum of the squared residuals at the start, and fitted."""
        start = [point.weight * (point.start / point.measured.value - 1.0) for point in self.points]
        fitted = [point.residual for point in self.points]
        return float(np.dot(start, start)), float(np.dot(fitted, fitted))

    @property
    def pulls(self) -> FloatArray:
        """What each datum does to each parameter (r, p): its share of all pulls on the parameter, + upwards.

        The pulls −(w ∂y/∂p) residual are minus the parts of the gradient of the sum of squares; on a parameter that
        is free to move they cancel, on one at a bound they do not.
        """
        weights = np.array([point.weight for point in self.points])
        residuals = np.array([point.residual for point in self.points])
        parts = -(weights * residuals)[:, None] * self.sensitivity
        return np.asarray(parts / np.maximum(np.abs(parts).sum(axis=0), 1e-300))

    @property
    def uncertainty(self) -> FloatArray:
        """Standard error (p,) of each parameter as a share of its range, from the scatter of the residuals.

        Parameters at a bound are taken as given. Along what the data do not tell, errors are large: what is greater
        than 1 is not determined by these data.
        """
        out = np.zeros(len(self.numbers))
        inside = np.flatnonzero([not end for end in self.at_bound])
        if not len(inside):
            return out
        weights = np.array([point.weight for point in self.points])
        slopes = weights[:, None] * self.sensitivity[:, inside]
        freedom = max(1, len(self.points) - len(inside))
        covariance = np.linalg.pinv(slopes.T @ slopes) * self.squares[1] / freedom
        out[inside] = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        return out

    @property
    def at_bound(self) -> tuple[str, ...]:
        """``low`` or ``high`` for a parameter at that bound, else nothing."""
        ends = []
        for parameter, number in zip(self.parameters, self.numbers, strict=True):
            near = 1e-9 * (parameter.high - parameter.low)
            ends.append(
                "low" if number <= parameter.low + near else "high" if number >= parameter.high - near else ""
            )
        return tuple(ends)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole calibration: its stages, and part -> the set that came out."""

    plan: PlanFile
    stages: tuple[StageOutcome, ...]
    sets: dict[str, ParameterSet]


def calibrate(plan: PlanFile, solve: Solve, listen: Listener) -> Outcome:
    """Fit the stages of a plan one after another; each starts from what those before it found.

    Raises
    ------
    NotConvergedError
        Where the model cannot be solved with the starting set, or beside the fitted one.
    """
    starts = dict(plan.starts)
    stages = []
    for stage in plan.stages:
        problem = Problem(stage, starts, plan.fit, solve)
        _require_solved(problem)
        numbers = search(problem, listen)
        listen(f"{stage.title}: checking on the {plan.fit.check} mesh")
        stages.append(_judged(problem, numbers))
        starts = moved_sets(starts, stage.parameters, list(numbers))
    return Outcome(plan, tuple(stages), starts)


def _require_solved(problem: Problem) -> None:
    start = vector(problem.stage.parameters, "start")
    (computed,) = problem.computed([start], problem.section.resolution)
    if not np.isfinite(computed).all():
        failures = {
            response.failure for response in problem.solve(problem.trials(start, problem.section.resolution))
        }
        raise NotConvergedError(
            f"a case of stage '{problem.stage.title}' cannot be solved at the plan's start: {max(failures)}"
        )


def _judged(problem: Problem, numbers: FloatArray) -> StageOutcome:
    stage, section = problem.stage, problem.section
    low, high = (vector(stage.parameters, end) for end in ("low", "high"))
    (before,) = problem.computed([vector(stage.parameters, "start")], section.resolution)
    (fitted,) = problem.computed([numbers], section.resolution)
    (check,) = problem.computed([numbers], section.check)
    slopes = derivatives(problem, numbers) * (high - low) / problem.measured[:, None]
    return StageOutcome(
        stage.title, stage.parameters, numbers, tuple(_points(problem, before, fitted, check)), slopes
    )


def _points(problem: Problem, before: FloatArray, fitted: FloatArray, check: FloatArray) -> Sequence[Point]:
    out: list[Point] = []
    for curve in problem.stage.curves:
        for moment, datum, weight in zip(curve.moments, curve.data, curve.weights, strict=True):
            index = len(out)
            out.append(
                Point(
                    curve.case.stem, curve.experiment, curve.group, curve.quantity, moment, datum, weight,
                    float(before[index]), float(fitted[index]), float(check[index]),
                )
            )  # fmt: skip
    return out
