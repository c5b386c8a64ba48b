"""``facetgap compare`` and ``export``: options, exit codes, pipes and narrow terminals, on made-up results."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fem.cli.main import main
from fem.results.folder import claim
from fem.results.record import Energies, ModelInfo, RunInfo, StepRecord

ROOT = Path(__file__).parents[2]
Captured = pytest.CaptureFixture[str]


def run(path: Path, gap: float, status: str = "complete") -> str:
    """Make a result with one joint, the gap of which grows to `gap` [mm]."""
    folder = claim(path, RunInfo(path.name, path.name, {"version": 1, "gap": gap}))
    assert folder is not None
    folder.start(ModelInfo(("L4-L5",), 12, target="L4-L5 left"), [])
    for step in range(3):
        own = gap * step / 2
        row = {
            "gap_min_mm": own, "gap_mean_mm": own, "gap_mean_change_mm": own, "opening_speed_mm_s": 0.0,
            "contact_force_N": 0.0,
        }  # fmt: skip
        table = {"joint": ["L4-L5 left"], **{key: [value] for key, value in row.items()}}
        folder.add(
            StepRecord(
                step, 0.1 * step, "bend", 0.5 * step, 3, 0.0, Energies(1.0, 1.0), tables={"facets": table}
            )
        )
    folder.finish(status, "" if status == "complete" else "no convergence")
    return str(path)


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    return [run(tmp_path / "relaxed", 2.0), run(tmp_path / "guarded", 1.0)]


def test_the_table_goes_to_stdout_and_files_to_disk(two: list[str], tmp_path: Path, capsys: Captured) -> None:
    csv_file, page = tmp_path / "out" / "all.csv", tmp_path / "out" / "all.html"
    assert main(["compare", *two, "--csv", str(csv_file), "--html", str(page)]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Comparing\nA  relaxed (complete")
    assert "differs" in captured.out
    assert captured.err.splitlines() == [f"wrote {csv_file}", f"wrote {page}"]
    assert len(list(csv.DictReader(csv_file.read_text().splitlines()))) > 5
    assert page.read_text().startswith("<!doctype html>")


def test_the_json_document_is_all_of_stdout(two: list[str], capsys: Captured) -> None:
    assert main(["compare", *two, "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["version"], document["fail_if"], captured.err) == (1, None, "")
    found = document["pairs"][0]["differences"]["facets.L4-L5 left.peak_gap_mean_mm"]
    assert found["difference"] == pytest.approx(-1.0)
    assert found["verdict"] == "differs"


def test_a_condition_that_holds_ends_with_4_and_says_why(two: list[str], capsys: Captured) -> None:
    condition = "facets.L4-L5 left.peak_gap_mean_mm.size > 0.1 mm"
    assert main(["compare", *two, "--fail-if", condition]) == 4
    assert (
        "--fail-if holds: facets.L4-L5 left.peak_gap_mean_mm.size is 1 mm (> 0.1 mm)"
        in capsys.readouterr().err
    )
    assert main(["compare", two[0], two[0], "--fail-if", condition]) == 0
    capsys.readouterr()
    assert main(["compare", *two, "--json", "--fail-if", condition]) == 4
    fail_if = json.loads(capsys.readouterr().out)["fail_if"]
    assert (fail_if["condition"], fail_if["met"], len(fail_if["by"])) == (condition, True, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{0}"], "one result alone"),
        (["{0}", "nowhere"], "there is no result folder nowhere"),
        (["{0}", "{1}", "--align", "peak"], "none of peaks, thrust, inception, end, and no time either"),
        (["{0}", "{1}", "--align", "5 mm"], "is a length, but a time is needed"),
        (["{0}", "{1}", "--align", "9 s"], "lies outside its 0 to 0.2 s"),
        (["{0}", "{1}", "--align", "inception"], "no verdict on cavitation"),
        (["{0}", "{1}", "--by", "facets"], "'facets' is not one of"),
        (["{0}", "{1}", "--fail-if", "gap > 1"], "cannot read 'gap > 1'"),
        (["{0}", "{1}", "--noise", "{1}"], "tells nothing about the noise"),
        (["{0}", "--against", "heuer"], "no experiment 'heuer'"),
        (["{0}", "--against", "heuer_2007", "--html", "x.html"], "--html shows a comparison of results"),
        (["{0}", "{1}", "--csv", "/proc/nowhere/x.csv"], "cannot write /proc/nowhere/x.csv"),
        ([], "Missing argument"),
    ],
)
def test_a_mistake_is_a_sentence_and_2(
    two: list[str], arguments: list[str], words: str, capsys: Captured
) -> None:
    assert main(["compare", *[text.format(*two) for text in arguments]]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_a_run_that_failed_is_compared_and_said(tmp_path: Path, capsys: Captured) -> None:
    folders = [run(tmp_path / "good", 1.0), run(tmp_path / "bad", 1.0, "failed")]
    assert main(["compare", *folders]) == 0
    assert "did not complete" in capsys.readouterr().out


@pytest.mark.parametrize("columns", ["40", "60", "80", "200"])
def test_it_fits_a_terminal_and_a_pipe_gets_plain_text(two: list[str], columns: str) -> None:
    environment = {**os.environ, "COLUMNS": columns, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "fem", "compare", *two],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert max(len(line) for line in done.stdout.splitlines()) <= max(int(columns), 60)
    assert "\x1b" not in done.stdout


def test_help_and_comparing_load_nothing_heavy(two: list[str]) -> None:
    code = (
        "import sys; from fem.cli.main import main; assert main(sys.argv[1:]) == 0; "
        "bad = {'numba', 'skfem', 'scipy', 'pyvista', 'matplotlib'} & set(sys.modules); assert not bad, bad"
    )
    for arguments in (["compare", "--help"], ["export", "--help"], ["compare", *two]):
        subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, check=True, capture_output=True)


def test_export_writes_what_was_asked_for_and_prints_where(
    two: list[str], tmp_path: Path, capsys: Captured
) -> None:
    assert main(["export", two[0], "--to", "csv"]) == 0
    place = Path(capsys.readouterr().out.strip())
    assert place == Path(two[0]) / "export" / "csv"
    assert (place / "facets.csv").is_file()
    assert main(["export", two[0], "--to", "csv"]) == 0
    assert main(["export", two[0], "--to", "npz", "-o", str(tmp_path / "x.npz")]) == 0
    assert (tmp_path / "x.npz").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["{0}", "--to", "xdmf"], 2, "'xdmf' is not one of"),
        (["{0}"], 2, "Missing option '--to'"),
        (["nowhere", "--to", "csv"], 2, "there is no result folder"),
        (["{0}", "--to", "csv", "-o", "{1}"], 2, "holds other files; choose another with -o"),
        (["{0}", "--to", "npz", "-o", "{1}"], 2, "is a folder, and npz writes one file"),
        (["{0}", "--to", "exodus"], 2, "holds no fields"),
    ],
)
def test_export_says_what_is_wrong(
    two: list[str], arguments: list[str], code: int, words: str, capsys: Captured
) -> None:
    assert main(["export", *[text.format(*two) for text in arguments]]) == code
    assert words in capsys.readouterr().err


def test_a_missing_pyarrow_ends_with_5_and_the_install_line(
    two: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["export", two[0], "--to", "parquet"]) == 5
    assert "pip install pyarrow" in capsys.readouterr().err
    assert not (Path(two[0]) / "export" / "parquet").exists()
