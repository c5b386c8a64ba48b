"""Verdicts as entries of the summary and as sentences; they reach the summary through the result folder."""

import json
from dataclasses import replace

import pytest
from fake_spine import fake_cavitation, fake_info, fill

from fem.results.cavitation import merged
from fem.results.expect import Expectation
from fem.results.folder import claim
from fem.results.quantities import CAVITATION


def test_an_entry_has_the_keys_of_the_catalogue_in_its_units() -> None:
    popped, _, quiet, _ = (joint.entry() for joint in fake_cavitation().joints)
    names = [quantity.name for quantity in CAVITATION]
    assert list(popped) == [name for name in names if name in popped]
    assert set(popped) == set(names)
    assert set(popped) - set(quiet) == {
        *("time_s", "route", "gap_mm", "opening_speed_mm_s", "film_mm"),
        *("jump_mm", "peak_time_s", "collapse_time_s", "frequency_Hz", "margin_since_rest"),
    }
    assert popped["lowest_pressure_kPa"] == pytest.approx(6.28)
    assert popped["pops"] is True


def test_joints_are_ordered_by_the_time_of_their_pop() -> None:
    cavitation = fake_cavitation()
    assert cavitation.order == ("L5-S1 right", "L4-L5 left"), "a torn film that stayed small does not count"
    assert cavitation.totals()["first_to_cavitate"] == "L5-S1 right"
    none = replace(cavitation, joints=cavitation.joints[2:3])
    assert none.totals() == {"order_of_cavitation": []}


def test_sentences_begin_with_the_target_and_count_what_failed() -> None:
    count, target, *others = fake_cavitation().sentences("L5-S1 right")
    assert "200 draws" in count
    assert "1 films of 800 could not be solved" in count
    assert target.startswith(
        "L5-S1 right (target): cavitates, probability 1.00, margin +0.10 (since rest +1.40); inception at 2.0500 s"
    )
    assert any(line.endswith("lowest pressure 95.0 kPa") for line in others)
    assert "could not" not in replace(fake_cavitation(), failed=0).sentences(None)[0]


def test_merging_leaves_what_is_there() -> None:
    summary = {"facets": {"L4-L5 left": {"gap_mean_mm": 0.3}}, "dof": 3}
    found = merged(summary, fake_cavitation())
    assert found["facets"]["L4-L5 left"]["gap_mean_mm"] == 0.3
    assert found["facets"]["L4-L5 left"]["cavitation"]["verdict"] == "undetermined"
    assert found["facets"]["L5-S1 left"] == {"cavitation": fake_cavitation().joints[2].entry()}
    assert summary == {"facets": {"L4-L5 left": {"gap_mean_mm": 0.3}}, "dof": 3}


def test_a_folder_keeps_verdicts_and_judges_what_is_expected_of_them(tmp_path) -> None:
    folder = claim(tmp_path / "run", fake_info())
    assert folder is not None
    fill(folder)
    folder.conclude(fake_cavitation())
    wanted = Expectation("facets.L4-L5 left.cavitation.margin", 0.0, 1.0, "published")
    folder.finish("complete", expect=[wanted])
    summary = json.loads((folder.path / "summary.json").read_text())
    assert summary["order_of_cavitation"] == ["L5-S1 right", "L4-L5 left"]
    assert summary["expect"][0]["passed"]
    assert "verdicts from 200 draws" in (folder.path / "log.txt").read_text()
