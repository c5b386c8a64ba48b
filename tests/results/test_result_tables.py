import csv
from dataclasses import replace

import pytest
from fake_spine import fake_record, fake_tables

from fem.errors import NonFiniteError
from fem.results.quantities import TABLES
from fem.results.tables import TableSet, cell_text


def rows(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_rows_stream_into_partial_files_and_get_their_name_at_the_end(tmp_path):
    tables = TableSet(tmp_path)
    for step in range(3):
        tables.append(fake_record(step))
    assert not (tmp_path / "ligaments.csv").exists()
    assert len(rows(tmp_path / "ligaments.csv.partial")) == 3 * 18
    tables.close()
    tables.close()
    assert not list(tmp_path.glob("*.partial"))
    assert {file.stem for file in tmp_path.glob("*.csv")} == {*TABLES, "history"}


def test_numbers_come_back_with_step_time_and_phase(tmp_path):
    tables = TableSet(tmp_path)
    tables.append(fake_record(0))
    tables.append(fake_record(2))
    tables.close()
    last = rows(tmp_path / "facets.csv")[5]
    assert (last["step"], last["phase"], last["joint"]) == ("2", "bend", "L4-L5 right")
    assert float(last["time_s"]) == 0.5
    assert float(last["gap_mean_mm"]) == pytest.approx(0.4)
    history = rows(tmp_path / "history.csv")
    assert [row["iterations"] for row in history] == ["3", "5"]
    assert float(history[1]["work_mJ"]) == pytest.approx(20.2)


def test_absent_optional_columns_stay_absent_and_further_ones_follow(tmp_path):
    table = {**fake_tables(0)["facets"], "slip_mm": [0.0] * 4}
    tables = TableSet(tmp_path)
    tables.append(fake_record(0, tables={"facets": table}))
    tables.close()
    header = (tmp_path / "facets.csv").read_text().splitlines()[0].split(",")
    assert header[:4] == ["step", "time_s", "phase", "joint"]
    assert header[-1] == "slip_mm"
    assert "contact_area_mm2" not in header


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(tmp_path, bad):
    record = fake_record(0)
    table = {**record.tables["discs"], "pressure_MPa": [0.1, bad]}
    tables = TableSet(tmp_path)
    with pytest.raises(NonFiniteError, match=r"discs\.csv"):
        tables.append(replace(record, tables={"discs": table}))
    tables.close()
    assert rows(tmp_path / "discs.csv") == []
    assert rows(tmp_path / "history.csv") == [], "no table gets a row of a refused step"


@pytest.mark.parametrize(
    ("sabotage", "words"),
    [
        ({"facet": {}}, "no table 'facet'"),
        ({"discs": {"level": ["L4-L5"]}}, "lacks the column"),
        ({"discs": {**fake_tables(0)["discs"], "level": ["L4-L5"]}}, "shorter|longer"),
    ],
)
def test_sabotaged_tables_are_refused(tmp_path, sabotage, words):
    tables = TableSet(tmp_path)
    with pytest.raises(ValueError, match=words):
        tables.append(fake_record(0, tables=sabotage))
    tables.close()


def test_columns_may_not_change_during_a_run(tmp_path):
    tables = TableSet(tmp_path)
    tables.append(fake_record(0))
    table = {**fake_tables(1)["discs"], "height_change_mm": [0.0, 0.0]}
    with pytest.raises(ValueError, match="height_change_mm"):
        tables.append(fake_record(1, tables={"discs": table}))
    tables.close()


def test_cells_keep_nine_digits():
    assert cell_text(1 / 3, "x.csv") == "0.333333333"
    assert cell_text(7.0, "x.csv") == "7"
    assert cell_text(-1.25e-9, "x.csv") == "-1.25e-09"
