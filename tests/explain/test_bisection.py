"""Bisection on made-up response functions: brackets, order, failure limits, answers that do not line up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fem.explain.bisection import EVERYWHERE, FOUND, LIMIT, NOWHERE, UNSOLVED, Search, search
from fem.explain.outcome import Outcome
from fem.explain.threshold_words import threshold_document, threshold_sentences, threshold_table
from fem.explain.varied import Varied

TARGET = "L4-L5 left"
FORCE = Varied("thrust.peak", {"phases[2].loads[0].peak": 400.0}, "force", 400.0, 100.0, 1600.0)
RISE = Varied("speed", {"phases[2].loads[0].time_to_peak": 0.2}, "time", 0.2, 0.05, 0.8, -1)
LEVEL = Varied("guarding", {"muscles.level": 0.2}, "dimensionless", 0.2, 0.0, 0.5, -1, "even")
Respond = Callable[[float], Any]


@pytest.fixture
def respond(outcome_of: Callable[..., Outcome]) -> Callable[..., Respond]:
    """Make a response: it pops from a value on, its strain grows with the value, a ligament may fail."""

    def make(least: float, fails: float = 1e9, sign: int = 1) -> Respond:
        def answer(value: float) -> Outcome:
            margin = sign * (value - least) / least
            failed = ("CL left at L4-L5",) if value >= fails else ()
            return outcome_of(min(1.0, max(0.0, 0.5 + margin)), margin, value / 1000.0, failed=failed)

        return answer

    return make


def said(found: Search) -> str:
    return "\n".join(threshold_sentences(found, TARGET))


@pytest.mark.parametrize("least", [150.0, 399.0, 401.0, 1234.0])
@pytest.mark.parametrize("tolerance", [0.05, 0.01])
def test_the_least_force_is_bracketed_within_the_tolerance(
    least: float, tolerance: float, respond: Callable[..., Respond]
) -> None:
    asked: list[float] = []
    answer = respond(least)

    def counted(value: float) -> Any:
        asked.append(value)
        return answer(value)

    found = search(counted, FORCE, tolerance)
    assert found.ended == FOUND
    assert found.short is not None
    assert found.enough is not None
    assert found.short < least <= found.enough
    assert found.enough - found.short <= tolerance * found.enough * 1.001
    assert asked[0] == 400.0
    assert len(asked) == len(set(asked)) == len(found.trials) <= 14
    assert [trial.value for trial in found.trials] == sorted(asked)
    assert found.lines_up


def test_less_time_and_less_guarding_count_as_more(respond: Callable[..., Respond]) -> None:
    slow = search(respond(0.31, sign=-1), RISE)
    assert slow.short is not None
    assert slow.enough is not None
    assert slow.enough <= 0.31 < slow.short
    assert "the most that still pops it by its best estimate lies between" in said(slow)
    assert [trial.value for trial in slow.trials] == sorted((t.value for t in slow.trials), reverse=True)
    tense = search(respond(0.37, sign=-1), LEVEL)
    assert tense.short is not None
    assert tense.enough is not None
    assert tense.enough <= 0.37 < tense.short
    assert tense.short - tense.enough <= 0.05 * 0.5 * 1.001


def test_a_probability_may_be_the_criterion_and_crossings_are_told(respond: Callable[..., Respond]) -> None:
    best, sure = search(respond(500.0), FORCE), search(respond(500.0), FORCE, criterion="0.9")
    assert best.enough is not None
    assert sure.enough is not None
    assert sure.enough == pytest.approx(1.4 * 500.0, rel=0.05)
    assert "with a probability of 0.9" in said(sure)
    assert "Its probability passes 0.5 between " in said(best)
    assert "Its probability passes 0.9 between " in said(sure)
    assert "Its probability stays below 0.9" in said(search(respond(1400.0), FORCE))


def test_a_failing_ligament_ends_the_search_and_is_no_threshold(respond: Callable[..., Respond]) -> None:
    found = search(respond(1200.0, fails=700.0), FORCE)
    assert found.ended == LIMIT
    assert found.enough is None
    assert max(trial.value for trial in found.trials) < 1200.0
    assert "not within safe limits" in said(found)
    assert (
        "Not within safe limits: at 900 N, before or as the target pops, past its failure strain: CL"
        in said(found)
    )


def test_a_pop_beyond_a_failing_ligament_is_not_within_safe_limits(respond: Callable[..., Respond]) -> None:
    both = search(respond(500.0, fails=505.0), FORCE, 0.05)
    assert both.enough is not None
    assert "Not within safe limits" in said(both) or "Beyond the threshold, at 600 N" in said(both)
    late = search(respond(300.0, fails=390.0), FORCE, 0.05)
    assert "Not within safe limits" not in said(late)
    assert "Beyond the threshold, at 400 N, past its failure strain: CL left at L4-L5." in said(late)


def test_the_ends_of_the_range_are_said(respond: Callable[..., Respond]) -> None:
    never, always = search(respond(5000.0), FORCE), search(respond(10.0), FORCE)
    assert (never.ended, always.ended) == (NOWHERE, EVERYWHERE)
    assert never.trials[-1].value == 1600.0
    assert always.trials[0].value == 100.0
    assert "does not pop by its best estimate at any value that was tried, from 400 N to 1600 N" in said(
        never
    )
    assert "at every value that was tried, from 100 N to 400 N" in said(always)


def test_answers_that_do_not_line_up_are_not_hidden(outcome_of: Callable[..., Outcome]) -> None:
    def hill(value: float) -> Outcome:
        margin = 0.4 - abs(value - 400.0) / 400.0
        return outcome_of(0.5 + 0.5 * margin, margin)

    found = search(hill, replace(FORCE, start=1000.0), 0.01)
    assert found.enough is not None
    assert found.short is not None
    assert found.enough <= 560.0 < found.short
    assert "the answer changes by its best estimate between" in said(found)
    assert not found.lines_up
    assert "The margin does not grow all the way as expected" in said(found)
    assert search(lambda value: outcome_of(0.5, value / 1000.0 - 0.5), FORCE).lines_up


def test_a_run_that_cannot_be_solved_ends_the_search_and_is_told(respond: Callable[..., Respond]) -> None:
    answer = respond(700.0)

    def broken(value: float) -> Any:
        return "phase 'thrust' did not converge" if value > 590.0 else answer(value)

    found = search(broken, FORCE)
    assert found.ended == UNSOLVED
    assert "Not solved at 600 N: phase 'thrust' did not converge." in said(found)
    assert "no threshold was found" in said(found)


def test_table_and_document_tell_the_cost_along_the_way(respond: Callable[..., Respond]) -> None:
    found = search(respond(500.0), FORCE)
    table = threshold_table(found, "A thrust", TARGET, 80)
    assert max(len(line) for line in table.splitlines()) <= 80
    document = threshold_document(found, "case.yaml", "A thrust", TARGET)
    assert document["version"] == 1
    assert document["unit"] == "N"
    assert document["no_pop"] < 500.0 <= document["pop"]
    strains = [run["largest_strain"]["peak_strain"] for run in document["runs"]]
    assert strains == sorted(strains)
    assert len(document["runs"]) == len(found.trials)
    for text in (table, str(document)):
        assert "belongs with a professional" in " ".join(text.split())


def test_several_keys_keep_their_ratio_and_a_long_rise_gets_room() -> None:
    two = replace(FORCE, parts={"a": 400.0, "b": 200.0})
    assert two.overrides(600.0) == ("a=600 N", "b=300 N")
    long = replace(RISE, room={2: 0.3})
    assert long.overrides(0.1) == ("phases[2].loads[0].time_to_peak=0.1 s",)
    assert long.overrides(0.4) == (
        "phases[2].loads[0].time_to_peak=0.4 s",
        "phases[2].duration=0.84 s",
    )
