"""``facetgap why``: what is run, reused and written; an interrupt keeps what is finished. One real run at the end."""

import json
from pathlib import Path
from typing import Any

import pytest

from fem.cli.main import main
from fem.errors import NotConvergedError
from fem.explain import changes, counterfactuals
from fem.explain.counterfactuals import more_force, rested
from fem.results.read import read_result
from oracles.spines import RECIPE

Captured = pytest.CaptureFixture[str]
CASE = f"""version: 1
title: L4 is twisted within 40 ms
spine: {{anatomy: {RECIPE.name}, resolution: coarse, levels: L4-L5, thorax: absent}}
target: L4-L5 left
film: {{minutes_since_last_pop: {{L4-L5 left: 10 min}}}}
output: {{every: 1 s}}
solver: {{largest_step: 0.25}}
phases:
  - {{name: settle}}
  - name: twist
    kind: dynamic
    duration: 40 ms
    loads: [{{kind: moment, on: L4, motion: axial rotation left, value: 5 N m}}]
"""
RUNS = ["as_it_is", "rested", "more_force", "faster", "thinner_film", "thicker_film"]


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case in an empty folder, where the command is then run."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "twist.yaml"
    path.write_text(CASE)
    (tmp_path / RECIPE.name).symlink_to(RECIPE)
    return path


def test_every_run_is_made_once_and_the_answer_written(case: Path, solver: Any, capsys: Captured) -> None:
    solver.answers = {"rested": (0.95, 0.4)}
    assert main(["why", "twist.yaml"]) == 0
    first = capsys.readouterr()
    assert solver.asked == RUNS
    assert "What holds it back: the refractory period." in first.out
    assert "L4-L5 left does not pop" in first.out
    folder = case.parent / "results" / "why" / "twist"
    written = json.loads((folder / "why.json").read_text())
    assert written["version"] == 1
    assert written["barriers"] == ["rested"]
    assert written["runs"][1]["folder"] == "results/why/twist/rested"
    assert "the refractory period" in (folder / "why.html").read_text()
    assert main(["why", "twist.yaml", "--json"]) == 0
    again = capsys.readouterr()
    assert solver.asked == RUNS
    assert json.loads(again.out) == written
    assert again.err.count(": up to date") == len(RUNS)


def test_an_interrupt_keeps_what_is_finished_and_the_next_call_goes_on(
    case: Path, solver: Any, capsys: Captured
) -> None:
    solver.patience = 2
    assert main(["why", "twist.yaml"]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    assert solver.asked == RUNS[:2]
    assert not (case.parent / "results" / "why" / "twist" / "why.json").exists()
    solver.patience = None
    assert main(["why", "twist.yaml"]) == 0
    assert solver.asked == RUNS
    assert "4 of 6 runs to solve" in capsys.readouterr().err


def test_a_result_of_the_case_itself_is_taken_for_the_case_as_it_is(case: Path, solver: Any) -> None:
    from fem.runner import RunRequest

    solver.solve(RunRequest(Path("twist.yaml"), (), Path("results/twist")))
    solver.asked.clear()
    assert main(["why", "twist.yaml"]) == 0
    assert solver.asked == RUNS[1:]
    assert json.loads(Path("results/why/twist/why.json").read_text())["runs"][0]["folder"] == "results/twist"


def test_a_changed_case_is_refused_by_its_keys_and_replaced_with_force(
    case: Path, solver: Any, capsys: Captured
) -> None:
    assert main(["why", "twist.yaml"]) == 0
    case.write_text(CASE.replace("5 N m", "6 N m"))
    assert main(["why", "twist.yaml"]) == 2
    assert "phases[1].loads[0].value" in capsys.readouterr().err
    assert main(["why", "twist.yaml", "--force"]) == 0
    assert solver.asked == 2 * RUNS
    assert main(["why", "twist.yaml", "--force"]) == 0
    assert solver.asked == 2 * RUNS


def test_a_counterfactual_that_fails_is_said_and_the_case_itself_must_not(
    case: Path, solver: Any, capsys: Captured
) -> None:
    solver.answers = {"more_force": NotConvergedError("phase 'twist' did not converge")}
    assert main(["why", "twist.yaml"]) == 0
    captured = capsys.readouterr()
    assert "Not solved: with 1.5 times the moment" in " ".join(captured.out.split())
    solver.answers = {"as_it_is": NotConvergedError("phase 'settle' did not converge")}
    assert main(["why", "twist.yaml", "-o", "other"]) == 3
    assert "phase 'settle' did not converge" in capsys.readouterr().err


def test_a_dry_run_names_runs_overrides_and_what_is_left_out(
    case: Path, solver: Any, capsys: Captured
) -> None:
    assert main(["why", "twist.yaml", "-n"]) == 0
    out = capsys.readouterr().out
    assert "--set 'film.minutes_since_last_pop=null'" in out
    assert "no_guarding: left out, the case has no muscles" in out
    assert solver.asked == []
    assert not (case.parent / "results").exists()


def test_only_what_is_named_is_run_and_the_rest_is_said(case: Path, solver: Any, capsys: Captured) -> None:
    assert main(["why", "twist.yaml", "--only", "rested", "--only", "faster"]) == 0
    assert solver.asked == ["as_it_is", "rested", "faster"]
    assert "too little force (not asked for)" in " ".join(capsys.readouterr().out.split())
    assert tuple(make.__name__ for make in counterfactuals.MAKERS) == changes.NAMES


def test_a_case_without_film_says_what_to_write(case: Path, capsys: Captured) -> None:
    assert main(["why", "twist.yaml", "--set", "film=none"]) == 2
    assert "write film: {} into the case" in capsys.readouterr().err


def test_a_real_case_is_explained_and_its_runs_are_used_again(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(counterfactuals, "MAKERS", (rested, more_force))
    assert main(["why", "twist.yaml", "-j", "2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    runs = {run["name"]: run for run in document["runs"]}
    assert set(runs) == {"as_it_is", "rested", "more_force"}
    assert all(run["solved"] for run in runs.values())
    # More moment opens the joint farther; less gas leaves less to expand instead of a cavity.
    opened = {name: run["peak_separation_mm"]["L4-L5 left"] for name, run in runs.items()}
    assert opened["more_force"] > 1.2 * opened["as_it_is"] > 0.0
    assert runs["rested"]["margin"] >= runs["as_it_is"]["margin"]
    assert (
        runs["more_force"]["largest_strain"]["peak_strain"]
        > runs["as_it_is"]["largest_strain"]["peak_strain"]
    )
    assert runs["as_it_is"]["largest_rotation"]["L4-L5"]["axial_rotation_deg"] > 0.1
    assert any("belongs with a professional" in line for line in document["limits"])
    before = read_result(Path(runs["rested"]["folder"])).run["finished"]
    assert main(["why", "twist.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == document
    assert read_result(Path(runs["rested"]["folder"])).run["finished"] == before
