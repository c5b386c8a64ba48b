"""Uniaxial closed forms: the stress of a law at a given F, without any mesh."""

import numpy as np
import pytest
from scipy.optimize import brentq

from fem.materials.solid import (
    CompressibleNeoHookean,
    FibreExponential,
    Hyperelastic,
    MooneyRivlin,
    NeoHookean,
    Yeoh,
    no_fibres,
)


def incompressible_cauchy(law: Hyperelastic, stretch: float, fibres: np.ndarray | None = None) -> float:
    """Return the axial Cauchy stress under lateral stress zero; the pressure is whatever makes it so."""
    F = np.diag([stretch, stretch**-0.5, stretch**-0.5])[None, None]
    pk1 = law.respond(F, no_fibres(F) if fibres is None else fibres).pk1
    cauchy = (pk1 @ np.swapaxes(F, -1, -2))[0, 0]
    return float(cauchy[0, 0] - cauchy[1, 1])


@pytest.mark.parametrize(
    ("stretch", "tabulated"), [(0.8, -0.305), (1.2, 0.303333), (1.5, 0.791667), (2.0, 1.75)]
)
def test_incompressible_neo_hooke(stretch: float, tabulated: float) -> None:
    mu = 0.5
    exact = mu * (stretch**2 - 1.0 / stretch)
    assert exact == pytest.approx(tabulated, abs=1e-6)  # six printed digits
    assert incompressible_cauchy(Hyperelastic((NeoHookean(mu),)), stretch) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("stretch", [0.7, 1.4])
def test_incompressible_mooney_rivlin_and_yeoh(stretch: float) -> None:
    I1 = stretch**2 + 2.0 / stretch
    strain_measure = stretch**2 - 1.0 / stretch
    mooney = 2.0 * strain_measure * (0.2 + 0.1 / stretch)
    yeoh = 2.0 * strain_measure * (0.2 + 2 * 0.1 * (I1 - 3) + 3 * 0.05 * (I1 - 3) ** 2)
    laws = (Hyperelastic((MooneyRivlin(0.2, 0.1),)), mooney), (Hyperelastic((Yeoh(0.2, 0.1, 0.05),)), yeoh)
    for law, exact in laws:
        assert incompressible_cauchy(law, stretch) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("poisson", "lateral", "stress"),
    [(0.3, 0.880175, 0.378280), (0.49, 0.819241, 0.353209), (0.4999, 0.816524, 0.351865)],
)
def test_compressible_neo_hooke(poisson: float, lateral: float, stress: float) -> None:
    stretch = 1.5
    mu = 1.0 / (2.0 * (1.0 + poisson))
    lame = poisson / ((1.0 + poisson) * (1.0 - 2.0 * poisson))

    def side_stress(t: float) -> float:
        return mu * (t**2 - 1.0) + lame * np.log(stretch * t**2)

    t = brentq(side_stress, 0.5, 1.2, xtol=1e-15)
    axial = mu * (stretch - 1.0 / stretch) + lame * np.log(stretch * t**2) / stretch
    assert (t, axial) == pytest.approx((lateral, stress), abs=1e-6)  # six printed digits
    F = np.diag([stretch, t, t])[None, None]
    pk1 = Hyperelastic((CompressibleNeoHookean(mu, lame),)).respond(F, no_fibres(F)).pk1[0, 0]
    # Stresses are differences of terms of size lame, so rounding is near 1e-16 lame.
    np.testing.assert_allclose(pk1, np.diag([axial, 0.0, 0.0]), atol=1e-14 * (1.0 + lame))


@pytest.mark.parametrize(("stretch", "tabulated"), [(1.05, 0.268226), (1.1, 0.693755), (1.2, 3.457458)])
def test_fibres_along_the_load(stretch: float, tabulated: float) -> None:
    mu, k1, k2 = 0.2, 1.0, 5.0
    E = stretch**2 - 1.0
    exact = mu * (stretch**2 - 1.0 / stretch) + 2.0 * stretch**2 * k1 * E * np.exp(k2 * E**2)
    assert exact == pytest.approx(tabulated, abs=1e-6)
    law = Hyperelastic((NeoHookean(mu), FibreExponential(k1, k2, 0.0)))
    along = np.array([[[[1.0, 0.0, 0.0]]]])
    assert incompressible_cauchy(law, stretch, along) == pytest.approx(exact, rel=1e-12)


def test_fibres_spread_evenly_are_isotropic() -> None:
    """With κ = 1/3 the direction drops out: ψ depends on I1 alone."""
    law = Hyperelastic((FibreExponential(1.0, 5.0, 1.0 / 3.0),))
    stretch = 1.2
    E = (stretch**2 + 2.0 / stretch - 3.0) / 3.0
    exact = 2.0 * (stretch**2 - 1.0 / stretch) * E * np.exp(5.0 * E**2) / 3.0
    for direction in ([1.0, 0.0, 0.0], [0.0, 0.6, 0.8]):
        fibres = np.array(direction)[None, None, None]
        assert incompressible_cauchy(law, stretch, fibres) == pytest.approx(exact, rel=1e-12)


def test_crossed_fibres_under_biaxial_stretch() -> None:
    """Two families at ±α in the 1–2 plane, F = diag(a, b, 1/(ab)), stress-free along 3."""
    a, b, angle, k1, k2 = 1.15, 1.05, np.radians(30.0), 1.3, 2.0
    c, s = np.cos(angle), np.sin(angle)
    E = a**2 * c**2 + b**2 * s**2 - 1.0
    pull = 2.0 * k1 * E * np.exp(k2 * E**2) * 2.0  # two families
    fibres = np.array([[[[c, s, 0.0], [c, -s, 0.0]]]])
    F = np.diag([a, b, 1.0 / (a * b)])[None, None]
    pk1 = Hyperelastic((FibreExponential(k1, k2, 0.0),)).respond(F, fibres).pk1
    cauchy = (pk1 @ np.swapaxes(F, -1, -2))[0, 0]
    exact = np.array([pull * (a * c) ** 2, pull * (b * s) ** 2])
    np.testing.assert_allclose(np.diag(cauchy)[:2] - cauchy[2, 2], exact, rtol=1e-12)
    assert abs(cauchy[0, 1]) <= 1e-14
