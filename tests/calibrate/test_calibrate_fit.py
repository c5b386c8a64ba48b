"""A fit finds the numbers that made its data: of a formula, and of the model itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fem.calibrate.fit import Problem, derivatives
from fem.calibrate.outcome import Outcome, calibrate
from fem.calibrate.plan import FitSection
from fem.calibrate.read import Curve, PlanFile, Stage, read_plan
from fem.calibrate.store import Solve, TrialStore
from fem.calibrate.trial import Response, Trial, respond
from fem.case.build import build_mesh, build_problem
from fem.case.read import read_case
from fem.elements.layout import reference_state
from fem.errors import NotConvergedError
from fem.observe.settling import settled
from fem.observe.tables import levels_table, settle
from fem.solver.linear import LinearSolver
from fem.solver.march import march

CASES = Path(__file__).parents[2] / "cases"


def measured_as(
    plan: PlanFile, solve: Solve, numbers: tuple[float, ...], resolution: str = "coarse"
) -> PlanFile:
    """Return the plan with its data replaced by what `solve` says with the parameters at `numbers`."""

    def remade(stage: Stage) -> Stage:
        trials = [
            Trial(case, resolution, moments, stage.parameters, numbers, plan.starts)
            for case, moments in stage.cases.items()
        ]
        said = dict(zip(stage.cases, solve(trials), strict=True))
        return replace(stage, curves=tuple(from_model(curve, said[curve.case]) for curve in stage.curves))

    return replace(plan, stages=tuple(remade(stage) for stage in plan.stages))


def from_model(curve: Curve, response: Response) -> Curve:
    values = response.curve(curve.quantity)
    data = tuple(replace(datum, value=value) for datum, value in zip(curve.data, values, strict=True))
    return replace(curve, data=data)


def fitted(plan: PlanFile, solve: Solve) -> Outcome:
    return calibrate(plan, solve, lambda text: None)


def test_a_fit_recovers_the_numbers_of_a_formula(plan_path: Path, formula: Solve) -> None:
    plan = measured_as(read_plan(plan_path), formula, (0.21, 2.6))
    (stage,) = fitted(plan, formula).stages
    np.testing.assert_allclose(stage.numbers, [0.21, 2.6], rtol=1e-4)
    assert stage.squares[0] > 1e3 * stage.squares[1]
    assert stage.at_bound == ("", "")


def test_a_number_beyond_its_bounds_ends_at_the_bound(plan_path: Path, formula: Solve) -> None:
    plan = measured_as(read_plan(plan_path), formula, (0.21, 6.0))
    (stage,) = fitted(plan, formula).stages
    assert stage.at_bound == ("", "high")
    assert stage.numbers[1] == stage.parameters[1].high
    assert stage.pulls[:, 1].sum() > 0.9  # every datum pulls on, none back


def test_sensitivities_are_the_slopes_of_the_formula(plan_path: Path, formula: Solve) -> None:
    plan = measured_as(read_plan(plan_path), formula, (0.2, 2.0))
    (stage,) = fitted(plan, formula).stages
    ground, fibres = stage.parameters
    span = [ground.high - ground.low, fibres.high - fibres.low]
    rotation = [index for index, point in enumerate(stage.points) if point.quantity == "rotation"]
    rise = [index for index, point in enumerate(stage.points) if point.quantity == "pressure_rise"]
    np.testing.assert_allclose(stage.sensitivity[rotation, 0], -0.5 / 0.2 * span[0], rtol=1e-2)
    np.testing.assert_allclose(stage.sensitivity[rise, 1], 1.0 / 3.0 * span[1], rtol=1e-3)
    np.testing.assert_allclose(stage.sensitivity[rotation, 1], 0.0, atol=1e-9)


def test_free_parameters_are_pulled_both_ways_alike(plan_path: Path, formula: Solve) -> None:
    (stage,) = fitted(read_plan(plan_path), formula).stages  # against Heuer: it cannot fit all
    free = [index for index, end in enumerate(stage.at_bound) if not end]
    assert free
    np.testing.assert_allclose(stage.pulls[:, free].sum(axis=0), 0.0, atol=0.02)
    np.testing.assert_allclose(np.abs(stage.pulls).sum(axis=0), 1.0)


def test_an_anchor_keeps_what_the_data_do_not_tell(plan_path: Path, formula: Solve) -> None:
    text = plan_path.read_text().replace("anchor = 0.0", "anchor = 0.1").split("[[stages.data]]")
    plan_path.write_text("[[stages.data]]".join(text[:2]))  # rotations only: they say nothing of the fibres
    plan = measured_as(read_plan(plan_path), formula, (0.21, 2.6))
    (stage,) = fitted(plan, formula).stages
    assert stage.numbers[1] == pytest.approx(1.0, abs=1e-6)
    assert stage.numbers[0] == pytest.approx(0.21, rel=0.05)


def test_derivatives_step_inwards_at_a_bound(plan_path: Path, formula: Solve) -> None:
    plan = read_plan(plan_path)
    problem = Problem(plan.stages[0], plan.starts, FitSection(), formula)
    at = np.array([0.4, 4.0])
    derivatives(problem, at)
    tried = np.array([trial.numbers for trial in formula.trials])
    assert (tried <= at).all()


def test_what_cannot_be_solved_is_said(plan_path: Path) -> None:
    plan = read_plan(plan_path)
    with pytest.raises(NotConvergedError, match="cannot be solved at the plan's start: too soft"):
        fitted(plan, lambda trials: [Response(failure="too soft") for _ in trials])


def test_a_trial_that_fails_turns_the_search_back(plan_path: Path, formula: Solve) -> None:
    plan = measured_as(read_plan(plan_path), formula, (0.21, 1.2))

    def brittle(trials: list[Trial]) -> list[Response]:
        return [
            Response(failure="too stiff") if trial.numbers[0] > 0.25 else formula.response(trial)
            for trial in trials
        ]

    (stage,) = fitted(plan, brittle).stages
    np.testing.assert_allclose(stage.numbers, [0.21, 1.2], rtol=1e-3)


def test_a_stopped_fit_goes_on_where_it_was(plan_path: Path, formula: Solve, tmp_path: Path) -> None:
    plan = measured_as(read_plan(plan_path), formula, (0.21, 2.6))
    whole = fitted(plan, formula)
    asked = len(formula.trials)
    path = tmp_path / "trials.jsonl"

    def stopping(trials: list[Trial]) -> list[Response]:
        for number, trial in enumerate(trials):
            if store.solved >= asked // 2 and number:
                raise KeyboardInterrupt
            yield formula.response(trial)

    store = TrialStore(path, "a")
    with pytest.raises(KeyboardInterrupt):
        fitted(plan, store.through(stopping))
    kept = store.count
    assert kept
    with path.open("a") as file:
        file.write('{"trial": "cut sho')
    again = TrialStore(path, "a")
    assert again.count == kept
    resumed = fitted(plan, again.through(formula))
    np.testing.assert_array_equal(resumed.stages[0].numbers, whole.stages[0].numbers)
    assert 0 < again.solved < asked
    assert TrialStore(path, "a").count == again.count
    assert TrialStore(path, "b").count == 0


def first_datum(curve: Curve) -> Curve:
    """Return the curve with its first moment only: the march ends there, which is cheap."""
    return replace(curve, moments=curve.moments[:1], data=curve.data[:1], weights=curve.weights[:1])


def test_a_fit_recovers_the_numbers_of_the_model(plan_path: Path) -> None:
    text = (
        plan_path.read_text()
        .replace("disc/flexion", "disc/axial_rotation")
        .replace('"flexion"', '"axial_rotation"')
    )
    plan_path.write_text(text.replace("tolerance = 1e-12", "tolerance = 1e-4\ncheck = 'coarse'"))
    known = (0.11, 1.3)

    def solve(trials: list[Trial]) -> list[Response]:
        return [respond(trial) for trial in trials]

    plan = read_plan(plan_path)
    (stage,) = plan.stages
    curves = tuple(first_datum(curve) for curve in stage.curves)
    plan = measured_as(replace(plan, stages=(replace(stage, curves=curves),)), solve, known)
    (stage,) = fitted(plan, solve).stages
    np.testing.assert_allclose(stage.numbers, known, rtol=2e-3)
    assert stage.squares[1] < 1e-5


def test_a_stage_of_ligaments_starts_from_the_stage_before(plan_path: Path, formula: Solve) -> None:
    text = plan_path.read_text()
    stage = LIGAMENT_STAGE.format(case=CASES / "disc" / "flexion.yaml")
    plan_path.write_text(text.replace("[fit]", f"{LIGAMENT_SET}\n[fit]") + stage)
    plan = read_plan(plan_path)
    seen = []

    def solve(trials: list[Trial]) -> list[Response]:
        for trial in trials:
            if len(trial.numbers) == 1:
                seen.append(trial.starts["disc"].data["annulus.C10"].value)
                ground = trial.starts["disc"].data["annulus.C10"].value
                yield Response((0.01 * ground * trial.numbers[0],) * 4, ())
            else:
                yield formula.response(trial)

    first, second = fitted(plan, solve).stages
    assert set(seen) == {first.numbers[0]}
    assert second.parameters[0].names == tuple(f"LF.stiffness.{level}" for level in LEVELS)


LEVELS = ("L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")
LIGAMENT_SET = """
[sets.ligaments]
name = "ligaments/made_up"
start = "ligaments/remus_2021"
scope = "nothing: a test"
against = "a formula"
"""
LIGAMENT_STAGE = """
[[stages]]
title = "flaval ligament"

