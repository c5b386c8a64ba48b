"""The film's laws at a point: derivatives, inverses, limits, and what the data file makes of them."""

from functools import partial

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from fem.errors import ParameterError
from fem.film import constants as at
from fem.film.constants import constants
from fem.film.data import film_laws
from fem.film.laws import Cavitation, CrossFluid, FilmLaws, OpenRim, Recess, SoftLayer, newtonian
from fem.film.point_kernels import (
    gas_volume,
    layer_pressure,
    layer_yield,
    recess_volume,
    thickness,
    total_pressure,
    viscosity,
)
from fem.literature import load
from fem.materials.surface import CartilageLayers
from oracles.films import AMBIENT, VAPOROUS

LAYER = SoftLayer(7.5, 1.6, 0.004)
RECESS = Recess(80.0, 14e3, 0.05, 0.3, 2.0, 0.0, 0.2)


def row(layer: SoftLayer = LAYER, recess: Recess | OpenRim = RECESS) -> np.ndarray:
    fluid = CrossFluid(1e-5, 1e-8, 2.3, 0.7, 0.78)
    return constants(FilmLaws(fluid, VAPOROUS, recess, layer), 1)[0]


def slope(function, x: float, step: float) -> float:  # type: ignore[no-untyped-def]
    return (function(x + step) - function(x - step)) / (2.0 * step)


def _first(law, c: np.ndarray, place: int, other: float, x: float) -> float:  # type: ignore[no-untyped-def]
    return float(law(x, other, c)[0] if place == 0 else law(other, x, c)[0])


@pytest.mark.parametrize("pressure", [-0.3, -0.05, 0.0, 0.4, 8.0, 16.0, 30.0, 200.0])
def test_the_layers_yield_and_resist_alike(pressure: float) -> None:
    c = row()
    d, by_pressure = layer_yield(pressure, c)
    back, by_yield = layer_pressure(d, c)
    assert back == pytest.approx(pressure, rel=1e-12, abs=1e-14)
    assert by_yield * by_pressure == pytest.approx(1.0, rel=1e-12)
    step = 1e-6 * max(1.0, pressure)
    assert by_pressure == pytest.approx(slope(lambda p: layer_yield(p, c)[0], pressure, step), rel=1e-7)


def test_small_pressures_give_the_linear_layer() -> None:
    assert layer_yield(1e-6, row())[0] == pytest.approx(1.6 / 7.5 * 1e-6, rel=1e-6)


def test_pressed_layers_are_the_contact_law_of_the_facets() -> None:
    law = CartilageLayers(7.5, 1.6, 0.9)
    for gap in (-0.01, -0.3, -1.5):
        total = total_pressure(0.0, gap, row())[0]
        assert total == pytest.approx(law.respond(np.array([gap])).pressure[0], rel=1e-12)


@pytest.mark.parametrize("gap", [-0.4, -0.0325, -0.0318, -0.0305, 0.0, 0.2])
def test_thickness_and_total_pressure_have_these_derivatives(gap: float) -> None:
    """Closed, three places in the rounded range of ± 2 µm about first touch at p = 0.15 MPa, open."""
    c, p = row(), 0.15
    for law in (thickness, total_pressure):
        _, by_pressure, by_gap = law(p, gap, c)
        assert by_pressure == pytest.approx(slope(partial(_first, law, c, 0, gap), p, 1e-6), abs=1e-7)
        assert by_gap == pytest.approx(slope(partial(_first, law, c, 1, p), gap, 1e-7), rel=1e-6, abs=1e-7)
    h, _, _ = thickness(p, gap, c)
    assert h >= 0.004
    assert total_pressure(p, gap, c)[0] >= p - 1e-12


def test_surfaces_never_come_closer_than_their_roughness() -> None:
    c = row()
    found = [thickness(p, gap, c)[0] for p in (-0.09, 0.0, 5.0) for gap in np.linspace(-1.5, 0.5, 41)]
    assert min(found) == 0.004
    assert thickness(-0.09, 0.05, c)[0] < 0.04  # suction draws the surfaces together


def test_the_recess_has_the_measured_slope_at_rest_and_a_barrier() -> None:
    c = row(recess=Recess(80.0, 14e3, 0.05))
    volume, by_pressure, _, _ = recess_volume(0.0, 0.0, 0.0, 0.0, c)
    assert volume == pytest.approx(80.0, rel=1e-14)
    assert by_pressure == pytest.approx(14e3, rel=1e-12)
    volumes = [recess_volume(p, 0.0, 0.0, 0.0, c)[0] for p in (-0.003, -0.02, -0.095, -10.0)]
    assert np.all(np.diff(volumes) < 0.0)
    assert volumes[0] == pytest.approx(80.0 - 0.003 * 14e3, rel=0.06)  # the capsule follows
    assert 0.0 < volumes[3] < volumes[2] < 0.01 * 80.0  # it lies on bone
    x = volumes[1] / 80.0
    assert 80.0 / 14e3 * ((x - 1) - 0.05 * (1 / x + x - 2)) == pytest.approx(-0.02, rel=1e-12)


