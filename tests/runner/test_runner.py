"""From a case file to what a run hands back: what changes refer to, which states are kept, what is announced."""

from pathlib import Path

import pytest

from fem.elements.layout import reference_state
from fem.errors import NonFiniteError
from fem.observe.tables import facets_table, settle
from fem.results.read import field_times, read_result, read_table
from fem.runner import RunOutcome, RunRequest, run_case, worker_count
from oracles.spines import RECIPE, ROOT, spine_problem

HEAD = f"""version: 1
title: A short spine
spine:
  anatomy: {RECIPE}
  resolution: coarse
  levels: L4-L5
  structures: [disc]
"""
SETTLE = "  - {name: settle}\n"


def load(name: str, value: str) -> str:
    return f"  - name: {name}\n    loads: [{{kind: moment, on: L4, motion: flexion, value: {value}}}]\n"


def run(folder: Path, name: str, text: str, *overrides: str, heard: list[str] | None = None) -> RunOutcome:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    said = [] if heard is None else heard
    return run_case(RunRequest(path, overrides, folder / "results" / name), said.append)


def flexion(outcome: RunOutcome) -> float:
    return float(outcome.summary["levels"]["L4-L5"]["flexion_deg"])


def test_angles_count_from_the_end_of_settling_or_else_from_the_neutral_posture(tmp_path: Path) -> None:
    settled = run(tmp_path, "settled", HEAD + "phases:\n" + SETTLE + load("push", "4 N m"))
    single = run(tmp_path, "single", HEAD + "phases:\n" + load("push", "4 N m"))
    twice = run(tmp_path, "twice", HEAD + "phases:\n" + load("half", "2 N m") + load("push", "4 N m"))
    assert flexion(settled) > 1.0
    assert flexion(single) == pytest.approx(flexion(settled), rel=1e-6)
    assert flexion(twice) == pytest.approx(
        flexion(settled), rel=1e-6
    )  # the first phase's rotation counts too
    phases = [row["phase"] for row in read_table(twice.folder, "history")]
    assert {"half", "push"} == set(phases)


def test_a_load_named_again_ramps_on_and_one_left_out_is_held(tmp_path: Path) -> None:
    hold = HEAD + "phases:\n" + SETTLE + load("push", "4 N m") + "  - {name: hold}\n"
    back = HEAD + "phases:\n" + SETTLE + load("push", "4 N m") + load("release", "0 N m")
    held, released = run(tmp_path, "hold", hold), run(tmp_path, "back", back)
    rows = {row["phase"]: float(row["flexion_deg"]) for row in read_table(held.folder, "levels")}
    assert rows["hold"] == pytest.approx(rows["push"], rel=1e-6)
    assert flexion(released) == pytest.approx(0.0, abs=1e-5)


def test_only_wanted_times_are_kept_as_fields_and_the_last_one_always(tmp_path: Path) -> None:
    text = (
        HEAD + "phases:\n" + SETTLE + load("push", "4 N m") + "solver: {first_step: 0.1, largest_step: 0.1}\n"
    )
    outcome = run(tmp_path, "many", text + "output: {every: 400 ms}\n")
    times = [time for time, _ in field_times(outcome.folder)]
    assert times == pytest.approx([1.0, 1.4, 1.8, 2.0])
    assert len(read_table(outcome.folder, "levels")) == 11


def test_a_run_says_what_it_does_and_an_equal_one_is_not_done_again(tmp_path: Path) -> None:
    text = HEAD + "phases:\n" + SETTLE + load("push", "4 N m")
    heard: list[str] = []
    first = run(tmp_path, "case", text, heard=heard)
    assert heard[0].startswith("meshing")
    assert any("push" in sentence and "converged" in sentence for sentence in heard)
    again: list[str] = []
    second = run(tmp_path, "case", text, heard=again)
    assert (first.up_to_date, second.up_to_date) == (False, True)
    assert again == []
    assert second.summary["levels"] == first.summary["levels"]


def test_a_result_says_which_numbers_it_rests_on(tmp_path: Path) -> None:
    outcome = run(
        tmp_path, "case", HEAD + "phases:\n" + SETTLE, "parameters.override.disc.annulus.C10=0.2 MPa"
    )
    result = read_result(outcome.folder)
    used = {(entry["set"], entry["key"]): entry for entry in result.run["literature"]}
    entry = used["disc/calibrated", "annulus.C10"]
    assert entry["value"] == "0.2 MPa"
    roles = {file["role"] for file in result.run["inputs"]}
    # Data files are inputs too: a changed one makes another result.
    assert {"case", "anatomy", "data disc/calibrated", "data ligaments/limits"} <= roles
    assert all(role.startswith("data ") for role in roles - {"case", "anatomy"})


@pytest.mark.parametrize("name", ["cable", "strand_toe"])
def test_a_closed_form_problem_runs_to_a_result_folder_too(name: str, tmp_path: Path) -> None:
    outcome = run_case(RunRequest(ROOT / "cases" / "verification" / f"{name}.yaml", (), tmp_path / name))
    assert outcome.summary["status"] == "complete"
    assert not outcome.missed
    assert outcome.summary["expect"]


def test_surfaces_that_no_longer_face_each_other_are_an_error_in_words() -> None:
    problem = spine_problem()
    x = problem.model.layout.reference.copy()
    settled = settle(problem, reference_state(problem.model.layout))
    x[problem.model.layout.body == problem.model.bodies["L4"]] += [30.0, 0.0, 0.0]
    with pytest.raises(NonFiniteError, match="L4-L5 left"):
        facets_table(problem, settled, x)


def test_no_more_workers_than_cases_or_cores() -> None:
    assert worker_count(8, 1) == 1
    assert worker_count(1, 8) == 1
    assert worker_count(1000, 1000) <= 512
