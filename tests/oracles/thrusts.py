"""Whole spines with muscles that are settled once in this process and then thrust at in large steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fem.case.build import build_mesh, build_problem
from fem.case.problem import Problem
from fem.case.read import CaseFile, read_case
from fem.elements.layout import State
from fem.observe.observer import Observer
from fem.observe.settling import settled
from fem.results.record import StepRecord
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import Step

CASES = Path(__file__).parents[2] / "cases" / "manipulation"
COARSE = "spine.resolution=coarse"


@dataclass(frozen=True)
class Ready:
    """A case whose spine has settled, with its muscles in balance, and what the log was told."""

    case_file: CaseFile
    problem: Problem
    state: State
    said: tuple[str, ...]


@dataclass(frozen=True)
class Moved:
    """The converged steps after settling, and their records; the first record is that of the settled spine."""

    steps: tuple[Step, ...]
    records: tuple[StepRecord, ...]


def ready(path: Path, *overrides: str) -> Ready:
    """Return a case at the end of its first phase."""
    case_file = read_case(path, (COARSE, *overrides))
    problem = build_problem(case_file, build_mesh(case_file))
    said: list[str] = []
    state, problem = settled(
        case_file, problem, LinearSolver(problem.system.pattern), lambda *_: None, said.append
    )
    return Ready(case_file, problem, state, tuple(said))


def move(start: Ready, phases: Sequence[PhaseSpan] | None = None, problem: Problem | None = None) -> Moved:
    """March a settled spine on through phases, by default its case's, with its problem or one on the same layout."""
    problem = problem or start.problem
    observer = Observer(problem, ())
    first = observer.start(
        start.state, problem.system.evaluate(start.state, tangent=False), problem.phases[0].name
    )
    solver = LinearSolver(problem.system.pattern)
    steps = tuple(march(problem.system, solver, start.state, phases or problem.phases[1:]))
    return Moved(steps, (first, *(observer.record(step) for step in steps)))


def paced(phase: PhaseSpan, step: float, end: float | None = None) -> PhaseSpan:
    """Return a phase in time that takes steps of `step` [s], and stops early at `end` [s]."""
    end = phase.end if end is None else end
    duration = end - phase.start
    share = min(1.0, step / duration)
    settings = replace(
        phase.settings, first_step=share, largest_step=share, longest_step=step, smallest_step=0.01 * share
    )
    stops = tuple(stop for stop in phase.stops if stop < end)
    return replace(phase, end=end, settings=settings, stops=stops)
