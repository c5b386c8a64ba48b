"""Contact that has a closed form: uniform pressure, a parabolic punch on a foundation, turned and mirrored copies."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from skfem import MeshHex

from fem.elements.facet_block import facet_block, traction_forces
from fem.elements.layout import Layout, LayoutBuilder, State, positions
from fem.elements.mesh_points import add_mesh, points_where
from fem.elements.solid_block import scalar_basis, solid_block
from fem.elements.solid_kernels import deformation
from fem.elements.surface_block import SurfaceBlock, nodal_areas, unit_disc_mesh
from fem.materials.solid import Hyperelastic, NeoHookean, VolumeEnergy
from fem.materials.surface import CartilageLayers, LinearFoundation
from fem.solver.report import Settings
from fem.solver.static import solve_static
from fem.system.motion import BodyRotation, BodyTranslation, displaced
from fem.system.system import build_system
from fem.terms.contact import ContactTerm
from fem.terms.curve import ramp
from fem.terms.loads import ForceTerm
from fem.terms.solid import SolidTerm
from oracles.meshes import meshed
from oracles.samples import random_rotation
from oracles.scenes import contact

pytestmark = pytest.mark.verification

PRESSURE = 0.05


def skewed_block(cells: int, bottom: float, seed: int) -> MeshHex:
    """Return a 4 x 4 x 3 mm block on z = `bottom` whose grid is skewed inside every plane and moved inside."""
    line = np.linspace(0.0, 1.0, cells + 1)
    mesh = MeshHex.init_tensor(line, line, np.linspace(0.0, 1.0, 3))
    x, y, z = mesh.p.copy()
    bump = 16.0 * x * (1 - x) * y * (1 - y)
    shift = np.random.default_rng(seed).uniform(-0.06, 0.06, size=2)
    points = np.stack([4.0 * (x + shift[0] * bump), 4.0 * (y + shift[1] * bump), bottom + 3.0 * z])
    return MeshHex(points, mesh.t)


def facing(mesh: MeshHex, numbers: np.ndarray, height: float, control: np.ndarray) -> SurfaceBlock:
    """Return the mesh nodes on z = `height`, with their areas, facing the nine `control` points."""
    facets = mesh.facets[
        :, mesh.facets_satisfying(lambda x: np.abs(x[2] - height) < 1e-9, boundaries_only=True)
    ]
    corners = mesh.p.T[facets.T]
    spread = corners - corners.mean(axis=1, keepdims=True)
    turn = np.argsort(np.arctan2(spread[..., 1], spread[..., 0]), axis=1)
    area = nodal_areas(mesh.p.T, np.take_along_axis(facets.T, turn, axis=1))
    nodes = np.flatnonzero(area > 0.0)
    rows = np.column_stack([numbers[nodes], np.tile(control, (len(nodes), 1))])
    return SurfaceBlock(rows, area[nodes], np.zeros(len(nodes), dtype=np.int64))


def flat_net(height: float, up: bool) -> np.ndarray:
    """Return a 40 x 40 mm flat control net about the blocks with its normal up or down."""
    first, second = np.repeat([-20.0, 0.0, 20.0], 3), np.tile([-20.0, 0.0, 20.0], 3)
    x, y = (first, second) if up else (second, first)
    return np.stack([x + 2.0, y + 2.0, np.full(9, height)], axis=-1)


@dataclass(frozen=True)
class HeldSpin:
    """A flat plate may spin about its own axis without touching anything: hold that, leave it free to tilt."""

    body: int

    def increments(self, layout: Layout, state: State) -> tuple[np.ndarray, np.ndarray]:
        return layout.body_start[self.body] + np.array([5]), np.zeros(1)


def test_uniform_pressure_passes_through_a_floating_plate() -> None:
    """Two blocks with meshes that do not match, a loose rigid plate between: the stress is the same everywhere."""
    builder = LayoutBuilder()
    lower, upper = scalar_basis(skewed_block(3, -3.0, 1)), scalar_basis(skewed_block(4, 0.0, 2))
    numbers = [add_mesh(builder, basis) for basis in (lower, upper)]
    plate = builder.add_body("plate", np.array([2.0, 2.0, 0.0]))
    # The plate starts 0.001 mm inside both blocks, so that it is held from the first iteration on.
    nets = [builder.add_carried(flat_net(1e-3 if up else -1e-3, up), plate) for up in (False, True)]
    law = Hyperelastic((NeoHookean(0.5), VolumeEnergy(1.0)))
    solids, layers, motions = [], [], []
    for name, basis, own, net in zip(("lower", "upper"), (lower, upper), numbers, nets, strict=True):
        solids.append(SolidTerm(name, solid_block(basis, own), law))
        block = facing(basis.mesh, own, 0.0, net)
        layers.append(ContactTerm(f"{name} layer", block, LinearFoundation(5.0), 0.25))
        for axis in (0, 1):
            side = points_where(basis, own, lambda x, axis=axis: np.abs(x[:, axis]) < 1e-9)
            motions.append(displaced(side, (0.0, None, None) if axis == 0 else (None, 0.0, None)))
    bottom = points_where(lower, numbers[0], lambda x: x[:, 2] < -3.0 + 1e-9)
    motions.append(displaced(bottom, (None, None, 0.0)))
    motions.append(BodyTranslation(plate, np.array([True, True, False]), np.zeros(3), ramp(0.0, 1.0)))
    motions.append(HeldSpin(plate))
    top = facet_block(upper, numbers[1], lambda x: x[2] > 3.0 - 1e-9)
    load = ForceTerm("load", *traction_forces(top, np.array([0.0, 0.0, -PRESSURE])), ramp(0.0, 1.0))
    layout = builder.build()
    system = build_system(layout, (*solids, *layers, load), tuple(motions))
    step = solve_static(system, Settings(tolerance=1e-11, first_step=0.5, largest_step=0.5))
    x = positions(layout, step.state)
    for layer in layers:
        np.testing.assert_allclose(layer.surface_state(x).pressure, PRESSURE, rtol=1e-6)
    for solid in solids:
        F, _ = deformation(x[solid.block.points], solid.block.gradient)
        pk1 = law.respond(F, solid.block.fibres).pk1
        expected = np.broadcast_to(np.diag([0.0, 0.0, -PRESSURE]), pk1.shape)
        np.testing.assert_allclose(pk1, expected, atol=1e-6 * PRESSURE)


@dataclass(frozen=True)
class Punch:
    """A rigid parabolic punch over a flat foundation: force down the axis and what the points feel."""

    force: float
    contact_area: float
    peak: float


def punch(radius: float, depth: float, rings: int, spokes: int) -> Punch:
    """Press a paraboloid of the given tip radius `depth` into a flat elastic layer of stiffness 2 MPa/mm."""
    edge = 1.3 * np.sqrt(2.0 * radius * depth)
    mesh = unit_disc_mesh(rings, spokes)
    flat = np.column_stack([edge * mesh.p.T, np.zeros(mesh.p.shape[1])])
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    ram = builder.add_body("punch", np.zeros(3))
    reach = 1.5 * edge
    x, y = np.tile([-reach, 0.0, reach], 3), np.repeat([-reach, 0.0, reach], 3)  # normal down
    net = np.stack([x, y, (x**2 + y**2) / (2.0 * radius)], axis=-1)
    points, control = builder.add_carried(flat, ground), builder.add_carried(net, ram)
    block = SurfaceBlock(
        np.column_stack([points, np.tile(control, (len(points), 1))]),
        nodal_areas(flat, mesh.t.T),
        np.zeros(len(points), dtype=np.int64),
    )
    term = ContactTerm("layer", block, LinearFoundation(2.0), 0.25)
    motions = (
        BodyRotation(ram, np.zeros(3), ramp(0.0, 1.0)),
        BodyTranslation(ram, np.ones(3, dtype=bool), np.array([0.0, 0.0, -depth]), ramp(0.0, 1.0)),
    )
    layout = builder.build()
    step = solve_static(build_system(layout, (term,), motions))
    state = term.surface_state(positions(layout, step.state))
    force = -float(step.evaluation.residual[layout.body_start[ram] + 2])
    return Punch(force, float(block.area[state.pressure > 0.0].sum()), float(state.pressure.max()))


def test_parabolic_punch_on_a_foundation() -> None:
    """p = k (δ − r²/2R): F = π k R δ², contact area 2π R δ, peak k δ. Slopes are a/R = 0.03, so (a/R)² = 1e-3."""
    k, radius, depth = 2.0, 100.0, 0.05
    found = punch(radius, depth, rings=24, spokes=64)
    assert found.force == pytest.approx(np.pi * k * radius * depth**2, rel=5e-3)
    assert found.contact_area == pytest.approx(
        2.0 * np.pi * radius * depth, rel=0.05
    )  # counted in whole points
    assert found.peak == pytest.approx(k * depth, rel=1e-3)
    coarse = punch(radius, depth, rings=6, spokes=16)
    errors = [abs(p.force / (np.pi * k * radius * depth**2) - 1.0) for p in (coarse, found)]
    assert errors[1] < 0.5 * errors[0]


def test_punch_through_cartilage_layers() -> None:
    """The same overclosures through the logarithmic law: F = −M ∫ ln(1 − d/t) dA, integrated by hand."""
    modulus, thickness, depth, radius = 4.0, 1.6, 0.8, 2000.0
    law = CartilageLayers(modulus, thickness, 0.9)
    edge = np.sqrt(2.0 * radius * depth)
    r = np.linspace(0.0, edge, 200001)
    d = depth - r**2 / (2.0 * radius)
    exact = np.trapezoid(-modulus * np.log(1.0 - d / thickness) * 2.0 * np.pi * r, r)
    closed = 2.0 * np.pi * radius * modulus * thickness * (0.5 * np.log(0.5) + 0.5)
    assert exact == pytest.approx(closed, rel=1e-6)
    pressure = law.respond(-d).pressure
    assert np.trapezoid(pressure * 2.0 * np.pi * r, r) == pytest.approx(closed, rel=1e-6)


def test_a_turned_copy_gives_the_turned_answer(generator: np.random.Generator) -> None:
    scene = contact()
    here = scene.system.evaluate(scene.state, tangent=False)
    Q = random_rotation(generator)
    turned = replace(
        scene.state,
        nodes=scene.state.nodes @ Q.T,
        origins=scene.state.origins @ Q.T,
        rotations=Q @ scene.state.rotations,
    )
    there = scene.system.evaluate(turned, tangent=False)
    assert here.energy > 0.0
    assert there.energy == pytest.approx(here.energy, rel=1e-11)
    expected = (here.residual.reshape(-1, 3) @ Q.T).ravel()
    np.testing.assert_allclose(there.residual, expected, atol=1e-10 * np.abs(expected).max())


def test_a_mirrored_copy_gives_the_mirrored_answer() -> None:
    """Mirror left and right: reference, state and the patch's first direction, so that its normal stays outside."""
    scene = contact()
    layout = scene.system.layout
    M = np.diag([1.0, -1.0, 1.0])
    mirrored = replace(layout, reference=layout.reference @ M, body_origin=layout.body_origin @ M)
    term = scene.system.terms[0]
    assert isinstance(term, ContactTerm)
    flipped = np.arange(9).reshape(3, 3)[:, ::-1].ravel()  # y runs along the second direction
    rows = term.block.points.copy()
    rows[:, 1:] = rows[:, 1:][:, flipped]
    copy = replace(term, block=SurfaceBlock(rows, term.block.area, term.block.joint))
    state = replace(
        scene.state,
        nodes=scene.state.nodes @ M,
        origins=scene.state.origins @ M,
        rotations=M @ scene.state.rotations @ M,
    )
    here = scene.system.evaluate(scene.state, tangent=False)
    there = build_system(mirrored, (copy,)).evaluate(state, tangent=False)
    assert there.energy == pytest.approx(here.energy, rel=1e-12)
    left = here.residual.reshape(-1, 2, 3)  # bodies: force, moment
    expected = np.stack([left[:, 0] @ M, -left[:, 1] @ M], axis=1)  # a moment is an axial vector
    np.testing.assert_allclose(
        there.residual.reshape(-1, 2, 3), expected, atol=1e-11 * np.abs(expected).max()
    )


