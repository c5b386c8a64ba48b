"""A case run again and again: forced it makes the spine laxer, below the sub-failure strain it changes nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem.case.build import build_mesh, build_problem, build_specimen
from fem.case.read import read_case
from fem.errors import InputError, NotConvergedError
from fem.literature import load
from fem.materials.damage import StrandDamage
from fem.observe import repeat as repeating
from fem.observe.flexibility import FlexibilityTest
from fem.observe.repeat import worn
from fem.results.read import read_table
from fem.runner import RunOutcome, RunRequest, run_case
from oracles.spines import RECIPE

CASE = f"""version: 1
title: A level bent again and again
spine: {{anatomy: {RECIPE}, resolution: coarse, levels: L4-L5}}
repeat: 10
phases:
  - {{name: settle}}
  - name: bend
    loads: [{{kind: moment, on: L4, motion: flexion, value: MOMENT}}]
expect:
  - {{quantity: repetitions.done, between: [10, 10], kind: analytic, source: the case}}
"""


def run(folder: Path, moment: str, *overrides: str) -> RunOutcome:
    path = folder / "bent.yaml"
    path.write_text(CASE.replace("MOMENT", moment))
    return run_case(RunRequest(path, overrides, folder / "bent"))


@pytest.fixture(scope="module")
def forced(tmp_path_factory: pytest.TempPathFactory) -> RunOutcome:
    return run(tmp_path_factory.mktemp("forced"), "30 N m")


@pytest.fixture(scope="module")
def gentle(tmp_path_factory: pytest.TempPathFactory) -> RunOutcome:
    return run(tmp_path_factory.mktemp("gentle"), "2 N m")


def changes(outcome: RunOutcome, zone: str = "") -> dict[str, float]:
    level = outcome.summary["flexibility"]["L4-L5"]
    names = ("flexion_extension", "lateral_bending", "axial_rotation")
    return {
        name: level[f"{zone}{name}_after_deg"] / level[f"{zone}{name}_before_deg"] - 1.0 for name in names
    }


def test_ten_forced_repetitions_raise_the_range_of_motion(forced: RunOutcome) -> None:
    rises, zones = changes(forced), changes(forced, "neutral_zone_")
    print("range of motion", rises, "neutral zone", zones)
    assert rises["flexion_extension"] > 0.02
    assert zones["flexion_extension"] > 0.05
    assert min(*rises.values(), *zones.values()) >= -1e-6
    totals = forced.summary["repetitions"]
    assert totals["range_of_motion_rise"] == pytest.approx(max(rises.values()))
    assert totals["elongation_mm"] > 0.1
    assert not forced.missed


def test_each_repetition_is_told_and_nothing_heals(forced: RunOutcome) -> None:
    rows = read_table(forced.folder, "repetitions")
    assert {int(row["repetition"]) for row in rows} == set(range(1, 11))
    for bundle in {row["bundle"] for row in rows}:
        own = [row for row in rows if row["bundle"] == bundle]
        elongation = np.array([float(row["elongation_mm"]) for row in own])
        new = np.array([float(row["new_elongation_mm"]) for row in own])
        left = np.array([float(row["stiffness_left"]) for row in own])
        assert (new >= 0.0).all()
        assert (np.diff(elongation) >= -1e-12).all()
        assert (np.diff(left) <= 1e-12).all()
        damaged = max(float(row["limit_fraction"]) for row in own) > 1.0
        assert (elongation[-1] > 0.0) == damaged == (left[-1] < 1.0)
    spinous = [row for row in rows if row["bundle"] == "SSL"]
    assert float(spinous[1]["peak_strain"]) > float(spinous[0]["peak_strain"])


def test_the_first_repetition_is_the_case_without_any(forced: RunOutcome, tmp_path: Path) -> None:
    once = run(tmp_path, "30 N m", "repeat=1")
    for section in ("levels", "ligaments", "facets", "energy"):
        assert once.summary[section] == forced.summary[section]
    first = [row for row in read_table(forced.folder, "repetitions") if row["repetition"] in (1, "1")]
    for row in first:
        entry = forced.summary["ligaments"]["L4-L5"][row["bundle"]]
        assert float(row["peak_strain"]) == pytest.approx(entry["peak_strain"], rel=1e-8)


def test_ten_repetitions_below_the_sub_failure_strain_leave_it_unchanged(gentle: RunOutcome) -> None:
    assert max(map(abs, changes(gentle).values())) <= 1e-6
    assert max(map(abs, changes(gentle, "neutral_zone_").values())) <= 1e-6
    totals = gentle.summary["repetitions"]
    assert 0.3 < totals["limit_fraction"] < 1.0
    assert (totals["elongation_mm"], totals["torn_strands"]) == (0.0, 0)
    assert (totals["done"], totals["solved"]) == (10, 1)
    assert not gentle.missed


def test_risks_are_those_of_all_repetitions(forced: RunOutcome, gentle: RunOutcome) -> None:
    worst = forced.summary["risks"][0]
    laxity = forced.summary["laxity"]["L4-L5"]
    assert worst["fraction"] == pytest.approx(forced.summary["repetitions"]["limit_fraction"])
    assert worst["value"] == laxity[worst["structure"].removeprefix("L4-L5 ")]["peak_strain"]
    assert {"sub-failure", "failure"} >= {risk["kind"] for risk in forced.summary["risks"]}
    assert all(0.0 < risk["confidence"] <= 1.0 for risk in forced.summary["risks"])
    assert all(risk["fraction"] < 1.0 for risk in gentle.summary["risks"])


def test_what_is_read_for_it_is_listed(gentle: RunOutcome) -> None:
    import json

    used = json.loads((gentle.folder / "run.json").read_text())["literature"]
    keys = {(entry["set"], entry["key"]) for entry in used}
    assert {("damage", "law.stiffness_loss"), ("flexibility", "test.neutral_moment")} <= keys


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> FlexibilityTest:
    path = tmp_path_factory.mktemp("tested") / "bent.yaml"
    path.write_text(CASE.replace("MOMENT", "2 N m"))
    case_file = read_case(path)
    problem = build_problem(case_file, build_mesh(case_file))
    specimen = build_specimen(case_file, problem.model.mesh, problem.sets)
    return FlexibilityTest(specimen, problem.sets["flexibility"])


def intact(tested: FlexibilityTest) -> list[StrandDamage]:
    counts = [len(group.strand) for group in tested.specimen.strands]
    return [StrandDamage(np.zeros(count), np.zeros(count)) for count in counts]


def test_the_flexibility_test_repeats_itself_and_sees_a_torn_capsule(
    tested: FlexibilityTest, gentle: RunOutcome
) -> None:
    whole = tested.measure(intact(tested))
    level = gentle.summary["flexibility"]["L4-L5"]
    assert whole.range_of_motion["L4-L5"][0] == pytest.approx(level["flexion_extension_before_deg"], rel=1e-9)
    assert 5.0 < whole.range_of_motion["L4-L5"][0] < 20.0
    assert whole.range_of_motion["L4-L5"][1] > whole.neutral_zone["L4-L5"][1] > 0.0
    torn = [
        replace(left, lost=np.array([float(name == "CL left") for name in group.bundle]))
        for left, group in zip(intact(tested), tested.specimen.strands, strict=True)
    ]
    lax = tested.measure(torn)
    assert lax.range_of_motion["L4-L5"][2] > 1.001 * whole.range_of_motion["L4-L5"][2]


def test_wear_remembers_the_greatest_strain_of_all(tested: FlexibilityTest) -> None:
    strands = tested.specimen.strands
    law = repeating.DamageLaw(0.3, 0.5)
    high = worn(law, strands, [group.warning + 0.01 for group in strands], None)
    later = worn(law, strands, [0.0 * group.warning for group in strands], high)
    assert later.same_as(high)
    assert not high.same_as(worn(law, strands, [0.0 * group.warning for group in strands], None))


def test_a_repetition_that_fails_says_which_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise NotConvergedError("the spine gave way")

    monkeypatch.setattr(repeating, "settled", fail)
    with pytest.raises(NotConvergedError, match="repetition 2 of 10: the spine gave way"):
        run(tmp_path, "30 N m")
    rows = read_table(tmp_path / "bent", "repetitions")
    assert {int(row["repetition"]) for row in rows} == {1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("repeat=0", "repeat"),
        ("spine.structures=[disc, facets]", "nothing that repeating it could stretch"),
        ("repeat=none", "repeat"),
    ],
)
def test_faults_are_told(tmp_path: Path, change: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        run(tmp_path, "2 N m", change)


def test_a_specimen_that_finds_no_balance_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise NotConvergedError("the specimen gave way")

    monkeypatch.setattr(FlexibilityTest, "measure", fail)
    outcome = run(tmp_path, "2 N m", "repeat=2")
    assert outcome.summary["status"] == "complete"
    assert "flexibility" not in outcome.summary
    assert outcome.summary["repetitions"]["done"] == 2
    assert "could not be tested: the specimen gave way" in (outcome.folder / "run.json").read_text()


def test_every_bundle_has_both_limits_and_every_limit_says_how_sure_it_is(tested: FlexibilityTest) -> None:
    limits = load("ligaments/limits")
    for name in {bundle.split()[0] for group in tested.specimen.strands for bundle in group.bundle}:
        low, high = (limits.datum(f"{name}.{key}") for key in ("warning_strain", "failure_strain"))
        assert 0.0 < low.value < high.value
        assert low.confidence
        assert high.confidence


def test_what_only_repeating_reports_is_not_expected_of_other_cases(tmp_path: Path) -> None:
    path = tmp_path / "once.yaml"
    path.write_text(CASE.replace("MOMENT", "2 N m").replace("repeat: 10\n", ""))
    with pytest.raises(InputError, match="not repeated"):
        run_case(RunRequest(path, (), tmp_path / "once"))
