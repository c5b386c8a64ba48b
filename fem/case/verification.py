"""Solve a closed-form problem of a case file, from its reference state to what it reports."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fem.case.schema import Case
from fem.case.timeline import phase_spans
from fem.case.verification_problems import Posed, pose
from fem.elements.layout import positions
from fem.results.record import Energies, ModelInfo, Part, PartFields, StepRecord
from fem.solver.linear import LinearSolver
from fem.solver.march import Listener, march
from fem.solver.report import NewtonReport, Step, StopReason
from fem.terms.curve import ramp


@dataclass(frozen=True, slots=True)
class VerificationStep:
    """A converged state: the record for the result folder, and what the problem reports there."""

    record: StepRecord
    reported: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class VerificationOutcome:
    """A solved problem.

    Attributes
    ----------
    model, parts : what a result folder is started with.
    records : the state before any load, then every load step.
    reported : kind of problem -> name -> value at the end, as `REPORTED` lists them.
    """

    model: ModelInfo
    parts: tuple[Part, ...]
    records: tuple[StepRecord, ...]
    reported: Mapping[str, Mapping[str, float]]

    @property
    def steps(self) -> tuple[tuple[int, float], ...]:
        """Newton iterations and final relative residual of each load step."""
        return tuple((record.iterations, record.residual) for record in self.records[1:])


@dataclass(frozen=True, slots=True)
class Verification:
    """A closed-form problem, built and ready to march: to write states as they come."""

    case: Case
    posed: Posed

    @property
    def model(self) -> ModelInfo:
        """What the result folder records of the model."""
        cells = {"cells": len(self.posed.part.types), "points": len(self.posed.part.points)}
        return ModelInfo((), self.posed.system.layout.dof_count, cells)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The undeformed body."""
        return (self.posed.part,)

    def march(self, listen: Listener | None = None) -> Iterator[VerificationStep]:
        """Yield the state before any load, then every converged load step.

        Raises
        ------
        NotConvergedError
            When the smallest load step fails; everything yielded before stays valid.
        """
        system, phases = self.posed.system, phase_spans(self.case)
        last = self._at_rest()
        work = 0.0
        yield self._step(last, work)
        for step in march(system, LinearSolver(system.pattern), self.posed.start, phases, listen):
            work += self._work(last, step)
            last = step
            yield self._step(step, work)

    def _at_rest(self) -> Step:
        start = self.posed.start
        report = NewtonReport(StopReason.CONVERGED, (0.0,), (), "")
        evaluation = self.posed.system.evaluate(start, tangent=False)
        return Step(0, self.case.phases[0].name, 0.0, start, evaluation, report, 0)

    def _work(self, before: Step, after: Step) -> float:
        """Return the work [N mm] between two steps by the trapezium rule, exact to second order in the step."""
        (first, start), (second, end) = self.posed.driven(before), self.posed.driven(after)
        return 0.5 * (first + second) * (end - start)

    def _step(self, step: Step, work: float) -> VerificationStep:
        posed = self.posed
        parts = step.evaluation.contributions.items()
        stored = sum(part.energy for name, part in parts if name not in posed.loads)
        moved = positions(posed.system.layout, step.state)[posed.points] - posed.part.points
        record = StepRecord(
            step=step.number,
            time_s=step.state.time,
            phase=step.phase,
            load_fraction=step.share,
            iterations=step.report.iterations,
            residual=step.report.norms[-1],
            energies=Energies(float(stored), work),
            fields={posed.part.name: PartFields(np.asarray(moved))},
        )
        assert self.case.problem is not None
        return VerificationStep(record, {self.case.problem.kind: posed.report(step)})


def pose_verification(case: Case) -> Verification:
    """Return the closed-form problem of `case`; its load grows evenly over the whole timeline.

    Raises
    ------
    ValueError
        If the case names a spine instead.
    """
    if case.problem is None:
        raise ValueError("the case names a spine, not a closed-form problem")
    return Verification(case, pose(case.problem, ramp(0.0, phase_spans(case)[-1].end)))


def solve_verification(case: Case, listen: Listener | None = None) -> VerificationOutcome:
    """Return the solved closed-form problem of `case`.

    Raises
    ------
    NotConvergedError
        When the smallest load step fails.
    """
    problem = pose_verification(case)
    steps = list(problem.march(listen))
    return VerificationOutcome(
        problem.model, problem.parts, tuple(step.record for step in steps), steps[-1].reported
    )
