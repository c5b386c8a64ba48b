"""Results against shipped experiments: numbers from the data files, what does not fit is said and not compared."""

import csv
from pathlib import Path

import pytest

from fem.compare.against import against, against_csv, against_document, against_table
from fem.compare.published import interpolated
from fem.errors import UsageError
from fem.literature import available, load
from fem.results.folder import claim
from fem.results.record import Energies, RunInfo, StepRecord
from fem.results.salvage import open_result
from fem.units import to_internal

LUMBAR = ("L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")


def bent(path: Path, motion: str, moment: str = "7.5 N m", levels: str = "L1-S1", **spine: object) -> Path:
    """Make a result of a pure moment: each level turns by 8 degrees in flexion at the end, 0.3 MPa rise."""
    settings = {
        "version": 1,
        "spine": {"levels": levels, **spine},
        "phases": [
            {
                "name": "bend",
                "duration": "1 s",
                "loads": [{"kind": "moment", "motion": motion, "value": moment}],
            }
        ],
    }
    folder = claim(path, RunInfo(path.name, "bent", settings))
    assert folder is not None
    names = LUMBAR if levels == "L1-S1" else (levels,)
    sign = -1.0 if motion == "extension" else 1.0
    for step, share in enumerate((0.25, 0.5, 1.0)):
        turns = {"flexion_deg": 8.0 * sign * share, "lateral_bending_deg": 0.0, "axial_rotation_deg": 0.0}
        shifts = {f"translation_{axis}_mm": 0.0 for axis in "xyz"}
        tables = {
            "levels": {
                "level": names,
                **{key: [value] * len(names) for key, value in {**turns, **shifts}.items()},
            },
            "discs": {
                "level": names,
                "pressure_MPa": [0.5] * len(names),
                "pressure_rise_MPa": [0.3 * share] * len(names),
            },
        }
        folder.add(StepRecord(step, share, "bend", share, 3, 1e-9, Energies(1.0, 1.0), tables=tables))
    folder.finish("complete")
    return path


def test_the_disc_alone_is_compared_at_each_moment_of_the_study(tmp_path: Path) -> None:
    run = open_result(bent(tmp_path / "disc", "flexion", levels="L4-L5", structures=["disc"]))
    lines = {line.what: line for line in against([run], ["heuer_2007"]).lines}
    data = load("experiments/heuer_2007").series("flexion.rotation")
    assert len(lines) == 8
    last = lines["flexion 7.5 N m, rotation"]
    assert last.published == pytest.approx(data["3"] / to_internal(1.0, "deg", "angle"))
    assert last.computed == pytest.approx(8.0)
    assert last.verdict == f"{100 * (8.0 - last.published) / last.published:+.0f} %"
    assert lines["flexion 5 N m, rotation"].computed == pytest.approx(8.0 * 5.0 / 7.5)
    assert lines["flexion 2.5 N m, pressure rise"].computed == pytest.approx(0.1)


def test_moments_beyond_the_run_are_not_invented(tmp_path: Path) -> None:
    run = open_result(bent(tmp_path / "disc", "flexion", "3 N m", levels="L4-L5", structures=["disc"]))
    assert {line.what.split(",")[0] for line in against([run], ["heuer_2007"]).lines} == {
        "flexion 1 N m",
        "flexion 2.5 N m",
    }
    assert interpolated([(1.0, 2.0), (2.0, 3.0)], 2.5) is None
    assert interpolated([(1.0, 2.0), (2.0, 3.0)], 1.5) == pytest.approx(2.5)
    assert interpolated([(1.0, 2.0)], 0.25) == pytest.approx(0.5)


def test_both_directions_add_up_to_the_range_of_motion(tmp_path: Path) -> None:
    runs = [open_result(bent(tmp_path / motion, motion)) for motion in ("flexion", "extension")]
    (line,) = against(runs, ["rohlmann_2001"]).lines
    assert (line.what, line.result) == ("L1-L5 flexion + extension", "flexion + extension")
    assert line.computed == pytest.approx(2 * 4 * 8.0)
    assert line.verdict == "above"
    assert line.kind == "recalled"
    assert "recalled, not read at the source" in against_table(against(runs, ["rohlmann_2001"]))


def test_what_does_not_fit_a_study_is_said(tmp_path: Path) -> None:
    whole = open_result(bent(tmp_path / "whole", "flexion"))
    weak = open_result(bent(tmp_path / "weak", "flexion", "5 N m"))
    text = against_table(against([whole, weak], ["heuer_2007", "rohlmann_2001", "cramer_2012"]), 80)
    assert max(len(line) for line in text.splitlines()) <= 80
    flat = " ".join(text.split())
    assert "not comparable: whole with heuer_2007: the study is of the L4-L5 disc alone" in flat
    assert "not comparable: whole with rohlmann_2001: the study adds both directions" in flat
    assert "weak with rohlmann_2001: the study is at 7.5 N m, its moment only goes to 5 N m" in flat
    assert "with cramer_2012: it has no target" in flat
    with pytest.raises(
        UsageError,
        match="no experiment 'heuer' to compare with; there are cramer_2012, heuer_2007, rohlmann_2001",
    ):
        against([whole], ["heuer"])


def test_every_study_has_its_data_and_files_can_be_read_back(tmp_path: Path) -> None:
    for study in ("cramer_2012", "heuer_2007", "rohlmann_2001"):
        assert f"experiments/{study}" in available()
    run = open_result(bent(tmp_path / "disc", "extension", levels="L4-L5", structures=["disc"]))
    report = against([run], ["heuer_2007"])
    rows = list(csv.DictReader(against_csv(report).splitlines()))
    assert float(rows[0]["computed"]) == pytest.approx(8.0 / 7.5)
    document = against_document(report)
    assert document["version"] == 1
    assert "Journal of Biomechanics" in document["studies"]["heuer_2007"]
