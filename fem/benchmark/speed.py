"""Timed runs of a case: a whole one, part of a fine one, and spines of growing length."""

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from fem.anatomy.recipe import read_recipe
from fem.benchmark.metering import Meter, MeteredSolver, metered_system
from fem.case.build import build_problem
from fem.case.problem import Problem
from fem.case.read import CaseFile, read_case
from fem.elements.layout import reference_state
from fem.mesh.build import build_spine_mesh
from fem.mesh.tagged_mesh import SpineMesh
from fem.solver.march import march

#: Spines of 2, 3, 4 and 5 levels.
SPANS = ("L4-S1", "L3-S1", "L2-S1", "L1-S1")


@dataclass(frozen=True, slots=True)
class TimedRun:
    """A run, taken apart.

    Attributes
    ----------
    levels, unknowns : size of the model.
    mesh, build, solve : seconds of meshing (bones grown anew), building the problem, solving it.
    parts : part of the solution -> seconds; they add up to `solve`.
    steps, iterations : load steps solved, Newton iterations over them.
    processor : seconds of processor time, all threads; above `total` where several cores work.
    peak_memory : largest resident size of the process so far [GB].
    rotation : total rotation of the uppermost vertebra [deg], to see that the case was really solved.
    """

    levels: int
    unknowns: int
    mesh: float
    build: float
    solve: float
    parts: dict[str, float]
    steps: int
    iterations: int
    processor: float
    peak_memory: float
    rotation: float

    @property
    def total(self) -> float:
        """Seconds from the case file to the last state."""
        return self.mesh + self.build + self.solve

    @property
    def assembly(self) -> float:
        """Seconds spent in all terms, and in summing them up."""
        wanted = ("solids", "ligaments", "contact", "loads", "reduction and scatter")
        return sum(self.parts[name] for name in wanted)

    @property
    def linear(self) -> float:
        """Seconds spent in factorisations and solves; the analysis, made once, is left out."""
        return self.parts["factorisation"] + self.parts["solves"]

    @property
    def per_iteration(self) -> float:
        """Seconds per Newton iteration without the analysis."""
        return (self.solve - self.parts["analysis"]) / max(self.iterations, 1)


def timed_run(
    case: Path, overrides: Sequence[str] = (), steps: int | None = None, with_bones: bool = True
) -> TimedRun:
    """Return the timed run of a case file.

    Parameters
    ----------
    case, overrides : as for ``facetgap run``.
    steps : stop after so many load steps; None goes to the end.
    with_bones : False leaves out the bones, which are rigid: where only the solution is of interest.
    """
    begin, busy = time.perf_counter(), time.process_time()
    case_file = read_case(case, overrides)
    mesh = _grown(case_file, with_bones)
    meshed = time.perf_counter()
    problem = build_problem(case_file, mesh)
    built = time.perf_counter()
    meter = Meter()
    system, solver = metered_system(problem.system, meter), MeteredSolver(problem.system.pattern, meter=meter)
    start = reference_state(problem.model.layout)
    found = list(islice(march(system, solver, start, problem.phases), steps))
    end = time.perf_counter()
    top = problem.model.bodies[problem.levels[0].split("-")[0]]
    turn = found[-1].state.rotations[top]
    return TimedRun(
        levels=len(problem.levels),
        unknowns=problem.system.layout.dof_count,
        mesh=meshed - begin,
        build=built - meshed,
        solve=end - built,
        parts=_parts(problem, meter, end - built),
        steps=len(found),
        iterations=sum(step.report.iterations for step in found),
        processor=time.process_time() - busy,
        peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
        rotation=float(np.degrees(np.arccos(np.clip((np.trace(turn) - 1.0) / 2.0, -1.0, 1.0)))),
    )


def _grown(case_file: CaseFile, with_bones: bool) -> SpineMesh:
    """Return the mesh of a case with bones that are grown now, not remembered from an earlier run."""
    spine = case_file.case.spine
    assert spine is not None
    assert case_file.anatomy is not None
    recipe = read_recipe(case_file.anatomy).model
    return build_spine_mesh(recipe, spine.resolution, spine.vertebra_names, with_bones)


def _parts(problem: Problem, meter: Meter, solve: float) -> dict[str, float]:
    """Return the seconds of each part of the solution; ``the rest`` makes them add up to `solve`."""
    terms = {name.removeprefix("term "): s for name, s in meter.seconds.items() if name.startswith("term ")}
    groups = {"solids": 0.0, "ligaments": 0.0, "contact": 0.0, "loads": 0.0}
    together = meter.seconds.get("terms", 0.0)
    for name, seconds in terms.items():  # its share of the time in which terms worked, one or several at once
        groups[_group(problem, name)] += seconds / sum(terms.values()) * together
    factorise, calls = meter.seconds.get("factorise", 0.0), meter.calls.get("factorise", 0)
    first = meter.seconds.get("analyse and factorise", 0.0)
    typical = min(first, factorise / calls) if calls else first
    inside = meter.seconds.get("evaluate", 0.0) + meter.seconds.get("advance", 0.0)
    parts = {
        **groups,
        "reduction and scatter": inside - together,
        "analysis": first - typical,
        "factorisation": factorise + typical,
        "solves": meter.seconds.get("solve", 0.0),
    }
    return {**parts, "the rest": solve - sum(parts.values())}


def _group(problem: Problem, term: str) -> str:
    if term in problem.loads:
        return "loads"
    if any(term in (disc.annulus.name, disc.nucleus.name) for disc in problem.model.discs):
        return "solids"
    return "contact" if term == "facets" else "ligaments"


def growth(runs: Sequence[TimedRun]) -> float:
    """Return the exponent p of ``cost per iteration ~ levels^p``, fitted to the runs."""
    levels = np.log([run.levels for run in runs])
    cost = np.log([run.per_iteration for run in runs])
    return float(np.polyfit(levels, cost, 1)[0])


def span_overrides(span: str, resolution: str) -> tuple[str, ...]:
    """Return what makes a case of `span` (``L3-S1``) bent by 7.5 N m out of any spine case."""
    top = span.split("-")[0]
    load = f"{{kind: moment, on: {top}, motion: flexion, value: 7.5 N m}}"
    phases = f"phases=[{{name: settle}}, {{name: moment, loads: [{load}]}}]"
    return (f"spine.resolution={resolution}", f"spine.levels={span}", phases, "expect=[]")
