"""A small valid case to change one thing in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fem.case.read import CaseFile, read_case
from fem.errors import InputError

ROOT = Path(__file__).parents[2]

GOOD = f"""version: 1
title: A test
spine:
  anatomy: {ROOT / "meshes" / "lumbar.yaml"}
  levels: L3-L5
phases:
  - {{name: settle}}
  - name: load
    loads:
      - {{kind: moment, on: L3, motion: flexion, value: 7.5 N m}}
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., CaseFile]:
    """Read a case text (by default the good one, with lines added), with overrides."""

    def reader(*overrides: str, text: str = GOOD, more: str = "") -> CaseFile:
        path = tmp_path / "test.yaml"
        path.write_text(text + more)
        return read_case(path, overrides)

    return reader


@pytest.fixture
def faults(read: Callable[..., CaseFile]) -> Callable[..., list[str]]:
    """Read a case that must be refused; return its messages without the file."""

    def reader(*overrides: str, text: str = GOOD, more: str = "") -> list[str]:
        with pytest.raises(InputError) as caught:
            read(*overrides, text=text, more=more)
        return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]

    return reader
