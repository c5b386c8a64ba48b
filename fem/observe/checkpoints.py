"""Keeps what a run needs to go on where it stopped, now and then, and gives it back."""

from typing import Any

from fem.case.problem import Problem
from fem.elements.layout import State
from fem.observe.memory import kept_place, kept_state, kept_step, state_of, step_of
from fem.observe.observer import Observer
from fem.observe.settling import settled_again
from fem.observe.undisturbed import undisturbed
from fem.results.checkpoint import Memory, Spacing
from fem.results.folder import ResultFolder
from fem.solver.linear import LinearSolver
from fem.solver.report import Step

_ALL = 1.0 - 1e-12


class Checkpoints:
    """Those of one run. In order: `settled` if the spine settles, `reached` at each step, `repeated` for repetitions.

    Parameters
    ----------
    folder : of the result; what a run before left in it is given back.
    solver : whose warnings are kept.
    """

    def __init__(self, folder: ResultFolder, solver: LinearSolver) -> None:
        self._folder, self._solver, self._spacing = folder, solver, Spacing()
        self._memory: dict[str, Any] = dict(folder.checkpoint or {})
        self._waiting: tuple[Step, Observer, Memory] | None = None
        solver.warnings.extend(self._memory.get("warnings", ()))

    def settled(self, passive: State, state: State, problem: Problem) -> None:
        """Keep that the spine has settled, without muscles and with them."""
        muscles = problem.model.muscles
        activation = None if muscles is None else muscles.activation
        self._memory = {
            "settled": {
                "passive": kept_place(passive),
                "state": kept_state(state),
                "activation": activation,
            }
        }
        self._write()

    def settled_before(self, problem: Problem) -> tuple[State, Problem] | None:
        """Return the settled state, and the problem with its muscles, of the run that goes on; None if it had none."""
        found = self._memory.get("settled")
        if found is None:
            return None
        passive = state_of(found["passive"])
        return state_of(found["state"]), settled_again(problem, passive, found["activation"])

    def last_step(self, problem: Problem, observer: Observer) -> Step | None:
        """Return the last step of the run that goes on, `observer` restored; None if it had reached none."""
        found = self._memory.get("step")
        if found is None:
            return None
        step = step_of(found, problem.system)
        self._folder.show_last(observer.restore(self._memory["observer"], step))
        return step

    def reached(self, step: Step, observer: Observer, more: Memory) -> None:
        """Take a step that has been recorded: keep it if it is time, and always at the end of a phase.

        Parameters
        ----------
        more : further recorders' memory.
        """
        self._waiting = step, observer, more
        if step.share >= _ALL or self._spacing.due():
            self.flush()

    def flush(self) -> None:
        """Keep the last step now, if it has not been kept."""
        if self._waiting is None:
            return
        step, observer, more = self._waiting
        self._memory |= {"step": kept_step(step), "observer": observer.memory(), **more}
        if "settled" in self._memory:  # what its terms remembered has done its service
            settled = self._memory["settled"]
            self._memory["settled"] = {**settled, "state": {**settled["state"], "history": {}}}
        self._waiting = None
        self._write()

    def repeated(self, memory: Memory) -> None:
        """Keep what repeating the case has done so far."""
        self._memory["repeated"] = memory
        self._write()

    def __getitem__(self, name: str) -> Any:
        """Return what was kept under a name; None where nothing was."""
        return self._memory.get(name)

    def _write(self) -> None:
        self._memory["warnings"] = list(self._solver.warnings)
        with undisturbed(), self._spacing.writing():
            self._folder.keep_checkpoint(self._memory)
