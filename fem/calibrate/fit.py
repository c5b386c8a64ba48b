"""Bounded least squares of one stage: residuals, their derivatives by differences, the trust-region search.

A weak anchor draws every parameter towards its start: what the data do not tell stays at the literature's number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray
from fem.calibrate.free import Free, Sets, vector
from fem.calibrate.plan import FitSection
from fem.calibrate.read import Curve, Stage
from fem.calibrate.store import Solve
from fem.calibrate.trial import Response, Trial
from fem.errors import NotConvergedError

#: Residual of every point of a trial that could not be solved: so bad that the search turns back.
_UNSOLVED = 10.0
#: Called with a sentence about how the search goes.
Listener = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """A stage to be fitted: its starts (with what earlier stages found), and how trials are solved."""

    stage: Stage
    starts: Sets
    section: FitSection
    solve: Solve

    def trials(self, numbers: FloatArray, resolution: str) -> list[Trial]:
        """Return the trials of every case of the stage with the parameters at `numbers` (p,)."""
        given = tuple(float(number) for number in numbers)
        return [
            Trial(case, resolution, moments, self.stage.parameters, given, self.starts)
            for case, moments in self.stage.cases.items()
        ]

    def computed(self, points: Sequence[FloatArray], resolution: str) -> list[FloatArray]:
        """Return what the model says to every datum (r,), at each of `points`; NaN where it could not be solved."""
        trials = [self.trials(point, resolution) for point in points]
        responses = list(self.solve([trial for group in trials for trial in group]))
        cases = list(self.stage.cases)
        out = []
        for index in range(len(points)):
            mine = responses[index * len(cases) : (index + 1) * len(cases)]
            found = dict(zip(cases, mine, strict=True))
            out.append(
                np.concatenate([_values(curve, found[curve.case], self.stage) for curve in self.stage.curves])
            )
        return out

    @property
    def measured(self) -> FloatArray:
        """Every datum (r,), in internal units."""
        return np.array([datum.value for curve in self.stage.curves for datum in curve.data])

    @property
    def weights(self) -> FloatArray:
        """The weight of every datum (r,)."""
        return np.array([weight for curve in self.stage.curves for weight in curve.weights])

    def residuals(self, computed: FloatArray) -> FloatArray:
        """Return weight × (computed / measured − 1) of every datum (r,)."""
        return np.asarray(np.nan_to_num(self.weights * (computed / self.measured - 1.0), nan=_UNSOLVED))


def _values(curve: Curve, response: Response, stage: Stage) -> FloatArray:
    """Return the model's values (m,) of one curve, picked out of all moments of its case."""
    if response.failure:
        return np.full(len(curve.moments), np.nan)
    at = stage.cases[curve.case]
    values = response.curve(curve.quantity)
    return np.array([values[at.index(moment)] for moment in curve.moments])


def steps_of(problem: Problem, numbers: FloatArray) -> FloatArray:
    """Return the difference step (p,) of each parameter: inwards where it would leave its bounds."""
    low, high = (vector(problem.stage.parameters, end) for end in ("low", "high"))
    step = problem.section.difference * (high - low)
    return np.where(numbers + step > high, -step, step)


def derivatives(problem: Problem, numbers: FloatArray) -> FloatArray:
    """Return the derivatives (r, p) of what the model says to every datum, with respect to the parameters.

    Raises
    ------
    NotConvergedError
        Where the model cannot be solved at `numbers` or beside them.
    """
    step = steps_of(problem, numbers)
    beside = [
        numbers + np.where(np.arange(len(numbers)) == index, step, 0.0) for index in range(len(numbers))
    ]
    here, *others = problem.computed([numbers, *beside], problem.section.resolution)
    out = np.stack([(other - here) / length for other, length in zip(others, step, strict=True)], axis=1)
    if not np.isfinite(out).all():
        raise NotConvergedError(_unsolved(problem.stage.parameters, numbers))
    return out


def _unsolved(parameters: Sequence[Free], numbers: FloatArray) -> str:
    at = ", ".join(
        f"{parameter.name} = {parameter.written(number):.4g}"
        for parameter, number in zip(parameters, numbers, strict=True)
    )
    return f"a case of the plan cannot be solved near {at}; start elsewhere, or narrow the bounds of the plan"


