"""Measured force tables: units, and every way in which a file can be wrong, at its line."""

from pathlib import Path

import numpy as np
import pytest

from fem.case.force_table import read_force_table
from fem.errors import InputError


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "force.csv"


def test_units_come_from_the_header_and_time_counts_from_the_first_row(table: Path) -> None:
    table.write_text("# a remark\nforce_kN,time_ms\n\n0.05,200\n0.4,350\n0.05,500\n")
    found = read_force_table(table)
    np.testing.assert_allclose(found.times, [0.0, 0.15, 0.3], atol=1e-15)
    np.testing.assert_allclose(found.forces, [50.0, 400.0, 50.0])
    assert found.time_to_peak == pytest.approx(0.15)
    assert found.duration == pytest.approx(0.3)


GOOD = "time_s,force_N\n0,0\n0.1,300\n0.2,0\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "the table is empty; write a header (time_s,force_N)"),
        ("# nothing but a remark\n", 1, "the table is empty"),
        ("time_s,force_N\n", 1, "0 row(s) below the header; a course of force needs two or more"),
        ("time_s,force_N\n0,0\n", 1, "1 row(s) below the header"),
        (GOOD.replace("300", "nan"), 3, "the force is 'nan', which is not a finite number"),
        (GOOD.replace("0.1", "inf"), 3, "the time is 'inf', which is not a finite number"),
        (GOOD.replace("300", "much"), 3, "the force is 'much', which is not a number"),
        (GOOD.replace("300", ""), 3, "the force is empty"),
        (GOOD.replace("0.2", "0.05"), 4, "time goes back from 0.1 s to 0.05 s; each row must be later"),
        (GOOD.replace("0.2", "0.1"), 4, "the time 0.1 s is there twice"),
        (GOOD.replace("force_N", "force_kg"), 1, "column 'force_kg': kg is a unit of mass, but one of force is needed"),
        (GOOD.replace("force_N", "force_n"), 1, "column 'force_n': unknown unit 'n' (did you mean 'N'?)"),
        (GOOD.replace("force_N", "force"), 1, "the column 'force' has no unit; a header reads time_s,force_N"),
        (GOOD.replace("force_N", "moment_Nm"), 1, "'moment_Nm' is not a column of a force table"),
        (GOOD.replace("time_s,force_N", "time_s"), 1, "the column of force is missing"),
        (GOOD.replace("time_s,force_N", "time_s,force_N,force_N"), 1, "a column is given twice"),
        (GOOD.replace(",", ";"), 1, "columns are separated by commas"),
        ("0,0\n0.1,300\n", 1, "'0' is not a column of a force table"),
        (GOOD.replace("0.1,300", "0,1,300"), 3, "3 value(s) under 2 columns; decimals are written with a point"),
        (GOOD.replace("300", "-300"), 1, "the largest force is 0 N; such a thrust pushes nothing"),
        ("time_ms,force_N\n0,0\n1,400\n2,0\n", 3, "as steeply as in a half-sine whose rise of 1.57 ms is too short"),
    ],
)  # fmt: skip
def test_each_fault_is_told_at_its_line(text: str, line: int, words: str, table: Path) -> None:
    table.write_text(text)
    with pytest.raises(InputError) as caught:
        read_force_table(table)
    problem = caught.value.problems[0]
    assert words in problem.message
    assert caught.value.lines()[0].startswith(f"{table}:{line}:{problem.column or 1}: error: ")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("0.1,  much", 7, "the force is 'much'"),
        ("x,300", 1, "the time is 'x'"),
        ("0.1,1_0", 5, "the force is '1_0', which is not a number"),
        ("0.1,١", 5, "which is not a number"),
        ("0.1,1e300", 5, "the force is '1e300', but must be 1e+06 N or less"),
        ("1e308,300", 1, "the time is '1e308', but must be 1e+07 s or less"),
        ("0.1," + "1" * 200_000, 5, "…', but must be 1e+06 N or less"),
        ("0.1,3\x00", 6, "the control character U+0000 stands here"),
    ],
)
def test_a_cell_is_told_with_its_column(row: str, column: int, words: str, table: Path) -> None:
    table.write_text(GOOD.replace("0.1,300", row))
    with pytest.raises(InputError) as caught:
        read_force_table(table)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (3, column)
    assert words in problem.message
    assert len(problem.message) < 300


def test_both_cells_of_a_row_are_told(table: Path) -> None:
    table.write_text(GOOD.replace("0.1,300", "x,y"))
    with pytest.raises(InputError) as caught:
        read_force_table(table)
    assert [problem.column for problem in caught.value.problems] == [1, 3]


def test_cells_in_quotation_marks_are_read(table: Path) -> None:
    table.write_text('"time_s","force_N"\n"0","0"\n"0.1","300"\n"0.2","0"\n')
    assert read_force_table(table).forces.max() == 300.0


def test_a_table_of_a_million_rows_is_refused_at_once(table: Path) -> None:
    table.write_text("time_s,force_N\n" + "1,1\n" * 100_000)
    with pytest.raises(InputError, match="the table has 100001 lines; the limit is 20000"):
        read_force_table(table)


def test_all_faults_come_at_once_but_not_thousands(table: Path) -> None:
    table.write_text("time_s,force_N\n" + "0,nan\n" * 1000)
    with pytest.raises(InputError) as caught:
        read_force_table(table)
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1].message == "and 980 more faulty line(s)"


def test_a_file_that_is_not_there(table: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_force_table(table)
