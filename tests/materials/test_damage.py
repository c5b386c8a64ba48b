"""Strands that were stretched too far: longer and weaker, never better, and nothing at all below the threshold."""

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.materials.cable import DamagedCable, ExponentialLinear, ToeLinear, TrilinearWindows
from fem.materials.damage import DamageLaw, StrandDamage
from fem.parameters import check_parameters
from oracles.differences import relative, slope

LAW = DamageLaw(unrecovered_share=0.3, stiffness_loss=0.5)
SUB, FAIL = 0.4, 0.65
REST = 12.0
LAWS = {
    "toe": ToeLinear(REST, 300.0, 0.06),
    "exponential": ExponentialLinear(REST, 3.6, 0.63, 7.0, 0.5),
    "windows": TrilinearWindows(REST, 2.0, 5.0, 9.0, 0.1, 0.2),
}
every_law = pytest.mark.parametrize("intact", LAWS.values(), ids=list(LAWS))


def after(*peaks: float) -> StrandDamage:
    peak = np.array(peaks)
    return LAW.after(peak, np.full(len(peak), SUB), np.full(len(peak), FAIL))


def test_numbers_by_hand() -> None:
    left = after(0.5, 0.6)
    np.testing.assert_allclose(left.unrecovered, [0.03, 0.06], rtol=1e-12)
    np.testing.assert_allclose(left.lost, [0.2, 0.4], rtol=1e-12)
    assert not left.torn.any()


def test_nothing_below_the_threshold_and_torn_from_failure_on() -> None:
    assert after(-np.inf, -0.2, 0.0, 0.399999, SUB).none
    past = after(FAIL, 3.0)
    np.testing.assert_array_equal(past.lost, [1.0, 1.0])
    np.testing.assert_allclose(past.unrecovered, 0.3 * (FAIL - SUB))
    assert past.torn.all()


def test_damage_never_falls_with_the_greatest_strain() -> None:
    left = after(*np.linspace(0.0, 1.0, 401))
    assert (np.diff(left.unrecovered) >= 0.0).all()
    assert (np.diff(left.lost) >= 0.0).all()
    assert (left.lost <= 1.0).all()


def test_limits_may_differ_by_strand_and_may_coincide() -> None:
    left = LAW.after(np.array([0.2, 0.2]), np.array([0.1, 0.2]), np.array([0.3, 0.2]))
    np.testing.assert_allclose(left.unrecovered, [0.03, 0.0], atol=1e-15)
    np.testing.assert_allclose(left.lost, [0.25, 1.0])


@every_law
def test_tension_and_stiffness_follow_from_the_energy_of_a_damaged_strand(intact: object) -> None:
    law = DamagedCable(intact, after(0.55, 0.55, 0.55, 0.62))
    length = REST * (1.0 + np.array([0.03, 0.15, 0.35, 0.7]))[:, None]
    lax = DamagedCable(intact, StrandDamage(np.full((4, 1), 0.045), np.full((4, 1), 0.3)))
    assert law.damage.unrecovered.min() > 0.0
    here = lax.respond(length)
    assert here.tension[1:].min() > 0.0
    assert relative(here.tension, slope(lambda x: lax.respond(x).energy, length)[..., 0]) <= 1e-8
    assert relative(here.stiffness, slope(lambda x: lax.respond(x).tension, length)[..., 0]) <= 1e-8


@every_law
def test_an_undamaged_strand_is_the_intact_one_to_the_last_bit(intact: object) -> None:
    length = REST * np.linspace(0.8, 1.8, 41)
    law = DamagedCable(intact, after(*np.full(41, 0.3999)))
    for name in ("energy", "tension", "stiffness"):
        np.testing.assert_array_equal(
            getattr(law.respond(length), name), getattr(intact.respond(length), name)
        )


@every_law
def test_a_damaged_strand_is_slack_longer_and_never_pulls_harder(intact: object) -> None:
    length = REST * np.linspace(0.8, 1.8, 201)
    left = StrandDamage(np.full(201, 0.05), np.full(201, 0.25))
    lax = DamagedCable(intact, left).respond(length)
    whole = intact.respond(length)
    assert (lax.tension <= whole.tension).all()
    assert not lax.tension[length <= 1.05 * REST].any()
    assert lax.tension[length > 1.0501 * REST].all()
    stretch = np.array([1.2])
    damaged = DamagedCable(intact, StrandDamage(np.array([0.05]), np.array([0.25])))
    assert damaged.respond(1.05 * REST * stretch).tension == pytest.approx(
        0.75 * intact.respond(REST * stretch).tension
    )


@every_law
def test_a_torn_strand_carries_nothing(intact: object) -> None:
    here = DamagedCable(intact, after(0.7)).respond(np.array([2.0 * REST]))
    assert not here.tension.any()
    assert not here.stiffness.any()
    assert not here.energy.any()


def test_constants_are_checked() -> None:
    check_parameters(LAW)
    with pytest.raises(ParameterError, match="unrecovered_share"):
        check_parameters(DamageLaw(1.5, 0.5))
