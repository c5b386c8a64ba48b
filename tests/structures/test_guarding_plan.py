"""From a pattern and a level to activations, and every wrong name or number refused."""

from dataclasses import replace

import numpy as np
import pytest

from fem.errors import ParameterError
from fem.structures.guarding import GuardingPattern, GuardingPlan, GuardRule, Reflex, pre_activation

NAMES = ("m4 left", "m4 right", "m2 left", "ps left", "ps right")
GROUP = ("multifidus", "multifidus", "multifidus", "psoas", "psoas")
SIDE = ("left", "right", "left", "left", "right")
LEVEL = ("L4-L5", "L4-L5", "L2-L3", "L1-L2", "L1-L2")
PATTERN = GuardingPattern(
    name="test",
    source="judgement",
    kind="assumed",
    note="",
    rules=(
        GuardRule(("multifidus",), ("left", "right"), ("L4-L5",), 1.0),
        GuardRule(("multifidus", "psoas"), ("left",), None, 0.5),
    ),
    tone=0.02,
)


def activation(plan: GuardingPlan) -> np.ndarray:
    return pre_activation(plan, NAMES, GROUP, SIDE, LEVEL)


def test_the_largest_share_holds_and_tone_is_the_floor() -> None:
    np.testing.assert_allclose(activation(GuardingPlan(PATTERN, 0.2)), [0.2, 0.2, 0.1, 0.1, 0.02])
    np.testing.assert_allclose(activation(GuardingPlan(PATTERN, 0.0)), 0.02)


def test_overrides_replace_from_wide_to_narrow() -> None:
    plan = GuardingPlan(PATTERN, 0.2, overrides={"m4 left": 0.9, "multifidus left": 0.3, "multifidus": 0.0})
    np.testing.assert_allclose(activation(plan), [0.9, 0.0, 0.3, 0.1, 0.02])


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (GuardingPlan(PATTERN, 1.5), "guarding level is 1.5"),
        (GuardingPlan(PATTERN, float("nan")), "guarding level is nan"),
        (GuardingPlan(replace(PATTERN, tone=-0.1), 0.2), "tone is -0.1"),
        (GuardingPlan(PATTERN, 0.2, overrides={"psoas": 1.5}), "activation of 'psoas' is 1.5"),
        (GuardingPlan(PATTERN, 0.2, overrides={"multifidsu left": 0.1}), "did you mean 'multifidus left'"),
        (
            GuardingPlan(replace(PATTERN, rules=(GuardRule(("gluteus",), ("left",), None, 1.0),)), 0.2),
            "'gluteus'",
        ),
        (
            GuardingPlan(replace(PATTERN, rules=(GuardRule(("psoas",), ("top",), None, 1.0),)), 0.2),
            "side 'top'",
        ),
        (
            GuardingPlan(replace(PATTERN, rules=(GuardRule(("psoas",), ("left",), ("L9",), 1.0),)), 0.2),
            "level 'L9'",
        ),
        (
            GuardingPlan(replace(PATTERN, rules=(GuardRule(("psoas",), ("left",), None, 2.0),)), 0.2),
            "share of psoas",
        ),
        (GuardingPlan(PATTERN, 0.2, reflex=Reflex(-0.1, 1.0, 0.1, 0.0)), "Reflex.delay"),
    ],
)
def test_what_is_wrong_is_said(plan: GuardingPlan, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        activation(plan)
