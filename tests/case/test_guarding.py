"""Guarding patterns as data: the five that ship, how a target fills them in, and what a pattern file may not say."""

from pathlib import Path

import pytest

from fem.case.guarding import GroupName, MuscleLevel, read_pattern, shipped_patterns
from fem.errors import InputError, UsageError
from fem.literature import load_sources
from fem.structures.guarding import GROUPS, MUSCLE_LEVELS, GuardingPlan, check_plan, pre_activation

TARGET = "L4-L5 left"


def test_the_patterns_that_were_asked_for_are_there() -> None:
    assert shipped_patterns() == ("bilateral", "bracing", "one-sided", "relaxed", "segmental")


@pytest.mark.parametrize("name", shipped_patterns())
def test_each_pattern_is_sound_and_says_what_it_rests_on(name: str) -> None:
    pattern = read_pattern(name, TARGET)
    assert pattern.name == name
    assert pattern.source == "judgement" or pattern.source in load_sources()
    assert pattern.note
    check_plan(GuardingPlan(pattern, 0.2, pattern.reflex), ())
    assert bool(pattern.rules) is (name != "relaxed")


def test_the_words_of_a_pattern_file_are_those_of_the_muscles() -> None:
    assert GroupName.__args__ == GROUPS  # type: ignore[attr-defined]
    assert MuscleLevel.__args__ == (*MUSCLE_LEVELS, "target")  # type: ignore[attr-defined]


def activations(name: str, target: str, level: float) -> dict[tuple[str, str, str], float]:
    keys = [(group, side, at) for group in GROUPS for side in ("left", "right") for at in MUSCLE_LEVELS]
    columns = list(zip(*keys, strict=True))
    names = [" ".join(key) for key in keys]
    plan = GuardingPlan(read_pattern(name, target), level)
    return dict(zip(keys, pre_activation(plan, names, *columns), strict=True))


@pytest.mark.parametrize("name", shipped_patterns())
def test_exchanging_the_target_side_exchanges_the_guarding(name: str) -> None:
    left, right = (activations(name, f"L4-L5 {side}", 0.2) for side in ("left", "right"))
    other = {"left": "right", "right": "left"}
    assert left == {(group, other[side], at): value for (group, side, at), value in right.items()}
    assert max(left.values()) == (0.01 if name == "relaxed" else 0.2)


def test_one_sided_guards_the_target_side_and_segmental_its_level() -> None:
    sided = activations("one-sided", "L3-L4 right", 0.2)
    assert sided["multifidus", "right", "L1-L2"] == 0.2
    assert sided["multifidus", "left", "L1-L2"] == 0.01
    segmental = activations("segmental", "L3-L4 right", 0.2)
    assert segmental["multifidus", "left", "L3-L4"] == 0.2
    assert segmental["multifidus", "left", "L4-L5"] == 0.01


def test_a_pattern_that_names_the_target_needs_one() -> None:
    with pytest.raises(UsageError, match="'segmental' acts at the target; give the case a target"):
        read_pattern("segmental")
    assert read_pattern("bilateral").rules


GOOD = """version: 1
name: mine
source: judgement
kind: assumed
note: a pattern of my own
rules:
  - {groups: [psoas], sides: [left], levels: [L1-L2], share: 0.5}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: assumed", "kind: measured", "what rests on judgement is assumed or recalled, not measured"),
        ("kind: assumed", "kind: guess", "the kind 'guess' is not one of measured"),
        ("source: judgement", "source: herzog_1998", "did you mean 'herzog_1999'?"),
        ("note: a pattern of my own\n", "", "the required key 'note' is missing"),
        (
            "sides: [left]",
            "sides: [lft]",
            "'lft' is not one of left, right, target, opposite; did you mean 'left'?",
        ),
        ("levels: [L1-L2]", "levels: [L1-L3]", "'L1-L3' is not one of T12-L1"),
        ("share: 0.5", "share: 2", "an activation lies between 0"),
        ("share: 0.5", "shares: 0.5", "unknown key 'shares'; did you mean 'share'?"),
        ("groups: [psoas]", "groups: []", "it needs at least 1"),
    ],
)
def test_what_a_pattern_file_may_not_say(old: str, new: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    assert read_pattern(path).rules[0].levels == ("L1-L2",)
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_pattern(path)
    assert [words in problem.message for problem in caught.value.problems] == [True]
