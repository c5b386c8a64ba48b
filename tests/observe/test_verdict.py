"""Verdicts on made-up motions whose answer is known, and what each of their parts does to it."""

import time
from dataclasses import replace

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.film.laws import newtonian
from fem.film.state import film
from fem.literature.draws import Band
from fem.observe.film_draws import draw, drawn_path, nearness, with_inputs
from fem.observe.film_path import follow, reduced, repeated, some, whole_path
from fem.observe.verdict import VerdictSettings, cavitation, margin, pops
from fem.results.film_motion import FilmMotion
from fem.results.verdict_inputs import VerdictInputs
from oracles.motions import opening

QUICK = VerdictSettings(draws=8, halvings=8)


def banded(motion: FilmMotion, *bands: Band) -> FilmMotion:
    return replace(motion, inputs=VerdictInputs(motion.inputs.criteria, bands))


def needed_opening(motion: FilmMotion) -> float:
    """Rise [mm] of an even gap of 0.3 mm that draws the recess empty, and then the void that a pop needs."""
    area, recess = float(motion.mesh().area[0].sum()), float(motion.laws.recess.volume)
    return (recess + motion.inputs.criteria.cavity_share * (recess + 0.3 * area)) / area


def test_a_joint_pops_when_it_opens_by_more_than_its_recess_holds() -> None:
    """Slow and wide: what an opening draws is its area times the rise of the gap, the rest of the pop is void."""
    needed = needed_opening(opening([1.0]))
    assert 0.5 < needed < 1.5
    # The barrier of the recess keeps a third of a per cent back, creep and inflow give another two.
    for factor, expected in ((0.98, False), (1.05, True)):
        assert list(pops(opening([0.0, factor * needed]))) == [False, expected]


@pytest.mark.parametrize("share", [0.7, 1.4])
def test_the_margin_is_how_much_farther_it_opens_than_it_need(share: float) -> None:
    needed = needed_opening(opening([1.0]))
    verdict = cavitation(banded(opening([share * needed])), QUICK).joints[0]
    assert verdict.pops == (share > 1.0)
    assert verdict.margin == pytest.approx(share - 1.0, abs=0.05)


def test_the_margin_ends_where_it_looks_no_farther() -> None:
    motion = opening([-0.05, 0.02, 6.0])
    found = margin(motion, pops(motion), VerdictSettings(farthest=3.0))
    assert found[0] == pytest.approx(1.0 / 3.0 - 1.0)
    assert found[1] == pytest.approx(1.0 / 3.0 - 1.0)
    assert found[2] == pytest.approx(2.0)


def test_a_joint_that_never_opens_never_pops_and_one_torn_wide_open_always_does() -> None:
    told = cavitation(opening([-0.05, 6.0]), replace(QUICK, draws=16))
    shut, torn = told.joints
    assert (shut.verdict, shut.probability, shut.time) == ("does not cavitate", 0.0, None)
    assert (torn.verdict, torn.probability, torn.route) == ("cavitates", 1.0, "volume")
    assert told.order == ("joint 1",)
    assert told.failed == 0
    assert torn.mri_gapping == pytest.approx(6.0)
    assert torn.peak_separation == pytest.approx(6.0)
    assert (torn.mri_criterion, torn.mri_agrees) == ("cavitates", "yes")
    assert torn.cavity_share > 0.15
    assert torn.frequency is not None
    assert torn.time is not None
    assert torn.opening_speed == pytest.approx(np.pi / 0.4 * 6.0 * np.cos(np.pi * torn.time / 0.4), rel=0.05)


def test_a_thin_film_torn_fast_is_told_from_a_pop() -> None:
    """A film of 20 µm, opened by 0.1 mm within 5 ms: void, but less than a cubic millimetre of it."""
    motion = banded(opening([0.1], gap=0.02, duration=0.01))
    verdict = cavitation(motion, QUICK).joints[0]
    assert verdict.micro_inception
    assert not verdict.pops
    assert verdict.route == "rate"
    assert 0.0 < verdict.cavity < 1.0
    assert verdict.margin < 0.0


def test_more_in_the_recess_is_farther_from_a_pop_and_decides() -> None:
    motion = banded(opening([0.85]), Band("recess.volume", 50.0, 150.0), Band("film.asperity", 1e-3, 5e-3))
    verdict = cavitation(motion, replace(QUICK, draws=16)).joints[0]
    assert verdict.verdict == "undetermined"
    assert verdict.dominant_input == "recess.volume"
    assert verdict.dominant_correlation < -0.9
    near = [
        follow_nearness(with_inputs(motion, {"recess.volume": volume}))
        for volume in (50.0, 75.0, 100.0, 150.0)
    ]
    assert near == sorted(near, reverse=True)