def search(problem: Problem, listen: Listener) -> FloatArray:
    """Return the parameters (p,) of least squares within their bounds, rounded as the plan says.

    Notes
    -----
    A round is a bounded trust-region search (scipy's ``trf``) that begins with slopes found by differences and goes on
    with Broyden's updates of them, which cost nothing. Rounds end where one gains less than the tolerance.
    """
    parameters, section = problem.stage.parameters, problem.section
    low, high = (vector(parameters, end) for end in ("low", "high"))
    numbers = np.clip(vector(parameters, "start"), low + 1e-6 * (high - low), high - 1e-6 * (high - low))
    for _ in range(section.rounds):
        before, after, numbers = _round(problem, numbers, listen)
        if before - after <= section.tolerance * before:
            break
    return rounded(parameters, numbers, section.digits)


def _round(problem: Problem, numbers: FloatArray, listen: Listener) -> tuple[float, float, FloatArray]:
    """Return the sum of squares before and after a round, and the parameters (p,) after it."""
    from scipy.optimize import least_squares

    parameters, section = problem.stage.parameters, problem.section
    begin, low, high = (vector(parameters, name) for name in ("start", "low", "high"))
    sums: list[float] = []
    slopes = _Slopes(problem)
    known: dict[bytes, FloatArray] = {}

    def residuals(at: FloatArray) -> FloatArray:
        found = problem.residuals(problem.computed([at], section.resolution)[0])
        anchored = section.anchor * (at - begin) / (high - low)
        sums.append(float(found @ found + anchored @ anchored))
        listen(
            f"{problem.stage.title}: sum of squares {found @ found:.4f}, and {anchored @ anchored:.4f} of the anchor"
        )
        known[at.tobytes()] = np.concatenate([found, anchored])
        return known[at.tobytes()]

    done = least_squares(
        residuals, numbers, lambda at: slopes.at(at, known[at.tobytes()]), (low, high), method="trf",
        x_scale=(high - low) / 3.0, ftol=section.tolerance, xtol=1e-9, gtol=1e-12, max_nfev=section.steps,
    )  # fmt: skip
    return sums[0], 2.0 * float(done.cost), np.asarray(done.x)


class _Slopes:
    """Slopes of the residuals (r + p, p): by differences where first asked for, then Broyden's updates."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._at = np.zeros(0)
        self._residuals = np.zeros(0)
        self._slopes = np.zeros((0, 0))

    def at(self, numbers: FloatArray, here: FloatArray) -> FloatArray:
        """Return the slopes at `numbers` (p,), where the residuals are `here` (r + p,)."""
        if not len(self._at):
            self._slopes = self._differences(numbers)
        elif np.any(numbers != self._at):
            parameters = self._problem.stage.parameters
            span = vector(parameters, "high") - vector(parameters, "low")
            way = (numbers - self._at) / span
            missed = here - self._residuals - self._slopes @ (numbers - self._at)
            if np.abs(here).max() < _UNSOLVED:
                self._slopes = self._slopes + np.outer(missed, way / span) / float(way @ way)
        self._at, self._residuals = numbers.copy(), here
        return self._slopes

    def _differences(self, numbers: FloatArray) -> FloatArray:
        problem = self._problem
        span = vector(problem.stage.parameters, "high") - vector(problem.stage.parameters, "low")
        scale = problem.weights / problem.measured
        anchor = np.diag(problem.section.anchor / span)
        return np.concatenate([scale[:, None] * derivatives(problem, numbers), anchor])


def rounded(parameters: Sequence[Free], numbers: FloatArray, digits: int) -> FloatArray:
    """Return the parameters (p,) rounded in the units they are written in, and inside their bounds.

    A number within a thousandth of its range from a bound is put on it: the search only creeps up to bounds.
    """
    out = []
    for parameter, number in zip(parameters, numbers, strict=True):
        near = 1e-3 * (parameter.high - parameter.low)
        ends = [end for end in (parameter.low, parameter.high) if abs(number - end) <= near]
        scale = number / parameter.written(number) if number else 1.0
        text = f"{parameter.written(float(number)):.{digits}g}"
        out.append(ends[0] if ends else min(max(float(text) * scale, parameter.low), parameter.high))
    return np.array(out)
