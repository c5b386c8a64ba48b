"""The shipped moment cases, from file to result folder at coarse: all converge and meet what they expect."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem.anatomy.vocabulary import LEVELS
from fem.results.read import field_times, read_table
from fem.runner import RunOutcome, RunRequest, run_case
from oracles.orders import newton_order

pytestmark = pytest.mark.case

ROOT = Path(__file__).parents[2]
MOTIONS = (
    "flexion", "extension", "lateral_bending_left", "lateral_bending_right", "axial_rotation_left",
    "axial_rotation_right",
)  # fmt: skip
CASES = [f"{motion}{load}" for motion in MOTIONS for load in ("", "_follower")]
#: Thickness [mm] of both cartilage layers of a joint, as the recipe has it.
LAYERS = 2 * 0.8

Runner = Callable[[str], RunOutcome]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Solve a shipped case; asked again, its result is up to date and only read."""
    folder = tmp_path_factory.mktemp("results")

    def solve(name: str) -> RunOutcome:
        path = ROOT / "cases" / "moments" / f"{name}.yaml"
        return run_case(RunRequest(path, ("spine.resolution=coarse",), folder / name))

    return solve


def norms_of_steps(outcome: RunOutcome) -> list[list[float]]:
    """Return the residuals of every load step, read from the log as a user would."""
    lines = (outcome.folder / "log.txt").read_text().splitlines()
    return [
        [float(text) for text in line.rsplit("residuals", 1)[1].split()]
        for line in lines
        if " moment t = " in line and "converged" in line
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_moment_case_converges_and_meets_what_it_expects(name: str, run: Runner) -> None:
    outcome = run(name)
    summary: Any = outcome.summary
    assert summary["status"] == "complete"
    assert summary["expect"]
    assert not outcome.missed, outcome.missed
    assert not outcome.warnings
    steps = read_table(outcome.folder, "history")
    loaded = [row for row in steps if row["phase"] == "moment"]
    total = {level: round(angles["flexion_deg"], 2) for level, angles in summary["levels"].items()}
    print(name, f"{len(loaded)} steps, median {summary['newton']['median_per_step']} iterations", total)
    assert len(loaded) <= 5
    assert summary["newton"]["median_per_step"] <= 6
    assert float(steps[-1]["time_s"]) == pytest.approx(2.0)
    assert len(field_times(outcome.folder)) == len(steps)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_pushed_through_cartilage_or_thrown_out(name: str, run: Runner) -> None:
    outcome = run(name)
    for row in read_table(outcome.folder, "facets"):
        assert -0.9 * LAYERS < float(row["gap_min_mm"]) < 10.0
        assert float(row["contact_force_N"]) < 500.0
    for row in read_table(outcome.folder, "levels"):
        assert max(abs(float(row[f"translation_{axis}_mm"])) for axis in "xyz") < 60.0
    for row in read_table(outcome.folder, "discs"):
        assert -0.3 < float(row["pressure_MPa"]) < 2.0


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("lateral_bending_left", "lateral_bending_right"),
        ("axial_rotation_left", "axial_rotation_right"),
        ("axial_rotation_left_follower", "axial_rotation_right_follower"),
    ],
)
def test_left_and_right_cases_mirror_each_other(left: str, right: str, run: Runner) -> None:
    first: Any = run(left).summary
    second: Any = run(right).summary
    for level in (*LEVELS, "L1-S1"):
        one, other = first["levels"][level], second["levels"][level]
        assert one["flexion_deg"] == pytest.approx(other["flexion_deg"], abs=1e-5)
        for name in ("lateral_bending_deg", "axial_rotation_deg"):
            assert one[name] == pytest.approx(-other[name], abs=1e-5)
    for level in LEVELS:
        assert first["facets"][f"{level} left"]["gap_mean_mm"] == pytest.approx(
            second["facets"][f"{level} right"]["gap_mean_mm"], abs=1e-5
        )
        strains = [
            s["ligaments"][level][f"CL {side}"]["peak_strain"]
            for s, side in ((first, "left"), (second, "right"))
        ]
        assert strains[0] == pytest.approx(strains[1], abs=1e-5)


def test_newton_is_quadratic_in_the_log_of_flexion(run: Runner) -> None:
    orders = [newton_order(norms, reached=1e-4) for norms in norms_of_steps(run("flexion"))]
    print("orders", np.round(orders, 2))
    assert max(orders) >= 1.7


def test_the_lumbar_spine_flexes_by_a_plausible_amount_and_opens_behind(run: Runner) -> None:
    summary: Any = run("flexion").summary
    angles = [summary["levels"][level]["flexion_deg"] for level in LEVELS]
    assert all(2.0 < angle < 12.0 for angle in angles)
    assert sum(angles) == pytest.approx(summary["levels"]["L1-S1"]["flexion_deg"], rel=1e-6)
    assert 15.0 < sum(angles) < 45.0
    assert all(joint["gap_mean_change_mm"] > 0.1 for joint in summary["facets"].values())


def test_a_follower_load_raises_every_disc_pressure(run: Runner) -> None:
    for motion in MOTIONS:
        plain: Any = run(motion).summary
        loaded: Any = run(f"{motion}_follower").summary
        for level in LEVELS:
            assert loaded["discs"][level]["pressure_MPa"] > plain["discs"][level]["pressure_MPa"] + 0.1


def test_the_summary_on_disk_is_the_one_that_was_returned(run: Runner) -> None:
    outcome = run("extension")
    assert json.loads((outcome.folder / "summary.json").read_text()) == json.loads(
        json.dumps(outcome.summary)
    )
