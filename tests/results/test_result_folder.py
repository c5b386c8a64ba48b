import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from fake_spine import fake_info, fake_model, fake_parts, fake_record, fill

from fem.errors import NonFiniteError, UsageError
from fem.results.expect import Expectation
from fem.results.folder import claim
from fem.results.quantities import TABLES
from fem.results.read import field_times, read_result
from fem.results.record import Energies, InputFile, LaterFields, PartFields

OTHER = fake_info(settings={"version": 1, "loads": [{"kind": "moment", "value": "5 N m"}]})


def run_of(folder):
    return json.loads((folder / "run.json").read_text())


def test_the_layout_of_a_finished_folder(finished):
    names = {entry.name for entry in finished.iterdir()}
    tables = {f"{name}.csv" for name in (*TABLES, "history")}
    files = {
        "run.json",
        "summary.json",
        "case.yaml",
        "case.resolved.yaml",
        "log.txt",
        "results.pvd",
        "view.py",
    }
    assert names == tables | files | {"fields"}
    run = run_of(finished)
    assert run["status"] == "complete"
    assert run["summary"] == json.loads((finished / "summary.json").read_text())
    assert run["names"]["levels"] == ["L4-L5", "L5-S1"]
    assert run["steps"] == 4
    assert "process" not in run
    assert "mJ from loads" in (finished / "log.txt").read_text().splitlines()[-1]


def test_an_equal_result_is_up_to_date(finished):
    before = (finished / "run.json").read_bytes()
    assert claim(finished, fake_info()) is None
    moved = fake_info(
        inputs=(InputFile("anatomy", "/elsewhere/lumbar.yaml", "b" * 64),), command=("facetgap",)
    )
    assert claim(finished, moved) is None, "neither paths nor the case file's comments make another run"
    assert (finished / "run.json").read_bytes() == before


def test_another_result_is_refused_and_the_differing_keys_named(finished):
    with pytest.raises(UsageError, match=r"loads\[0\]\.value.*spine\.levels.*--force.*-o") as caught:
        claim(finished, OTHER)
    assert "loads[0].kind" not in str(caught.value)
    changed = fake_info(inputs=(InputFile("anatomy", "lumbar.yaml", "c" * 64),))
    with pytest.raises(UsageError, match="contents of anatomy file"):
        claim(finished, changed)
    assert (finished / "summary.json").is_file()


def test_force_replaces_what_the_program_wrote_and_nothing_else(finished):
    (finished / "notes.txt").write_text("mine")
    assert claim(finished, OTHER, force=True) is not None
    assert (finished / "notes.txt").read_text() == "mine"
    assert not (finished / "summary.json").exists()
    assert not (finished / "fields").exists()
    assert run_of(finished)["status"] == "running"


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_with_other_things_is_never_touched(tmp_path, force):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match="no result"):
        claim(tmp_path, fake_info(), force=force)
    with pytest.raises(UsageError, match="is a file"):
        claim(tmp_path / "thesis.tex", fake_info(), force=force)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_an_unfinished_run_of_the_same_inputs_is_done_again(tmp_path, status):
    folder = claim(tmp_path / "a", fake_info())
    fill(folder, [0])
    folder.finish(status, "the load was too large")
    again = claim(tmp_path / "a", fake_info())
    assert again is not None
    assert run_of(again.path)["status"] == "running"