[[stages.parameters]]
name = "LF stiffness"
part = "ligaments"
keys = ["LF.stiffness"]
start = 1.0
low = 0.2
high = 5.0
why = "a test"

[[stages.data]]
case = "{case}"
experiment = "experiments/heuer_2007"
group = "flexion"
quantity = "rotation"
weights = [1.0, 1.0, 1.0, 1.0]
"""


def test_a_ligament_is_found_again_from_the_motion_of_a_segment(plan_path: Path, tmp_path: Path) -> None:
    case = tmp_path / "segment.yaml"
    case.write_text(
        f"version: 1\ntitle: Disc and ligaments\nextends: {CASES}/disc/flexion.yaml\n"
        f"spine: {{anatomy: {CASES.parent}/meshes/lumbar.yaml, levels: L4-L5, structures: [disc, ligaments]}}\n"
        "expect: []\n"
    )
    head = (
        plan_path.read_text()
        .partition("[[stages]]")[0]
        .replace("[fit]", f"{LIGAMENT_SET}\n[fit]\ncheck = 'coarse'")
    )
    plan_path.write_text(
        head.replace("tolerance = 1e-12", "tolerance = 1e-5") + LIGAMENT_STAGE.format(case=case)
    )
    plan = read_plan(plan_path)
    (stage,) = plan.stages
    plan = replace(plan, stages=(replace(stage, curves=(first_datum(stage.curves[0]),)),))

    def solve(trials: list[Trial]) -> list[Response]:
        return [respond(trial) for trial in trials]

    (stage,) = fitted(measured_as(plan, solve, (2.5,)), solve).stages
    assert stage.numbers[0] == pytest.approx(2.5, rel=5e-3)


def test_a_specimen_with_ligaments_turns_from_where_it_has_settled() -> None:
    """Two routes: the trial, and the run of the same case, whose rotations count from its settled state."""
    case = CASES / "segments" / "l34_extension.yaml"
    response = respond(Trial(case, "coarse", (7500.0, 10000.0), (), (), {}))
    problem_file = read_case(case, ("spine.resolution=coarse",))
    problem = build_problem(problem_file, build_mesh(problem_file))
    solver = LinearSolver(problem.system.pattern)
    start, problem = settled(problem_file, problem, solver, lambda *_: None, lambda _: None)
    *_, last = march(problem.system, solver, start, problem.phases[1:])
    turned = -levels_table(problem, settle(problem, start), last.state)["flexion_deg"][0]
    assert response.failure == ""
    assert np.degrees(response.rotation[1]) == pytest.approx(turned, rel=1e-6)
    neutral = settle(problem, reference_state(problem.model.layout))
    raw = -levels_table(problem, neutral, last.state)["flexion_deg"][0]
    assert abs(raw - turned) > 0.05  # pre-strained ligaments turn it before the moment does
