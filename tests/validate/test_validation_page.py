"""The page holds what the document holds; the command writes both, and finds results by their inputs."""

import json
import re
from pathlib import Path

import pytest

from fem.case.read import read_case
from fem.cli.main import main
from fem.literature import load_sources
from fem.results.folder import claim
from fem.results.record import Energies, StepRecord
from fem.runner import run_info
from fem.validate.bands import Bands, Part
from fem.validate.declared import declared
from fem.validate.document import Solved, validation_document
from fem.validate.page import summary_lines, thrust_sentence, validation_page
from fem.validate.runs import inputs_of, wanted_runs

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "validation.json"


def made(count: int = 40) -> dict[str, object]:
    """A document without runs, in which the first comparisons are given numbers."""
    wanted = wanted_runs(declared(), ROOT / "cases", Path("nowhere"))
    bands = Bands({declared().comparisons[0].key: {"mesh": Part((1.0, 2.0), 1.5, 0.25, 1.25)}}, {})
    document = validation_document(declared(), Solved(wanted, {}, {"flexion": "did not converge"}), bands)
    for number, entry in enumerate(document["comparisons"][:count]):
        entry.update(value=10.0 + number, word="above", off=1.0, off_share=0.5, half_width=0.25, why="")
    return document


def test_without_runs_nothing_is_inside() -> None:
    document = made(0)
    counts = document["counts"]
    assert isinstance(counts, dict)
    assert counts["not_fitted"]["inside"] == counts["fitted"]["inside"] == 0
    assert sum(side["cannot tell"] for side in counts.values()) == len(declared().comparisons)
    page = validation_page(document)
    assert "cannot be told: runs are missing" in page
    assert "did not converge" in page


def rows(page: str) -> list[list[str]]:
    lines = page.partition("## Not used for fitting")[2].partition("## Each level's share")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "what"]


@pytest.mark.parametrize("shipped", [False, True])
def test_the_tables_of_the_page_equal_the_document(shipped: bool) -> None:
    document = json.loads(DOCUMENT.read_text()) if shipped else made()
    entries = sorted(document["comparisons"], key=lambda one: one["fitted"])
    groups = list(document["groups"])
    entries.sort(key=lambda one: (one["fitted"], groups.index(one["group"])))
    found = rows(validation_page(document))
    assert len(found) == len(entries)
    for row, entry in zip(found, entries, strict=True):
        assert row[0] == entry["what"]
        assert row[2] == f"{entry['published']:.3g}"
        assert entry["word"] in row[5]
        assert f"`{entry['source']}`" in row[7]
        assert ("**recalled" in row[7]) == (entry["kind"] == "recalled")
        if entry["value"] is None:
            assert row[1] == "-"
        else:
            assert float(row[1].split()[0]) == pytest.approx(entry["value"], rel=5e-3, abs=1e-12)
            assert (" ± " in row[1]) == (entry["half_width"] is not None)


def test_what_was_fitted_stands_apart_and_the_summary_counts_the_same() -> None:
    document = made()
    page = validation_page(document)
    before, _, after = page.partition("## Used for fitting")
    assert "heuer_2007" not in before.partition("## Not used for fitting")[2]
    assert "heuer_2007" in after
    lines = summary_lines(document)
    counted = [sum(map(int, line.split("|")[2:6])) for line in lines[2:]]
    assert sum(counted) == len(declared().comparisons)
    assert len(lines) <= 18


def test_every_source_is_cited_with_what_was_held_of_it() -> None:
    page = validation_page(made())
    for key in {one.published().source for one in declared().comparisons}:
        assert load_sources()[key].held in page


