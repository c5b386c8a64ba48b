import pytest

from fem.results.expect import Expectation, judge, known_quantity, lookup, missed

SUMMARY = {"levels": {"L4-L5": {"flexion_deg": 9.0}}, "status": "complete", "converged": True}
NAME = "levels.L4-L5.flexion_deg"


@pytest.mark.parametrize(
    ("low", "high", "passed"), [(8, 10, True), (9, 9, True), (9.1, 10, False), (0, 8.9, False)]
)
def test_the_range_is_closed(low, high, passed):
    (verdict,) = judge([Expectation(NAME, low, high, "published")], SUMMARY)
    assert verdict.passed is passed
    assert verdict.value == 9.0
    assert bool(verdict.reason) is not passed


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "slack", True])
def test_what_is_no_finite_number_misses(value):
    summary = {"levels": {"L4-L5": {"flexion_deg": value}}}
    (verdict,) = judge([Expectation(NAME, -1e300, 1e300, "analytic")], summary)
    assert not verdict.passed
    assert verdict.value is None


def test_a_missing_entry_misses_and_is_named():
    (verdict,) = judge([Expectation("discs.L4-L5.pressure_MPa", 0, 1, "analytic")], SUMMARY)
    assert not verdict.passed
    assert "discs.L4-L5.pressure_MPa" in verdict.reason


def test_missed_picks_the_failures():
    verdicts = judge([Expectation(NAME, 0, 10, "analytic"), Expectation(NAME, 0, 1, "analytic")], SUMMARY)
    summary = {**SUMMARY, "expect": [verdict.entry() for verdict in verdicts]}
    assert [entry["between"] for entry in missed(summary)] == [[0, 1]]
    assert missed(SUMMARY) == []


def test_known_names_come_with_their_unit():
    levels = ("L4-L5", "L5-S1")
    assert known_quantity("ligaments.L4-L5.CL left.peak_strain", levels).unit == "1"
    assert known_quantity("facets.L5-S1 right.gap_mean_mm", levels).unit == "mm"
    assert known_quantity("levels.L4-S1.flexion_deg", levels).unit == "deg"
    assert known_quantity("newton.median_per_step", levels)


def test_unknown_names_get_the_nearest_one():
    answer = known_quantity("levels.L4-L5.flexion", ("L4-L5",))
    assert not answer
    assert answer.suggestion == NAME
    assert not known_quantity("levels.L1-L2.flexion_deg", ("L4-L5",))
    assert not known_quantity("ligaments.L4-L5.ALL.state", ("L4-L5",)), "a word has no range"
    assert known_quantity("banana", ("L4-L5",)).suggestion == ""


def test_lookup_does_not_fall_through_numbers():
    assert lookup(SUMMARY, NAME + ".more") is None
