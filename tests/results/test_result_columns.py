"""Every column of every table that a run writes is documented, under its table, with its unit."""

import csv
import re
from pathlib import Path

import pytest

from fem.results.quantities import TABLES
from fem.results.tables import PARTIAL_SUFFIX, STEP_COLUMNS
from fem.units import unit_named

PAGE = Path(__file__).parents[2] / "docs" / "results.md"
_ROW = re.compile(r"\| `(\w+)` \| ([^|]*) \| ([^|]*\S) \|")
#: End of a column name -> its unit.
ENDINGS = {
    "_mm_s": "mm/s", "_1_s": "1/s", "_mm2": "mm²", "_mm3": "mm³", "_MPa": "MPa", "_kPa": "kPa", "_deg": "deg",
    "_mJ": "mJ", "_mm": "mm", "_N": "N", "_s": "s",
}  # fmt: skip


def documented() -> dict[str, dict[str, str]]:
    """Return table -> column -> unit, as the page has it."""
    text = PAGE.read_text(encoding="utf-8")
    body = text[text.index("<!-- columns") : text.index("<!-- end of columns")]
    common, *parts = re.split(r"^### (\w+)\.csv$", body, flags=re.MULTILINE)
    shared = {match[1]: match[2].strip() for match in _ROW.finditer(common)}
    return {
        name: {**shared, **{match[1]: match[2].strip() for match in _ROW.finditer(part)}}
        for name, part in zip(parts[::2], parts[1::2], strict=True)
    }


def undocumented(folder: Path) -> list[str]:
    """Return table and column of what a run wrote and the page does not know."""
    known, missing = documented(), []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            columns = next(csv.reader(lines))
        missing += [f"{file.stem}.{name}" for name in columns if name not in known.get(file.stem, {})]
    return missing


def test_every_column_of_a_run_is_documented(finished: Path) -> None:
    assert len(list(finished.glob("*.csv"))) >= 8
    assert not list(finished.glob(f"*{PARTIAL_SUFFIX}"))
    assert undocumented(finished) == [], "run: python docs/result_columns.py --write"


def test_a_column_that_is_not_documented_is_found(finished: Path) -> None:
    file = finished / "discs.csv"
    file.write_text(file.read_text().replace("pressure_MPa", "pressure_bar"))
    assert undocumented(finished) == ["discs.pressure_bar"]


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_the_catalogue_is_documented_with_its_unit(name: str) -> None:
    found = documented()[name]
    assert set(TABLES[name].columns()) | set(STEP_COLUMNS) == set(found), (
        "run: python docs/result_columns.py --write"
    )
    for quantity in TABLES[name].values:
        assert found[quantity.name] == quantity.unit


@pytest.mark.parametrize("name", ["history", *TABLES])
def test_the_unit_stands_in_the_name(name: str) -> None:
    for column, unit in documented()[name].items():
        ending = next((own for own in ENDINGS if column.endswith(own)), "")
        expected = ENDINGS.get(ending, "")
        assert (unit_named(expected).symbol if expected else "") == (
            unit_named(unit).symbol if unit not in ("", "1") else ""
        )
