"""A pressure that follows the surface: what is exact about it, and the tangent of a free rim."""

import numpy as np
import pytest
from scipy.optimize import brentq

from fem.elements.facet_block import facet_block
from fem.elements.layout import positions
from fem.materials.solid import CompressibleNeoHookean, Hyperelastic
from fem.solver.report import NewtonReport, Settings
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import build_system
from fem.terms.curve import ramp
from fem.terms.pressure import PressureTerm
from fem.terms.solid import SolidTerm
from oracles.meshes import box
from oracles.orders import newton_order
from oracles.problems import on_plane
from oracles.scenes import SCENES

pytestmark = pytest.mark.verification

TIGHT = Settings(tolerance=1e-11, iterations=30, first_step=0.5, largest_step=0.5)


def test_pressure_all_round_is_hydrostatic() -> None:
    """Every cell of a block under p all round has Cauchy stress −p: ψ'(J) = −p gives the stretch in closed form."""
    mu, lame, p = 0.5, 1.0, 0.3
    solid = box((np.linspace(0, 2, 3), np.linspace(0, 1, 2), np.linspace(0, 1, 2)))
    skin = facet_block(solid.basis, solid.numbers, lambda x: x[0] > -1.0)
    block = SolidTerm("block", solid.block, Hyperelastic((CompressibleNeoHookean(mu, lame),)))
    load = PressureTerm("pressure", skin, p, ramp(0.0, 1.0))
    motions = tuple(
        displaced(on_plane(solid, i, 0.0), tuple(0.0 if k == i else None for k in range(3))) for i in range(3)
    )
    step = solve_static(build_system(solid.layout, (block, load), motions), TIGHT)
    stretch = brentq(lambda s: mu * (s**2 - 1.0) + 3.0 * lame * np.log(s) + p * s**3, 0.5, 1.0, xtol=1e-15)
    x = positions(solid.layout, step.state)
    np.testing.assert_allclose(x, stretch * solid.layout.reference, rtol=1e-9, atol=1e-9)


def test_the_work_of_pressure_is_pressure_times_volume() -> None:
    """On a closed skin the potential is p V, whatever the deformation."""
    scene = SCENES["pressure all round"]()
    term = scene.system.terms[0]
    assert isinstance(term, PressureTerm)
    F = np.array([[1.1, 0.2, 0.0], [0.0, 0.9, 0.1], [0.1, 0.0, 1.2]])
    layout = scene.system.layout
    state = type(scene.state)(layout.reference @ F.T, scene.state.origins, scene.state.rotations, 1.0)
    volume = 8.0 * np.linalg.det(F)
    assert scene.system.evaluate(state, tangent=False).energy == pytest.approx(
        term.pressure * volume, rel=1e-12
    )


def cantilever(open_rim: bool, tolerance: float) -> tuple[float, NewtonReport]:
    """Return the tip's deflection and the last report of a cantilever pressed on its upper face."""
    solid = box((np.linspace(0, 10, 11), np.linspace(0, 2, 2), np.linspace(0, 1, 3)))
    skin = facet_block(solid.basis, solid.numbers, lambda x: x[2] > 1.0 - 1e-9)
    block = SolidTerm("beam", solid.block, Hyperelastic((CompressibleNeoHookean(50.0, 75.0),)))
    load = PressureTerm("pressure", skin, 0.15, ramp(0.0, 1.0), open_rim)
    clamp = displaced(on_plane(solid, 0, 0.0), (0.0, 0.0, 0.0))
    settings = Settings(tolerance=tolerance, iterations=40, first_step=0.5, largest_step=0.5)
    step = solve_static(build_system(solid.layout, (block, load), (clamp,)), settings)
    tip = positions(solid.layout, step.state)[on_plane(solid, 0, 10.0)]
    return float(tip[:, 2].mean() - 0.5), step.report


def test_a_free_rim_needs_its_asymmetric_tangent() -> None:
    """Quadratic with it, many more iterations without it; the answer is the same."""
    deflection, report = cantilever(True, 1e-10)
    assert deflection < -1.0  # bent far enough for the pressure to have turned with the surface
    assert newton_order(report.norms) >= 1.7
    slower, without = cantilever(False, 1e-7)
    assert without.iterations >= report.iterations + 4
    assert slower == pytest.approx(deflection, rel=1e-5)
