"""What a stopped run leaves and how it goes on: same rows, same files, and never a run of other inputs."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fake_spine import fake_info, fake_model, fake_parts, fake_record

from fem.errors import UsageError
from fem.results import provenance
from fem.results.checkpoint import CHECKPOINT_FILE, Spacing, read_checkpoint, write_checkpoint
from fem.results.folder import ResultFolder, claim
from fem.results.lock import leave, take
from fem.results.read import field_times, read_result
from fem.results.salvage import open_result

STEPS = 6


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files that must be equal: all but those that hold times of day."""
    timed = {"run.json", "summary.json", "log.txt", "view.py"}
    found = {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file()}
    return {name: b"" if name in timed else file.read_bytes() for name, file in sorted(found.items())}


def summary(folder: Path) -> dict[str, object]:
    return {**json.loads((folder / "summary.json").read_text()), "wall_s": 0.0}


def go_on(path: Path, first: int) -> ResultFolder:
    """Go on with a stopped run: its remaining steps, from `first`."""
    folder = claim(path, fake_info(), resume=True)
    assert folder is not None
    folder.start(fake_model(), fake_parts())
    for step in range(first, STEPS):
        folder.add(fake_record(step, keep_fields=step % 2 == 0))
    return folder


def begin(path: Path, steps: int) -> ResultFolder:
    folder = claim(path, fake_info())
    assert folder is not None
    folder.start(fake_model(), fake_parts())
    for step in range(steps):
        folder.add(fake_record(step, keep_fields=step % 2 == 0))
    return folder


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """The result of a run that nobody stopped."""
    folder = begin(tmp_path / "whole", STEPS)
    folder.finish("complete")
    return folder.path


@pytest.mark.parametrize("ending", ["killed", "interrupted", "killed as it went on"])
def test_a_stopped_run_goes_on_to_the_same_result(ending: str, whole: Path, tmp_path: Path) -> None:
    folder = begin(tmp_path / "stopped", 3)
    folder.warn("contact chatter")
    folder.keep_checkpoint({"solver": {"place": 2}})
    folder.add(fake_record(3, keep_fields=True))  # written after the checkpoint: cut back
    (folder.path / "fields" / "step_0003" / ".disc.vtu.k2j3h4l5").write_text("half a fi")
    (folder.path / ".summary.json.k2j3h4l5").write_text("half a fi")
    with (folder.path / "levels.csv.partial").open("a") as rows:
        rows.write("4,1.0,push,L4-")
    if ending == "interrupted":
        folder.finish("interrupted", "stopped by the user")
        assert (folder.path / CHECKPOINT_FILE).is_file()
    if ending == "killed as it went on":
        go_on(folder.path, 3)
    again = go_on(folder.path, 3)
    assert again.checkpoint is not None
    assert again.checkpoint["solver"] == {"place": 2}
    assert read_result(again.path).status == "running"
    assert [time for time, _ in field_times(again.path)] == [0.0, 0.5, 1.0]
    again.finish("complete")
    assert files(again.path) == files(whole)
    assert summary(again.path) == summary(whole)
    run = read_result(again.path).run
    assert (run["steps"], run["last_step"]) == (STEPS, STEPS - 1)
    assert run["warnings"] == ["contact chatter"]
    assert [entry["last_step"] for entry in run["resumed"]] == [2] * (
        2 if ending == "killed as it went on" else 1
    )
    assert "going on after step 2" in (again.path / "log.txt").read_text()


def test_what_a_stopped_run_leaves_can_be_opened_at_any_time(tmp_path: Path) -> None:
    folder = begin(tmp_path / "a", 3)
    folder.keep_checkpoint({})
    folder.add(fake_record(3))
    assert open_result(folder.path).summary["levels"]["L4-L5"]["flexion_deg"] == 9.0
    again = claim(folder.path, fake_info(), resume=True)
    assert again is not None
    assert open_result(again.path).summary["levels"]["L4-L5"]["flexion_deg"] == 6.0


