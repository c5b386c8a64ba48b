"""What failed and was got over is told and counted: line search, restart, shorter step, loads backed off."""

import json
import re
from pathlib import Path

import pytest

from fem.cli.main import main
from fem.results.expect import known_quantity
from fem.results.summary import RECOVERY_STAGES
from fem.solver.recovery import STAGES, Recovery
from fem.solver.report import NewtonReport, StopReason

ROOT = Path(__file__).parents[2]
GOOD, BAD = StopReason.CONVERGED, StopReason.INVERTED


def heard(recovery: Recovery, *solves: tuple[str, float, StopReason, tuple[float, ...]]) -> list[str]:
    told = []
    for phase, time, reason, lengths in solves:
        told += [stage for stage, _ in recovery.hear(phase, time, NewtonReport(reason, (), lengths, ""))]
    return told


def test_each_stage_is_told_from_the_order_of_the_solves() -> None:
    recovery = Recovery(dynamic=("thrust",))
    assert heard(recovery, ("thrust", 1.0, GOOD, (1.0, 1.0)), ("thrust", 1.1, GOOD, (1.0, 0.4, 0.16))) == [
        "line_searches"
    ]
    told = heard(
        recovery,
        ("thrust", 1.2, BAD, (1.0,)),
        ("thrust", 1.2, BAD, (1.0,)),
        ("thrust", 1.125, GOOD, (1.0,)),
        ("thrust", 1.15, GOOD, (1.0,)),
    )
    assert told == ["restarts", "shorter_steps"]
    assert heard(recovery, ("hold", 2.0, BAD, ()), ("hold", 1.7, GOOD, ())) == ["load_back_offs"]


def test_looking_for_a_moment_is_no_recovery() -> None:
    """Steps that end earlier because a film pops follow solves that converged."""
    solves = [("thrust", 1.0, GOOD, (1.0,)), ("thrust", 0.95, GOOD, (1.0,)), ("thrust", 0.97, GOOD, (1.0,))]
    assert heard(Recovery(("thrust",)), *solves) == []


def test_the_stages_are_those_that_the_summary_counts() -> None:
    assert STAGES == RECOVERY_STAGES
    assert all(known_quantity(f"newton.{stage}", ("L4-L5",)) for stage in STAGES)


def test_a_run_that_recovers_says_how_in_log_and_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lumbar.yaml").symlink_to(ROOT / "meshes" / "lumbar.yaml")
    (tmp_path / "hard.yaml").write_text(
        "version: 1\ntitle: Sixteen newton metres in one step\n"
        "spine: {anatomy: lumbar.yaml, resolution: coarse, levels: L4-L5, structures: [disc]}\n"
        "phases:\n  - {name: settle}\n  - name: twist\n    loads:\n"
        "      - {kind: moment, on: L4, motion: axial rotation left, value: 16 N m}\n"
        "solver: {first_step: 1.0, largest_step: 1.0, iterations: 10}\n"
    )
    assert main(["run", "hard.yaml", "-o", "out"]) == 0
    log = (tmp_path / "out" / "log.txt").read_text()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    counted = {stage: summary["newton"][stage] for stage in STAGES}
    assert counted["load_back_offs"] >= 1
    assert counted["shorter_steps"] == 0
    assert sum(counted.values()) == log.count("recovery: ")
    assert re.search(r"recovery: loads backed off to those of t = 1\.\d+ s instead of 2 s", log)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["summary"]["newton"] == summary["newton"]
