"""Cook's membrane at finite strain, plane strain: a hexahedral layer whose nodes keep their height.

Tabulated vertical displacement of the middle of the right edge: deal.II code gallery ("Quasi-static finite-strain
compressible elasticity"), elements per edge 2, 4, 8 …; and an independent nine-node quadrilateral code.
"""

import numpy as np
import pytest
from skfem import MeshHex

from fem.elements.facet_block import facet_block, traction_forces
from fem.elements.layout import LayoutBuilder, positions
from fem.elements.mesh_points import add_mesh, points_where
from fem.elements.solid_block import scalar_basis, solid_block
from fem.materials.solid import Hyperelastic, NeoHookean, VolumeEnergy
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import build_system
from fem.terms.curve import ramp
from fem.terms.loads import ForceTerm
from fem.terms.solid import SolidTerm
from oracles.meshes import ELEMENTS

pytestmark = pytest.mark.verification

MU, POISSON, THICKNESS, SHEAR = 0.4225, 0.3, 1.0, 1.0


def membrane(edges: int, kind: str) -> tuple[float, float]:
    """Return the vertical displacements [mm] of the middle and the top of the right edge."""
    line = np.linspace(0.0, 1.0, edges + 1)
    square = MeshHex.init_tensor(line, line, np.array([0.0, THICKNESS]))
    s, t, z = square.p
    basis = scalar_basis(
        MeshHex(np.stack([48 * s, 44 * s + t * (44 - 28 * s), z]), square.t), *ELEMENTS[kind]
    )
    builder = LayoutBuilder()
    numbers = add_mesh(builder, basis)
    layout = builder.build()
    kappa = 2.0 * MU * (1.0 + POISSON) / (3.0 * (1.0 - 2.0 * POISSON))
    law = Hyperelastic((NeoHookean(MU), VolumeEnergy(kappa)))
    right = facet_block(basis, numbers, lambda x: x[0] > 48.0 - 1e-9)
    traction = np.array([0.0, SHEAR / (16.0 * THICKNESS), 0.0])
    clamp = displaced(points_where(basis, numbers, lambda x: x[:, 0] < 1e-9), (0.0, 0.0, 0.0))
    layer = displaced(points_where(basis, numbers, lambda x: x[:, 0] > 1e-9), (None, None, 0.0))
    solid = SolidTerm("membrane", solid_block(basis, numbers), law)
    load = ForceTerm("shear", *traction_forces(right, traction), ramp(0.0, 1.0))
    step = solve_static(build_system(layout, (solid, load), (clamp, layer)))
    moved = positions(layout, step.state)[:, 1] - layout.reference[:, 1]

    def at(height: float) -> float:
        place = [48.0, height]
        return float(moved[points_where(basis, numbers, lambda x: np.abs(x[:, :2] - place).max(1) < 1e-9)][0])

    return at(52.0), at(60.0)


@pytest.mark.parametrize(
    ("edges", "tabulated"), [(2, 8.638), (4, 12.07), (8, 13.86), (16, 14.49), (32, 14.67)]
)
def test_first_order_rows(edges: int, tabulated: float) -> None:
    middle, _ = membrane(edges, "hexahedra, first order")
    assert middle == pytest.approx(tabulated, rel=1e-3)  # four printed digits


@pytest.mark.parametrize(("edges", "nine_node"), [(2, 14.302), (4, 14.649), (8, 14.714)])
def test_second_order_rows(edges: int, nine_node: float) -> None:
    middle, _ = membrane(edges, "hexahedra, second order")
    assert middle == pytest.approx(nine_node, abs=6e-4)  # five printed digits


def test_limit() -> None:
    middle, top = membrane(8, "hexahedra, second order")
    assert middle == pytest.approx(14.74, rel=2e-3)
    assert top == pytest.approx(13.77, rel=2e-3)