def test_gas_of_an_earlier_pop_is_drawn_from_what_the_clock_may_have_left() -> None:
    """Two fifths of the draws leave nothing, and the joint pops; the most gas is enough for any opening."""
    left = (0.0, 0.0, 0.0, 10.0, 10.0, 10.0)
    motion = banded(opening([1.2, 1.2]))
    motion = replace(motion, inputs=replace(motion.inputs, gas=((0.0,), left)))
    never, popped = cavitation(motion, replace(QUICK, draws=32)).joints
    assert never.probability == 1.0
    # A little of 10 N mm would do: draws between nothing and that are few. 32 of them know P to a few hundredths.
    assert popped.probability == pytest.approx(0.42, abs=0.06)
    assert popped.dominant_input == "gas.left"
    assert popped.dominant_correlation is not None
    assert popped.dominant_correlation < -0.8
    known = cavitation(motion.with_gas(np.zeros(2)), QUICK)
    assert [verdict.probability for verdict in known.joints] == [1.0, 1.0]


def test_without_bands_every_draw_is_the_default() -> None:
    verdict = cavitation(banded(opening([6.0])), QUICK).joints[0]
    assert verdict.probability == 1.0
    assert verdict.dominant_input is None


def follow_nearness(motion: FilmMotion) -> float:
    films = motion.films()
    criteria = motion.inputs.criteria
    need = np.array([criteria.cavity_share]), np.array([criteria.energy])
    return float(nearness(follow(films, whole_path(motion), 5e-4), films.laws, need)[0])


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("film.rest_thickness", (0.05, 0.1, 0.2, 0.4), -1),
        ("fluid.rest_viscosity", (1e-6, 4e-6, 1e-5, 4e-5), 1),
        ("fluid.thinned_viscosity", (5e-9, 1e-8, 3e-8), 1),
        ("fluid.thinning_exponent", (0.6, 0.7, 0.8), -1),
        ("cavitation.nucleation_pressure", (-0.25, -0.1, 0.006), 1),
    ],
)
def test_each_input_moves_a_fast_joint_the_right_way(name: str, values: tuple[float, ...], sign: int) -> None:
    motion = opening([0.1], gap=0.05, duration=0.02, mesh=(3, 8))
    found = [follow_nearness(with_inputs(motion, {name: value})) for value in values]
    assert len(set(found)) == len(found), "it acts"
    assert [sign * near for near in found] == sorted(sign * near for near in found)


def test_what_counts_as_a_pop_decides_once_there_is_a_cavity() -> None:
    motion = opening([0.95])
    shares = [
        follow_nearness(with_inputs(motion, {"pop.cavity_share": share})) for share in (0.02, 0.05, 0.15)
    ]
    assert shares[0] > 1.0 > shares[2]
    assert shares[0] * 0.02 == pytest.approx(shares[2] * 0.15)
    assert follow_nearness(with_inputs(motion, {"pop.energy": 10.0})) < 1.0


def test_other_inputs_are_refused_and_given_ones_not_drawn() -> None:
    motion = opening([1.0])
    with pytest.raises(ParameterError, match=r"no input 'recess\.colour'"):
        with_inputs(motion, {"recess.colour": 1.0})
    changed = with_inputs(motion, {"recess.volume": 60.0, "pop.energy": 0.3})
    assert {"recess.volume", "pop.energy"}.isdisjoint(band.name for band in changed.inputs.bands)
    assert changed.inputs.criteria.energy == 0.3
    assert np.all(changed.films().constants[0] != motion.films().constants[0]) == np.False_
    assert np.asarray(changed.laws.recess.volume) == pytest.approx(60.0)


def test_thicker_films_keep_what_touches_and_stiffer_layers_their_pressure() -> None:
    motion = opening([0.2])
    gap = np.array(motion.gap)
    gap[:, 0, :4] = -0.2
    rest = np.array(motion.rest)
    rest[0, :4] = -0.2
    pressed = replace(motion, gap=gap, rest=rest)
    area = pressed.mesh().area
    mean = float(np.sum(area * np.maximum(rest, 0.0)) / area.sum())
    path = drawn_path(pressed, area, {"film.rest_thickness": np.array([2.0 * mean])}, 1)
    assert np.array_equal(path.gap[:, 0, :4], gap[:, 0, :4])
    np.testing.assert_allclose(path.gap[:, 0, 4:], gap[:, 0, 4:] + 0.3)
    layer = motion.laws.layer
    stiff = drawn_path(pressed, area, {"facet.confined_modulus": np.array([10.0 * layer.modulus])}, 1).gap[
        0, 0, 0
    ]
    pressures = [
        -M * np.log(1.0 + g / layer.thickness)
        for M, g in ((layer.modulus, -0.2), (10.0 * layer.modulus, stiff))
    ]
    assert pressures[0] == pytest.approx(pressures[1])
    assert with_inputs(pressed, {"film.rest_thickness": 2.0 * mean}).rest[0, 5] == pytest.approx(0.6)


