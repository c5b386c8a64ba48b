"""Turns converged steps into records, keeping count of the work that loads have done."""

from collections.abc import Sequence

import numpy as np

from fem.case.problem import Problem
from fem.elements.layout import State
from fem.elements.retraction import direction_between
from fem.observe.fields import fields
from fem.observe.tables import Settled, settle, tables
from fem.results.record import Energies, StepRecord
from fem.solver.report import Step
from fem.system.system import Evaluation


class Observer:
    """Follows one run. `start` with the state before any load, then `record` each converged step.

    Parameters
    ----------
    problem : what is solved.
    wanted : the case's ``output.fields``.
    every : time between kept fields [s], or None for every step.
    """

    def __init__(self, problem: Problem, wanted: Sequence[str], every: float | None = None) -> None:
        self._problem, self._wanted, self._every = problem, tuple(wanted), every
        self._settled: Settled | None = None
        self._last: tuple[State, Evaluation] | None = None
        self._work = 0.0
        self._kept = -np.inf
        self._number = 0

    def start(self, state: State, evaluation: Evaluation, phase: str) -> StepRecord:
        """Return record 0: the state to which all changes refer."""
        self._settled = settle(self._problem, state)
        self._last = (state, evaluation)
        self._work = self._stored(evaluation)
        return self._record(state, evaluation, phase, 0.0, (0, 0.0))

    def record(self, step: Step) -> StepRecord:
        """Return the record of a converged step after `start`."""
        self._number += 1
        self._work += self._work_since(step.state, step.evaluation)
        self._last = (step.state, step.evaluation)
        counts = (step.report.iterations, step.report.norms[-1])
        return self._record(step.state, step.evaluation, step.phase, step.share, counts)

    def _record(
        self, state: State, evaluation: Evaluation, phase: str, share: float, counts: tuple[int, float]
    ) -> StepRecord:
        assert self._settled is not None
        keep = self._every is None or state.time >= self._kept + self._every * (1.0 - 1e-9)
        self._kept = state.time if keep else self._kept
        return StepRecord(
            self._number,
            state.time,
            phase,
            share,
            counts[0],
            counts[1],
            Energies(self._stored(evaluation), self._work),
            fields(self._problem, state, self._wanted),
            tables(self._problem, self._settled, state),
            keep_fields=keep,
        )

    def _stored(self, evaluation: Evaluation) -> float:
        """Return the energy [mJ] held in everything that is not a load."""
        parts = evaluation.contributions.items()
        return float(sum(part.energy for name, part in parts if name not in self._problem.loads))

    def _work_since(self, state: State, evaluation: Evaluation) -> float:
        """Return the work [mJ] of the loads since the last record, by the trapezoidal rule."""
        assert self._last is not None
        before, old = self._last
        motion = direction_between(self._problem.model.layout, before, state)
        mean = [0.5 * (old.forces[name] + evaluation.forces[name]) for name in self._problem.loads]
        return -float(sum(force @ motion for force in mean))
