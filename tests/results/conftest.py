"""A finished result folder to read from."""

from pathlib import Path

import pytest
from fake_spine import fake_info, fill

from fem.results.folder import claim


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A complete result folder of four steps."""
    folder = claim(tmp_path / "flexion", fake_info())
    assert folder is not None
    fill(folder)
    folder.finish("complete")
    return folder.path
