"""ParaView without a window: a first try that another screen spoils is made again, a second is not hidden."""

from pathlib import Path

import pytest

from fem.errors import MissingToolError
from fem.results import batch
from fem.results.read import Result
from fem.results.scene import SCENE_FILE

PROGRAM = """#!/bin/sh
echo x >> "{log}"
[ "$(wc -l < "{log}")" -ge {good} ] || {{ echo "server could not be started" >&2; exit 1; }}
echo picture > "$2"
"""


def program(folder: Path, good: int) -> list[str]:
    """Return a stand-in for pvbatch that works from its `good`-th call on."""
    file = folder / "pvbatch"
    file.write_text(PROGRAM.format(log=folder / "calls", good=good))
    file.chmod(0o755)
    return [str(file)]


@pytest.fixture
def result(tmp_path: Path) -> Result:
    folder = tmp_path / "result"
    folder.mkdir()
    (folder / SCENE_FILE).write_text("")
    return Result(folder, {}, {})


def test_a_second_try_is_made(result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "batch_command", lambda: program(tmp_path, 2))
    assert batch.draw_with_paraview(result, tmp_path / "a.png").read_text() == "picture\n"


def test_after_two_tries_the_reason_is_told(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "batch_command", lambda: program(tmp_path, 3))
    with pytest.raises(MissingToolError, match="server could not be started"):
        batch.draw_with_paraview(result, tmp_path / "a.png")
    assert (tmp_path / "calls").read_text() == "x\nx\n"
