"""Thick-walled tube (Lamé), and torsion of an incompressible rod (Rivlin)."""

import numpy as np
import pytest
from scipy.integrate import quad
from skfem import MeshHex

from fem.elements.facet_block import facet_block, traction_forces
from fem.elements.layout import positions
from fem.elements.solid_block import hexahedral_mesh
from fem.elements.surface_block import unit_disc_mesh
from fem.materials.law import SolidLaw, VolumetricLaw
from fem.materials.solid import Hyperelastic, LinearElastic, NeoHookean, VolumeEnergy
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.report import Settings
from fem.solver.static import solve_static
from fem.system.motion import NodeMotion, displaced
from fem.system.system import build_system
from fem.terms.curve import ramp
from fem.terms.loads import ForceTerm
from fem.terms.solid import SolidTerm
from oracles.meshes import meshed
from oracles.orders import mesh_orders
from oracles.problems import at_radius, mapped_box, on_plane, reactions

pytestmark = pytest.mark.verification

INNER, OUTER = 10.0, 20.0


def lame(radius: float, pressure: float, young: float, poisson: float) -> float:
    """Return the radial displacement in plane strain."""
    factor = (1.0 + poisson) / young * pressure * INNER**2 / (OUTER**2 - INNER**2)
    return factor * ((1.0 - 2.0 * poisson) * radius + OUTER**2 / radius)


def tube(
    cells: int, law: SolidLaw, pressure: float, kind: str, volume: VolumetricLaw | None = None
) -> tuple[float, float]:
    """Return the radial displacements [mm] inside and outside of a quarter tube of unit length."""
    line = np.linspace(0.0, 1.0, cells + 1)

    def place(u: np.ndarray, v: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
        radius, angle = INNER + (OUTER - INNER) * u, 0.5 * np.pi * v
        return radius * np.cos(angle), radius * np.sin(angle), w

    solid = meshed(mapped_box((line, line, np.array([0.0, 1.0])), place), kind)
    skin = facet_block(solid.basis, solid.numbers, lambda x: np.hypot(x[0], x[1]) < INNER + 1e-6)

    def push(x: np.ndarray) -> np.ndarray:
        radial = x * np.array([1.0, 1.0, 0.0])
        return pressure * radial / np.linalg.norm(radial, axis=-1, keepdims=True)

    load = ForceTerm("pressure", *traction_forces(skin, push), ramp(0.0, 1.0))
    motions = (
        displaced(on_plane(solid, 0, 0.0), (0.0, None, None)),
        displaced(on_plane(solid, 1, 0.0), (None, 0.0, None)),
        displaced(solid.numbers, (None, None, 0.0)),
    )
    system = build_system(solid.layout, (SolidTerm("tube", solid.block, law, volume), load), motions)
    step = solve_static(system, Settings(tolerance=1e-9, first_step=1.0, largest_step=1.0))
    moved = positions(solid.layout, step.state) - solid.layout.reference
    found = []
    for radius in (INNER, OUTER):
        points = at_radius(solid, radius)
        places = solid.layout.reference[points, :2]
        found.append(float(np.mean(np.sum(moved[points, :2] * places, axis=1) / radius)))
    return found[0], found[1]


def test_tube_converges_with_second_order() -> None:
    young, poisson, pressure = 30.0, 0.3, 1.0
    exact = np.array([lame(radius, pressure, young, poisson) for radius in (INNER, OUTER)])
    errors = []
    for cells in (4, 8, 16):
        found = tube(cells, LinearElastic(young, poisson), pressure, "hexahedra, first order")
        errors.append(float(np.abs(np.array(found) / exact - 1.0).max()))
    assert errors[-1] <= 0.01
    assert mesh_orders(errors)[-1] >= 1.8  # theory: 2 for trilinear displacements


@pytest.mark.parametrize("ratio", [1e3, 1e4])
def test_tube_without_locking(ratio: float) -> None:
    """K/μ = 1000 and 10,000: mean dilatation stays within 1 %, pointwise integration locks by far more."""
    mu = 1.0
    K = ratio * mu
    young, poisson = 9 * K * mu / (3 * K + mu), (3 * K - 2 * mu) / (2 * (3 * K + mu))
    pressure = 1e-4 * mu  # strains of 1e-4, so second-order terms are below the tolerance
    exact = lame(INNER, pressure, young, poisson)
    law = Hyperelastic((NeoHookean(mu),))
    mean, _ = tube(12, law, pressure, "hexahedra, first order", LogarithmicVolume(K))
    assert mean == pytest.approx(exact, rel=0.01)
    locked, _ = tube(12, Hyperelastic((NeoHookean(mu), VolumeEnergy(K))), pressure, "hexahedra, first order")
    assert not locked >= 0.9 * exact


def rod_mesh(radius: float, length: float, rings: int, spokes: int, layers: int) -> MeshHex:
    disc = unit_disc_mesh(rings, spokes)
    flat, quads = radius * disc.p.T, disc.t.T
    heights = np.linspace(0.0, length, layers + 1)
    points = np.concatenate([np.column_stack([flat, np.full(len(flat), z)]) for z in heights])
    cells = [np.column_stack([quads + k * len(flat), quads + (k + 1) * len(flat)]) for k in range(layers)]
    return hexahedral_mesh(points, np.concatenate(cells))


@pytest.mark.parametrize("stretch", [1.0, 1.1])
def test_torsion_of_an_incompressible_rod(stretch: float) -> None:
    """r = R/√λ, θ = Θ + ψ Z, z = λ Z: torque and axial force by integrating the exact stresses over the section."""
    mu, radius, length, twist = 0.5, 5.0, 6.0, 0.06
    outer = radius / np.sqrt(stretch)
    torque = quad(lambda r: mu * twist * stretch * r**2 * 2.0 * np.pi * r, 0.0, outer)[0]
    axial = quad(
        lambda r: (
            (mu * (stretch**2 - 1.0 / stretch) - 0.5 * mu * twist**2 * (outer**2 - r**2)) * 2 * np.pi * r
        ),
        0.0,
        outer,
    )[0]
    solid = meshed(rod_mesh(radius, length, rings=3, spokes=40, layers=10))
    term = SolidTerm("rod", solid.block, Hyperelastic((NeoHookean(mu),)), LogarithmicVolume(2000.0 * mu))
    ends = np.concatenate([on_plane(solid, 2, 0.0), on_plane(solid, 2, length)])
    X = solid.layout.reference[ends]
    angle = twist * X[:, 2]
    x = np.stack(
        [
            (np.cos(angle) * X[:, 0] - np.sin(angle) * X[:, 1]) / np.sqrt(stretch),
            (np.sin(angle) * X[:, 0] + np.cos(angle) * X[:, 1]) / np.sqrt(stretch),
            stretch * X[:, 2],
        ],
        axis=-1,
    )
    motion = NodeMotion(ends, np.ones_like(X, dtype=bool), x - X, ramp(0.0, 1.0))
    system = build_system(solid.layout, (term,), (motion,))
    step = solve_static(system)
    places, forces = reactions(system, step, on_plane(solid, 2, length))
    moment = np.cross(places, forces).sum(axis=0)
    # The section is a 40-gon: its area is 0.4 % small, its polar moment 0.8 %.
    assert moment[2] == pytest.approx(torque, rel=0.01)
    assert forces[:, 2].sum() == pytest.approx(axial, rel=0.03 if stretch == 1.0 else 0.01)
    np.testing.assert_allclose(forces.sum(axis=0)[:2], 0.0, atol=1e-6 * abs(torque))
