"""When a recorded thrust can pop a joint again: the gas that it can bear, and the time in which the rest has gone."""

import numpy as np
import pytest

from fem.elements.surface_block import unit_disc_mesh
from fem.errors import UsageError
from fem.film.data import film_laws
from fem.film.laws import FilmLaws, OpenRim
from fem.gas.clock import ClockSettings
from fem.literature import load
from fem.observe.refractory import largest_content, pop_again, side_by_side
from fem.observe.verdict import pops
from fem.results.film_motion import FilmMotion
from fem.results.verdict_inputs import verdict_inputs

FEW = ClockSettings(draws=8)
RADIUS = 7.1
SMALL, WIDE = "opens by 0.3 mm", "opens by 0.8 mm"


@pytest.fixture(scope="module")
def motion() -> FilmMotion:
    """Two joints that open evenly within 120 ms, one of them too little to pop, and close again."""
    disc = unit_disc_mesh(2, 8)
    nodes = disc.p.shape[1]
    points = RADIUS * np.column_stack([disc.p.T, np.zeros(nodes)])
    times = np.linspace(0.0, 0.24, 41)
    opening = np.sin(np.pi * times / 0.24)[:, None] ** 2 * np.array([0.3, 0.8])
    laws = film_laws(load("film"), load("cartilage"))
    return FilmMotion(
        (SMALL, WIDE), disc.p.T, disc.t.T, np.stack([points, points]), times, np.zeros(41, dtype=int),
        np.broadcast_to(0.25 + opening[:, :, None], (41, 2, nodes)), np.ones((41, 2, nodes)), np.full((2, nodes), 0.25),
        laws, 2, verdict_inputs({}),
    )  # fmt: skip


def test_the_largest_content_is_the_edge_between_pop_and_none(motion: FilmMotion) -> None:
    most = largest_content(motion, WIDE, 5.0)
    assert most is not None
    assert 0.01 < most < 0.1
    assert pops(motion.with_gas(np.array([0.0, 0.99 * most])))[1]
    assert not pops(motion.with_gas(np.array([0.0, 1.02 * most])))[1]


def test_gas_at_the_cavity_pressure_fills_what_the_opening_leaves(motion: FilmMotion) -> None:
    """By volume: opening less recess less what the cavity of a pop needs, times the pressure of the cavity."""
    most = largest_content(motion, WIDE, 5.0)
    criteria = motion.inputs.criteria
    area = np.pi * RADIUS**2 * np.sinc(1.0 / 4.0)  # the octagon of 8 spokes
    fluid = 100.0 + 0.25 * area
    # Suction draws the surfaces together by 20 µm, and a last bit of the recess stays behind its barrier.
    left = (0.8 - 0.02) * area - 100.0 - criteria.cavity_share * fluid
    assert most == pytest.approx(0.00628 * left, rel=0.25)


def test_a_joint_that_opens_too_little_has_no_time(motion: FilmMotion) -> None:
    found = pop_again(motion, SMALL, load("gas"), FEW)
    assert (found.volume, found.moment) == (None, None)


def test_the_time_is_when_that_little_gas_is_left(motion: FilmMotion) -> None:
    found = pop_again(motion, WIDE, load("gas"), FEW)
    assert found.volume is not None
    assert found.moment is not None
    assert found.moment.time is not None
    low, middle, high = found.moment.band
    assert low is not None
    assert middle is not None
    assert low < found.moment.time
    assert low <= middle <= (high or np.inf)
    larger = load("gas").overridden({"bubble.radius": "0.2 mm"})
    later = pop_again(motion, WIDE, larger, FEW).moment
    assert later is not None
    assert later.time == pytest.approx(found.moment.time * (0.2 / 0.15) ** 2, rel=0.1)


def test_little_gas_does_not_stop_a_pop_at_all(motion: FilmMotion) -> None:
    trace = load("gas").overridden({"bubble.gas_share": "1e-4"})
    found = pop_again(motion, WIDE, trace, FEW)
    assert found.moment is not None
    assert found.moment.time == 0.0


def test_copies_are_of_the_joint_that_was_asked_for(motion: FilmMotion) -> None:
    copies = side_by_side(motion, SMALL, 3)
    assert copies.joints == (SMALL,) * 3
    np.testing.assert_array_equal(copies.gap[:, 2], motion.gap[:, 0])
    with pytest.raises(UsageError, match="not among the joints"):
        side_by_side(motion, "L9-L10 left", 1)


def test_an_open_rim_holds_no_gas(motion: FilmMotion) -> None:
    from dataclasses import replace

    laws = motion.laws
    bath = replace(motion, laws=FilmLaws(laws.fluid, laws.cavitation, OpenRim(), laws.layer))
    with pytest.raises(UsageError, match="only a recess can hold the gas"):
        side_by_side(bath, WIDE, 1)
