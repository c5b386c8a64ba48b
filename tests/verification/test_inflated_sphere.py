"""A thick incompressible sphere blown up by a pressure that follows its wall.

Incompressible neo-Hooke, hoop stretch λ(r): p = ∫ W'(λ)/(λ³ − 1) dλ from the outer to the inner stretch, with
W = μ/2 (2 λ² + λ⁻⁴ − 3) and b³ − B³ = a³ − A³ (Ogden, Non-Linear Elastic Deformations, 1984, sec. 5.3.2).
"""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from skfem import MeshHex

from fem.elements.facet_block import facet_area, facet_block
from fem.elements.layout import positions
from fem.materials.solid import Hyperelastic, NeoHookean
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.report import NewtonReport, Settings
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import build_system
from fem.terms.curve import ramp
from fem.terms.pressure import PressureTerm
from fem.terms.solid import SolidTerm
from oracles.meshes import MeshedSolid, meshed
from oracles.orders import newton_order
from oracles.problems import at_radius, mapped_box, on_plane

pytestmark = pytest.mark.verification

MU, INNER, OUTER = 0.5, 10.0, 20.0


def exact_pressure(inner_stretch: float) -> float:
    """Return the pressure [MPa] that holds the inner radius at `inner_stretch` times its rest value."""
    outer_stretch = (1.0 + (inner_stretch**3 - 1.0) * (INNER / OUTER) ** 3) ** (1.0 / 3.0)

    def integrand(s: float) -> float:
        return 2.0 * MU * (s - s**-5) / (s**3 - 1.0)

    return float(quad(integrand, outer_stretch, inner_stretch, epsabs=1e-14)[0])


def octant(cells: int, layers: int) -> MeshHex:
    """Return an eighth of the shell: three blocks, one behind each face of a cube, layers in geometric steps."""
    radii = np.geomspace(INNER, OUTER, layers + 1)
    line = np.linspace(0.0, 1.0, cells + 1)

    def block(turn: int) -> MeshHex:
        def place(u: np.ndarray, v: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
            direction = np.stack([np.ones_like(u), np.tan(0.25 * np.pi * u), np.tan(0.25 * np.pi * v)])
            direction = direction / np.linalg.norm(direction, axis=0)
            direction[np.abs(direction) < 1e-14] = 0.0
            x = np.interp(w, np.linspace(0, 1, layers + 1), radii) * direction
            return tuple(np.roll(x, turn, axis=0))

        return mapped_box((line, line, np.linspace(0.0, 1.0, layers + 1)), place)

    return reduce(lambda left, right: left + right, [block(turn) for turn in range(3)])


def inflate(solid: MeshedSolid, pressure: float) -> tuple[np.ndarray, float, NewtonReport]:
    """Return the current places of all points, the current area of the inner wall, and the last report."""
    skin = facet_block(solid.basis, solid.numbers, lambda x: np.linalg.norm(x, axis=0) < INNER + 1e-9)
    wall = SolidTerm("wall", solid.block, Hyperelastic((NeoHookean(MU),)), LogarithmicVolume(5000.0 * MU))
    load = PressureTerm("pressure", skin, pressure, ramp(0.0, 1.0))
    motions = tuple(
        displaced(on_plane(solid, i, 0.0), tuple(0.0 if k == i else None for k in range(3))) for i in range(3)
    )
    settings = Settings(tolerance=1e-9, first_step=0.5, largest_step=0.5)
    step = solve_static(build_system(solid.layout, (wall, load), motions), settings)
    x = positions(solid.layout, step.state)
    return x, facet_area(skin, x), step.report


def wall_stretch(solid: MeshedSolid, x: np.ndarray) -> float:
    inside = at_radius(solid, INNER, (0, 1, 2))
    return float(np.mean(np.linalg.norm(x[inside], axis=1))) / INNER


@pytest.mark.parametrize("stretch", [1.2, 1.5])
def test_inner_wall_reaches_the_exact_stretch(stretch: float) -> None:
    solid = meshed(octant(cells=6, layers=8))
    x, area, report = inflate(solid, exact_pressure(stretch))
    # The wall is a polyhedron of 6 x 6 facets a patch: areas 0.5 % small; the pressure curve is flat at 1.5.
    assert wall_stretch(solid, x) == pytest.approx(stretch, rel=0.01)
    assert area == pytest.approx(0.5 * np.pi * (stretch * INNER) ** 2, rel=0.025)
    assert newton_order(report.norms) >= 1.7


def test_error_falls_with_refinement() -> None:
    stretch = 1.2
    pressure = exact_pressure(stretch)
    errors = []
    for cells in (3, 6):
        solid = meshed(octant(cells, 2 * cells))
        errors.append(abs(wall_stretch(solid, inflate(solid, pressure)[0]) / stretch - 1.0))
    coarse, fine = errors
    assert fine <= 0.35 * coarse  # second order would give a quarter


def test_the_closed_form_itself() -> None:
    """Small stretches give the incompressible Lamé sphere: p = 4 μ (λ − 1)(1 − (A/B)³); and p grows up to 1.5."""
    tiny = 1e-4
    linear = 4.0 * MU * tiny * (1.0 - (INNER / OUTER) ** 3)
    assert exact_pressure(1.0 + tiny) == pytest.approx(linear, rel=1e-3)
    curve = [exact_pressure(s) for s in np.linspace(1.05, 1.5, 10)]
    assert all(later > earlier for earlier, later in pairwise(curve))
    assert brentq(lambda s: exact_pressure(s) - curve[4], 1.01, 1.5) == pytest.approx(1.25, rel=1e-9)
