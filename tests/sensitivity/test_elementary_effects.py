"""Elementary effects: known ones are found, a failed run costs its own steps only, designs grow without moving."""

from collections.abc import Callable

import numpy as np
import pytest

from fem.sensitivity.design import LEVELS, Design, design, problem
from fem.sensitivity.effects import Effect, Step, effects

SLOPES = np.array([3.0, -2.0, 0.5, 0.0])


def steps_of(planned: Design, answers: np.ndarray) -> list[Step]:
    """Return the steps of a design whose points have these answers, as runs would give them."""
    size, found = len(planned.shares[0]), []
    for number, moved in enumerate(planned.moved()):
        for place, one in enumerate(moved):
            at = number * size + place
            before, after = planned.shares[number, place : place + 2, one]
            found.append(Step(one, float(before), float(after), float(answers[at]), float(answers[at + 1])))
    return found


def asked(planned: Design, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return function(np.array(planned.points))


def by_number(found: tuple[Effect, ...]) -> dict[int, Effect]:
    return {effect.number: effect for effect in found}


def ishigami(shares: np.ndarray) -> np.ndarray:
    x = np.pi * (2.0 * shares - 1.0)
    return np.asarray(np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def test_the_effects_of_a_linear_function_are_its_slopes() -> None:
    planned = design(4, 3, seed=1)
    found = effects(steps_of(planned, asked(planned, lambda x: x @ SLOPES)), 4, seed=1)
    assert [effect.number for effect in found[:3]] == [0, 1, 2]
    for effect in found:
        assert effect.mu == pytest.approx(SLOPES[effect.number], abs=1e-12)
        assert effect.mu_star == pytest.approx(abs(SLOPES[effect.number]), abs=1e-12)
        assert effect.sigma == pytest.approx(0.0, abs=1e-12)
        assert effect.interval == pytest.approx(0.0, abs=1e-12)
        assert effect.steps == 3


def test_ishigami_step_by_step_is_what_whole_trajectories_give() -> None:
    """Two routes: our steps one by one, and SALib on the same trajectories at once."""
    from SALib.analyze import morris

    planned = design(3, 12, seed=5)
    answers = asked(planned, ishigami)
    found = by_number(effects(steps_of(planned, answers), 3, seed=5))
    whole = morris.analyze(problem(3), np.array(planned.points), answers, num_levels=LEVELS, seed=5)
    for number in range(3):
        assert found[number].mu_star == pytest.approx(whole["mu_star"][number], rel=1e-12)
        assert found[number].mu == pytest.approx(whole["mu"][number], rel=1e-12, abs=1e-12)
        assert found[number].sigma == pytest.approx(whole["sigma"][number], rel=1e-12)
    # x3 acts through x1 only: its effects differ in sign, so their mean hides what their size shows.
    assert found[2].sigma > 0.5 * found[2].mu_star > 0.0


def test_a_run_that_failed_costs_the_steps_that_touch_it() -> None:
    planned = design(4, 3, seed=1)
    answers = asked(planned, lambda x: x @ SLOPES)
    answers[2] = np.nan
    found = by_number(effects(steps_of(planned, answers), 4, seed=1))
    touched = planned.moved()[0][1:3]
    assert {number: effect.steps for number, effect in found.items()} == {
        number: 2 if number in touched else 3 for number in range(4)
    }
    assert all(effect.sigma is not None and np.isfinite(effect.sigma) for effect in found.values())


def test_a_single_step_has_a_size_but_no_spread_and_an_unknown_one_is_left_out() -> None:
    lonely = [
        Step(0, 0.0, 2 / 3, 1.0, 2.0),
        Step(1, 0.0, 2 / 3, 1.0, 2.0),
        Step(1, 1.0, 1 / 3, 0.0, float("nan")),
    ]
    found = by_number(effects(lonely, 3, seed=1))
    assert sorted(found) == [0, 1]
    for effect in found.values():
        assert effect.mu == effect.mu_star == pytest.approx(1.5)
        assert effect.sigma is None
        assert effect.interval is None


def test_a_step_turns_the_verdict_where_the_sign_changes() -> None:
    pair = [Step(0, 0.0, 2 / 3, -0.1, 0.4), Step(0, 1.0, 1 / 3, 0.3, 0.2)]
    assert effects(pair, 1, seed=1)[0].turns == 1


def test_a_longer_design_begins_with_the_shorter_one_and_lies_farther_apart_than_chance() -> None:
    short, long = design(5, 3, seed=2), design(5, 6, seed=2)
    np.testing.assert_array_equal(long.shares[:3], short.shares)
    assert not np.array_equal(design(5, 3, seed=3).shares, short.shares)
    assert len({tuple(one.ravel()) for one in long.shares}) == 6
    for one in long.shares:  # each input moves once, by two thirds of its range
        step = np.diff(one, axis=0)
        assert sorted(np.argmax(np.abs(step), axis=1)) == list(range(5))
        np.testing.assert_allclose(np.abs(step).sum(axis=1), 2 / 3)
