"""One case solved with sets in which some numbers are moved: rotation and pressure rise at the wanted moments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from fem.calibrate.free import Free, Sets, moved_sets
from fem.case.build import build_mesh, build_problem
from fem.case.loads import MomentLoad
from fem.case.read import CaseFile, read_case
from fem.elements.layout import positions, reference_state
from fem.errors import FacetgapError
from fem.mesh.tagged_mesh import SpineMesh
from fem.observe.tables import discs_table, levels_table, settle
from fem.results.motions import ANGLE_OF_MOTION
from fem.solver.linear import LinearSolver
from fem.solver.march import march
from fem.units import to_internal

#: Shares of the load closer than this are the same.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Trial:
    """What to solve: a case on a mesh, with parameters at some numbers, at moments (m,) [N mm], ascending."""

    case: Path
    resolution: str
    moments: tuple[float, ...]
    parameters: tuple[Free, ...]
    numbers: tuple[float, ...]
    starts: Sets


@dataclass(frozen=True, slots=True)
class Response:
    """What came out: rotation (m,) [rad], pressure rise (m,) [MPa]; `failure` says why where nothing did."""

    rotation: tuple[float, ...] = ()
    pressure_rise: tuple[float, ...] = ()
    failure: str = ""

    def curve(self, quantity: str) -> tuple[float, ...]:
        """Return ``rotation`` or ``pressure_rise``."""
        return self.rotation if quantity == "rotation" else self.pressure_rise


def respond(trial: Trial) -> Response:
    """Solve a trial; one march through all its moments, from the settled spine where its case settles it."""
    sets = moved_sets(trial.starts, trial.parameters, trial.numbers)
    try:
        return _march(trial, sets)
    except FacetgapError as error:
        return Response(failure=str(error).partition("\n")[0])


def _march(trial: Trial, sets: Sets) -> Response:
    case_file, mesh = _meshed(trial.case, trial.resolution)
    problem = build_problem(case_file, mesh, sets)
    load = case_file.case.phases[-1].loads[0]
    assert isinstance(load, MomentLoad)
    column, sign = ANGLE_OF_MOTION[load.motion]
    shares = [moment / load.value for moment in trial.moments]
    *before, phase = problem.phases
    phase = replace(phase, stops=tuple(phase.start + share * phase.duration for share in shares))
    solver, state = LinearSolver(problem.system.pattern), reference_state(problem.model.layout)
    for step in march(problem.system, solver, state, before):
        state = step.state
    settled = settle(problem, state)
    found: dict[int, tuple[float, float]] = {}
    for step in march(problem.system, solver, state, [phase]):
        for index in _reached(shares, step.share):
            turned = sign * float(levels_table(problem, settled, step.state)[column][0])
            x = positions(problem.model.layout, step.state)
            rise = float(discs_table(problem, settled, x)["pressure_rise_MPa"][0])
            found[index] = (to_internal(turned, "deg", "angle"), rise)
        if len(found) == len(shares):
            break
    rows = [found[index] for index in range(len(shares))]
    return Response(tuple(row[0] for row in rows), tuple(row[1] for row in rows))


def _reached(shares: Sequence[float], share: float) -> list[int]:
    return [index for index, wanted in enumerate(shares) if abs(wanted - share) < _SAME]


@lru_cache(maxsize=16)
def _meshed(case: Path, resolution: str) -> tuple[CaseFile, SpineMesh]:
    """Return a case on its mesh; both are used again by every trial of this process."""
    case_file = read_case(case, (f"spine.resolution={resolution}",))
    return case_file, build_mesh(case_file)
