"""Every message in docs/reliability.md is what the program says when it is given that input."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from oracles.pages import DOCS


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", DOCS / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["messages"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_lists_what_the_program_says(messages: ModuleType) -> None:
    page = (DOCS / "reliability.md").read_text(encoding="utf-8")
    begin = page.index(messages.BEGIN)
    listed = page[begin : page.index(messages.END) + len(messages.END)]
    assert listed.splitlines() == messages.section().splitlines(), "run: python docs/messages.py --write"


def test_every_message_names_a_place_and_no_bug(messages: ModuleType) -> None:
    page = (DOCS / "reliability.md").read_text(encoding="utf-8")
    listed = page[page.index(messages.BEGIN) : page.index(messages.END)]
    rows = [line for line in listed.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) > 120
    for row in rows:
        assert "error: " in row
        assert "bug" not in row
        assert "Traceback" not in row


def test_an_input_that_is_accepted_is_noticed(messages: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "meshes").mkdir()
    (tmp_path / "meshes" / "lumbar.yaml").write_bytes((DOCS.parent / "meshes" / "lumbar.yaml").read_bytes())
    with pytest.raises(AssertionError, match="exit code 0"):
        messages.message(messages.Bad("nothing wrong"), tmp_path)
