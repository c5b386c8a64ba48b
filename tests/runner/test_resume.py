"""Stopped anywhere and gone on with, a run comes to the same numbers; what cannot be gone on with says why."""

import errno
import json
import random
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fem.cli.main import main
from fem.errors import StorageError, UsageError
from fem.results.checkpoint import CHECKPOINT_FILE, Memory, Spacing
from fem.results.folder import ResultFolder
from fem.results.read import read_result, read_table
from fem.runner import RunRequest, resume_request, run_case
from oracles.spines import RECIPE, ROOT

#: Settled, pushed, turned: three static phases of a disc alone.
DISC = """version: 1
title: A disc
spine: {anatomy: lumbar.yaml, resolution: coarse, levels: L4-L5, structures: [disc]}
solver: {first_step: 0.2, largest_step: 0.2}
output: {every: 300 ms}
phases:
  - {name: settle}
  - name: push
    loads: [{kind: moment, on: L4, motion: flexion, value: 3 N m}]
  - name: turn
    loads: [{kind: moment, on: L4, motion: axial rotation left, value: 3 N m}]
"""
#: Settled, pushed in time, held: relaxing ligaments, masses, the motion of the joints.
MOVING = f"""version: 1
title: A level in motion
spine: {{anatomy: {RECIPE}, resolution: coarse, levels: L4-L5, thorax: absent}}
film: none
solver: {{first_step: 0.2, largest_step: 0.2}}
output: {{every: 20 ms}}
phases:
  - {{name: settle}}
  - name: push
    kind: dynamic
    duration: 50 ms
    loads: [{{kind: moment, on: L4, motion: axial rotation left, value: 3 N m}}]
  - {{name: hold, kind: dynamic, duration: 10 ms}}
"""


@pytest.fixture(scope="module")
def kill() -> Iterator[ModuleType]:
    """The benchmark that kills runs, which lies outside of the package."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        yield import_module("kill")
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case of a disc, solved undisturbed into ``whole`` beside it."""
    case = tmp_path_factory.mktemp("disc") / "disc.yaml"
    case.write_text(DISC)
    (case.parent / "lumbar.yaml").symlink_to(RECIPE)
    run_case(RunRequest(case, (), case.parent / "whole"))
    return case


def worst(kill: ModuleType, whole: Path, other: Path) -> float:
    found = max(kill.differences(whole, other))
    print(found)
    return float(found[0])


def stopping(after: int) -> Callable[[str], None]:
    """Return a listener that interrupts the run in a solve."""
    heard: list[str] = []

    def listen(text: str) -> None:
        heard.append(text)
        if len(heard) > after:
            raise KeyboardInterrupt

    return listen


@pytest.mark.parametrize("after", [1, 7])
def test_an_interrupted_run_goes_on_to_the_same_numbers(
    after: int, disc: Path, kill: ModuleType, tmp_path: Path
) -> None:
    place = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        run_case(RunRequest(disc, (), place, resume=True), stopping(after))  # nothing is there: it begins
    assert read_result(place).status == "interrupted"
    assert (place / CHECKPOINT_FILE).exists() == (after > 1), "while the spine settles none is kept"
    said: list[str] = []
    outcome = run_case(resume_request(place), said.append)
    assert outcome.summary["status"] == "complete"
    assert any("going on after step" in text for text in said) == (after > 1)
    assert worst(kill, disc.parent / "whole", place) <= 1e-10
    assert not (place / CHECKPOINT_FILE).exists()
    assert run_case(RunRequest(disc, (), place, resume=True)).up_to_date