def test_the_fields_of_the_last_step_are_written_even_if_no_other_follows(tmp_path: Path) -> None:
    folder = begin(tmp_path / "a", 2)
    folder.keep_checkpoint({})
    again = claim(folder.path, fake_info(), resume=True)
    assert again is not None
    again.start(fake_model(), fake_parts())
    again.show_last(fake_record(1))
    again.finish("interrupted")
    assert [time for time, _ in field_times(again.path)] == [0.0, 0.25]


def test_without_a_checkpoint_a_run_begins_again(tmp_path: Path) -> None:
    begin(tmp_path / "a", 2)
    again = claim(tmp_path / "a", fake_info(), resume=True)
    assert again is not None
    assert again.checkpoint is None
    assert {entry.name for entry in again.path.iterdir()} == {
        *("run.json", "log.txt", "case.yaml", "case.resolved.yaml")
    }


def test_a_run_that_failed_is_not_gone_on_with(tmp_path: Path) -> None:
    folder = begin(tmp_path / "a", 2)
    folder.keep_checkpoint({})
    folder.finish("failed", "no equilibrium at t = 0.3 s.")
    assert not (folder.path / CHECKPOINT_FILE).exists()
    with pytest.raises(
        UsageError, match=r"failed, and would fail again: no equilibrium at t = 0.3 s\. Nothing"
    ):
        claim(folder.path, fake_info(), resume=True)
    assert claim(folder.path, fake_info()) is not None, "from the start it may be tried"


def test_a_checkpoint_gives_back_what_it_was_given(tmp_path: Path) -> None:
    frozen = np.arange(3.0)
    frozen.setflags(write=False)
    memory = {"a": [frozen, {"x": -np.inf}], "same": frozen, "word": "é", "none": None, "n": np.int64(3)}
    size = write_checkpoint(tmp_path, "hash", {**memory, "flags": np.array([True])}).stat().st_size
    found = read_checkpoint(tmp_path, "hash")
    assert found is not None
    np.testing.assert_array_equal(found["a"][0], frozen)
    assert found["same"] is found["a"][0], "an array is kept once"
    assert not found["same"].flags.writeable
    assert (found["a"][1]["x"], found["word"], found["none"], found["n"]) == (-np.inf, "é", None, 3)
    assert found["flags"].dtype == np.bool_
    with pytest.raises(TypeError, match="object"):
        write_checkpoint(tmp_path, "hash", {"odd": object()})
    assert (tmp_path / CHECKPOINT_FILE).stat().st_size == size


def test_a_checkpoint_of_other_inputs_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    file = write_checkpoint(tmp_path, "hash", {"a": np.ones(100)})
    with pytest.raises(UsageError, match="other inputs or by another facetgap"):
        read_checkpoint(tmp_path, "another")
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(UsageError, match=r"checkpoint\.npz is cut off or damaged"):
        read_checkpoint(tmp_path, "hash")


def test_lost_rows_are_noticed(tmp_path: Path) -> None:
    folder = begin(tmp_path / "a", 3)
    folder.keep_checkpoint({})
    table = folder.path / "levels.csv.partial"
    table.write_bytes(table.read_bytes()[:-20])
    with pytest.raises(UsageError, match=r"levels\.csv lost rows"):
        claim(folder.path, fake_info(), resume=True)


def test_checkpoints_cost_less_than_a_hundredth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    spacing, spent = Spacing(), 0.0
    for _ in range(10_000):
        clock[0] += 0.1  # a step
        if spacing.due():
            with spacing.writing():
                clock[0] += 0.2
            spent += 0.2
    assert 0.005 < spent / clock[0] < 0.01


