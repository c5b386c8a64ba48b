"""Hertz contact: a rigid paraboloid (or parabolic cylinder) on an elastic half-space.

The same problem as an elastic sphere on a rigid flat: E* = E/(1 − ν²). A biquadratic patch is a paraboloid exactly.
A block stands for the half-space. Under the sphere its far faces follow Boussinesq's point load, which differs from
Hertz's pressure by (a/H)² only; under the cylinder they are held, which costs (b/H)² of the curvature.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder, positions
from fem.elements.mesh_points import add_mesh
from fem.elements.solid_block import solid_block
from fem.elements.surface_block import SurfaceBlock, nodal_areas
from fem.materials.solid import LinearElastic
from fem.materials.surface import LinearFoundation
from fem.solver.report import Settings
from fem.solver.static import solve_static
from fem.system.motion import BodyRotation, BodyTranslation, NodeMotion, displaced
from fem.system.system import build_system
from fem.terms.contact import ContactTerm
from fem.terms.curve import ramp
from fem.terms.solid import SolidTerm
from oracles.meshes import MeshedSolid, box

pytestmark = pytest.mark.verification

RADIUS, POISSON = 10.0, 0.4


@dataclass(frozen=True)
class Pressed:
    """What the indenter feels: force [N], places (s, 3) and nodal forces (s,) of the surface, its peak pressure."""

    force: float
    places: np.ndarray
    forces: np.ndarray
    peak: float


def graded(fine: float, cells: int, end: float, growth: float) -> np.ndarray:
    """Return a line from 0: `cells` equal steps up to `fine`, then steps that grow up to `end`."""
    line = list(np.linspace(0.0, fine, cells + 1))
    step = fine / cells
    while line[-1] < end:
        step *= growth
        line.append(line[-1] + step)
    return np.array(line) * 1.0


def boussinesq(x: np.ndarray, force: float, young: float) -> np.ndarray:
    """Return the displacement (k, 3) under a point load pushing down on the half-space z < 0."""
    shear = 0.5 * young / (1.0 + POISSON)
    r, depth = np.hypot(x[:, 0], x[:, 1]), -x[:, 2]
    rho = np.maximum(np.hypot(r, depth), 1e-12)  # the origin itself is not on the far faces
    radial = r * depth / rho**3 - (1.0 - 2.0 * POISSON) * r / (rho * (rho + depth))
    down = depth**2 / rho**3 + 2.0 * (1.0 - POISSON) / rho
    outward = np.divide(radial, r, out=np.zeros_like(r), where=r > 0.0)
    return force / (4.0 * np.pi * shear) * np.column_stack([outward * x[:, 0], outward * x[:, 1], -down])


@dataclass(frozen=True)
class Indentation:
    """A block (grid lines), Young's modulus, contact size, curved axes (1 or 0), depth, far faces' displacements."""

    lines: tuple[np.ndarray, ...]
    young: float
    size: float
    curved: tuple[float, float]
    depth: float
    far: np.ndarray | None = None

    @property
    def flat(self) -> bool:
        """Whether this is a plane-strain layer."""
        return self.curved[1] == 0.0


def press(problem: Indentation) -> Pressed:
    """Push the indenter into the block."""
    solid = box(problem.lines)
    builder = LayoutBuilder()
    numbers = add_mesh(builder, solid.basis)
    ram = builder.add_body("indenter", np.zeros(3))
    control = builder.add_carried(indenter_net(problem.curved), ram)
    layout = builder.build()
    top = np.flatnonzero(np.abs(solid.basis.doflocs[2]) < 1e-12)
    block = contact_block(solid, numbers, top, control)
    # A layer so stiff that it takes 1e-3 of the approach.
    layer = LinearFoundation(1000.0 * problem.young / problem.size)
    contact = ContactTerm("contact", block, layer, 0.25)
    down = np.array([0.0, 0.0, -problem.depth])
    motions = (
        BodyRotation(ram, np.zeros(3), ramp(0.0, 1.0)),
        BodyTranslation(ram, np.ones(3, dtype=bool), down, ramp(0.0, 1.0)),
        *held_faces(solid, numbers, problem),
    )
    elastic = SolidTerm("block", solid_block(solid.basis, numbers), LinearElastic(problem.young, POISSON))
    system = build_system(layout, (elastic, contact), motions)
    step = solve_static(system, Settings(tolerance=1e-8, iterations=40, first_step=0.5, largest_step=0.5))
    x = positions(layout, step.state)
    state = contact.surface_state(x)
    force = float(step.evaluation.residual[layout.body_start[ram] + 2])
    return Pressed(-force, x[block.points[:, 0]], state.force, float(state.pressure.max()))


def indenter_net(curved: tuple[float, float]) -> np.ndarray:
    """Return the control net (9, 3) of z = Σ curved x²/(2R); its first direction is y, so its normal points down."""
    reach = 0.5 * RADIUS
    x, y = np.tile([-reach, 0.0, reach], 3), np.repeat([-reach, 0.0, reach], 3)
    return np.stack([x, y, (curved[0] * x**2 + curved[1] * y**2) / (2.0 * RADIUS)], axis=-1)


def contact_block(
    solid: MeshedSolid, numbers: np.ndarray, top: np.ndarray, control: np.ndarray
) -> SurfaceBlock:
    """Return the nodes of the upper face with their areas, all facing the indenter's patch."""
    mesh = solid.basis.mesh
    facets = mesh.facets[:, mesh.facets_satisfying(lambda x: np.abs(x[2]) < 1e-12, boundaries_only=True)]
    corners = mesh.p.T[facets.T]
    centre = corners.mean(axis=1, keepdims=True)
    angle = np.arctan2(*np.moveaxis(corners - centre, -1, 0)[:2])
    quads = np.take_along_axis(facets.T, np.argsort(angle, axis=1), axis=1)
    area = nodal_areas(mesh.p.T, quads)[top]
    rows = np.column_stack([numbers[top], np.tile(control, (len(top), 1))])
    return SurfaceBlock(rows, area, np.zeros(len(top), dtype=np.int64))


