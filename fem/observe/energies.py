"""Keeps count of the energy of a run: what loads and muscles put in, what is held, what has become heat."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from fem.arrays import FloatArray
from fem.case.problem import Problem
from fem.elements.layout import State
from fem.elements.retraction import direction_between
from fem.observe.work import Stretch, WorkCount, count_of
from fem.results.checkpoint import Memory
from fem.results.record import Energies
from fem.system.system import Evaluation
from fem.terms.inertia import InertiaTerm


class EnergyCount:
    """Follows one run: `start` with its first state, then `add` every converged one.

    Notes
    -----
    Muscles do the work of their whole tension plus what their passive fibres, which count as structures, take up:
    that is the work of the active part. Heat is what the terms report as lost, and the kinetic energy that a static
    phase puts an end to.
    """

    def __init__(self, problem: Problem) -> None:
        muscles = problem.model.muscles
        self._layout = problem.model.layout
        self._loads = frozenset(problem.loads)
        self._muscles = frozenset(term.name for term in muscles.terms) if muscles is not None else frozenset()
        self._inertia = frozenset(term.name for term in problem.system.terms if isinstance(term, InertiaTerm))
        self._last: tuple[State, Evaluation] | None = None
        self._by_loads, self._by_muscles = WorkCount(), WorkCount()
        self._passive = 0.0
        self._now = Energies(0.0, 0.0)

    def start(self, state: State, evaluation: Evaluation) -> Energies:
        """Return the energies before any load; what is stored then was put in before."""
        stored = self._stored(evaluation)
        self._last = (state, evaluation)
        self._by_loads, self._by_muscles = WorkCount(stored), WorkCount()
        self._passive = self._energy(evaluation, self._muscles)
        self._now = Energies(stored, stored, kinetic=self._energy(evaluation, self._inertia))
        return self._now

    def add(self, state: State, evaluation: Evaluation, phase: str) -> Energies:
        """Return the energies at the next converged state, reached in a phase."""
        static, way = state.elapsed == 0.0, self._way(state, evaluation)
        self._by_loads = self._by_loads.after(way(self._loads), phase, static)
        self._by_muscles = self._by_muscles.after(way(self._muscles), phase, static)
        counted = self._loads | self._muscles
        lost = sum(part.lost for name, part in evaluation.contributions.items() if name not in counted)
        stopped = self._now.kinetic if static else 0.0
        self._last = (state, evaluation)
        self._now = Energies(
            self._stored(evaluation),
            self._by_loads.work,
            self._now.dissipated + lost + stopped,
            self._energy(evaluation, self._inertia),
            self._by_muscles.work + self._energy(evaluation, self._muscles) - self._passive,
        )
        return self._now

    def memory(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, beside the last step."""
        counts = {"by_loads": self._by_loads, "by_muscles": self._by_muscles}
        kept = {name: count.memory() for name, count in counts.items()}
        return {**kept, "passive": self._passive, "now": asdict(self._now)}

    def restore(self, memory: Memory, state: State, evaluation: Evaluation) -> None:
        """Go on from a `memory` and the last state, with the system evaluated there."""
        self._last = (state, evaluation)
        self._by_loads, self._by_muscles = (count_of(memory[name]) for name in ("by_loads", "by_muscles"))
        self._passive, self._now = memory["passive"], Energies(**memory["now"])

    def _stored(self, evaluation: Evaluation) -> float:
        """Return the energy [mJ] held in everything that is neither a load nor in motion."""
        return self._energy(evaluation, frozenset(evaluation.contributions) - self._loads - self._inertia)

    def _energy(self, evaluation: Evaluation, names: frozenset[str]) -> float:
        return float(sum(part.energy for name, part in evaluation.contributions.items() if name in names))

    def _way(self, state: State, evaluation: Evaluation) -> Callable[[frozenset[str]], Stretch]:
        """Return the way from the last converged state, given the terms whose force at both ends is wanted."""
        assert self._last is not None
        before, old = self._last
        motion = direction_between(self._layout, before, state)
        duration = state.time - before.time
        return lambda names: Stretch(duration, motion, _pull(old, names), _pull(evaluation, names))


def _pull(evaluation: Evaluation, names: frozenset[str]) -> FloatArray:
    """Return the force (d,) of terms on everything else."""
    total = np.zeros_like(evaluation.residual)
    for name in sorted(names):
        total -= evaluation.forces[name]
    return total
