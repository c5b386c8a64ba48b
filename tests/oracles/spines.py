"""Short spines without bones, composed and solved in this process: for what must hold whatever the numbers are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from fem.anatomy.recipe import read_recipe
from fem.anatomy.spine import ArticularSurface, Frame, Spine
from fem.anatomy.vocabulary import LEVELS, MOTIONS, VERTEBRAE
from fem.case.problem import Problem
from fem.case.schema import ParameterSection
from fem.elements.layout import positions, reference_state
from fem.literature import load
from fem.materials.cable import ConstantTension
from fem.mesh.build import build_spine_mesh
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh
from fem.observe.tables import Settled, settle, tables
from fem.results.record import Table
from fem.results.summary import table_rows
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import NewtonReport, Settings, Step
from fem.structures.model import Composition, LevelFactors, SpineModel, build_model
from fem.system.system import build_system
from fem.terms.cable import CableTerm
from fem.terms.curve import ramp
from fem.terms.loads import DisplacementTerm, ForceTerm, MomentTerm, RotationTerm
from fem.terms.term import Term

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "meshes" / "lumbar.yaml"
ALL = ("disc", "ligaments", "facets")
SETTLE = PhaseSpan("settle", 0.0, 1.0, Settings(first_step=1.0, largest_step=1.0))

#: Given the model, a load that ramps up from 1 s to 2 s.
Load = Callable[[SpineModel], Term]


def phases(steps: int | None = None, **settings: float) -> tuple[PhaseSpan, ...]:
    """Return settling from 0 to 1 s and loading from 1 to 2 s, in `steps` equal steps or as the solver likes."""
    share = {} if steps is None else {"first_step": 1.0 / steps, "largest_step": 1.0 / steps}
    chosen = Settings(**{"first_step": 0.5, "largest_step": 1.0, "iterations": 20, **share, **settings})
    return SETTLE, PhaseSpan("load", 1.0, 2.0, chosen)


@cache
def coarse_mesh(levels: str = "L4-L5") -> SpineMesh:
    """Return discs and anatomy of a range of levels."""
    upper, lower = levels.split("-")
    names = VERTEBRAE[VERTEBRAE.index(upper) : VERTEBRAE.index(lower) + 1]
    return build_spine_mesh(read_recipe(RECIPE).model, "coarse", names, with_bones=False)


def moment(on: str, motion: str, value: float = 7500.0) -> Load:
    """Return a pure moment [N mm]."""
    axis = np.array(MOTIONS[motion])
    return lambda model: MomentTerm("moment", model.bodies[on], value * axis, ramp(1.0, 2.0))


def moment_vector(on: str, vector: np.ndarray) -> Load:
    """Return a pure moment (3,) [N mm] of any direction."""
    return lambda model: MomentTerm("moment", model.bodies[on], vector, ramp(1.0, 2.0))


def rotation(on: str, motion: str, angle: float) -> Load:
    """Return a prescribed rotation [rad]."""
    axis = np.array(MOTIONS[motion])
    return lambda model: RotationTerm("rotation", model.bodies[on], axis, angle, ramp(1.0, 2.0))


def follower(value: float) -> Load:
    """Return a follower load [N]."""
    return lambda model: CableTerm("follower", model.follower, ConstantTension(value), ramp(1.0, 2.0))


def force(vector: np.ndarray, point: int = 0) -> Load:
    """Return a force (3,) [N] on the load point number `point`."""

    def term(model: SpineModel) -> Term:
        return ForceTerm(
            f"force {point}", model.load_points[point : point + 1, None], vector[None], ramp(1.0, 2.0)
        )

    return term


def displacement(direction: np.ndarray, value: float, point: int = 0) -> Load:
    """Return a prescribed displacement [mm] of the load point number `point` along a unit vector."""

    def term(model: SpineModel) -> Term:
        points = model.load_points[point : point + 1, None]
        start = model.layout.reference[points[0]]
        return DisplacementTerm(f"displacement {point}", points, start, direction, value, ramp(1.0, 2.0))

    return term


def spine_problem(
    *loads: Load,
    mesh: SpineMesh | None = None,
    structures: tuple[str, ...] = ALL,
    cut: tuple[tuple[str, str | None], ...] = (),
    factors: Mapping[str, LevelFactors] | None = None,
    points: Sequence[tuple[str, np.ndarray]] = (),
    timeline: tuple[PhaseSpan, ...] | None = None,
) -> Problem:
    """Return a problem with the literature's default sets; the lowest vertebra is fixed."""
    mesh = mesh or coarse_mesh()
    sets = {part: load(name) for part, (name, _) in ParameterSection().sets().items()}
    levels = tuple(level for level in LEVELS if level in mesh.discs)
    model = build_model(mesh, Composition(levels, structures, cut, factors or {}, sets), points)
    terms = [make(model) for make in loads]
    system = build_system(model.layout, (*model.terms, *terms))
    return Problem(model, system, timeline or phases(), tuple(term.name for term in terms), sets)


