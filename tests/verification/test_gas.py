"""A gas bubble alone in fluid: dissolution (Epstein and Plesset), collapse (Rayleigh), ringing (Minnaert), Blake."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from fem.gas.bubbles import blake_pressure, blake_radius, bubbles_of_radius, pressure_at
from fem.gas.collapse import RAYLEIGH_COEFFICIENT, minnaert_frequency, rayleigh_collapse_time
from fem.gas.dissolution import Dissolution, dissolve
from fem.gas.surroundings import Gas, Surroundings

pytestmark = pytest.mark.verification

DIFFUSIVITY, SOLUBILITY, PRESSURE = 2e-3, 0.02, 0.101325  # mm²/s, 1, MPa
FOR_EVER = 1e7


def life(radius: float, saturation: float, *, transient: bool = True) -> Dissolution:
    """Dissolve one bubble of one gas without surface tension or vapour."""
    gas = Gas("air", DIFFUSIVITY, SOLUBILITY, saturation * PRESSURE)
    around = Surroundings((gas,), PRESSURE)
    return dissolve(bubbles_of_radius(radius, [1.0], around), around, FOR_EVER, transient=transient)


def closed_form(radius: float, saturation: float) -> float:
    """Return when R = 0: with s = √t, dR/ds = −(A s/R + B) is homogeneous and R = s v separates it."""
    a = 2.0 * DIFFUSIVITY * SOLUBILITY * (1.0 - saturation)
    b = a / math.sqrt(math.pi * DIFFUSIVITY)
    q = math.sqrt(a - 0.25 * b**2)
    exponent = b / (2.0 * q) * (0.5 * math.pi - math.atan(b / (2.0 * q)))
    return (radius * math.exp(-exponent)) ** 2 / a


@pytest.mark.parametrize("radius", [0.01, 0.1, 1.0])
@pytest.mark.parametrize(("saturation", "at_10_um"), [(0.0, 1.05337), (0.5, 2.21233), (0.9, 11.8261)])
def test_the_full_equation_meets_its_closed_form(radius: float, saturation: float, at_10_um: float) -> None:
    found = life(radius, saturation).gone
    # the integration stops at a thousandth of the radius, which a millionth of the time still takes away
    assert found == pytest.approx(closed_form(radius, saturation), rel=2e-6)
    assert found == pytest.approx(at_10_um * (radius / 0.01) ** 2, rel=1e-5)  # tabulated with six digits


@pytest.mark.parametrize("radius", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("saturation", [0.0, 0.5, 0.9])
def test_the_quasi_steady_life_is_a_parabola(radius: float, saturation: float) -> None:
    slow = life(radius, saturation, transient=False)
    whole = radius**2 / (2.0 * DIFFUSIVITY * SOLUBILITY * (1.0 - saturation))
    assert slow.gone == pytest.approx(whole * (1.0 - 1e-6), rel=1e-7)
    times = whole * np.array([0.0, 1e-6, 0.1, 0.5, 0.9, 0.999])
    square = (slow.radius_at(times) / radius) ** 2
    assert square == pytest.approx(
        1.0 - times / whole, abs=1e-7
    )  # the error of the square is that of the time


def test_without_surface_tension_the_life_goes_with_the_square_of_the_radius() -> None:
    small, large = life(1e-3, 0.7), life(10.0, 0.7)
    assert small.gone is not None
    assert large.gone is not None
    assert large.gone / small.gone == pytest.approx(1e8, rel=1e-9)
    share = np.array([0.01, 0.3, 0.8])
    assert large.radius_at(share * large.gone) == pytest.approx(1e4 * small.radius_at(share * small.gone))


@pytest.mark.parametrize(("saturation", "radius"), [(0.9, 0.10), (0.5, 0.23), (0.0, 0.34)])
def test_which_bubble_lives_twenty_minutes(saturation: float, radius: float) -> None:
    assert life(radius, saturation).gone == pytest.approx(1200.0, rel=0.05)  # radii given with two digits


def test_the_collapse_of_an_empty_sphere_takes_what_rayleigh_found() -> None:
    # t = R √(ρ/Δp) ∫₀¹ √(3x³ / 2(1 − x³)) dx; with x³ = sin²(a) the root at the start is gone
    integral, _ = quad(lambda a: math.sqrt(2.0 / 3.0) * math.sin(a) ** (2.0 / 3.0), 0.0, 0.5 * math.pi)
    assert pytest.approx(integral, rel=1e-9) == RAYLEIGH_COEFFICIENT
    assert pytest.approx(0.914681, abs=5e-7) == RAYLEIGH_COEFFICIENT
    assert rayleigh_collapse_time(1.0, 1e-9, 0.1) == pytest.approx(0.914681 * 1e-4, rel=1e-6)


def test_a_millimetre_of_air_in_water_rings_at_minnaerts_frequency() -> None:
    assert minnaert_frequency(1.0, 0.101325, 1e-9, exponent=1.4) == pytest.approx(3283.24, abs=5e-3)


def test_the_frequency_follows_from_the_stiffness_of_the_bubble() -> None:
    # one degree of freedom: stiffness −dp/dV (4πR²)² against the added mass 4πR³ρ
    around = Surroundings((Gas("air", 1.0, 0.1, 0.0),), 0.101325, 0.00628, 7.2e-5)
    radius, density = 0.003, 1e-9
    bubble = bubbles_of_radius(radius, [1.0], around)
    slope = float(pressure_at(bubble, around, 4.0 / 3.0 * math.pi * radius**3).slope)
    stiffness, mass = -slope * (4.0 * math.pi * radius**2) ** 2, 4.0 * math.pi * radius**3 * density
    expected = math.sqrt(stiffness / mass) / (2.0 * math.pi)
    found = minnaert_frequency(
        radius, 0.101325, density, exponent=1.0, vapour_pressure=0.00628, surface_tension=7.2e-5
    )
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("radius", "critical", "threshold"), [(1e-3, 2.231615e-3, -36738e-6), (1e-2, 47.7504e-3, 4270e-6)]
)
def test_the_blake_threshold(radius: float, critical: float, threshold: float) -> None:
    around = Surroundings((Gas("air", 1.0, 0.1, 0.0),), 0.101325, 0.00628, 7.2e-5)
    bubble = bubbles_of_radius(radius, [1.0], around)
    assert blake_radius(bubble, around) == pytest.approx(critical, rel=1e-6)
    assert blake_pressure(bubble, around) == pytest.approx(threshold, abs=5e-7)
    # it is the least pressure of the curve p(V)
    volumes = 4.0 / 3.0 * math.pi * (critical * np.array([0.99, 1.0, 1.01])) ** 3
    curve = pressure_at(bubble, around, volumes)
    assert curve.pressure.argmin() == 1
    assert curve.pressure[1] == pytest.approx(threshold, abs=5e-7)
    assert curve.slope[0] < 0.0 < curve.slope[2]