@pytest.mark.parametrize("pressure", [-0.09, -0.01, 0.0, 0.02])
def test_the_recess_has_this_derivative_while_it_creeps(pressure: float) -> None:
    c = row()

    def volume(p: float) -> float:
        return float(recess_volume(p, 0.05, 70.0, 0.001, c)[0])

    slope_found = recess_volume(pressure, 0.05, 70.0, 0.001, c)[1]
    assert slope_found == pytest.approx(slope(volume, pressure, 1e-7), rel=1e-6)


def test_a_creeping_capsule_is_stiff_at_first_and_relaxes() -> None:
    c = row(recess=Recess(80.0, 14e3, 0.05, 0.3, 2.0))
    fast, slow = (recess_volume(-0.002, duration, 80.0, 0.0, c)[0] - 80.0 for duration in (1e-3, 1e3))
    assert fast / slow == pytest.approx(1.0 / 1.3, rel=0.02)
    creep = recess_volume(-0.002, 1e-3, 80.0, 0.0, c)[3]
    assert creep == pytest.approx(0.3 * fast / 14e3, rel=1e-3)


def test_a_bubble_follows_boyle_down_to_the_cavity_and_stays_finite_beyond() -> None:
    c = row()
    assert gas_volume(0.0, c)[0] == pytest.approx(0.2 / AMBIENT)
    assert gas_volume(-0.05, c)[0] == pytest.approx(0.2 / (AMBIENT - 0.05))
    for p in (-0.05, -0.2):
        assert gas_volume(p, c)[1] == pytest.approx(slope(lambda x: gas_volume(x, c)[0], p, 1e-7), rel=1e-6)
    assert np.isfinite(gas_volume(-1.0, c)[0])


@pytest.mark.parametrize("rate", [1e-3, 0.4, 10.0, 1e4])
def test_the_viscosity_has_this_derivative(rate: float) -> None:
    c = row()
    value, bend = viscosity(rate, c)
    assert value == pytest.approx(
        float(CrossFluid(1e-5, 1e-8, 2.3, 0.7).viscosity(np.array(rate))), rel=1e-14
    )
    assert bend == pytest.approx(slope(lambda x: viscosity(np.exp(x), c)[0], np.log(rate), 1e-5), rel=1e-7)


def test_the_representative_rate_gives_the_flow_between_plates() -> None:
    """The flow of the whole Cross profile, integrated, against the flow at the representative viscosity: within 9 %."""
    laws = film_laws(load("film"), load("cartilage"))
    fluid, h, worst = laws.fluid, 0.1, 0.0
    for wall in np.logspace(-6.0, -3.0, 13):  # shear stress at the wall [MPa]

        def rate(stress: float) -> float:
            return brentq(lambda g: g * float(fluid.viscosity(np.array(g))) - stress, 0.0, 1e9, xtol=1e-14)

        inside = quad(lambda s: s * rate(s), 0.0, wall, limit=200)[0]
        exact = 0.5 * h * h * inside / wall**2
        gradient = 2.0 * wall / h

        def miss(q: float, gradient: float = gradient) -> float:
            seen = float(fluid.viscosity(np.array(fluid.representative * 6.0 * q / h**2)))
            return 12.0 * seen * q / h**3 - gradient

        model = brentq(miss, 0.0, 1e6, xtol=1e-16)
        worst = max(worst, abs(model / exact - 1.0))
    assert worst < 0.09


def test_the_representative_rate_in_the_data_is_that_of_the_power_law() -> None:
    data = load("film")
    n = 1.0 - data.number("fluid.thinning_exponent")
    share = ((2 * n + 1) / (3 * n)) ** (n / (n - 1))
    assert data.number("fluid.representative_rate") == pytest.approx(share, abs=5e-5)


def test_the_data_meet_the_measured_ranges() -> None:
    laws = film_laws(load("film"), load("cartilage"))
    ten, thousand = laws.fluid.viscosity(np.array([10.0, 1000.0]))
    assert 0.1e-6 <= ten <= 1.05e-6
    assert 0.01e-6 <= thousand <= 0.06e-6
    assert isinstance(laws.recess, Recess)
    assert 8e3 <= laws.recess.compliance <= 20e3
    assert laws.cavitation.nucleation == laws.cavitation.cavity == pytest.approx(0.00628)
    assert laws.layer.thickness == pytest.approx(1.6)


@pytest.mark.parametrize(
    ("laws", "words"),
    [
        (lambda: FilmLaws(newtonian(0.0), VAPOROUS, OpenRim()), "CrossFluid.rest"),
        (lambda: FilmLaws(newtonian(1e-7), VAPOROUS, Recess(0.0, 1.0)), "Recess.volume"),
        (
            lambda: FilmLaws(newtonian(1e-7), VAPOROUS, OpenRim(), SoftLayer(asperity=0.0)),
            "SoftLayer.asperity",
        ),
        (
            lambda: constants(FilmLaws(newtonian(1e-7), Cavitation(0.1, 0.006, 0.05), OpenRim()), 1),
            "nucleation pressure lies above",
        ),
        (
            lambda: constants(FilmLaws(newtonian(np.full(3, 1e-7)), VAPOROUS, OpenRim()), 2),
            "3 values for 2 joints",
        ),
    ],
)
def test_laws_that_cannot_be_are_refused(laws, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError, match=words):
        laws()


def test_the_columns_of_the_constants_are_all_filled() -> None:
    assert np.all(row()[: at.CONSERVING] != 0.0)