def test_the_thrust_is_told_in_a_sentence() -> None:
    inside = [
        {"key": f"thrust.capsule.{level}", "word": "inside", "value": 0.7} for level in ("L3-L4", "L4-L5")
    ]
    assert "stays inside" in thrust_sentence(inside)
    outside = [*inside, {"key": "thrust.capsule.L5-S1", "word": "above", "value": 1.2}]
    assert "does **not** stay inside the range of flexion and axial rotation at L5-S1" in thrust_sentence(
        outside
    )
    assert "cannot be told" in thrust_sentence(
        [{"key": "thrust.capsule.L5-S1", "word": "cannot tell", "value": None}]
    )


def test_the_inputs_of_a_run_do_not_depend_on_where_the_files_lie() -> None:
    told = {
        "spine.anatomy": "/here/lumbar.yaml",
        "spine.resolution": "coarse",
        "contents of anatomy file": "0f",
    }
    assert inputs_of(told) == inputs_of({**told, "spine.anatomy": "/there/lumbar.yaml"})
    assert inputs_of(told) != inputs_of({**told, "contents of anatomy file": "1f"})


def pretended(folder: Path) -> Path:
    """Write a result of the very inputs of the run `disc_axial_rotation`, coarse, without solving anything."""
    wanted = wanted_runs(declared(), Path("cases"), folder, "coarse")
    request = next(one.request for one in wanted if one.run.name == "disc_axial_rotation")
    case_file = read_case(request.case, request.overrides)
    made = claim(folder / "mine", run_info(case_file, request))
    assert made is not None
    for step, phase in enumerate(case_file.case.phases):
        turns = {"flexion_deg": [0.0], "lateral_bending_deg": [0.0], "axial_rotation_deg": [1.0 + 0.5 * step]}
        levels = {"level": ["L4-L5"], **turns, **{f"translation_{axis}_mm": [0.0] for axis in "xyz"}}
        discs = {"level": ["L4-L5"], "pressure_MPa": [0.1], "pressure_rise_MPa": [0.02 * step]}
        energies = Energies(1.0, 1.0)
        tables = {"levels": levels, "discs": discs}
        made.add(StepRecord(step, 1.0 + step, phase.name, 1.0, 3, 1e-9, energies, tables=tables))
    made.finish("complete")
    return folder / "mine"


def test_the_command_writes_page_and_document_and_takes_results_of_the_same_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    folder, own = tmp_path / "page", pretended(tmp_path)
    assert main(["validate", str(own), "-o", str(folder), "--resolution", "coarse", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    document = json.loads((folder / "validation.json").read_text())
    assert printed == document
    assert (folder / "validation.md").read_text() == validation_page(document)
    told = {one["key"]: one["value"] for one in document["comparisons"] if one["value"] is not None}
    moments = [str(moment) for moment in (1, 2, 2.5, 4, 5, 6, 7.5, 8)]
    turned = {key.rpartition("rotation.")[2]: told[key] for key in told if key.startswith("disc.")}
    assert turned == pytest.approx({moment: 1.0 + 0.5 * step for step, moment in enumerate(moments)})
    assert len(told) == 12
    assert {one["name"]: one["state"] for one in document["runs"]}["disc_axial_rotation"] == "complete"
    assert main(["validate", str(own), "-o", str(folder), "--resolution", "standard", "-n"]) == 0
    assert capsys.readouterr().out.count("(missing)") == len(declared().runs)


def test_a_folder_without_cases_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--cases", str(tmp_path / "none"), "-o", str(tmp_path)]) == 2
    assert "name it with --cases" in capsys.readouterr().err


def test_the_shipped_pages_are_of_the_declared_comparisons() -> None:
    document = json.loads(DOCUMENT.read_text())
    assert document["key"] == declared().key, (
        "run `facetgap validate --run`, then benchmarks/validation_table.py --write"
    )
    assert (ROOT / "docs" / "validation.md").read_text() == validation_page(document)
    inside = (
        (ROOT / "README.md")
        .read_text()
        .partition("<!-- validation -->")[2]
        .partition("<!-- end validation -->")[0]
    )
    assert [line for line in inside.splitlines() if re.match(r"\| |\|---", line)] == summary_lines(document)
