"""A nearly incompressible block bent into a sector of a ring (Rivlin's flexure), plane strain.

Incompressible neo-Hooke: r² = 2αX + β, θ = Y/α, with stretches α/r and r/α. Both curved faces are free of traction
if r₁ r₂ = α². The moment per width is ∫ σ_θθ r dr with σ_rr = W − W(r₁), W = μ/2 (λ² + λ⁻² − 2).
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from fem.elements.layout import Layout, State, positions
from fem.materials.solid import Hyperelastic, NeoHookean, VolumeEnergy
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.report import NewtonReport, Settings
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import build_system
from fem.terms.solid import SolidTerm
from oracles.meshes import MeshedSolid, box
from oracles.orders import newton_order
from oracles.problems import on_plane, reactions

pytestmark = pytest.mark.verification

MU, HEIGHT, LENGTH = 0.5, 4.0, 12.0


@dataclass(frozen=True)
class Flexure:
    """The exact bent shape for a total angle [rad]."""

    angle: float

    @property
    def alpha(self) -> float:
        return LENGTH / self.angle

    @property
    def radii(self) -> tuple[float, float]:
        """Inner and outer radius: r₂² − r₁² = 2 α H and r₁ r₂ = α²."""
        a = self.alpha
        outer = np.sqrt(a * HEIGHT + np.sqrt((a * HEIGHT) ** 2 + a**4))
        return float(a**2 / outer), float(outer)

    def moment(self) -> float:
        """Return the moment per width [N]."""
        inner, outer = self.radii
        a = self.alpha

        def hoop(r: float) -> float:
            squares = (r / a) ** 2
            energy = 0.5 * MU * (squares + 1.0 / squares)
            edge = 0.5 * MU * ((inner / a) ** 2 + (a / inner) ** 2)
            return (energy - edge + MU * (squares - 1.0 / squares)) * r

        return float(quad(hoop, inner, outer, epsabs=1e-14)[0])

    def place(self, X: np.ndarray) -> np.ndarray:
        """Return the bent places (k, 3) of reference places (k, 3), 0 <= X <= H."""
        inner, _ = self.radii
        r, angle = np.sqrt(2.0 * self.alpha * X[:, 0] + inner**2), X[:, 1] / self.alpha
        return np.stack([r * np.cos(angle) - inner, r * np.sin(angle), X[:, 2]], axis=-1)


@dataclass(frozen=True)
class BentEnd:
    """The end face follows the exact shape through all angles: a motion of our own."""

    points: np.ndarray
    angle: float

    def increments(self, layout: Layout, state: State) -> tuple[np.ndarray, np.ndarray]:
        node = layout.node[self.points]
        target = Flexure(max(self.angle * state.time, 1e-6)).place(layout.reference[self.points])
        dofs = 3 * node[:, None] + np.arange(3)
        return dofs.ravel(), (target - state.nodes[node]).ravel()


def bent_block(
    cells: int, angle: float, mean: bool
) -> tuple[float, np.ndarray, list[NewtonReport], MeshedSolid]:
    """Return the moment at the root, the places of all points, and the reports of all steps."""
    lines = (np.linspace(0, HEIGHT, cells + 1), np.linspace(0, LENGTH, 3 * cells + 1), np.array([0.0, 1.0]))
    solid = box(lines)
    K = 1000.0 * MU
    laws = (NeoHookean(MU),) if mean else (NeoHookean(MU), VolumeEnergy(K))
    term = SolidTerm("block", solid.block, Hyperelastic(laws), LogarithmicVolume(K) if mean else None)
    root = on_plane(solid, 1, 0.0)
    inside = np.setdiff1d(solid.numbers, on_plane(solid, 1, LENGTH))
    motions = (
        displaced(root, (None, 0.0, None)),
        displaced(inside, (None, None, 0.0)),
        BentEnd(on_plane(solid, 1, LENGTH), angle),
    )
    reports: list[NewtonReport] = []
    system = build_system(solid.layout, (term,), motions)
    settings = Settings(tolerance=1e-10, iterations=25, first_step=0.25, largest_step=0.25)
    step = solve_static(system, settings, listen=lambda phase, time, report: reports.append(report))
    places, forces = reactions(system, step, root)
    arms = places[:, 0] - places[:, 0].mean()  # the exact normal force is zero, so any axis would do
    moment = float(np.sum(-arms * forces[:, 1]))
    return moment, positions(solid.layout, step.state), reports, solid


def test_bent_to_60_degrees_without_locking() -> None:
    flexure = Flexure(np.radians(60.0))
    moment, x, reports, solid = bent_block(4, flexure.angle, mean=True)
    assert moment == pytest.approx(flexure.moment(), rel=0.03)  # four cells through the height
    expected = flexure.place(solid.layout.reference)
    assert np.abs(x - expected).max() <= 0.01 * HEIGHT
    assert all(report.converged for report in reports)
    assert newton_order(reports[-1].norms) >= 1.7


def test_finer_cells_come_closer() -> None:
    flexure = Flexure(np.radians(60.0))
    exact = flexure.moment()
    coarse, fine = (abs(bent_block(n, flexure.angle, mean=True)[0] / exact - 1.0) for n in (4, 8))
    assert fine <= 0.01
    assert fine <= 0.35 * coarse  # second order would give a quarter


def test_pointwise_cells_lock() -> None:
    """The same mesh without mean dilatation is far too stiff: the test above would notice."""
    flexure = Flexure(np.radians(6.0))
    assert not bent_block(4, flexure.angle, mean=False)[0] <= 1.3 * flexure.moment()


def test_the_closed_form_itself() -> None:
    """Small angles give the plane-strain beam: M = 4 μ · H³/12 · curvature; faces free of traction."""
    flexure = Flexure(1e-3)
    assert flexure.moment() == pytest.approx(4.0 * MU * HEIGHT**3 / 12.0 / flexure.alpha, rel=1e-5)
    inner, outer = Flexure(1.0).radii
    assert brentq(lambda r: r**2 - inner**2 - 2.0 * LENGTH * HEIGHT, inner, 10 * outer) == pytest.approx(
        outer
    )