@dataclass(frozen=True)
class Solved:
    """A marched problem: every converged step, and every report of the solver."""

    problem: Problem
    steps: tuple[Step, ...]
    reports: tuple[NewtonReport, ...]

    @property
    def settled(self) -> Settled:
        """The state at the end of the first phase."""
        first = [step for step in self.steps if step.phase == self.problem.phases[0].name]
        return settle(self.problem, first[-1].state)

    @property
    def loaded(self) -> tuple[Step, ...]:
        """The steps after settling."""
        return tuple(step for step in self.steps if step.phase != self.problem.phases[0].name)

    def positions(self, step: int = -1) -> np.ndarray:
        return positions(self.problem.model.layout, self.steps[step].state)

    def tables(self, step: int = -1) -> dict[str, Table]:
        return tables(self.problem, self.settled, self.steps[step].state)

    def rows(self, table: str, step: int = -1) -> dict[str, dict[str, float]]:
        """Return place (``L4-L5`` or ``L4-L5 CL left``) -> row."""
        return {place.replace("\t", " "): row for place, row in table_rows(self.tables(step)[table])}

    def angles(self, level: str, step: int = -1) -> np.ndarray:
        """Return flexion, left bending and left rotation (3,) [deg]."""
        row = self.rows("levels", step)[level]
        return np.array([row["flexion_deg"], row["lateral_bending_deg"], row["axial_rotation_deg"]])

    def stored(self, step: int = -1) -> float:
        parts = self.steps[step].evaluation.contributions.items()
        return float(sum(part.energy for name, part in parts if name not in self.problem.loads))


def solve(problem: Problem) -> Solved:
    """March through the whole timeline."""
    reports: list[NewtonReport] = []
    solver = LinearSolver(problem.system.pattern)
    start = reference_state(problem.model.layout)
    steps = tuple(march(problem.system, solver, start, problem.phases, lambda p, t, r: reports.append(r)))
    return Solved(problem, steps, tuple(reports))


def moved_mesh(mesh: SpineMesh, turn: np.ndarray, shift: np.ndarray) -> SpineMesh:
    """Return a spine turned by (3, 3) about the origin, then shifted (3,) [mm], as a whole."""

    def move(points: np.ndarray) -> np.ndarray:
        return points @ turn.T + shift

    def frame(old: Frame) -> Frame:
        return Frame(move(old.origin), turn @ old.axes)

    def surface(old: ArticularSurface) -> ArticularSurface:
        return replace(old, control=move(old.control))

    old = mesh.spine
    spine = Spine(
        old.name,
        {
            name: replace(v, frame=frame(v.frame), landmarks={k: move(p) for k, p in v.landmarks.items()})
            for name, v in old.vertebrae.items()
        },
        {level: replace(disc, frame=frame(disc.frame)) for level, disc in old.discs.items()},
        {
            name: replace(j, superior=surface(j.superior), inferior=surface(j.inferior))
            for name, j in old.facets.items()
        },
        tuple(replace(bundle, start=move(bundle.start), end=move(bundle.end)) for bundle in old.ligaments),
    )

    def part(tagged: TaggedMesh) -> TaggedMesh:
        return replace(tagged, points=move(tagged.points))

    return SpineMesh(
        spine,
        mesh.resolution,
        {name: part(bone) for name, bone in mesh.bones.items()},
        {level: part(disc) for level, disc in mesh.discs.items()},
    )
