"""The gas clock: what is left, when it is small or gone, its band, and where its numbers come from."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.gas.bubbles import sphere_volume, volume_at
from fem.gas.clock import (
    ClockSettings,
    GasClock,
    gas_clock,
    residual_bubble,
    smaller_than,
    time_until,
)
from fem.gas.dissolution import dissolve
from fem.gas.inputs import GASES, draw_inputs, gas_after_pop, mixed_shares, used_numbers
from fem.gas.surroundings import ostwald_coefficient
from fem.literature import load

DATA = load("gas")
GAS = gas_after_pop(DATA)
MINUTE = 60.0


@pytest.fixture(scope="module")
def clock() -> GasClock:
    return gas_clock(DATA, ClockSettings(horizon=240 * MINUTE, points=61, marks=(15 * MINUTE,), draws=32))


def test_a_pop_leaves_the_stated_volume_in_bubbles_of_the_stated_radius() -> None:
    volume = DATA.number("bubble.gas_share") * DATA.number("joint.fluid_volume")
    assert GAS.bubbles.number * sphere_volume(DATA.number("bubble.radius")) == pytest.approx(volume)
    assert residual_bubble(0.0, GAS).volume == pytest.approx(volume)
    assert GAS.bubbles.shares[0] == pytest.approx(DATA.number("mix.CO2"))


def test_less_and_less_is_left_and_in_the_end_nothing() -> None:
    left = [residual_bubble(age * MINUTE, GAS) for age in (0, 1, 5, 10, 15, 20, 180)]
    volumes = [one.volume for one in left]
    assert volumes == sorted(volumes, reverse=True)
    assert volumes[-2] > 0.0
    assert volumes[-1] == left[-1].compliance == 0.0
    assert left[-1].blake_pressure == -math.inf


def test_the_compliance_holds_the_pressure_of_an_opening_joint() -> None:
    left = residual_bubble(5 * MINUTE, GAS)
    pressure = left.surroundings.pressure
    change = 1e-6 * pressure
    grown = float(left.under(pressure - change).volume) - left.volume
    assert grown == pytest.approx(left.compliance * change, rel=1e-5)
    assert float(left.filling(left.volume).pressure) == pytest.approx(pressure, rel=1e-12)
    # ten times the room: the gas still holds a tenth of its pressure over the vapour, less a little skin
    far = float(left.filling(10.0 * left.volume).pressure)
    assert far == pytest.approx(left.surroundings.vapour_pressure + 0.1 * left.surroundings.excess, rel=0.05)


def test_the_default_clock_runs_out_within_the_published_span(clock: GasClock) -> None:
    assert clock.gone.time is not None
    assert clock.gone.time == pytest.approx(dissolve(GAS.bubbles, GAS.surroundings, 1e5).gone, rel=1e-9)
    assert 10 * MINUTE < clock.gone.time < 120 * MINUTE  # nothing was fitted to it


def test_the_band_is_ordered_and_shrinks_with_time(clock: GasClock) -> None:
    low, middle, high = clock.band
    assert np.all(low <= middle)
    assert np.all(middle <= high)
    assert np.all(np.diff(clock.band, axis=1) <= 0.0)
    assert high[0] > low[0] > 0.0
    for moment in (clock.small, clock.gone):
        assert moment.time is not None
        assert moment.band[0] is not None
        assert moment.band[0] < moment.time
    assert clock.small.time < clock.gone.time  # type: ignore[operator]


def test_the_mark_is_among_the_times_and_agrees_with_the_residual(clock: GasClock) -> None:
    place = int(np.flatnonzero(clock.times == 15 * MINUTE)[0])
    assert clock.volume[place] == pytest.approx(residual_bubble(15 * MINUTE, GAS).volume, rel=1e-6)


def test_the_clock_is_the_same_every_time_and_moves_with_the_seed() -> None:
    settings = ClockSettings(horizon=100 * MINUTE, points=11, draws=6)
    first, again = gas_clock(DATA, settings), gas_clock(DATA, settings)
    assert np.array_equal(again.band, first.band)
    assert again.influences == first.influences
    assert not np.array_equal(gas_clock(DATA, replace(settings, seed=21)).band, first.band)


def test_the_size_of_the_bubbles_decides(clock: GasClock) -> None:
    first = clock.influences[0]
    assert first.name == "bubble.radius"
    assert first.correlation > 0.8
    assert len(clock.influences) == len(draw_inputs(DATA, 1, 0)[0].numbers)


def test_without_bands_every_draw_is_the_default_clock() -> None:
    settled = DATA.overridden({key: DATA.datum(key).written() for key in used_numbers(DATA)})
    certain = gas_clock(settled, ClockSettings(horizon=40 * MINUTE, points=41, draws=2))
    # draws are integrated to 1e-6 and read between the steps along R²
    for moment in (certain.small, certain.gone):
        assert moment.band == pytest.approx([moment.time] * 3, rel=1e-3)
    for row in certain.band:
        assert row == pytest.approx(certain.volume, abs=1e-3 * certain.volume[0])
    assert certain.influences == ()


def test_what_does_not_happen_by_the_horizon_is_not_given_a_time() -> None:
    early = gas_clock(DATA, ClockSettings(horizon=MINUTE, points=5, draws=8))
    assert early.gone.time is None
    assert early.gone.band[1:] == (None, None)
    assert early.volume[-1] > 0.0


def test_the_time_until_a_question_is_answered_with_yes() -> None:
    life = dissolve(GAS.bubbles, GAS.surroundings, 1e5)
    volume = 0.2 * residual_bubble(0.0, GAS).volume
    found = time_until(life, smaller_than(volume, GAS.surroundings), tolerance=1e-3)
    assert found is not None
    assert float(life.volume_at([found])[0]) == pytest.approx(volume, rel=1e-5)
    # a question about what the joint does with the gas, as a film will ask it: can it fall to 10 kPa within 60 mm³?
    stiff = time_until(
        life,
        lambda bubbles: float(volume_at(bubbles, GAS.surroundings, 0.01).volume) < 60.0,
    )
    assert stiff is not None
    assert 0.0 < stiff < life.gone  # type: ignore[operator]
    assert time_until(life, lambda bubbles: True) == 0.0
    assert time_until(life, lambda bubbles: False) is None


def test_draws_stay_in_their_bands_and_cover_them() -> None:
    draws = draw_inputs(DATA, 64, seed=3)
    for key in draws[0].numbers:
        datum = DATA.datum(key)
        values = np.array([draw.numbers[key] for draw in draws])
        assert datum.low <= values.min() < values.max() <= datum.high  # type: ignore[operator]
        assert np.ptp(values) > 0.9 * (datum.high - datum.low)  # type: ignore[operator]
    radii = [draw.numbers["bubble.radius"] for draw in draws]
    # by logarithm: as many below the geometric mean as above
    assert np.sum(np.array(radii) < math.sqrt(0.075 * 0.3)) == pytest.approx(32, abs=2)
    for draw in draws:
        assert draw.gas.bubbles.shares.sum() == pytest.approx(1.0)


def test_a_number_that_is_given_is_not_drawn() -> None:
    fixed = DATA.overridden({"bubble.radius": "0.2 mm"})
    assert all("bubble.radius" not in draw.numbers for draw in draw_inputs(fixed, 4, 0))
    settled = {key: DATA.datum(key).written() for key in used_numbers(DATA)}
    certain = draw_inputs(DATA.overridden(settled), 5, 0)
    assert [draw.numbers for draw in certain] == [{}] * 5
    assert certain[0].gas.bubbles.total == pytest.approx(
        GAS.bubbles.total, rel=1e-5
    )  # written with six digits


def test_the_rest_of_the_mix_is_as_it_is_dissolved() -> None:
    shares = mixed_shares(0.8, GAS.surroundings)
    released = GAS.surroundings.released_shares()
    assert sum(shares) == pytest.approx(1.0)
    assert shares[1] / shares[2] == pytest.approx(released[1] / released[2])
    assert mixed_shares(1.0, GAS.surroundings) == (1.0, 0.0, 0.0)


def test_the_published_mix_is_that_of_gas_stripped_from_the_fluid() -> None:
    assert GAS.surroundings.released_shares()[0] == pytest.approx(0.77, abs=0.005)
    held = float(GAS.surroundings.solubilities @ GAS.surroundings.tissue_pressures)
    assert held / GAS.surroundings.pressure == pytest.approx(DATA.datum("bubble.gas_share").low, rel=0.1)


def test_the_tissue_is_short_of_gas_as_the_sources_have_it() -> None:
    assert 0.005 < GAS.surroundings.undersaturation < 0.008


@pytest.mark.parametrize("gas", GASES)
def test_ostwald_coefficients_follow_from_bunsens(gas: str) -> None:
    expected = ostwald_coefficient(DATA.number(f"record.bunsen.solubility.{gas}"), 310.15)
    assert DATA.number(f"{gas}.solubility") == pytest.approx(expected, rel=0.005)  # three digits


@pytest.mark.parametrize(("gas", "key"), [("CO2", "CO2.25"), ("N2", "N2"), ("O2", "O2")])
def test_diffusivities_at_37_degrees_follow_stokes_and_einstein(gas: str, key: str) -> None:
    viscosity_25, viscosity_37 = 0.890, 0.691  # of water, mPa s
    at_25 = DATA.number(f"record.water.diffusivity_{key}")
    expected = at_25 * 310.15 / 298.15 * viscosity_25 / viscosity_37
    assert DATA.number(f"{gas}.diffusivity") == pytest.approx(expected, rel=0.05)  # two digits


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: residual_bubble(-1.0, GAS), "give zero or more"),
        (lambda: residual_bubble(math.nan, GAS), "give zero or more"),
        (lambda: draw_inputs(DATA, 0, 0), "ask for one or more"),
        (lambda: gas_clock(DATA, ClockSettings(horizon=10.0, marks=(11.0,))), "look further or ask earlier"),
        (lambda: gas_clock(DATA.overridden({"small.volume_share": 2})), "small.volume_share is 2"),
        (lambda: gas_after_pop(DATA.overridden({"mix.CO2": 1.5})), "mix.CO2 is 1.5"),
        (lambda: gas_after_pop(DATA.overridden({"bubble.radius": "0 mm"})), "give a length above zero"),
        (lambda: gas_after_pop(DATA.overridden({"bubble.gas_share": 0})), "give a number above zero"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        ask()  # type: ignore[operator]