#: Takes the folder as a run does, says so, and waits to be killed.
HOLDER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from fake_spine import fake_info
from fem.results.folder import claim
folder = claim(Path({path!r}), fake_info())
print("ready", flush=True)
sys.stdin.read()
"""


def test_two_runs_do_not_share_a_folder_and_a_killed_one_leaves_it(tmp_path: Path) -> None:
    place = tmp_path / "a"
    text = HOLDER.format(path=str(place), tests=str(Path(__file__).parent))
    with subprocess.Popen(
        [sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        for options in ({}, {"force": True}, {"resume": True}):
            with pytest.raises(UsageError, match=f"being written by process {other.pid}; wait for it, or"):
                claim(place, fake_info(), **options)
        os.kill(other.pid, signal.SIGKILL)
        other.wait(timeout=20)
    assert claim(place, fake_info()) is not None


def test_a_number_that_was_given_to_another_process_keeps_nobody_out(tmp_path: Path) -> None:
    folder = claim(tmp_path / "a", fake_info())
    assert folder is not None
    run = json.loads((folder.path / "run.json").read_text())
    run["process"] = {**provenance.process(), "pid": os.getppid(), "begun": "some boot 17"}
    assert not provenance.is_alive(run["process"])
    (folder.path / "run.json").write_text(json.dumps(run))
    assert claim(folder.path, fake_info()) is not None


def test_a_folder_is_left_when_its_run_ends(tmp_path: Path) -> None:
    folder = claim(tmp_path, fake_info())
    assert folder is not None
    folder.finish("complete")
    assert take(tmp_path)
    leave(tmp_path)
    leave(tmp_path)
    gone = tmp_path / "gone"
    leave(gone)


def test_a_run_killed_as_it_began_leaves_a_folder_that_can_be_used(tmp_path: Path) -> None:
    (tmp_path / ".run.json.ab12_cd3").write_text("{")
    (tmp_path / ".run.json.ab12_cd34").write_text("{")
    with pytest.raises(UsageError, match="no result"):
        claim(tmp_path, fake_info())  # the second name is none of ours
    (tmp_path / ".run.json.ab12_cd34").unlink()
    assert claim(tmp_path, fake_info()) is not None
    assert not list(tmp_path.glob(".*"))


def test_a_full_disk_takes_a_step_whole_or_not_at_all(whole: Path, tmp_path: Path) -> None:
    folder = begin(tmp_path / "a", 3)
    folder.keep_checkpoint({})
    largest = max(file.stat().st_size for file in folder.path.glob("*.partial"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 10, before[1]))
    try:
        with pytest.raises(OSError, match="large") as caught:
            folder.add(fake_record(3, keep_fields=False))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.errno == errno.EFBIG
    for file in folder.path.glob("*.partial"):
        assert max(int(line.partition(",")[0]) for line in file.read_text().splitlines()[1:]) == 2
    folder.finish("interrupted", "the disk was full")
    assert read_result(folder.path).status == "interrupted"
    again = go_on(folder.path, 3)
    again.finish("complete")
    assert files(again.path) == files(whole)


def test_a_clock_that_goes_backwards_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamps = iter(f"2026-11-{day:02d}T12:00:00+00:00" for day in range(28, 0, -1))
    monkeypatch.setattr(provenance, "now", lambda: next(stamps))
    monkeypatch.setattr(time, "time", lambda: 1e9)
    folder = begin(tmp_path / "a", 3)
    folder.keep_checkpoint({})
    again = go_on(folder.path, 3)
    monkeypatch.setattr(time, "time", lambda: 1e8)
    assert again.finish("complete")["wall_s"] >= 0.0
    run = read_result(again.path).run
    assert run["started"] > run["finished"]
    assert claim(again.path, fake_info()) is None, "up to date, whatever the clock says"


def test_a_result_is_replaced_only_once_the_new_one_is_there(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between any two removals the folder tells that it is not complete."""
    seen = []
    real = Path.unlink

    def watched(self: Path, missing_ok: bool = False) -> None:
        if self.parent == whole and self.exists():
            seen.append(json.loads((whole / "run.json").read_text())["status"])
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    assert claim(whole, fake_info(), force=True) is not None
    assert len(seen) > 5
    assert set(seen) == {"running"}


def test_peaks_of_the_summary_outlive_a_stop(tmp_path: Path) -> None:
    folder = begin(tmp_path / "a", 3)
    folder.keep_checkpoint({})
    again = claim(folder.path, fake_info(), resume=True)
    assert again is not None
    found = again.finish("interrupted")
    assert found["levels"]["L4-L5"]["flexion_deg"] == 6.0
    assert found["ligaments"]["L4-L5"]["ALL"]["time_of_peak_s"] == 0.5
