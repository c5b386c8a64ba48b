"""What a calibration writes: a set that reads back, a document, tables, the same answer through the command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fem.calibrate.outcome import Outcome, calibrate
from fem.calibrate.page import BEGIN, END, calibration_page, with_tables
from fem.calibrate.read import read_plan
from fem.calibrate.set_text import set_text
from fem.calibrate.store import Solve
from fem.cli.main import main
from fem.errors import UsageError
from fem.literature import load, load_sources
from fem.literature.read import parse_set


@pytest.fixture
def outcome(plan_path: Path, formula: Solve) -> Outcome:
    return calibrate(read_plan(plan_path), formula, lambda text: None)


def test_the_set_reads_back_with_the_fitted_numbers(outcome: Outcome) -> None:
    read = parse_set("disc/made_up", set_text(outcome, "disc"), load_sources())
    wanted, start = outcome.sets["disc"], load("disc/gruber_2024")
    assert read.texts == start.texts
    assert list(read.data) == list(start.data)
    for name, datum in wanted.data.items():
        assert read.data[name].value == pytest.approx(datum.value, rel=1e-5), name
    ground = read.data["annulus.C10"]
    assert (ground.kind, ground.source, ground.low, ground.high) == ("calibrated", "facetgap", 0.03, 0.4)
    assert "against a formula" in ground.note
    assert "docs/calibration.md" in ground.locator
    fibre = read.data["annulus.fibre.lateral.k1.3"]
    assert fibre.low == pytest.approx(0.2 * start.data["annulus.fibre.lateral.k1.3"].value)


def test_what_is_not_fitted_keeps_its_source(outcome: Outcome) -> None:
    read = parse_set("disc/made_up", set_text(outcome, "disc"), load_sources())
    start = load("disc/gruber_2024")
    for name in (
        "annulus.dispersion",
        "annulus.bulk_modulus",
        "annulus.fibre.posterior.angle.5",
        "nucleus.C10",
    ):
        kept, before = read.data[name], start.data[name]
        assert (kept.value, kept.kind, kept.source) == (before.value, before.kind, before.source), name
        assert (kept.locator, kept.note, kept.low) == (before.locator, before.note, before.low), name


def test_the_file_says_which_command_made_it(outcome: Outcome) -> None:
    first = set_text(outcome, "disc").splitlines()[0]
    assert "facetgap calibrate" in first
    assert outcome.plan.path.name in first


def test_the_page_has_a_row_for_every_parameter_and_datum(outcome: Outcome) -> None:
    page = calibration_page(outcome)
    (stage,) = outcome.stages
    for point in stage.points:
        assert f"| {point.label} |" in page
    for parameter in stage.parameters:
        assert page.count(f"| {parameter.name} |") == 2


@pytest.fixture
def by_formula(monkeypatch: pytest.MonkeyPatch, formula: Solve) -> None:
    @contextmanager
    def solver(jobs: int) -> Iterator[Solve]:
        yield formula

    monkeypatch.setattr("fem.calibrate.pool.solver", solver)


@pytest.mark.usefixtures("by_formula")
def test_the_command_writes_everything(
    plan_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert main(["calibrate", str(plan_path), "-o", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["version"] == 1
    assert told == json.loads((folder / "calibration.json").read_text())
    assert {file.name for file in folder.iterdir()} == {
        "made_up.toml", "calibration.json", "calibration.md", "trials.jsonl",
    }  # fmt: skip
    (stage,) = told["stages"]
    assert [row["name"] for row in stage["parameters"]] == ["ground", "fibres"]
    assert stage["data"][3]["measured"] == pytest.approx(10.11)
    assert stage["data"][3]["unit"] == "deg"
    assert len(stage["sensitivity"]["values"]) == 8
    first = (folder / "made_up.toml").read_bytes()
    assert main(["calibrate", str(plan_path), "-o", str(folder)]) == 0
    again = capsys.readouterr()
    assert "solved trials found" in again.err
    assert "flexion 7.5 N m, rotation" in again.out
    assert (folder / "made_up.toml").read_bytes() == first


@pytest.mark.usefixtures("by_formula")
def test_tables_go_between_the_marks_of_a_page(plan_path: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    wanted = ["calibrate", str(plan_path), "-o", str(tmp_path / "out"), "--page", str(page)]
    assert main(wanted) == 0
    text = page.read_text()
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert (tmp_path / "out" / "calibration.md").read_text() in text
    assert "old" not in text
    assert main(wanted) == 0
    assert page.read_text() == text
    with pytest.raises(UsageError, match="the page has no place"):
        with_tables("nothing", "tables")


def test_a_dry_run_solves_nothing(
    plan_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(plan_path), "-n", "-o", str(tmp_path / "out")]) == 0
    assert "8 data of 1 cases" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_a_wrong_key_is_answered_by_a_sentence(plan_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan_path.write_text(plan_path.read_text().replace("weights", "weight"))
    assert main(["calibrate", str(plan_path)]) == 2
    assert "unknown key 'weight'; did you mean 'weights'?" in capsys.readouterr().err