def held_faces(solid: MeshedSolid, numbers: np.ndarray, problem: Indentation) -> list[NodeMotion]:
    """Return symmetry on x = 0 (and on y = 0, or no motion along y at all), and the far faces' displacements."""
    x = solid.basis.doflocs.T
    axes = (0,) if problem.flat else (0, 1)
    ends = np.array([problem.lines[i][-1] for i in axes])
    outer = (np.abs(x[:, axes] - ends) < 1e-9).any(axis=1) | (np.abs(x[:, 2] - problem.lines[2][0]) < 1e-9)
    inside = ~outer
    value = np.zeros((int(outer.sum()), 3)) if problem.far is None else problem.far[outer]
    sideways = inside & ((np.abs(x[:, 1]) < 1e-9) | problem.flat)
    return [
        NodeMotion(numbers[outer], np.ones_like(value, dtype=bool), value, ramp(0.0, 1.0)),
        displaced(numbers[inside & (np.abs(x[:, 0]) < 1e-9)], (0.0, None, None)),
        displaced(numbers[sideways], (None, 0.0, None)),
    ]


LOAD = 10.0


def exact_sphere(young: float) -> tuple[float, float, float]:
    """Return contact radius, approach and peak pressure under 10 N."""
    radius = (0.75 * LOAD * RADIUS * (1.0 - POISSON**2) / young) ** (1.0 / 3.0)
    return radius, radius**2 / RADIUS, 1.5 * LOAD / (np.pi * radius**2)


def sphere(young: float, cells: int, growth: float) -> Pressed:
    """Return what the indenter feels at the exact approach."""
    radius, approach, _ = exact_sphere(young)
    across = graded(1.5 * radius, int(1.5 * cells), 8.0 * radius, growth)
    lines = (across, across, -across[::-1])
    far = boussinesq(box(lines).basis.doflocs.T, LOAD, young)
    return press(Indentation(lines, young, radius, (1.0, 1.0), approach, far))


@pytest.mark.parametrize(
    ("young", "cells", "growth", "tolerance"),
    [
        (30.0, 4, 1.6, 0.03),  # a/R = 0.13: Hertz's small slopes alone cost 1 %
        (30000.0, 6, 1.35, 0.005),  # a/R = 0.013: six cells to the contact radius
    ],
)
def test_sphere(young: float, cells: int, growth: float, tolerance: float) -> None:
    radius, approach, peak = exact_sphere(young)
    if young == 30.0:
        assert (radius, approach, peak) == pytest.approx((1.280579, 0.163988, 2.911579), abs=1e-6)
    found = sphere(young, cells, growth)
    squares = np.sum(found.places[:, :2] ** 2, axis=1)
    contact_radius = np.sqrt(2.5 * np.sum(found.forces * squares) / found.forces.sum())  # ⟨r²⟩ = 2a²/5
    assert 4.0 * found.force == pytest.approx(LOAD, rel=tolerance)
    assert contact_radius == pytest.approx(radius, rel=tolerance)
    assert found.peak == pytest.approx(peak, rel=tolerance)


@pytest.mark.parametrize(("young", "cells", "tolerance"), [(30.0, 5, 0.03), (30000.0, 14, 0.005)])
def test_cylinder(young: float, cells: int, tolerance: float) -> None:
    """Half-width and peak at the force that comes out: the approach of a line load is not defined."""
    modulus = young / (1.0 - POISSON**2)

    def exact(line_load: float) -> tuple[float, float]:
        half = np.sqrt(4.0 * line_load * RADIUS / (np.pi * modulus))
        return float(half), float(2.0 * line_load / (np.pi * half))

    half, peak = exact(5.0)
    if young == 30.0:
        assert (half, peak) == pytest.approx((1.335116, 2.384136), abs=1e-6)
    across = graded(1.5 * half, int(1.5 * cells), 25.0 * half, 1.25)
    lines = (across, np.array([0.0, 0.2 * half]), -across[::-1])
    found = press(Indentation(lines, young, half, (1.0, 0.0), 3.6 * half**2 / (2.0 * RADIUS)))
    line_load = 2.0 * found.force / (0.2 * half)
    assert line_load == pytest.approx(5.0, rel=0.3)  # the same regime as the tabulated case
    half, peak = exact(line_load)
    mean_square = np.sum(found.forces * found.places[:, 0] ** 2) / found.forces.sum()
    assert 2.0 * np.sqrt(mean_square) == pytest.approx(half, rel=tolerance)  # ⟨x²⟩ = b²/4
    assert found.peak == pytest.approx(peak, rel=tolerance)
