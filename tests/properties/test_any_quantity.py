"""Whatever numbers stand in a file, they come back as they were written, or are refused."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fem.case.force_table import read_force_table
from fem.errors import InputError
from fem.quantities import Quantity
from fem.units import SENSIBLE, UNITS, format_quantity, parse_quantity

NUMBERS = st.floats(-1e300, 1e300)
CHEAP = settings(max_examples=60, deadline=None, derandomize=True)


@CHEAP
@given(st.sampled_from(sorted(UNITS)), NUMBERS)
def test_a_quantity_is_read_as_it_is_written(dimension: str, value: float) -> None:
    for unit in UNITS[dimension]:
        text = format_quantity(value, dimension, unit, digits=17)
        if "inf" not in text:  # 1e308 tonnes in grams
            assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-12, abs=1e-300)


@CHEAP
@given(st.sampled_from(sorted(UNITS)), NUMBERS)
@example("time", 1e300)
@example("length", 1e-300)
def test_a_field_takes_what_makes_sense_and_nothing_else(dimension: str, value: float) -> None:
    low, high = SENSIBLE[dimension]
    text = format_quantity(value, dimension, digits=17)
    for field, legal in (
        (Quantity(dimension), abs(value) <= high),
        (Quantity(dimension, above=0.0), low <= value <= high),
    ):
        try:
            field.read(text)
            taken = True
        except ValueError:
            taken = False
        assert taken == legal


@CHEAP
@given(st.lists(st.tuples(st.floats(0.02, 5.0), st.floats(-100.0, 500.0)), min_size=1, max_size=20))
def test_a_table_holds_the_numbers_of_its_file_or_is_refused(steps: list[tuple[float, float]]) -> None:
    times = np.cumsum([0.0, *(step for step, _ in steps)])
    forces = np.array([0.0, *(force for _, force in steps)])
    rows = "".join(
        f"{time!r},{force!r}\n" for time, force in zip(times.tolist(), forces.tolist(), strict=True)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "forces.csv"
        path.write_text("time_s,force_N\n" + rows)
        try:
            table = read_force_table(path)
        except InputError:
            assert (
                forces.max() <= 0.0
                or np.abs(np.diff(forces) / np.diff(times)).max() > 0.1 * np.ptp(forces) / 0.02
            )
            return
    np.testing.assert_allclose(table.times, times, rtol=1e-14)
    np.testing.assert_array_equal(table.forces, forces)
