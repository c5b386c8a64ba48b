"""Turns converged steps into records: tables, fields, energies."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fem.arrays import FloatArray
from fem.case.problem import Problem
from fem.elements.layout import State
from fem.observe.energies import EnergyCount
from fem.observe.fields import fields
from fem.observe.film import MotionRecorder
from fem.observe.memory import kept_place, state_of
from fem.observe.tables import Settled, settle, tables
from fem.results.checkpoint import Memory
from fem.results.film_motion import FilmMotion
from fem.results.record import Energies, LaterFields, StepRecord
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
        self._energies = EnergyCount(problem)
        self._motion = MotionRecorder(problem)
        self._gaps: FloatArray | None = None
        self._kept = -np.inf
        self._number = 0

    def start(self, state: State, evaluation: Evaluation, phase: str) -> StepRecord:
        """Return record 0: the state to which all changes refer."""
        self._settled = settle(self._problem, state)
        energies = self._energies.start(state, evaluation)
        return self._record(state, energies, (phase, 0.0), (0, 0.0))

    def record(self, step: Step) -> StepRecord:
        """Return the record of a converged step after `start`."""
        self._number += 1
        energies = self._energies.add(step.state, step.evaluation, step.phase)
        counts = (step.report.iterations, step.report.norms[-1])
        return self._record(step.state, energies, (step.phase, step.share), counts)

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, beside the last step."""
        assert self._settled is not None
        return {
            "start": kept_place(self._settled.state),
            "energies": self._energies.memory(),
            "motion": self._motion.memory(),
            "gaps": self._gaps,
            "kept": self._kept,
            "number": self._number,
        }

    def restore(self, memory: Memory, step: Step) -> StepRecord:
        """Go on from a `memory` and the last step; return what can be shown of that."""
        self._settled = settle(self._problem, state_of(memory["start"]))
        self._energies.restore(memory["energies"], step.state, step.evaluation)
        self._motion.restore(memory["motion"])
        self._gaps, self._kept, self._number = (memory[name] for name in ("gaps", "kept", "number"))
        energies = Energies(**memory["energies"]["now"])
        shown = self._fields(step.state)
        return StepRecord(
            self._number, step.state.time, step.phase, step.share, 0, 0.0, energies, shown, keep_fields=False
        )

    def motion(self) -> FilmMotion | None:
        """Return how the joints moved in the dynamic phases so far; None where there were none."""
        return self._motion.motion()

    def _record(
        self, state: State, energies: Energies, place: tuple[str, float], counts: tuple[int, float]
    ) -> StepRecord:
        assert self._settled is not None
        self._motion.add(state)
        found = tables(self._problem, self._settled, state, self._gaps)
        self._gaps = np.array(found.get("facets", {}).get("gap_mean_mm", ()), dtype=np.float64)
        keep = self._every is None or state.time >= self._kept + self._every * (1.0 - 1e-9)
        self._kept = state.time if keep else self._kept
        return StepRecord(
            self._number,
            state.time,
            *place,
            *counts,
            energies,
            self._fields(state),
            found,
            keep_fields=keep,
        )

    def _fields(self, state: State) -> LaterFields:
        speed = self._motion.speed
        return LaterFields(lambda: fields(self._problem, state, self._wanted, speed))
