"""What runs say together: which barrier is named, how surely, and in which words. All outcomes are made up."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fem.errors import UsageError
from fem.explain.changes import LeftOut
from fem.explain.judgement import Run, judge, moved
from fem.explain.outcome import Outcome, Strain, largest_turns, outcome
from fem.explain.page import explanation_page
from fem.explain.presentation import explanation_document, explanation_table
from fem.explain.sentences import sentences

Outcomes = Callable[..., Outcome]
Runs = Callable[..., Run]
TARGET = "L4-L5 left"


def told(*runs: Run, left_out: tuple[LeftOut, ...] = ()) -> Any:
    return judge("A thrust", TARGET, runs, left_out)


def said(*runs: Run, left_out: tuple[LeftOut, ...] = ()) -> str:
    return "\n".join(sentences(told(*runs, left_out=left_out)))


def test_what_alone_makes_it_pop_is_named_and_the_rest_is_not(outcome_of: Outcomes, run_of: Runs) -> None:
    runs = (
        run_of("as_it_is", outcome_of(0.0, -0.5)),
        run_of("force", outcome_of(0.05, -0.3), kind="effort"),
        run_of("relaxed", outcome_of(0.95, 0.4)),
        run_of("faster", outcome_of(0.01, -0.5), kind="effort"),
    )
    found = told(*runs)
    assert found.barriers == found.sufficient == ("relaxed",)
    assert [one.change.name for one in found.changes] == ["relaxed", "force", "faster"]
    assert [one.effect for one in found.changes] == ["would", "would not", "would not"]
    text = said(*runs)
    assert "As it is, L4-L5 left does not pop (does not cavitate, probability 0.00, margin -0.50" in text
    assert "it opens 50 % less far than it would have to" in text
    assert "What holds it back: barrier relaxed." in text
    assert "This change alone would have made it pop: with relaxed (cavitates, probability 0.95" in text
    assert "Nearer to a pop, but it would not pop: with force" in text
    assert "No clear difference: with faster" in text


def test_two_barriers_that_each_suffice_are_both_named_the_larger_margin_first(
    outcome_of: Outcomes, run_of: Runs
) -> None:
    runs = (
        run_of("as_it_is", outcome_of(0.5, 0.0)),
        run_of("a", outcome_of(0.92, 0.2)),
        run_of("b", outcome_of(0.91, 0.6)),
    )
    assert told(*runs).barriers == ("b", "a")
    assert "What holds it back: barrier b and barrier a." in said(*runs)
    assert said(*runs).count("This change alone would have made it pop") == 2


def test_a_barrier_is_named_before_the_effort_that_overcomes_it(outcome_of: Outcomes, run_of: Runs) -> None:
    runs = (
        run_of("as_it_is", outcome_of(0.0, -0.1)),
        run_of("force", outcome_of(1.0, 0.9), kind="effort"),
        run_of("rested", outcome_of(0.5, 0.1)),
    )
    assert (told(*runs).barriers, told(*runs).sufficient) == (("rested",), ("force",))
    text = said(*runs)
    assert "What holds it back most: barrier rested." in text
    assert "With this change alone it might have popped, or not: with rested" in text
    assert "This alone would have made it pop all the same: with force (cavitates" in text
    assert "No single change" not in text


def test_effort_is_what_lacks_where_no_barrier_stands_in_the_way(outcome_of: Outcomes, run_of: Runs) -> None:
    base, useless = run_of("as_it_is", outcome_of(0.0, -0.5)), run_of("relaxed", outcome_of(0.0, -0.6))
    enough = run_of("force", outcome_of(1.0, 0.9), kind="effort")
    assert told(base, useless, enough).barriers == ("force",)
    assert "What holds it back: barrier force." in said(base, useless, enough)
    little = run_of("force", outcome_of(0.0, -0.3), kind="effort")
    less = run_of("faster", outcome_of(0.0, -0.4), kind="effort")
    assert told(base, useless, less, little).barriers == ("force",)
    text = said(base, useless, less, little)
    assert "What holds it back most: barrier force." in text
    assert "This change alone brings it nearer, but it would not have popped: with force" in text
    assert "No single change that was tried would surely have made it pop." in text
    text = said(base, run_of("force", outcome_of(0.01, -0.48), kind="effort"))
    assert "None brings the target clearly nearer to a pop." in text
    assert "holds it back" not in text


def test_a_barrier_that_the_model_does_not_see_is_denied(outcome_of: Outcomes, run_of: Runs) -> None:
    base = run_of("as_it_is", outcome_of(0.65, 0.18, gapping=2.1))
    calm = run_of("relaxed", outcome_of(0.54, 0.08, gapping=2.6))
    text = said(base, calm)
    assert "As it is, L4-L5 left may or may not pop" in text
    assert "In this model barrier relaxed does not hold it back" in text
    assert "What holds it back" not in text


def test_runs_that_are_positioned_otherwise_compare_since_rest(outcome_of: Outcomes, run_of: Runs) -> None:
    """Their verdicts have no start in common. Both readings are told, and which one counts."""
    was = outcome_of(0.65, 0.18, gapping=1.5, positioned=0.7, since_rest=1.5)
    base = run_of("as_it_is", was)
    calm = run_of("relaxed", outcome_of(0.54, 0.08, gapping=2.3, positioned=1.5, since_rest=2.9))
    assert told(base, calm).barriers == ("relaxed",)
    text = said(base, calm)
    assert "What holds it back most: barrier relaxed." in text
    assert "positioning alone opens the target by 1.50 mm instead of 0.70 mm" in text
    assert "the margin since rest: +2.90 instead of +1.50 (gap 2.30 mm instead of 1.50 mm)" in text
    assert "By what comes after positioning alone it would be farther from one: margin +0.08 instead" in text
    # Positioned alike, the verdict's own margin counts, whatever the one since rest says.
    alike = outcome_of(0.54, 0.08, gapping=1.5, positioned=0.72, since_rest=2.9)
    assert moved(was, alike) == "farther"
    # As far since rest as before: then the verdicts are all there is.
    level = outcome_of(0.54, 0.08, gapping=2.3, positioned=1.5, since_rest=1.52)
    assert moved(was, level) == "farther"
    worse = outcome_of(0.85, 0.5, gapping=1.0, positioned=0.1, since_rest=0.9)
    assert moved(was, worse) == "farther"


def test_a_target_that_pops_has_no_barrier(outcome_of: Outcomes, run_of: Runs) -> None:
    runs = (run_of("as_it_is", outcome_of(0.95, 0.3)), run_of("force", outcome_of(1.0, 0.9)))
    assert told(*runs).barriers == ()
    assert told(*runs).sufficient == ()
    assert "No barrier holds: the target pops without any change." in said(*runs)


def test_the_film_is_never_the_barrier_but_its_part_is_told(outcome_of: Outcomes, run_of: Runs) -> None:
    thin = run_of("thin", outcome_of(0.99, 0.8), kind="unknown")
    text = said(run_of("as_it_is", outcome_of(0.0, -0.5)), thin)
    assert told(run_of("as_it_is", outcome_of(0.0, -0.5)), thin).barriers == ()
    assert "nobody can choose" in text
    assert "it would pop with thin (cavitates" in text


@pytest.mark.parametrize(
    ("was", "now", "word"),
    [
        ((0.0, -0.5), (0.5, -0.5), "nearer"),
        ((0.5, 0.1), (0.5, 0.2), "nearer"),
        ((0.5, 0.1), (0.4, 0.1), "farther"),
        ((0.5, 0.1), (0.53, 0.07), "no clear difference"),
        ((0.95, 0.1), (0.8, 0.3), "farther"),
    ],
)
def test_a_step_is_one_of_the_verdict_else_of_the_margin_else_of_the_probability(
    was: tuple[float, float], now: tuple[float, float], word: str, outcome_of: Outcomes
) -> None:
    assert moved(outcome_of(*was), outcome_of(*now)) == word


def test_cost_names_strain_limit_and_the_joint_that_goes_first(outcome_of: Outcomes, run_of: Runs) -> None:
    torn = Strain("L5-S1", "ISL", 0.7, 1.4, "failed")
    forced = outcome_of(
        0.95, 0.4, nearest=torn, order=("L5-S1 left", TARGET), over=(torn.place,), failed=(torn.place,)
    )
    text = said(run_of("as_it_is", outcome_of(0.0, -0.5)), run_of("force", forced))
    assert (
        "Strain as it is: the largest ligament strain is 20 % (CL left at L4-L5, 0.50 of its sub-failure strain)"
        in text
    )
    assert "With force: the largest ligament strain is 20 % (CL left at L4-L5)" in text
    assert "the nearest to its limit ISL at L5-S1 (1.40 of its sub-failure strain)" in text
    assert "past their failure strain: ISL at L5-S1" in text
    assert "L5-S1 left pops before the target" in text


def test_motion_of_the_target_is_held_against_its_neighbours(outcome_of: Outcomes, run_of: Runs) -> None:
    joints = {f"{level} left": -0.5 for level in ("L2-L3", "L3-L4", "L4-L5", "L5-S1")}
    turned = {"L2-L3": 9.0, "L3-L4": 2.0, "L4-L5": 1.0, "L5-S1": 3.0, "L2-S1": 15.0}

    def told_with(**changed: float) -> str:
        turns = {
            level: (0.0, (-1.0) ** n * 20.0, -angle)
            for n, (level, angle) in enumerate({**turned, **changed}.items())
        }
        stiff = run_of("as_it_is", outcome_of(0.0, -0.5, margins=joints, turns=turns))
        free = run_of("like_neighbours", outcome_of(0.0, -0.5, turns={"L4-L5": (0.0, 0.0, 2.5)}))
        return said(stiff, free)

    text = told_with()
    assert (
        "in axial rotation: L3-L4 (2.0°) and L5-S1 (3.0°) turn farther than the target's L4-L5 (1.0°)."
        in text
    )
    assert "L4-L5 would turn 2.5° instead of 1.0°." in text
    assert "L2-S1" not in text
    text = told_with(**{"L5-S1": 0.5})
    assert (
        "L3-L4 (2.0°) turns farther than the target's and L5-S1 (0.5°) turns less far than the target's"
        in text
    )
    text = told_with(**{"L4-L5": 5.0})
    assert "L3-L4 (2.0°) and L5-S1 (3.0°) turn less far than the target's L4-L5 (5.0°)." in text


def test_which_joint_goes_first_or_comes_nearest(outcome_of: Outcomes, run_of: Runs) -> None:
    shut = {TARGET: -0.5, "L5-S1 left": -0.1}
    text = said(run_of("as_it_is", outcome_of(0.0, -0.5, margins=shut)))
    assert "no joint pops; L5-S1 left comes nearest (margin -0.10)" in text
    text = said(run_of("as_it_is", outcome_of(0.0, -0.5, margins=shut, order=("L5-S1 left", "L3-L4 right"))))
    assert "With the default inputs L5-S1 left goes first, then L3-L4 right." in text
    assert "is surer to pop" not in text
    chances = {TARGET: 0.2, "L5-S1 left": 0.6}
    text = said(run_of("as_it_is", outcome_of(0.2, -0.5, margins=shut, chances=chances)))
    assert "L5-S1 left is surer to pop than the target (probability 0.60 against 0.20)" in text


def test_what_was_not_solved_or_not_tried_is_said(outcome_of: Outcomes, run_of: Runs) -> None:
    text = said(
        run_of("as_it_is", outcome_of(0.0, -0.5)),
        run_of("force", None, message="phase 'thrust' did not converge"),
        left_out=(LeftOut("rested", "the refractory period", "the target has not popped before"),),
    )
    assert "Not solved: with force (phase 'thrust' did not converge)." in text
    assert "Not tried: the refractory period (the target has not popped before)." in text


def test_table_document_and_page_hold_the_same_and_send_pain_to_a_professional(
    outcome_of: Outcomes, run_of: Runs
) -> None:
    found = told(
        run_of("as_it_is", outcome_of(0.0, -0.5)),
        run_of("a<b", outcome_of(0.95, 0.4)),
        run_of("lost", None, message="no"),
    )
    table, page = explanation_table(found, 80), explanation_page(found)
    document = explanation_document(found, "case.yaml")
    assert document["version"] == 1
    assert [run["name"] for run in document["runs"]] == ["as_it_is", "a<b", "lost"]
    assert [run["solved"] for run in document["runs"]] == [True, True, False]
    assert document["barriers"] == ["a<b"]
    assert document["runs"][1]["effect"] == "would"
    json.dumps(document, allow_nan=False)
    assert max(len(line) for line in table.splitlines()) <= 80
    assert "with a&lt;b" in page
    assert "with a<b" not in page
    assert page.count("<tr>") == 1 + 3
    for text in (table, page, json.dumps(document)):
        assert "belongs with a professional" in " ".join(text.split())


def test_an_outcome_is_read_from_a_summary_with_strain_and_order() -> None:
    summary = {
        "facets": {
            TARGET: {
                "cavitation": {
                    "verdict": "undetermined",
                    "probability": 0.4,
                    "margin": -0.1,
                    "pops": False,
                    "peak_separation_mm": 0.5,
                    "mri_gapping_mm": 1.5,
                }
            },
            "L5-S1 left": {"gap_mean_mm": 0.3},
        },
        "order_of_cavitation": ["L5-S1 left"],
        "ligaments": {
            "L4-L5": {"CL left": {"peak_strain": 0.3, "limit_fraction": 0.7, "state": "linear"}},
            "L5-S1": {"ALL": {"peak_strain": 0.16, "limit_fraction": 1.1, "state": "failed"}},
        },
        "risks": [
            {"structure": "L5-S1 ALL", "fraction": 1.1},
            {"structure": "L4-L5 CL left", "fraction": 0.7},
        ],
    }
    found = outcome(summary, TARGET)
    assert found.largest is not None
    assert found.nearest is not None
    assert (found.largest.place, found.nearest.place) == ("CL left at L4-L5", "ALL at L5-S1")
    assert found.over == found.failed == ("ALL at L5-S1",)
    assert found.before(TARGET) == ("L5-S1 left",)
    assert found.gapping == 1.5
    assert [risk["structure"] for risk in found.risks] == ["L5-S1 ALL"]
    with pytest.raises(UsageError, match="without a verdict on L5-S1 left"):
        outcome(summary, "L5-S1 left")


def test_the_largest_turn_counts_from_step_0_about_any_axis() -> None:
    rows = [
        {"level": "L4-L5", "flexion_deg": "1", "lateral_bending_deg": "0", "axial_rotation_deg": "0"},
        {"level": "L4-L5", "flexion_deg": "4", "lateral_bending_deg": "0", "axial_rotation_deg": "-4"},
        {"level": "L4-L5", "flexion_deg": "1", "lateral_bending_deg": "0", "axial_rotation_deg": "0"},
    ]
    assert largest_turns(rows) == {"L4-L5": (3.0, 0.0, -4.0)}
