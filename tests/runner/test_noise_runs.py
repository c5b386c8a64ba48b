"""Noise measured on demand, with real small runs: the floor comes from the pair, is found again, and is small."""

import csv
import json
from pathlib import Path

import pytest

from fem.cli.main import main

ROOT = Path(__file__).parents[2]
CASE = f"""version: 1
title: A short spine
spine:
  anatomy: {ROOT / "meshes" / "lumbar.yaml"}
  resolution: coarse
  levels: L4-L5
  structures: [disc, facets]
phases:
  - {{name: settle}}
  - name: load
    loads:
      - {{kind: moment, on: L4, motion: extension, value: MOMENT}}
"""
FLEXION = "levels.L4-L5.flexion_deg"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs of moments 3 % apart, and the runs that tell their noise."""
    folder = tmp_path_factory.mktemp("noise")
    for name, moment in (("one", "3 N m"), ("two", "3.1 N m")):
        (folder / f"{name}.yaml").write_text(CASE.replace("MOMENT", moment))
        run = ["run", "--allow-outside", str(folder / f"{name}.yaml"), "-o", str(folder / name)]
        assert main(run) == 0
    both = [str(folder / name) for name in ("one", "two")]
    assert main(["compare", *both, "--measure-noise", "-j", "1", "--csv", str(folder / "all.csv")]) == 0
    return folder


def test_a_small_real_difference_stands_out_of_the_noise_measured_for_the_pair(
    measured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [str(measured / name) for name in ("one", "two")]
    assert main(["compare", *both, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    found = document["pairs"][0]["differences"][FLEXION]
    assert found["noise_origin"] == "measured"
    assert found["verdict"] == "differs"
    assert 0.0 < found["noise"] < 0.1 * abs(found["difference"])
    assert [text.partition(":")[0] for text in document["noise"]] == ["mesh", "steps"]
    assert all("measured for one and two" in text for text in document["noise"])
    assert set(document["results"][0]["companions"]) == {"mesh", "steps"}


def test_without_the_measured_noise_it_may_not_and_says_so(
    measured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = [(measured / f"{name}.noise").rename(measured / f"{name}.hidden") for name in ("one", "two")]
    try:
        both = [str(measured / name) for name in ("one", "two")]
        assert main(["compare", *both, "--json"]) == 0
        default = json.loads(capsys.readouterr().out)["pairs"][0]["differences"][FLEXION]
        assert default["noise_origin"] == "default"
        given = [
            argument
            for place in hidden
            for kind in ("mesh", "steps")
            for argument in ("--noise", str(place / kind))
        ]
        assert main(["compare", *both, "--json", *given]) == 0
        named = json.loads(capsys.readouterr().out)["pairs"][0]["differences"][FLEXION]
        assert named["noise_origin"] == "measured"
        assert named["noise"] < default["noise"]
    finally:
        for place in hidden:
            place.rename(place.with_suffix(".noise"))


def test_half_the_steps_are_half_the_steps(measured: Path) -> None:
    counts = []
    for place in (measured / "one", measured / "one.noise" / "steps"):
        with (place / "history.csv").open(encoding="utf-8", newline="") as lines:
            counts.append(sum(row["phase"] == "load" for row in csv.DictReader(lines)))
    assert counts[1] >= 2 * counts[0]


def test_every_column_of_a_real_run_is_documented(measured: Path) -> None:
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    for file in (measured / "one").glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            columns = next(csv.reader(lines))
        section = page.partition(f"### {file.name}")[2].partition("###")[0]
        begins = page.partition("<!-- columns")[2].partition("###")[0]
        assert section, file.name
        assert [name for name in columns if f"`{name}`" not in section + begins] == [], file.name
