"""The closed-form problems of a case file, posed with the same terms and laws as a spine. No closed forms here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.case.verification_schema import (
    AnyProblem,
    AnySolid,
    BlockProblem,
    CableProblem,
    CompressibleNeoHookeanLaw,
    MooneyRivlinLaw,
    StrandProblem,
)
from fem.elements.layout import LayoutBuilder, State, positions, reference_state
from fem.elements.solid_block import hexahedral_mesh, scalar_basis, solid_block
from fem.materials.cable import ConstantTension, LinearCable, ToeLinear
from fem.materials.solid import CompressibleNeoHookean, Hyperelastic, MooneyRivlin, NeoHookean
from fem.materials.volumetric import LogarithmicVolume
from fem.results.record import Part
from fem.solver.report import Step
from fem.system.motion import displaced
from fem.system.system import System, build_system
from fem.terms.cable import CableTerm
from fem.terms.curve import Curve
from fem.terms.loads import ForceTerm
from fem.terms.solid import SolidTerm

_LINE, _HEXAHEDRON = 3, 12
_NEAR = 1e-9
#: Share of the half span by which a cable without tension starts bent: a straight one has no stiffness across.
_BENT: Final = 1e-2


@dataclass(frozen=True, slots=True)
class Posed:
    """A problem ready to be marched.

    Attributes
    ----------
    system, start : what is solved, and where it begins.
    points : (n,) material point of each point of `part`.
    part : the undeformed body for the field files.
    loads : names of terms that are loads; their energy is a potential, not stored.
    driven : step -> force [N] and displacement [mm] that do the work.
    report : step -> name -> value of what `REPORTED` lists.
    """

    system: System
    start: State
    points: IntArray
    part: Part
    loads: tuple[str, ...]
    driven: Callable[[Step], tuple[float, float]]
    report: Callable[[Step], Mapping[str, float]]


def pose(problem: AnyProblem, curve: Curve) -> Posed:
    """Return `problem`, its load or displacement brought in along `curve` (0 at the start, 1 at the end)."""
    if isinstance(problem, BlockProblem):
        return _block(problem, curve)
    return _cable(problem, curve) if isinstance(problem, CableProblem) else _strand(problem, curve)


def _solid(name: str, material: AnySolid) -> Callable[..., SolidTerm]:
    """Return what makes a block of cells a solid of `material`."""
    if isinstance(material, CompressibleNeoHookeanLaw):
        young, poisson = material.youngs_modulus, material.poisson_ratio
        mu = young / (2.0 * (1.0 + poisson))
        lame = young * poisson / ((1.0 + poisson) * (1.0 - 2.0 * poisson))
        return lambda block: SolidTerm(name, block, Hyperelastic((CompressibleNeoHookean(mu, lame),)))
    ground = (
        MooneyRivlin(material.C10, material.C01)
        if isinstance(material, MooneyRivlinLaw)
        else NeoHookean(material.mu)
    )
    volume = LogarithmicVolume(material.bulk_modulus)
    return lambda block: SolidTerm(name, block, Hyperelastic((ground,)), volume)


def _block(problem: BlockProblem, curve: Curve) -> Posed:
    """Three faces slide on planes of symmetry, the top is pulled, two sides are free."""
    points, cells = _grid(problem.edge, problem.elements)
    builder = LayoutBuilder()
    numbers = builder.add_free(points)
    block = solid_block(scalar_basis(hexahedral_mesh(points, cells)), numbers)
    faces = [np.flatnonzero(points[:, axis] < _NEAR * problem.edge) for axis in range(3)]
    top = np.flatnonzero(points[:, 2] > (1.0 - _NEAR) * problem.edge)
    motions = [
        displaced(numbers[face], (0.0 if i == 0 else None, 0.0 if i == 1 else None, 0.0 if i == 2 else None))
        for i, face in enumerate(faces)
    ]
    motions.append(displaced(numbers[top], (None, None, problem.edge * (problem.stretch - 1.0)), curve))
    layout = builder.build()
    system = build_system(layout, (_solid("block", problem.material)(block),), tuple(motions))

    def sides(step: Step) -> tuple[float, float]:
        x = positions(layout, step.state)[numbers]
        far = [points[:, axis] > (1.0 - _NEAR) * problem.edge for axis in (0, 1)]
        return float(x[far[0], 0].mean()), float(x[far[1], 1].mean())

    def driven(step: Step) -> tuple[float, float]:
        force = step.evaluation.residual.reshape(-1, 3)[layout.node[numbers[top]], 2].sum()
        return float(force), problem.edge * (problem.stretch - 1.0) * curve(step.state.time)

    def report(step: Step) -> Mapping[str, float]:
        force, (width, depth) = driven(step)[0], sides(step)
        return {
            "cauchy_stress_MPa": force / (width * depth),
            "pk1_stress_MPa": force / problem.edge**2,
            "lateral_stretch": width / problem.edge,
        }

    part = _part(points, cells, _HEXAHEDRON)
    return Posed(system, reference_state(layout), numbers, part, (), driven, report)


def _cable(problem: CableProblem, curve: Curve) -> Posed:
    """Two equal halves between fixed ends, so the middle moves across only.

    Tension = pretension + EA (change of length) / (taut length).
    """
    half = problem.half_span
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    ends = builder.add_carried(np.array([[-half, 0.0, 0.0], [half, 0.0, 0.0]]), ground)
    middle = builder.add_free(np.zeros((1, 3)))
    halves = np.array([[ends[0], middle[0]], [middle[0], ends[1]]])
    terms = (
        CableTerm("pretension", halves, ConstantTension(problem.pretension)),
        CableTerm("cable", halves, LinearCable(half, problem.axial_stiffness)),
        ForceTerm("load", middle[:, None], np.array([[0.0, 0.0, problem.load]]), curve),
    )
    layout = builder.build()
    system = build_system(layout, terms, (displaced(middle, (0.0, 0.0, None)),))

    def driven(step: Step) -> tuple[float, float]:
        return problem.load * curve(step.state.time), float(positions(layout, step.state)[middle[0], 2])

    def report(step: Step) -> Mapping[str, float]:
        x = positions(layout, step.state)
        tension = sum(term.tensions(x, step.state.time) for term in terms[:2])
        return {"deflection_mm": driven(step)[1], "tension_N": float(np.mean(tension))}

    numbers = np.array([ends[0], middle[0], ends[1]])
    part = _part(layout.reference[numbers], np.array([[0, 1], [1, 2]]), _LINE)
    return Posed(system, _bent(problem, reference_state(layout)), numbers, part, ("load",), driven, report)


def _bent(problem: CableProblem, state: State) -> State:
    if problem.pretension > 0.0 or problem.load == 0.0:
        return state
    bent = state.nodes.copy()
    bent[:, 2] = np.sign(problem.load) * _BENT * problem.half_span
    return State(bent, state.origins, state.rotations)


def _strand(problem: StrandProblem, curve: Curve) -> Posed:
    """One end is fixed, the other moved along the strand."""
    length, shift = problem.reference_length, problem.strain * problem.reference_length
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    foot = builder.add_carried(np.zeros((1, 3)), ground)
    head = builder.add_free(np.array([[0.0, 0.0, length]]))
    law = ToeLinear(length, problem.stiffness, problem.transition_strain)
    term = CableTerm("strand", np.stack([foot, head], axis=-1), law)
    layout = builder.build()
    system = build_system(layout, (term,), (displaced(head, (0.0, 0.0, shift), curve),))

    def driven(step: Step) -> tuple[float, float]:
        return float(step.evaluation.residual[2]), shift * curve(step.state.time)

    def report(step: Step) -> Mapping[str, float]:
        reached = float(term.lengths(positions(layout, step.state))[0])
        return {"force_N": driven(step)[0], "strain": (reached - length) / length}

    numbers = np.array([foot[0], head[0]])
    part = _part(layout.reference[numbers], np.array([[0, 1]]), _LINE)
    return Posed(system, reference_state(layout), numbers, part, (), driven, report)


def _grid(edge: float, count: int) -> tuple[FloatArray, IntArray]:
    """Return points (n, 3) [mm] and cells (e, 8) in VTK order of a cube of `count` hexahedra along each edge."""
    line = np.linspace(0.0, edge, count + 1)
    points = np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)
    number = np.arange(len(points)).reshape((count + 1,) * 3)
    low, high = slice(None, -1), slice(1, None)
    square = ((low, low), (high, low), (high, high), (low, high))
    corners = [number[i, j, k].ravel() for k in (low, high) for i, j in square]
    return points, np.stack(corners, axis=1)


def _part(points: FloatArray, cells: IntArray, kind: int) -> Part:
    count, width = cells.shape
    offsets = width * np.arange(1, count + 1)
    return Part("block", points, cells.ravel(), offsets, np.full(count, kind, dtype=np.uint8))
