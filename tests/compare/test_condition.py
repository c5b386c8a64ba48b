"""`--fail-if`: what it means, what it refuses, and that it runs no code."""

import math

import pytest

from fem.compare.condition import met, read_condition
from fem.compare.differences import Difference, verdict_on
from fem.compare.noise import DEFAULT, Floor
from fem.compare.values import Scalar, Value
from fem.errors import UsageError


def difference(path: str, first: Scalar | None, second: Scalar | None, unit: str = "mm") -> Difference:
    *outer, name = path.split(".")
    value = Value(outer[0], ".".join(outer[1:]), name, unit, 0.0)
    floor = Floor(0.01, DEFAULT)
    return Difference(value, first, second, floor, verdict_on(first, second, floor))


FOUND = [
    difference("facets.L4-L5 left.gap_mean_mm", 1.0, 0.7),
    difference("facets.L4-L5 right.gap_mean_mm", 0.2, 0.205),
    difference("ligaments.L4-L5.CL left.peak_strain", 0.28, 0.25, "1"),
    difference("ligaments.L4-L5.CL left.state", "toe", "linear", ""),
    difference("discs.L4-L5.pressure_MPa", math.nan, math.nan, "MPa"),
    difference("levels.L4-L5.flexion_deg", 1.0, None, "deg"),
]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("facets.L4-L5 left.gap_mean_mm.difference > 0.1 mm", False),
        ("facets.L4-L5 left.gap_mean_mm.difference < -0.1 mm", True),
        ("facets.L4-L5 left.gap_mean_mm.size > 0.1 mm", True),
        ("facets.L4-L5 left.gap_mean_mm.size > 0.01 cm", True),
        ("facets.L4-L5 left.gap_mean_mm.size > 0.5 mm", False),
        ("facets.*.gap_mean_mm.size > 0.1 mm", True),
        ("facets.*right.gap_mean_mm.excess > 1", False),
        ("facets.*.gap_mean_mm.relative <= -29 %", True),
        ("ligaments.*.peak_strain.size > 2 %", True),
        ("ligaments.*.peak_strain.size > 0.04", False),
        ("facets.*.gap_mean_mm.size > 0.1 mm and ligaments.*.peak_strain.size > 0.04", False),
        ("facets.*.gap_mean_mm.size > 0.1 mm and ligaments.*.peak_strain.size > 0.02", True),
        ("facets.*.gap_mean_mm.size > 9 mm or ligaments.*.peak_strain.size > 0.02", True),
        ("ligaments.*.state.verdict == differs", True),
        ("facets.L4-L5 right.gap_mean_mm.verdict != cannot tell apart", False),
        ("facets.L4-L5 left.gap_mean_mm.second < 0.8 mm", True),
    ],
)
def test_a_condition_holds_or_not(text: str, holds: bool) -> None:
    assert bool(met(read_condition(text), FOUND)) is holds


def test_what_cannot_be_judged_counts_as_met() -> None:
    for path, word in (
        ("discs.L4-L5.pressure_MPa", "not a number"),
        ("levels.L4-L5.flexion_deg", "only in the first"),
    ):
        unit = "MPa" if "MPa" in path else "deg"
        (reason,) = met(read_condition(f"{path}.size > 1000 {unit}"), FOUND)
        assert word in reason
        assert "cannot be judged" in reason


def test_the_reason_names_value_unit_and_limit() -> None:
    (reason,) = met(read_condition("facets.L4-L5 left.gap_mean_mm.size > 0.1 mm"), FOUND)
    assert reason == "facets.L4-L5 left.gap_mean_mm.size is 0.3 mm (> 0.1 mm)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot read ''"),
        ("gap > 1 mm", "cannot read 'gap > 1 mm'"),
        ("facets.L4-L5 left.gap_mean_mm.diference > 1 mm", "did you mean 'difference'?"),
        ("facets.L4-L5 left.gap_mean_mm.size > 1", "has no unit"),
        ("facets.L4-L5 left.gap_mean_mm.size > 1 N", "is a force, but a length is needed"),
        ("facets.L4-L5 left.gap_mean_mm.size == 1 mm", "goes with == and !="),
        ("facets.L4-L5 left.gap_mean_mm.verdict > 1 mm", "goes with == and !="),
        ("facets.L4-L5 left.gap_mean_mm.verdict == differ", "is no verdict; verdicts: cannot tell apart"),
        ("facets.L4-L5 lefft.gap_mean_mm.size > 1 mm", "did you mean 'facets.L4-L5 left.gap_mean_mm'?"),
        ("ligaments.*.state.size > 1 mm", "is a word"),
        ("facets.L4-L5 left.gap_mean_mm.size > nan mm", "cannot read 'nan mm'"),
        ("__import__('os').system('true') > 1 mm", "cannot read"),
        ("facets.L4-L5 left.gap_mean_mm.size > 1 mm and", "cannot read ''"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        met(read_condition(text), FOUND)
    assert words in str(caught.value)
