"""Repetitions and risk flags: file, summary, screen; what a limit is compared with."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from fake_spine import fake_info, fake_model, fake_record, fake_repetitions, fill

from fem.results.folder import claim
from fem.results.repetitions import COLUMNS, REPETITIONS_FILE, Repetitions, with_repetitions
from fem.results.risks import ADVICE, Limit, risks
from fem.results.screen import result_table

CAPSULE = ("ligaments", "L4-L5", "CL left")
SUB = Limit("L4-L5 CL left", CAPSULE, "peak_strain", 0.4, "sub-failure", "assumed", "a", "abstract", 0.5)
FAILURE = replace(SUB, value=0.65, kind="failure", basis="measured", source="b", confidence=None)
FIBRE = Limit(
    "psoas left", ("muscles", "psoas left"), "fibre_strain", 0.25, "injury", "recalled", "c", "", 0.4
)


def strained(capsule: float, fibre: float = 0.0) -> dict:
    return {
        "ligaments": {"L4-L5": {"CL left": {"peak_strain": capsule}}},
        "muscles": {"psoas left": {"fibre_strain": fibre}},
    }


def test_a_limit_says_how_close_and_how_sure() -> None:
    found = risks(strained(0.5, 0.2), (FAILURE, SUB, FIBRE))
    assert [(risk["structure"], risk["kind"]) for risk in found] == [
        ("L4-L5 CL left", "sub-failure"),
        ("psoas left", "injury"),
        ("L4-L5 CL left", "failure"),
    ]
    assert found[0] == {
        "structure": "L4-L5 CL left", "quantity": "peak_strain", "value": 0.5, "limit": 0.4, "fraction": 1.25,
        "kind": "sub-failure", "basis": "assumed", "source": "a", "locator": "abstract", "confidence": 0.5,
    }  # fmt: skip
    assert found[2]["confidence"] is None


def test_what_is_far_from_its_limit_is_not_listed_and_what_is_missing_is_no_risk() -> None:
    assert risks(strained(0.19, -0.1), (SUB, FAILURE, FIBRE)) == []
    assert risks({"ligaments": {"L4-L5": {}}}, (SUB, FIBRE)) == []


def test_later_repetitions_count() -> None:
    summary = strained(0.1) | {"laxity": {"L4-L5": {"CL left": {"peak_strain": 0.7}}}}
    assert [risk["value"] for risk in risks(summary, (SUB, FAILURE))] == [0.7, 0.7]


def test_the_summary_of_repetitions() -> None:
    found = with_repetitions({}, fake_repetitions())
    assert found["repetitions"] == {
        "asked": 3, "done": 3, "solved": 2, "limit_fraction": 1.5, "elongation_mm": 0.3, "torn_strands": 2,
        "range_of_motion_rise": pytest.approx(0.1), "neutral_zone_rise": 0.0,
    }  # fmt: skip
    assert found["laxity"]["L5-S1"]["ISL"]["peak_strain"] == pytest.approx(0.6)
    assert found["flexibility"]["L4-S1"]["flexion_extension_after_deg"] == 4.4
    assert found["flexibility"]["L4-L5"]["neutral_zone_axial_rotation_before_deg"] == 0.2


def test_repetitions_that_were_broken_off_keep_what_is_done(tmp_path: Path) -> None:
    folder = claim(tmp_path / "broken", fake_info())
    assert folder is not None
    fill(folder)
    whole = fake_repetitions()
    folder.keep_repetitions(Repetitions(3, 1, whole.costs[:1], whole.before))
    summary = folder.finish("interrupted", "stopped by the user")
    assert (summary["repetitions"]["done"], summary["repetitions"]["asked"]) == (1, 3)
    assert "range_of_motion_rise" not in summary["repetitions"]
    assert "flexion_extension_after_deg" not in summary["flexibility"]["L4-L5"]
    rows = list(csv.reader((folder.path / REPETITIONS_FILE).read_text().splitlines()))
    assert rows[0] == list(COLUMNS)
    assert {row[0] for row in rows[1:]} == {"1"}


def test_a_run_that_is_replaced_takes_its_repetitions_along(tmp_path: Path) -> None:
    folder = claim(tmp_path / "twice", fake_info())
    assert folder is not None
    folder.keep_repetitions(fake_repetitions())
    folder.finish("failed", "for a test")
    claim(tmp_path / "twice", fake_info(), force=True)
    assert not (tmp_path / "twice" / REPETITIONS_FILE).exists()


def test_summary_and_screen_of_a_finished_run(tmp_path: Path) -> None:
    folder = claim(tmp_path / "whole", fake_info())
    assert folder is not None
    folder.start(replace(fake_model(), limits=(SUB, FAILURE)), [])
    folder.add(replace(fake_record(0), fields=None))
    folder.keep_repetitions(fake_repetitions())
    folder.finish("complete")
    summary = json.loads((folder.path / "summary.json").read_text())
    assert [risk["kind"] for risk in summary["risks"]] == ["sub-failure", "failure"]
    for width in (60, 80, 120):
        text = result_table(summary, width)
        assert max(len(line) for line in text.splitlines()) <= width
        assert " ".join(text.split()).count(ADVICE) == 1
    assert "PAST sub-failure: L4-L5 CL left, strain 60 % of 40 % (assumed: a, confidence 0.5)" in text
    assert "before and after 3 of 3 repetitions" in text
    assert "range of motion +10.0 %, neutral zone +0.0 %" in text


def test_on_screen_a_failure_stands_for_the_sub_failure_too() -> None:
    base = {"status": "complete", "wall_s": 1.0, "version": 1}
    text = result_table(base | {"risks": risks(strained(0.7), (SUB, FAILURE))})
    assert "PAST failure" in text
    assert "sub-failure" not in text
    quiet = result_table(base | {"risks": []})
    assert "nothing came to 50 % of its limit" in quiet
    assert "Tissue limits" not in result_table(base)
