"""From the neutral posture to the one that loads start from: pre-strained ligaments, then muscles in balance."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fem.arrays import FloatArray
from fem.case.actuators import MuscleActuators
from fem.case.problem import Problem
from fem.case.read import CaseFile
from fem.case.schema import Case
from fem.elements.layout import State, positions, reference_state
from fem.solver.linear import LinearSolver
from fem.solver.march import march
from fem.solver.posture import Posture, hold_posture
from fem.solver.report import NewtonReport

#: Called after every nonlinear solve with phase, time and report.
Heard = Callable[[str, float, NewtonReport], None]
#: Called with a sentence for the log.
Say = Callable[[str], None]
#: A segment that has turned by less [rad] counts as not having turned.
_TOLERANCE = float(np.radians(0.05))


def settles(case: Case) -> bool:
    """Whether the first phase of a case settles the spine: others follow, and it brings in no load of its own."""
    return len(case.phases) > 1 and not case.phases[0].loads


def settled(
    case_file: CaseFile,
    problem: Problem,
    solver: LinearSolver,
    heard: Heard,
    say: Say,
    keep: Callable[[State], None] = lambda state: None,
) -> tuple[State, Problem]:
    """Return the end of the first phase, and the problem with the activations that hold it.

    Parameters
    ----------
    heard, say : called after every nonlinear solve, and with sentences for the log.
    keep : called with every state that was reached, so that none is lost if a later one is not.

    Notes
    -----
    Muscles do not choose the posture: the spine settles without them, then they come in with what guarding asks for,
    and antagonists add what keeps every segment where it is (`fem.solver.posture`), so that a relaxed and a guarded
    spine start alike. A case may switch the antagonists off (``muscles.balance: false``).

    Raises
    ------
    NotConvergedError
        When the spine, or the spine with its muscles, finds no equilibrium.
    """
    muscles, passive = problem.model.muscles, problem
    if muscles is not None:
        passive = problem.with_muscles(muscles.with_activation(np.zeros(len(muscles.names))))
    state = reference_state(problem.model.layout)
    for step in march(passive.system, solver, state, problem.phases[:1], heard):
        state = step.state
        keep(state)
    if muscles is None:
        return state, problem
    assert case_file.case.muscles is not None
    asked, free = muscles.activation, case_file.case.muscles.balance
    lowest, highest = (np.zeros_like(asked), np.ones_like(asked)) if free else (asked, asked)
    muscles = muscles.holding(positions(problem.model.layout, state))
    problem = problem.with_muscles(muscles)
    posture = hold_posture(
        MuscleActuators(problem, lowest, highest),
        solver,
        state,
        problem.model.segments,
        problem.phases[0].settings,
        _TOLERANCE,
    )
    for sentence in _words(problem, posture):
        say(sentence)
    problem = problem.with_muscles(muscles.with_activation(posture.amplitudes))
    # What the muscles remember is still the spine without them: a thrust that follows at once would find them slack.
    memory = problem.system.history(problem.system.evaluate(posture.state, tangent=False))
    return replace(posture.state, history={**posture.state.history, **memory}), problem


def settled_again(problem: Problem, passive: State, activation: FloatArray) -> Problem:
    """Return the problem that `settled` returned, from the passive end of the phase and activations (f,)."""
    muscles = problem.model.muscles
    if muscles is None:
        return problem
    muscles = muscles.holding(positions(problem.model.layout, passive))
    return problem.with_muscles(muscles.with_activation(activation))


def _words(problem: Problem, posture: Posture) -> list[str]:
    """Return what the balance found, for the log."""
    bodies = {number: name for name, number in problem.model.bodies.items()}
    lines = [
        f"muscles balanced in {posture.rounds} rounds: sum of squared activations "
        f"{float(np.sum(posture.amplitudes**2)):.4f}, largest {float(posture.amplitudes.max()):.3f}"
    ]
    for (upper, lower), turn, moment in zip(
        problem.model.segments, np.degrees(posture.rotation), posture.moment / 1e3, strict=True
    ):
        axes = "flexion {1:+.3f}, lateral bending left {0:+.3f}, axial rotation left {2:+.3f}"
        turned = axes.format(-turn[0], turn[1], turn[2])
        left = axes.format(-moment[0], moment[1], moment[2])
        lines.append(f"  {bodies[upper]}-{bodies[lower]}: turned by {turned} deg; residual moment {left} N m")
    return lines
