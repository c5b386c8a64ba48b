"""The speed report: parts add up, bars can be missed, fits find what was put in."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem.anatomy.recipe import read_recipe
from fem.benchmark.bars import Bar, Report, levels_table, parts_table
from fem.benchmark.metering import Meter, MeteredCondensedTerm, MeteredSolver, metered_system
from fem.benchmark.speed import TimedRun, growth, span_overrides, timed_run
from fem.case.build import build_problem
from fem.case.read import read_case
from fem.cli.main import main
from fem.elements.layout import reference_state
from fem.mesh.build import build_spine_mesh
from fem.terms.term import CondensedTerm

ROOT = Path(__file__).parents[2]
CASE = ROOT / "cases" / "moments" / "flexion.yaml"
SMALL = span_overrides("L5-S1", "coarse")


@pytest.fixture(scope="module")
def run() -> TimedRun:
    return timed_run(CASE, SMALL, 2)


def test_parts_of_a_run_add_up(run: TimedRun) -> None:
    assert run.levels == 1
    assert run.steps == 2
    assert run.iterations >= 4
    assert run.rotation > 1.0  # it did bend, under a share of 7.5 N m
    assert sum(run.parts.values()) == pytest.approx(run.solve, rel=1e-12)
    assert (
        min(run.parts[name] for name in ("solids", "ligaments", "contact", "factorisation", "solves")) > 0.0
    )
    assert run.parts["the rest"] >= 0.0
    assert run.total == pytest.approx(run.mesh + run.build + run.solve)


def test_a_metered_system_gives_the_same_numbers() -> None:
    """Same terms, same order: not a digit may differ."""
    case_file = read_case(CASE, SMALL)
    assert case_file.anatomy is not None
    recipe = read_recipe(case_file.anatomy).model
    mesh = build_spine_mesh(recipe, "coarse", ("L5", "S1"), with_bones=False)
    problem, meter = build_problem(case_file, mesh), Meter()
    metered = metered_system(problem.system, meter)
    state = replace(reference_state(problem.model.layout), time=2.0)
    plain, timed = problem.system.evaluate(state, True), metered.evaluate(state, True)
    np.testing.assert_array_equal(timed.residual, plain.residual)
    np.testing.assert_array_equal(timed.values, plain.values)
    assert plain.residual.any()
    condensed = [isinstance(term, CondensedTerm) for term in problem.system.terms]
    assert [isinstance(term, MeteredCondensedTerm) for term in metered.terms] == condensed
    assert meter.calls["evaluate"] == 1
    each = [seconds for part, seconds in meter.seconds.items() if part.startswith("term ")]
    assert len(each) == len(metered.terms)
    # Terms work side by side: together they take less than one after another, never less than the longest of them.
    assert max(each) <= meter.seconds["terms"] <= meter.seconds["evaluate"]
    assert meter.seconds["terms"] <= sum(each) + 0.01
    solver, held = MeteredSolver(metered.pattern, meter=meter), np.zeros(0, dtype=np.int64)
    right = plain.residual[:, None]
    solver.factorise(timed.values, held).solve(right)
    solver.factorise(timed.values, held).solve(right)
    assert meter.calls["analyse and factorise"] == meter.calls["factorise"] == 1
    assert meter.calls["solve"] == 2


@pytest.mark.parametrize("power", [0.8, 1.0, 2.0])
def test_growth_finds_the_power(run: TimedRun, power: float) -> None:
    runs = []
    for levels in (2, 3, 4, 5):
        cost = 0.1 * levels**power * run.iterations
        runs.append(replace(run, levels=levels, solve=cost, parts={**run.parts, "analysis": 0.0}))
    assert growth(runs) == pytest.approx(power, rel=1e-12)


def test_a_bar_can_be_missed() -> None:
    assert Bar("time", 14.9, 15.0, " s").met
    assert not Bar("time", 15.1, 15.0, " s").met
    assert not Bar("time", float("nan"), 15.0, " s").met
    assert Bar("time", 20.0, 15.0, " s").line() == "time: 20 s, at most 15 s: MISSED"


def test_tables_fit_the_width(run: TimedRun) -> None:
    lines = [*parts_table(run, 80), *levels_table([run, replace(run, levels=2)], 80)]
    assert max(len(line) for line in lines[1:]) <= 80
    assert "100 %" in "\n".join(lines)


def test_the_command_prints_one_document_and_fails_on_a_missed_bar(
    run: TimedRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake(case: Path, overrides: object) -> Report:
        return Report({"whole run": (run,)}, (Bar("time", 20.0, 15.0, " s"),))

    monkeypatch.setattr("fem.benchmark.bars.whole_run", fake)
    monkeypatch.setattr("fem.benchmark.bars.warm_up", lambda case: None)
    assert main(["bench", str(CASE), "--part", "whole", "--json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert document["bars"][0]["met"] is False
    assert document["runs"]["whole run"][0]["iterations"] == run.iterations
    assert main(["bench", str(CASE), "--part", "whole"]) == 4
    assert "MISSED" in capsys.readouterr().out
