"""Results that are cut off, copied in part, newer or damaged: said, and read as far as they go."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fem.errors import UsageError
from fem.results.describe import describe
from fem.results.salvage import open_result, read_rows

Maker = Callable[..., Path]


def test_a_whole_result_has_no_remarks_and_its_summary(make: Maker) -> None:
    folder = make("whole")
    for path in (folder, folder / "run.json", folder / "summary.json"):
        result = open_result(path)
        assert result.remarks == ()
        assert result.status == "complete"
        assert result.summary == json.loads((folder / "summary.json").read_text())
    assert result.settings["phases[1].loads[0].time_to_peak"] == "0.4 s"


def test_a_killed_run_is_rebuilt_from_its_half_tables(make: Maker) -> None:
    whole = open_result(make("whole"))
    killed = make("killed", end=False)
    file = killed / "facets.csv.partial"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-2]) + lines[-2][:25])
    result = open_result(killed)
    assert result.status == "cut off"
    said = " ".join(result.remarks)
    assert "facets.csv is cut off: 1 row cannot be read" in said
    assert "made from its tables, up to step 3 at 0.75 s" in said
    assert result.summary["facets"]["L4-L5 left"] == pytest.approx(whole.summary["facets"]["L4-L5 left"])
    for section in ("levels", "discs"):
        for place, entry in whole.summary[section].items():
            assert result.summary[section][place] == pytest.approx(entry)
    assert (
        result.summary["ligaments"]["L4-L5"]["ISL"]["state"]
        == whole.summary["ligaments"]["L4-L5"]["ISL"]["state"]
    )
    assert result.summary["muscles"]["multifidus left"]["force_N"] == pytest.approx(
        whole.summary["muscles"]["multifidus left"]["force_N"]
    )


def test_steps_that_a_table_lost_are_left_out_of_the_rebuilt_summary(make: Maker) -> None:
    killed = make("killed", end=False)
    file = killed / "levels.csv.partial"
    file.write_text("\n".join(file.read_text().splitlines()[:-2]) + "\n")
    summary = open_result(killed).summary
    assert summary["levels"]["L4-L5"]["flexion_deg"] == pytest.approx(6.0)
    assert summary["newton"]["iterations"] == 3 + 4 + 5


def test_a_running_job_of_another_process_is_said_to_go_on(make: Maker) -> None:
    folder = make("running", end=False)
    run = json.loads((folder / "run.json").read_text())
    process = {"host": run["process"]["host"], "pid": 1}
    (folder / "run.json").write_text(json.dumps({**run, "process": process}))
    assert any("still goes on" in text for text in open_result(folder).remarks)


def test_a_failed_run_says_why(make: Maker, tmp_path: Path) -> None:
    folder = make("failed")
    for name in ("run.json", "summary.json"):
        document = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps({**document, "status": "failed", "message": "no convergence"}))
    assert any("failed: no convergence" in text for text in open_result(folder).remarks)


@pytest.mark.parametrize("name", ["run.json", "summary.json"])
def test_a_newer_layout_is_read_as_far_as_its_names_are_known(make: Maker, name: str) -> None:
    folder = make("newer")
    document = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**document, "version": 99, "unheard_of": {"x": [1, {"y": 2}]}}))
    result = open_result(folder)
    assert any(f"{name} has layout version 99, this facetgap knows 1" in text for text in result.remarks)
    assert result.summary["facets"]["L4-L5 left"]["peak_gap_mean_mm"] == pytest.approx(0.3)


def test_a_damaged_summary_falls_back_on_the_copy_in_run_json(make: Maker) -> None:
    folder = make("damaged")
    file = folder / "summary.json"
    file.write_text(file.read_text()[:-40])
    result = open_result(folder)
    assert result.summary["newton"]["iterations"] == 18
    assert [text.split(" is ")[0] for text in result.remarks[:1]] == ["summary.json"]


def test_tables_alone_are_enough(make: Maker) -> None:
    folder = make("tables")
    for name in ("run.json", "summary.json"):
        (folder / name).unlink()
    result = open_result(folder)
    assert result.summary["levels"]["L5-S1"]["flexion_deg"] == pytest.approx(12.0)
    assert result.name == "tables"
    assert any("run.json is missing" in text for text in result.remarks)


def test_a_folder_without_fields_is_a_result_like_any_other(make: Maker) -> None:
    folder = make("bare")
    shutil.rmtree(folder / "fields")
    (folder / "results.pvd").unlink()
    assert open_result(folder).remarks == ()


def test_reading_loads_no_fields(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, read = make("light"), []
    original = Path.read_bytes

    def spying(path: Path) -> bytes:
        read.append(path)
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", spying)
    result = open_result(folder)
    assert result.table("facets")
    assert not [path for path in read if "fields" in path.parts]


def test_what_is_no_result_is_refused_with_the_way_out(make: Maker, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no result folder .*facetgap run CASE"):
        open_result(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="not a result folder"):
        open_result(tmp_path / "empty")
    case = tmp_path / "case.yaml"
    case.write_text("version: 1\n")
    with pytest.raises(UsageError, match="is a case, not a result; solve it first"):
        open_result(case)
    with pytest.raises(UsageError, match=r"no table films\.csv"):
        open_result(make("some")).table("films")


def test_a_number_that_is_none_is_read_as_such(make: Maker) -> None:
    folder = make("odd")
    file = folder / "discs.csv"
    file.write_text(file.read_text().replace("0.12,", "nan,"))
    rows, lost = read_rows(folder, "discs")
    assert lost == 0
    assert any(row["pressure_MPa"] != row["pressure_MPa"] for row in rows)


def test_info_reads_what_is_left_of_a_result_and_says_the_rest(make: Maker) -> None:
    killed = make("killed", end=False)
    text = describe(killed)
    assert "note: the run was cut off before its end" in text
    assert "Peak ligament strain" in text
    newer = make("newer")
    run = json.loads((newer / "run.json").read_text())
    (newer / "run.json").write_text(json.dumps({"version": 99, "status": run["status"]}))
    text = describe(newer)
    assert "layout version 99" in text
    assert "Facet gap" in text
    (newer / "run.json").unlink()
    (newer / "results.pvd").write_text("<VTKFile>")
    text = describe(newer)
    assert "note: run.json is missing" in text
    assert "results.pvd cannot be read" in text


def test_a_run_killed_before_its_first_step_opens(make: Maker) -> None:
    folder = make("killed", end=False)
    for table in folder.glob("*.csv.partial"):
        table.write_text(table.read_text().partition("\n")[0] + "\n")
    assert "status cut off" in describe(folder)