def test_draws_are_the_same_in_chunks_and_one_after_the_other() -> None:
    motion = opening([0.9, 0.3])
    few = draw(motion, 20, 20, 5e-3)
    assert few.nearness.shape == (20, 2)
    for number in (0, 17):
        alone = with_inputs(motion, {name: float(values[number]) for name, values in few.inputs.items()})
        films = alone.films()
        criteria = alone.inputs.criteria
        need = np.full(2, criteria.cavity_share), np.full(2, criteria.energy)
        near = nearness(follow(films, whole_path(alone), 5e-3), films.laws, need)
        np.testing.assert_allclose(few.nearness[number], near, rtol=1e-9)
    again = draw(motion, 20, 20, 5e-3)
    assert np.array_equal(again.nearness, few.nearness)


def test_stretches_begin_anew_and_the_worst_one_counts() -> None:
    """Two openings with a rest between them: the second, wider one decides, and its joint starts full again."""
    once, wider = opening([0.5]), opening([1.1])
    both = replace(
        once,
        times=np.concatenate([once.times, 10.0 + wider.times]),
        stretch=np.repeat([0, 1], len(once.times)),
        gap=np.concatenate([once.gap, wider.gap]),
        cover=np.concatenate([once.cover, wider.cover]),
    )
    told = follow(both.films(), whole_path(both), 5e-5).events[0]
    alone = follow(wider.films(), whole_path(wider), 5e-5).events[0]
    assert told.inception.time == pytest.approx(10.0 + alone.inception.time, abs=1e-4)
    assert told.peak_volume == pytest.approx(alone.peak_volume, rel=1e-6)
    doubled = whole_path(both).scaled(np.array([2.0]))
    assert doubled.gap[17, 0, 0] == both.gap[17, 0, 0]
    assert doubled.gap[8, 0, 0] - 0.3 == pytest.approx(2.0 * (both.gap[8, 0, 0] - 0.3))


def test_a_film_that_cannot_be_solved_is_left_out_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from fem.errors import NotConvergedError
    from fem.observe import film_path

    real = film_path.replay

    def sabotaged(films, *arguments):
        if np.any(films.constants[:, 15] == 66.0):  # volume of the recess
            raise NotConvergedError("for a test")
        return real(films, *arguments)

    monkeypatch.setattr(film_path, "replay", sabotaged)
    motion = opening([0.5, 0.5, 0.5])
    bad = replace(
        motion,
        laws=replace(motion.laws, recess=replace(motion.laws.recess, volume=np.array([100.0, 66.0, 90.0]))),
    )
    found = follow(bad.films(), whole_path(bad), 5e-4)
    assert list(found.solved) == [True, False, True]
    told = cavitation(replace(bad, inputs=VerdictInputs(bad.inputs.criteria, ())), QUICK)
    assert [joint.joint for joint in told.joints] == ["joint 0", "joint 2"]
    assert told.failed == QUICK.draws


def test_fewer_nodes_and_instants_say_nearly_the_same() -> None:
    motion = opening([1.1, 0.2], mesh=(4, 24))
    rough = reduced(motion, 1e-2)
    assert rough.gap.shape[2] < motion.gap.shape[2]
    assert len(rough.times) < len(motion.times)
    assert rough.times[[0, -1]] == pytest.approx(motion.times[[0, -1]])
    np.testing.assert_allclose(rough.mesh().area.sum(axis=1), motion.mesh().area.sum(axis=1), rtol=1e-3)
    kept = np.searchsorted(motion.times, rough.times)
    np.testing.assert_allclose(rough.gap.mean(axis=2), motion.gap[kept].mean(axis=2), atol=1e-12)
    whole, less = (follow(m.films(), whole_path(m), 5e-4).events[0].peak_volume for m in (motion, rough))
    assert less == pytest.approx(whole, rel=0.02)
    covered = replace(motion, gap=np.where(motion.disc[:, 0] > 0.9, np.nan, motion.gap))
    assert np.isnan(reduced(covered, 1e-2).gap).any()


def test_joints_can_be_repeated_and_taken_out() -> None:
    motion = opening([0.1, 0.2])
    many = film(repeated(motion.mesh(), 3), motion.laws)
    assert many.joints == 6
    assert np.array_equal(some(many, slice(2, 4)).mesh.area, motion.mesh().area)


def test_a_newtonian_film_can_be_drawn_too() -> None:
    motion = opening([0.5])
    plain = replace(motion, laws=replace(motion.laws, fluid=newtonian(1e-7)))
    assert not np.isnan(draw(plain, 4, 20, 5e-3).nearness).any()


@pytest.mark.slow
def test_two_hundred_draws_of_ten_joints_take_at_most_twenty_seconds() -> None:
    motion = opening(list(np.linspace(-0.05, 1.5, 10)), mesh=(3, 16))
    draw(reduced(motion, 1e-2), 1, 20, 5e-3)
    began = time.process_time()
    draw(reduced(motion, 1e-2), 200, 20, 5e-3)
    assert time.process_time() - began < 20.0
