"""The closed-form problems of case files: each shipped case shows what it promises, and is really solved."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fem.case.expect import expectations
from fem.case.read import CaseFile, read_case
from fem.case.verification import VerificationOutcome, pose_verification, solve_verification
from fem.case.verification_schema import REPORTED
from fem.errors import NotConvergedError
from fem.results.expect import Expectation, judge
from fem.results.folder import ResultFolder
from fem.results.record import RunInfo

pytestmark = pytest.mark.verification

FOLDER = Path(__file__).parents[2] / "cases" / "verification"
FILES = sorted(FOLDER.glob("*.yaml"))


def solved(name: str, *overrides: str) -> VerificationOutcome:
    return solve_verification(read_case(FOLDER / f"{name}.yaml", overrides).case)


def verdicts(case_file: CaseFile, outcome: VerificationOutcome) -> list[str]:
    """Return why the expectations of the case were missed."""
    wanted = [Expectation(e.quantity, e.low, e.high, e.kind, e.source) for e in expectations(case_file.case)]
    assert wanted
    return [verdict.reason for verdict in judge(wanted, outcome.reported) if not verdict.passed]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_shipped_case_meets_its_expectations(path: Path) -> None:
    case_file = read_case(path)
    outcome = solve_verification(case_file.case)
    assert verdicts(case_file, outcome) == []
    assert all(residual <= case_file.case.solver.tolerance for _, residual in outcome.steps)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_reports_exactly_what_the_catalogue_lists(path: Path) -> None:
    case_file = read_case(path)
    assert case_file.case.problem is not None
    kind = case_file.case.problem.kind
    reported = solve_verification(case_file.case).reported
    assert {f"{kind}.{name}" for name in reported[kind]} == set(REPORTED[kind])
    assert all(np.isfinite(value) for value in reported[kind].values())


def test_a_wrong_load_misses_the_expectation() -> None:
    case_file = read_case(FOLDER / "cable.yaml", ["problem.load=2.01 N"])
    assert len(verdicts(case_file, solve_verification(case_file.case))) == 2


def test_a_finer_cube_gives_the_same_homogeneous_answer() -> None:
    one = solved("block_compressible").reported["block"]
    many = solved("block_compressible", "problem.elements=3").reported["block"]
    # The deformation is homogeneous, so only Newton's tolerance of 1e-8 parts the two.
    np.testing.assert_allclose(list(many.values()), list(one.values()), rtol=1e-7)


def test_size_of_the_cube_does_not_change_its_stress() -> None:
    small, large = solved("block_tension"), solved("block_tension", "problem.edge=30 mm")
    np.testing.assert_allclose(
        list(large.reported["block"].values()), list(small.reported["block"].values()), rtol=1e-7
    )


def test_mooney_rivlin_without_second_coefficient_is_neo_hooke() -> None:
    law = "problem.material={law: mooney_rivlin, C10: 0.25 MPa, C01: 0 MPa, bulk_modulus: 5000 MPa}"
    reported = solved("block_tension", law).reported["block"]
    neo_hooke = solved("block_tension").reported["block"]
    np.testing.assert_allclose(list(reported.values()), list(neo_hooke.values()), rtol=1e-9)


def test_a_cable_without_tension_finds_its_deflection() -> None:
    """From F = 2 EA (l/L − 1) w/l; a straight cable at rest has no stiffness across."""
    reported = solved("cable", "problem.pretension=0 N").reported["cable"]
    w, half = reported["deflection_mm"], 20.0
    length = np.hypot(half, w)
    assert w > 1.0
    assert 2.0 * 1000.0 * (length / half - 1.0) * w / length == pytest.approx(2.0, rel=1e-6)


def test_stored_energy_approaches_the_work_with_shorter_steps() -> None:
    """The trapezium rule is of second order: half the step leaves a quarter of the error."""
    errors = []
    for share in (0.125, 0.0625):
        steps = (f"solver.first_step={share}", f"solver.largest_step={share}")
        last = solved("strand_linear", *steps).records[-1].energies
        errors.append(abs(last.work - last.stored) / last.stored)
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)


def test_records_fit_a_result_folder(tmp_path: Path) -> None:
    problem = pose_verification(read_case(FOLDER / "block_tension.yaml").case)
    folder = ResultFolder(tmp_path / "out", RunInfo("block_tension", "A cube", {}))
    folder.start(problem.model, problem.parts)
    reported = {}
    for step in problem.march():
        folder.add(step.record)
        reported = step.reported
    summary = folder.finish("complete", reported=reported)
    assert summary["block"]["pk1_stress_MPa"] == pytest.approx(0.875, rel=1e-3)
    assert (tmp_path / "out" / "results.pvd").exists()


def test_a_hopeless_step_limit_is_said(read: Callable[..., CaseFile]) -> None:
    tight = ("solver.iterations=2", "solver.smallest_step=0.4", "solver.first_step=1", "problem.stretch=5")
    with pytest.raises(NotConvergedError, match="did not converge"):
        solved("block_tension", *tight)


def test_a_spine_is_not_a_closed_form_problem() -> None:
    case = read_case(FOLDER.parent / "moments" / "flexion.yaml").case
    with pytest.raises(ValueError, match="names a spine"):
        pose_verification(case)
