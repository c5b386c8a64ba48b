"""A case with synovial film from its file to its verdicts."""

from pathlib import Path

import numpy as np
import pytest

from fem.errors import FacetgapError
from fem.observe.verdict import cavitation
from fem.results.film_motion import MOTION_FILE, read_motion
from fem.results.read import field_times, read_result, read_table
from fem.runner import RunRequest, run_case
from oracles.spines import RECIPE

pytestmark = pytest.mark.case

TEXT = f"""version: 1
title: L4 is twisted within 40 ms
spine: {{anatomy: {RECIPE}, resolution: coarse, levels: L4-L5, thorax: absent}}
target: L4-L5 left
film: {{}}
output: {{every: 1 s}}
solver: {{largest_step: 0.25}}
phases:
  - {{name: settle}}
  - name: twist
    kind: dynamic
    duration: 40 ms
    loads: [{{kind: moment, on: L4, motion: axial rotation left, value: 5 N m}}]
expect:
  - {{quantity: facets.L4-L5 left.cavitation.probability, between: [0, 1], kind: analytic, source: a probability}}
"""


def run(folder: Path, text: str) -> Path:
    path = folder / "twist.yaml"
    path.write_text(text)
    return run_case(RunRequest(path, (), folder / "results")).folder


def test_a_run_with_film_leaves_verdicts_a_motion_and_a_table(tmp_path: Path) -> None:
    folder = run(tmp_path, TEXT)
    result = read_result(folder)
    told = {name: entry["cavitation"] for name, entry in result.summary["facets"].items()}
    assert set(told) == {"L4-L5 left", "L4-L5 right"}
    assert told["L4-L5 left"]["peak_separation_mm"] > 0.05
    assert told["L4-L5 left"]["lowest_pressure_kPa"] < 100.0
    assert result.summary["order_of_cavitation"] == [name for name in told if told[name]["pops"]]
    assert result.summary["expect"][0]["passed"]
    rows = [row for row in read_table(folder, "film") if row["joint"] == "L4-L5 left"]
    assert min(float(row["lowest_pressure_kPa"]) for row in rows) == pytest.approx(
        told["L4-L5 left"]["lowest_pressure_kPa"], rel=0.02
    )
    log = (folder / "log.txt").read_text()
    assert "verdicts from 200 draws" in log
    assert "L4-L5 left (target): " in log
    used = {(entry["set"], entry["key"]) for entry in result.run["literature"]}
    assert {("verdict", "pop.energy"), ("film", "fluid.density"), ("film", "recess.volume")} <= used
    assert len(field_times(folder)) == 1 + 1
    again = cavitation(read_motion(folder))
    assert {joint.joint: joint.entry() for joint in again.joints} == told


def test_dry_and_broken_off_runs_leave_their_motion_but_no_verdict(tmp_path: Path) -> None:
    dry = run(tmp_path, TEXT.split("expect:")[0].replace("film:", "film: none #"))
    assert "cavitation" not in read_result(dry).summary["facets"]["L4-L5 left"]
    moved = read_motion(dry)
    assert np.ptp(moved.gap.mean(axis=2), axis=0).max() > 0.05
    wild = TEXT.replace("value: 5 N m", "value: 50000 N m")
    (tmp_path / "wild").mkdir()
    with pytest.raises(FacetgapError):
        run(tmp_path / "wild", wild)
    left = tmp_path / "wild" / "results"
    assert read_result(left).status == "failed"
    assert not (left / MOTION_FILE).exists() or len(read_motion(left).times) > 1
