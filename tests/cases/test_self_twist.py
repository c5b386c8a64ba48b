"""A twist of the chest on a restricted level: it reaches the neighbours. The slow half of it, with dry joints."""

import pytest

from oracles.thrusts import CASES, move, ready

pytestmark = pytest.mark.case


def test_a_self_twist_turns_and_opens_the_neighbours_of_a_restricted_level_more_than_the_level() -> None:
    start = ready(CASES / "self_twist_restricted.yaml", "film=none")
    assert start.case_file.case.target == "L4-L5 left"
    moved = move(start, start.problem.phases[1:2])
    tables = moved.records[-1].tables
    turned = dict(zip(tables["levels"]["level"], tables["levels"]["axial_rotation_deg"], strict=True))
    opened = dict(zip(tables["facets"]["joint"], tables["facets"]["gap_mean_change_mm"], strict=True))
    print(turned, opened)
    assert turned["L4-L5"] > 0.5
    assert min(turned["L3-L4"], turned["L5-S1"]) > 1.03 * turned["L4-L5"]
    assert opened["L5-S1 left"] > opened["L4-L5 left"] > 0.1
