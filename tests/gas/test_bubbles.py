"""Bubbles at rest: Boyle's law, surface tension, compliance, the edge of stability, and what is refused."""

import math

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.gas.bubbles import (
    Bubbles,
    blake_pressure,
    blake_radius,
    bubble_radius,
    bubbles_of_radius,
    pressure_at,
    sphere_volume,
    volume_at,
)
from fem.gas.surroundings import Gas, Surroundings, ostwald_coefficient

TWO = (Gas("a", 2e-3, 0.02, 0.05), Gas("b", 1e-3, 0.5, 0.01))
AROUND = Surroundings(TWO, 0.1, 0.006, 5e-5)
SMOOTH = Surroundings(TWO, 0.1)


@pytest.mark.parametrize("radius", [1e-5, 1e-3, 0.15, 3.0])
def test_the_radius_comes_back_from_the_contents(radius: float) -> None:
    bubbles = bubbles_of_radius(radius, [0.3, 0.7], AROUND, number=12.5)
    assert bubble_radius(bubbles, AROUND) == pytest.approx(radius, rel=1e-13)
    assert float(volume_at(bubbles, AROUND).volume) == pytest.approx(12.5 * sphere_volume(radius), rel=1e-12)
    assert bubbles.shares == pytest.approx([0.3, 0.7])


def test_without_skin_and_vapour_it_is_boyles_law() -> None:
    bubbles = bubbles_of_radius(0.2, [0.5, 0.5], SMOOTH, number=3.0)
    pressure = np.array([1e-4, 0.05, 0.1, 2.0])
    found = volume_at(bubbles, SMOOTH, pressure)
    assert found.volume == pytest.approx(bubbles.total / pressure)
    assert found.compliance == pytest.approx(bubbles.total / pressure**2)
    assert blake_radius(bubbles, SMOOTH) == math.inf


@pytest.mark.parametrize("radius", [1e-3, 0.05])
def test_compliance_is_the_derivative_of_the_volume(radius: float) -> None:
    bubbles = bubbles_of_radius(radius, [0.4, 0.6], AROUND, number=7.0)
    lowest = blake_pressure(bubbles, AROUND)
    for pressure in (lowest + 0.01, 0.05, 0.1, 0.5):
        step = 1e-5 * (pressure - lowest)
        ends = volume_at(bubbles, AROUND, np.array([pressure - step, pressure + step])).volume
        found = float(volume_at(bubbles, AROUND, pressure).compliance)
        assert found == pytest.approx(-(ends[1] - ends[0]) / (2.0 * step), rel=1e-6)
        assert found > 0.0


def test_pressure_and_volume_are_inverse_and_so_are_their_slopes() -> None:
    bubbles = bubbles_of_radius(0.01, [0.4, 0.6], AROUND, number=7.0)
    pressure = np.array([blake_pressure(bubbles, AROUND) + 1e-6, 0.01, 0.1, 1.0])
    found = volume_at(bubbles, AROUND, pressure)
    back = pressure_at(bubbles, AROUND, found.volume)
    assert back.pressure == pytest.approx(pressure, rel=1e-9)
    assert back.slope == pytest.approx(-1.0 / found.compliance, rel=1e-9)


def test_below_the_blake_threshold_no_bubble_stays_at_rest() -> None:
    bubbles = bubbles_of_radius(1e-3, [0.4, 0.6], AROUND)
    threshold = blake_pressure(bubbles, AROUND)
    assert threshold < 0.0  # in tension, and still stable above it
    assert float(volume_at(bubbles, AROUND, 0.999 * threshold).volume) > 0.0
    with pytest.raises(ParameterError, match="grows without end; it stays at rest above"):
        volume_at(bubbles, AROUND, 1.001 * threshold)


def test_a_large_bubble_leaves_little_tension_and_an_empty_one_has_none() -> None:
    assert blake_pressure(bubbles_of_radius(1.0, [1.0, 0.0], AROUND), AROUND) < AROUND.vapour_pressure
    empty = Bubbles(3.0, np.zeros(2))
    assert blake_pressure(empty, AROUND) == -math.inf
    found = volume_at(empty, AROUND, np.array([0.05, 0.1]))
    assert found.volume.tolist() == found.compliance.tolist() == [0.0, 0.0]
    assert empty.shares.tolist() == [0.0, 0.0]


def test_contents_cannot_be_changed() -> None:
    bubbles = bubbles_of_radius(0.1, [0.5, 0.5], AROUND)
    with pytest.raises(ValueError, match="read-only"):
        bubbles.contents[0] = 1.0


def test_gas_released_from_fluid_at_rest_is_what_it_holds() -> None:
    held = np.array([0.02 * 0.05, 0.5 * 0.01])
    assert AROUND.released_shares() == pytest.approx(held / held.sum())


def test_the_ostwald_coefficient_is_bunsens_at_body_temperature() -> None:
    assert ostwald_coefficient(0.02, 273.15) == 0.02
    assert ostwald_coefficient(0.02, 310.15) == pytest.approx(0.02 * 310.15 / 273.15)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Gas("a", 0.0, 0.02, 0.0), "Gas.diffusivity"),
        (lambda: Gas("a", 1.0, math.nan, 0.0), "Gas.solubility"),
        (lambda: Surroundings(TWO, 0.005, 0.006), "does not exceed the vapour pressure"),
        (lambda: Surroundings((), 0.1), "hold no gas"),
        (lambda: Surroundings((Gas("a", 1.0, 0.1, 0.0),), 0.1).released_shares(), "holds no gas at all"),
        (lambda: bubbles_of_radius(0.1, [0.5, 0.6], AROUND), "with the sum 1"),
        (lambda: bubbles_of_radius(0.1, [1.0], AROUND), "give 2 numbers"),
        (lambda: bubbles_of_radius(-0.1, [0.5, 0.5], AROUND), "give a length above zero"),
        (lambda: Bubbles(0.0, np.ones(2)), "give a number above zero"),
        (lambda: Bubbles(1.0, np.array([1.0, -1e-9])), "contents are zero or more"),
        (lambda: Bubbles(1.0, np.array([1.0, math.nan])), "contents are zero or more"),
        (lambda: pressure_at(Bubbles(1.0, np.ones(2)), AROUND, 0.0), "give volumes above zero"),
    ],
)
def test_what_cannot_be_is_refused(make: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make()  # type: ignore[operator]