def test_one_block_against_a_flat() -> None:
    """The classical patch test alone: block on a fixed flat, uniform traction on top."""
    mesh = skewed_block(4, 0.0, 3)
    solid = meshed(mesh)
    builder = LayoutBuilder()
    numbers = add_mesh(builder, solid.basis)
    ground = builder.add_body("flat", np.zeros(3), fixed=True)
    control = builder.add_carried(flat_net(1e-3, up=True), ground)
    layout = builder.build()
    law = Hyperelastic((NeoHookean(0.5), VolumeEnergy(1.0)))
    layer = ContactTerm("layer", facing(mesh, numbers, 0.0, control), LinearFoundation(50.0), 0.25)
    top = facet_block(solid.basis, numbers, lambda x: x[2] > 3.0 - 1e-9)
    load = ForceTerm("load", *traction_forces(top, np.array([0.0, 0.0, -PRESSURE])), ramp(0.0, 1.0))
    motions = tuple(
        displaced(points_where(solid.basis, numbers, lambda x, i=i: np.abs(x[:, i]) < 1e-9),
                  tuple(0.0 if k == i else None for k in range(3)))
        for i in (0, 1)
    )  # fmt: skip
    block = SolidTerm("block", solid_block(solid.basis, numbers), law)
    step = solve_static(build_system(layout, (block, layer, load), motions))
    np.testing.assert_allclose(
        layer.surface_state(positions(layout, step.state)).pressure, PRESSURE, rtol=1e-6
    )
