"""One hexahedron pulled along z with free sides: the closed forms of a bar."""

import numpy as np
import pytest
from scipy.optimize import brentq

from fem.elements.layout import positions
from fem.elements.mesh_points import points_where
from fem.materials.law import SolidLaw, VolumetricLaw
from fem.materials.solid import CompressibleNeoHookean, FibreExponential, Hyperelastic, NeoHookean
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.report import Settings
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import build_system
from fem.terms.solid import SolidTerm
from oracles.meshes import box

pytestmark = pytest.mark.verification

SETTINGS = Settings(tolerance=1e-9, iterations=30, first_step=1.0, largest_step=1.0)


def pull(
    law: SolidLaw, stretch: float, volume: VolumetricLaw | None = None, fibres: tuple[float, ...] = ()
) -> tuple[float, float]:
    """Return the first Piola–Kirchhoff stress [MPa] and the lateral stretch of a unit cube."""
    solid = box((np.array([0.0, 1.0]),) * 3)
    block = solid.block
    if fibres:
        families = np.broadcast_to(np.array(fibres), (*block.weight.shape, 1, 3)).copy()
        block = type(block)(block.points, block.gradient, block.weight, families)
    motions = [
        displaced(points_where(solid.basis, solid.numbers, lambda x, i=i: x[:, i] < 1e-9),
                  tuple(0.0 if k == i else None for k in range(3)))
        for i in range(3)
    ]  # fmt: skip
    top = points_where(solid.basis, solid.numbers, lambda x: x[:, 2] > 1.0 - 1e-9)
    motions.append(displaced(top, (None, None, stretch - 1.0)))
    system = build_system(solid.layout, (SolidTerm("cube", block, law, volume),), tuple(motions))
    step = solve_static(system, SETTINGS)
    force = step.evaluation.residual.reshape(-1, 3)[solid.layout.node[top], 2].sum()
    return float(force), float(positions(solid.layout, step.state)[top, 0].max())


def nearly_incompressible(stretch: float, mu: float, K: float) -> tuple[float, float]:
    """Return first Piola–Kirchhoff stress and lateral stretch for ψ = μ/2 (Ī1 − 3) + K/2 (ln J)²."""

    def deviator(t: float) -> float:
        return mu * (stretch * t**2) ** (-2.0 / 3.0) * (stretch**2 - t**2) / 3.0

    def side(t: float) -> float:
        return K * np.log(stretch * t**2) - deviator(t)

    t = brentq(side, 0.9 * stretch**-0.5, 1.1 * stretch**-0.5, xtol=1e-15)
    return (2.0 * deviator(t) + K * np.log(stretch * t**2)) / stretch, t


stretches = pytest.mark.parametrize(
    ("stretch", "tabulated"), [(0.8, -0.38125), (1.2, 0.252778), (1.5, 0.527778), (2.0, 0.875)]
)


@stretches
def test_nearly_incompressible_neo_hooke(stretch: float, tabulated: float) -> None:
    mu, K = 0.5, 500.0
    found = pull(Hyperelastic((NeoHookean(mu),)), stretch, LogarithmicVolume(K))
    assert found == pytest.approx(nearly_incompressible(stretch, mu, K), rel=1e-9)  # ten digits of K ln J
    assert found[0] == pytest.approx(tabulated, rel=2.0 * mu / K)


def incompressible(law: SolidLaw, stretch: float, K: float, fibres: tuple[float, ...] = ()) -> np.ndarray:
    """Return stress and lateral stretch for K → ∞, extrapolated in 1/K from K, 2K and 4K: error (μ/K)³."""
    first, second, third = (
        np.array(pull(law, stretch, LogarithmicVolume(k), fibres)) for k in (K, 2.0 * K, 4.0 * K)
    )
    return (first - 6.0 * second + 8.0 * third) / 3.0


@stretches
def test_incompressible_limit(stretch: float, tabulated: float) -> None:
    mu = 0.5
    exact = mu * (stretch - stretch**-2)
    assert exact == pytest.approx(tabulated, abs=1e-6)
    found = incompressible(Hyperelastic((NeoHookean(mu),)), stretch, 5e3)
    np.testing.assert_allclose(found, [exact, stretch**-0.5], rtol=1e-8)


@pytest.mark.parametrize("poisson", [0.3, 0.49, 0.4999])
def test_compressible_neo_hooke(poisson: float) -> None:
    stretch, mu = 1.5, 0.5 / (1.0 + poisson)
    lame = poisson / ((1.0 + poisson) * (1.0 - 2.0 * poisson))
    lateral = brentq(lambda t: mu * (t**2 - 1.0) + lame * np.log(stretch * t**2), 0.5, 1.2, xtol=1e-15)
    exact = mu * (stretch - 1.0 / stretch) + lame * np.log(stretch * lateral**2) / stretch
    found = pull(Hyperelastic((CompressibleNeoHookean(mu, lame),)), stretch)
    # ln J is near 1e-4 at ν = 0.4999, so the stress keeps ten digits of the sixteen.
    assert found == pytest.approx((exact, lateral), rel=1e-9)


@pytest.mark.parametrize("stretch", [0.9, 1.05, 1.1, 1.2])
def test_fibres_along_the_load(stretch: float) -> None:
    """Below stretch 1 only the ground substance is left."""
    mu, k1, k2 = 0.2, 1.0, 5.0
    E = max(stretch**2 - 1.0, 0.0)
    exact = (mu * (stretch**2 - 1.0 / stretch) + 2.0 * stretch**2 * k1 * E * np.exp(k2 * E**2)) / stretch
    law = Hyperelastic((NeoHookean(mu), FibreExponential(k1, k2, 0.0)))
    found = incompressible(law, stretch, 1e4, (0.0, 0.0, 1.0))
    # The fibres' modulus reaches 40 MPa: (40/1e4)³ leaves 1e-7.
    np.testing.assert_allclose(found, [exact, stretch**-0.5], rtol=1e-6)
