"""The example in docs/verification.md runs as it stands and prints what the page says."""

import re
from pathlib import Path

import pytest

from fem import mechanics

pytestmark = pytest.mark.verification

PAGE = Path(__file__).parents[2] / "docs" / "verification.md"


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    promised = re.search(r"It prints `(.*?)`", text)
    assert code is not None
    assert promised is not None
    assert len(code[1].strip().splitlines()) <= 18
    exec(code[1], {})
    assert capsys.readouterr().out.strip() == promised[1]


def test_the_files_that_the_table_names_exist() -> None:
    named = re.findall(r"`((?:tests/)?[\w/]*test_\w+\.py)`", PAGE.read_text())
    assert len(named) > 20
    for name in named:
        place = PAGE.parents[1] / name if name.startswith("tests/") else Path(__file__).parent / name
        assert place.is_file(), name


def test_the_short_list_of_names_is_complete() -> None:
    for name in mechanics.__all__:
        assert getattr(mechanics, name).__doc__, name