def test_a_job_that_still_runs_is_left_alone_even_with_force(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    run = run_of(folder.path)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        run["process"] = {"host": run["process"]["host"], "pid": other.pid}
        (folder.path / "run.json").write_text(json.dumps(run))
        with pytest.raises(UsageError, match="being written by process"):
            claim(folder.path, fake_info(), force=True)
        other.communicate(b"\n")
    assert claim(folder.path, fake_info()) is not None, "a dead job's folder can be taken over"


def test_a_job_on_another_host_is_left_alone_without_force(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    run = run_of(folder.path)
    run["process"] = {"host": "node-17", "pid": 4}
    (folder.path / "run.json").write_text(json.dumps(run))
    with pytest.raises(UsageError, match=r"node-17.*--force"):
        claim(folder.path, fake_info())
    assert claim(folder.path, fake_info(), force=True) is not None


def test_a_step_that_does_not_fit_leaves_no_trace(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    fill(folder, range(2))
    bad = fake_record(2)
    shift = bad.fields["bone"].displacement.copy()
    shift[0, 0] = np.inf
    with pytest.raises(NonFiniteError, match="part bone"):
        folder.add(replace(bad, fields={**bad.fields, "bone": PartFields(shift)}))
    summary = folder.finish("failed", "a number went bad")
    assert summary["levels"]["L4-L5"]["flexion_deg"] == 3.0
    assert (folder.path / "history.csv").read_text().count("\n") == 3
    assert [time for time, _ in field_times(folder.path)] == [0.0, 0.25]


def test_fields_are_worked_out_only_for_the_steps_that_are_written(tmp_path):
    asked = []

    def later(step):
        def make():
            asked.append(step)
            return fake_record(step).fields

        return LaterFields(make)

    folder = claim(tmp_path / "a", fake_info())
    folder.start(fake_model(), fake_parts())
    for step in range(4):
        folder.add(fake_record(step, keep_fields=step == 0, fields=later(step)))
    assert asked == [0]
    folder.finish("interrupted")
    assert asked == [0, 3]
    assert [time for time, _ in field_times(folder.path)] == [0.0, 0.75]


def test_a_last_state_that_cannot_be_shown_does_not_keep_the_run_from_ending(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    fill(folder, range(2))
    bad = fake_record(2)
    shift = np.full_like(bad.fields["bone"].displacement, np.nan)
    fields = LaterFields(lambda: {**bad.fields, "bone": PartFields(shift)})
    folder.add(replace(bad, fields=fields, keep_fields=False))
    folder.finish("interrupted")
    run = run_of(folder.path)
    assert "displacement of part bone" in run["warnings"][0]
    assert (run["status"], run["last_step"]) == ("interrupted", 2)


def test_a_run_whose_steps_lose_energy_says_so(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    folder.start(fake_model(), fake_parts())
    for step, work in enumerate((0.0, 10.0)):
        folder.add(fake_record(step, energies=Energies(0.9 * work, work)))
    folder.finish("complete")
    assert [text for text in folder.warnings if "more steps" in text] == run_of(folder.path)["warnings"]
    assert run_of(folder.path)["warnings"][0].startswith("10 % of the most energy")


def test_a_failed_run_keeps_its_last_good_state(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    folder.start(fake_model(), fake_parts())
    for step in range(3):
        folder.add(fake_record(step, keep_fields=step == 0))
    folder.warn("contact chatter at L4-L5 left")
    assert [time for time, _ in field_times(folder.path)] == [0.0]
    folder.finish("failed", "no equilibrium beyond 62 % of the moment")
    assert [time for time, _ in field_times(folder.path)] == [0.0, 0.5]
    result = read_result(folder.path)
    assert result.status == "failed"
    assert result.run["message"].startswith("no equilibrium")
    assert result.run["warnings"] == ["contact chatter at L4-L5 left"]
    assert result.summary["levels"]["L4-L5"]["flexion_deg"] == 6.0
    assert "no equilibrium" in (folder.path / "log.txt").read_text()


def test_a_run_that_fails_before_its_model_is_built_is_readable(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    folder.finish("failed", "the mesh has an inverted cell")
    assert read_result(folder.path).summary["converged"] is False


def test_a_running_job_can_be_opened(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    fill(folder, range(2))
    result = read_result(folder.path)
    assert (result.status, result.run["last_time_s"], result.summary) == ("running", 0.25, {})
    assert len(field_times(folder.path)) == 2
    folder.finish("interrupted")


def test_verdicts_go_into_the_summary(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    fill(folder)
    wanted = [Expectation("levels.L4-L5.flexion_deg", 0.0, 5.0, "published", "someone 2001")]
    (entry,) = folder.finish("complete", expect=wanted)["expect"]
    assert (entry["passed"], entry["value"], entry["source"]) == (False, 9.0, "someone 2001")


def test_verification_problems_report_and_are_judged(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    wanted = [Expectation("cable.tension_N", 1.9, 2.1, "analytic")]
    summary = folder.finish("complete", expect=wanted, reported={"cable": {"tension_N": 2.0}})
    assert summary["cable"] == {"tension_N": 2.0}
    assert summary["expect"][0]["passed"]


def test_nan_never_reaches_the_disk(tmp_path):
    folder = claim(tmp_path / "a", fake_info())
    fill(folder, [0])
    record = fake_record(1)
    table = {**record.tables["levels"], "flexion_deg": [np.nan, 1.0]}
    with pytest.raises(NonFiniteError, match=r"levels\.csv"):
        folder.add(replace(record, tables={"levels": table}))
    folder.finish("failed", "a number went bad")
    for file in folder.path.rglob("*"):
        if file.suffix in (".json", ".csv"):
            assert "nan" not in file.read_text().lower(), file


def test_a_kill_while_the_summary_is_written_leaves_no_half_file(tmp_path, monkeypatch):
    folder = claim(tmp_path / "a", fake_info())
    fill(folder, [0])
    real, calls = os.replace, []

    def killed(source, target):
        calls.append(target)
        if str(target).endswith("summary.json"):
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        folder.finish("complete")
    assert calls
    assert not (folder.path / "summary.json").exists()
    assert run_of(folder.path)["status"] == "running"
    assert not list(folder.path.glob(".*"))


def test_an_unknown_status_is_refused(tmp_path):
    with pytest.raises(ValueError, match="complete, failed, interrupted"):
        claim(tmp_path / "a", fake_info()).finish("done")
