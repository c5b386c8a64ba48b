"""Keeps count of the energy of a run: what loads and muscles put in, what is held, what has become heat."""

from fem.arrays import FloatArray
from fem.case.problem import Problem
from fem.elements.layout import State
from fem.elements.retraction import direction_between
from fem.observe.muscles import muscles_of
from fem.results.record import Energies
from fem.system.system import Evaluation
from fem.terms.inertia import InertiaTerm


class EnergyCount:
    """Follows one run: `start` with its first state, then `add` every converged one.

    Notes
    -----
    Work is ∫F·dx by the trapezoidal rule from one converged state to the next. Muscles do the work of their whole
    tension plus what their passive fibres, which count as structures, take up: that is the work of the active part.
    Heat is what the terms report as lost, and the kinetic energy that a static phase puts an end to.
    """

    def __init__(self, problem: Problem) -> None:
        muscles = muscles_of(problem)
        self._layout = problem.model.layout
        self._loads = frozenset(problem.loads)
        self._muscles = frozenset(term.name for term in muscles.terms) if muscles is not None else frozenset()
        self._inertia = frozenset(term.name for term in problem.system.terms if isinstance(term, InertiaTerm))
        self._last: tuple[State, Evaluation] | None = None
        self._now = Energies(0.0, 0.0)

    def start(self, state: State, evaluation: Evaluation) -> Energies:
        """Return the energies before any load; what is stored then was put in before."""
        stored = self._stored(evaluation)
        self._last = (state, evaluation)
        self._now = Energies(stored, stored, kinetic=self._energy(evaluation, self._inertia))
        return self._now

    def add(self, state: State, evaluation: Evaluation) -> Energies:
        """Return the energies at the next converged state."""
        assert self._last is not None
        before, old = self._now, self._last[1]
        motion = direction_between(self._layout, self._last[0], state)
        muscles = self._work(old, evaluation, self._muscles, motion)
        muscles += self._energy(evaluation, self._muscles) - self._energy(old, self._muscles)
        lost = sum(part.lost for name, part in evaluation.contributions.items() if name not in self._active)
        stopped = before.kinetic if state.elapsed == 0.0 else 0.0
        self._last = (state, evaluation)
        self._now = Energies(
            self._stored(evaluation),
            before.work + self._work(old, evaluation, self._loads, motion),
            before.dissipated + lost + stopped,
            self._energy(evaluation, self._inertia),
            before.muscles + muscles,
        )
        return self._now

    @property
    def _active(self) -> frozenset[str]:
        """Terms whose work is counted as a whole."""
        return self._loads | self._muscles

    def _stored(self, evaluation: Evaluation) -> float:
        """Return the energy [mJ] held in everything that is neither a load nor in motion."""
        return self._energy(evaluation, frozenset(evaluation.contributions) - self._loads - self._inertia)

    def _energy(self, evaluation: Evaluation, names: frozenset[str]) -> float:
        return float(sum(part.energy for name, part in evaluation.contributions.items() if name in names))

    def _work(self, old: Evaluation, new: Evaluation, names: frozenset[str], motion: FloatArray) -> float:
        """Return the work [mJ] that terms have done on the rest along a motion (d,)."""
        mean = [0.5 * (old.forces[name] + new.forces[name]) for name in sorted(names)]
        return -float(sum(force @ motion for force in mean))