def test_a_motion_goes_on_from_its_middle(
    kill: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As killed after a checkpoint in a dynamic phase: rates, relaxation and the motion of the joints go on."""
    case, whole = tmp_path / "moving.yaml", tmp_path / "whole"
    case.write_text(MOVING)
    real = ResultFolder.keep_checkpoint

    def copied(self: ResultFolder, memory: Memory) -> None:
        real(self, memory)
        if "step" in memory and memory["step"]["number"] == 3:
            shutil.copytree(self.path, tmp_path / "killed")

    monkeypatch.setattr(Spacing, "least", 0.0)
    monkeypatch.setattr(Spacing, "share", float("inf"))
    monkeypatch.setattr(ResultFolder, "keep_checkpoint", copied)
    run_case(RunRequest(case, (), whole))
    monkeypatch.undo()
    assert len(read_table(tmp_path / "killed", "history")) == 1 + 3 < len(read_table(whole, "history"))
    run_case(resume_request(tmp_path / "killed"))
    assert worst(kill, whole, tmp_path / "killed") <= 1e-10


def test_killed_at_random_moments(disc: Path, kill: ModuleType, tmp_path: Path) -> None:
    """A short benchmarks/kill.py: what SIGKILL leaves opens and goes on to the same numbers."""
    nursery = kill.Nursery()
    whole = kill.solved(nursery, disc, tmp_path / "whole")
    assert worst(kill, disc.parent / "whole", whole.folder) <= 1e-10
    chance, tally = random.Random(8), kill.Tally()
    for number in range(6):
        if tally.kills < 3:
            kill.try_once(nursery, disc, whole, tmp_path / f"killed_{number}", chance, tally)
    nursery.close()
    print(tally)
    assert tally.kills >= 2  # a busy machine may let one end before it is hit
    assert tally.broken == 0
    assert tally.worst <= 1e-10


def test_the_comparison_sees_a_difference(disc: Path, kill: ModuleType, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(disc.parent / "whole", other)
    table = (other / "levels.csv").read_text().splitlines(keepends=True)
    (other / "levels.csv").write_text("".join(table[:-1]) + table[-1].replace("9", "8", 1))
    assert worst(kill, disc.parent / "whole", other) > 1e-10
    (other / "levels.csv").unlink()
    assert worst(kill, disc.parent / "whole", other) == float("inf")


def test_a_full_disk_is_one_sentence_and_the_run_goes_on_later(
    disc: Path, kill: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, real, limits = tmp_path / "full", ResultFolder.add, resource.getrlimit(resource.RLIMIT_FSIZE)

    def add(self: ResultFolder, record: Any) -> None:
        if record.step == 4:
            size = (self.path / "levels.csv.partial").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, limits[1]))
        real(self, record)

    monkeypatch.setattr(ResultFolder, "add", add)
    try:
        with pytest.raises(StorageError, match=r"full could not be written \(File too large\); make room"):
            run_case(RunRequest(disc, (), place))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    monkeypatch.undo()
    assert [row["step"] for row in read_table(place, "levels")] == ["0", "1", "2", "3"]
    assert read_result(place).status == "running"
    run_case(resume_request(place))
    assert worst(kill, disc.parent / "whole", place) <= 1e-10


def test_a_folder_that_cannot_be_written_is_one_sentence(
    disc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path, *given: object, **named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(UsageError, match=r"cannot write the result folder .*a \(Read-only file system\)"):
        run_case(RunRequest(disc, (), tmp_path / "a"))


def test_what_cannot_be_gone_on_with_says_why(
    disc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "a"
    shutil.copytree(disc.parent / "whole", place)
    assert main(["resume", str(place)]) == 0
    assert "is complete; there is nothing to go on with" in capsys.readouterr().err
    assert main(["run", str(disc), "--resume", "--force", "-o", str(place)]) == 2
    assert "choose one" in capsys.readouterr().err
    run = json.loads((place / "run.json").read_text())
    told = {
        "failed, and would fail again: it broke. Nothing": {"status": "failed", "message": "it broke."},
        "nothing to go on from": {"status": "interrupted", "request": {}},
        "is not there any more": {"status": "interrupted", "request": {"case": str(tmp_path / "gone.yaml")}},
        "other inputs; they differ in: facetgap version": {
            "status": "interrupted",
            "input_hash": "0",
            "fingerprint": {**run["fingerprint"], "facetgap version": "0.0.1"},
        },
    }
    for words, changes in told.items():
        (place / "run.json").write_text(json.dumps({**run, **changes}))
        assert main(["resume", str(place)]) == 2
        assert words in capsys.readouterr().err
    assert main(["resume", str(tmp_path / "nowhere")]) == 2
    assert "there is no result folder" in capsys.readouterr().err
