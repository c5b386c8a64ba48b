"""What is said to results: inside, outside by how much, no range, cannot tell; sabotaged results are told."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from fem.results.folder import claim
from fem.results.record import Energies, RunInfo, StepRecord
from fem.results.salvage import open_result
from fem.validate.declared import Declared, parse
from fem.validate.judged import ABOVE, BELOW, CANNOT_TELL, INSIDE, NO_RANGE, Judged, judge

LEVELS = ("L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")
_OPENING = """
[groups]
a = "A"
[runs.flexion]
case = "moments/flexion.yaml"
[runs.extension]
case = "moments/extension.yaml"
"""
_BOTH = """
[[comparison]]
key = "range"
what = "range of motion"
group = "a"
plus = ["flexion: levels.{L1-L2,L2-L3,L3-L4,L4-L5}.flexion_deg"]
minus = ["extension: levels.{L1-L2,L2-L3,L3-L4,L4-L5}.flexion_deg"]
data = "experiments/rohlmann_2001"
datum = "flexion_extension"
"""


def one(text: str) -> Declared:
    return parse(_OPENING + text)


def bent(path: Path, turn: float) -> Path:
    """Write a result in which each level turns by `turn` degrees in flexion."""
    folder = claim(path, RunInfo(path.name, "bent", {"version": 1}))
    assert folder is not None
    for step, share in enumerate((0.5, 1.0), start=1):
        turns = {"flexion_deg": turn * share, "lateral_bending_deg": 0.0, "axial_rotation_deg": 0.0}
        levels = {
            "level": LEVELS,
            **{key: [value] * 5 for key, value in turns.items()},
            **{f"translation_{axis}_mm": [0.0] * 5 for axis in "xyz"},
        }
        discs = {
            "level": LEVELS,
            "pressure_MPa": [0.5 * share] * 5,
            "pressure_rise_MPa": [0.3 * share] * 5,
        }
        record = StepRecord(
            step,
            share,
            "moment",
            share,
            3,
            1e-9,
            Energies(1.0, 1.0),
            tables={"levels": levels, "discs": discs},
        )
        folder.add(record)
    folder.finish("complete")
    return path


def said(folder: Path, text: str = _BOTH, flexion: float = 5.0, extension: float = -4.0) -> Judged:
    for name, turn in (("flexion", flexion), ("extension", extension)):
        if not (folder / name).exists():
            bent(folder / name, turn)
    results = {name: open_result(folder / name) for name in ("flexion", "extension")}
    return judge(one(text).comparisons[0], results)


def test_a_number_inside_its_range_is_inside(tmp_path: Path) -> None:
    found = said(tmp_path)
    assert (found.word, found.off) == (INSIDE, 0.0)
    assert found.value == pytest.approx(36.0)
    assert (found.low, found.high, found.published) == pytest.approx((24.0, 41.0, 34.0))


@pytest.mark.parametrize(
    ("flexion", "extension", "word", "off"), [(8.0, -4.0, ABOVE, 7.0), (3.0, -2.0, BELOW, -4.0)]
)
def test_a_number_outside_says_by_how_much(
    flexion: float, extension: float, word: str, off: float, tmp_path: Path
) -> None:
    found = said(tmp_path, flexion=flexion, extension=extension)
    assert found.word == word
    assert found.off == pytest.approx(off)
    assert found.off_share == pytest.approx(off / 34.0)


def edit(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    file = folder / "summary.json"
    summary = json.loads(file.read_text())
    change(summary["levels"]["L4-L5"])
    file.write_text(json.dumps(summary))


@pytest.mark.parametrize(
    ("value", "why"), [(math.nan, "is nan"), (math.inf, "is inf"), ("five", "no number"), (True, "no number")]
)
def test_what_is_no_number_cannot_be_told(value: object, why: str, tmp_path: Path) -> None:
    said(tmp_path)
    edit(tmp_path / "flexion", lambda level: level.update(flexion_deg=value))
    found = said(tmp_path)
    assert (found.word, found.value, found.off) == (CANNOT_TELL, None, None)
    if not isinstance(value, str | bool):
        assert why in found.why


def test_a_missing_number_a_missing_run_and_a_run_that_failed_cannot_be_told(tmp_path: Path) -> None:
    said(tmp_path)
    edit(tmp_path / "flexion", lambda level: level.pop("flexion_deg"))
    assert said(tmp_path).word == CANNOT_TELL
    assert judge(one(_BOTH).comparisons[0], {}).why == "the run flexion is missing"
    edit(tmp_path / "flexion", lambda level: level.update(flexion_deg=5.0))
    assert said(tmp_path).word == INSIDE
    summary = json.loads((tmp_path / "flexion" / "summary.json").read_text())
    (tmp_path / "flexion" / "summary.json").write_text(json.dumps({**summary, "status": "failed"}))
    assert "not complete" in said(tmp_path).why


_PRESSURE = """
[[comparison]]
key = "rise"
what = "rise"
group = "a"
plus = ["flexion: discs.L4-L5.pressure_rise_MPa at moment 1/2"]
data = "experiments/heuer_2007"
datum = "flexion.pressure_rise.1"
"""


def test_a_table_is_read_where_a_share_of_the_loads_acts(tmp_path: Path) -> None:
    found = said(tmp_path, _PRESSURE)
    assert found.value == pytest.approx(0.15)
    assert found.word == INSIDE
    assert "no step lies at 1/3" in said(tmp_path, _PRESSURE.replace("1/2", "1/3")).why
    assert said(tmp_path, _PRESSURE.replace(" 1/2", "")).value == pytest.approx(0.3)
    assert "no step lies at the phase push" in said(tmp_path, _PRESSURE.replace("moment 1/2", "push")).why
    assert said(tmp_path, _PRESSURE.replace("at moment 1/2", "largest")).value == pytest.approx(0.3)


@pytest.mark.parametrize("table", ["discs", "history"])
def test_a_missing_table_cannot_be_told(table: str, tmp_path: Path) -> None:
    said(tmp_path, _PRESSURE)
    (tmp_path / "flexion" / f"{table}.csv").unlink()
    found = said(tmp_path, _PRESSURE)
    assert found.word == CANNOT_TELL
    assert f"no {table}.csv" in found.why


def test_a_nan_in_a_table_cannot_be_told(tmp_path: Path) -> None:
    said(tmp_path, _PRESSURE)
    file = tmp_path / "flexion" / "discs.csv"
    rows = list(csv.DictReader(file.read_text().splitlines()))
    for row in rows:
        row["pressure_rise_MPa"] = "nan" if row["level"] == "L4-L5" else row["pressure_rise_MPa"]
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert said(tmp_path, _PRESSURE).word == CANNOT_TELL


_FOLLOWER = """
[[comparison]]
key = "ratio"
what = "ratio"
group = "a"
plus = ["flexion: levels.L*.flexion_deg"]
over = ["extension: levels.L*.flexion_deg"]
data = "experiments/rohlmann_2001"
datum = "follower.axial_rotation_ratio"
relation = "at most"
"""


def test_a_ratio_takes_the_largest_and_refuses_a_divisor_that_is_not_positive(tmp_path: Path) -> None:
    found = said(tmp_path, _FOLLOWER, flexion=3.0, extension=4.0)
    assert (found.word, found.value, found.low, found.high) == (INSIDE, pytest.approx(0.75), None, 1.0)
    assert "divided by is -" in said(tmp_path / "bad", _FOLLOWER, flexion=3.0, extension=-4.0).why
    assert said(tmp_path / "more", _FOLLOWER, flexion=5.0, extension=4.0).word == ABOVE


def test_without_a_spread_nothing_is_inside_unless_a_share_is_accepted(tmp_path: Path) -> None:
    text = _BOTH.replace("rohlmann_2001", "cramer_2012").replace("flexion_extension", "gapping_cavitated")
    assert "units do not fit" in said(tmp_path, text).why
    text = _PRESSURE.replace(
        "discs.L4-L5.pressure_rise_MPa at moment 1/2", "levels.L4-L5.flexion_deg"
    ).replace("pressure_rise.1", "rotation.1")
    found = said(tmp_path, text)
    assert (found.word, found.off) == (NO_RANGE, pytest.approx(5.0 - 6.64))
    accepted = said(tmp_path, text + "tolerance = 0.25\n")
    assert (accepted.word, accepted.accepted, accepted.low) == (INSIDE, True, pytest.approx(0.75 * 6.64))


def test_a_numerical_band_that_holds_an_end_of_the_range_is_told(tmp_path: Path) -> None:
    said(tmp_path)
    results = {name: open_result(tmp_path / name) for name in ("flexion", "extension")}
    comparison = one(_BOTH).comparisons[0]
    assert not judge(comparison, results, 4.0).near_edge
    assert judge(comparison, results, 6.0).near_edge
