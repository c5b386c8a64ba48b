"""Quantities: what is read, what is refused and in which words; declared parameters of laws."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fem.errors import ParameterError
from fem.parameters import Parameter, check_parameters, parameters_of
from fem.units import (
    ALIASES,
    UNITS,
    QuantityError,
    format_quantity,
    parse_quantity,
    quantity_pattern,
    unit_named,
)


@pytest.mark.parametrize(
    "text", ["7.5 N m", "7.5 N*m", "7.5 N·m", "7.5 Nm", "7.5Nm", " 7.5  N m ", "7500 N mm", "75e-1 Nm"]
)
def test_a_moment_may_be_spelt_in_several_ways(text: str) -> None:
    assert parse_quantity(text, "moment") == pytest.approx(7500.0, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("450 N", "force", 450.0),
        ("0.5 Pa s", "viscosity", 0.5e-6),
        ("4.2 kPa", "stress", 4.2e-3),
        ("180 deg", "angle", math.pi),
        ("30 °", "angle", math.pi / 6),
        ("36 mm²", "area", 36.0),
        ("0.3 mL", "volume", 300.0),
        ("1200 kg/m^3", "density", 1.2e-9),
        ("15 %", "dimensionless", 0.15),
        ("0.15", "dimensionless", 0.15),
        (0.15, "dimensionless", 0.15),
        ("12 N/mm²", "pressure", 12.0),
        ("8 mm^3/kPa", "compliance", 8000.0),
        ("-3e-2 m", "length", -30.0),
    ],
)
def test_quantities_are_read_into_internal_units(text: str | float, dimension: str, value: float) -> None:
    assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "dimension", "message"),
    [
        ("150 mm", "time", "'150 mm' is a length, but a time is needed; accepted: s, ms, min"),
        ("150", "time", "'150' has no unit; write a time, for example 150 ms"),
        (450, "force", "'450' has no unit; write a force, for example 450 N"),
        ("450 kn", "force", "unknown unit 'kn' (did you mean 'kN'?); accepted: N, kN, mN, kgf, lbf"),
        ("1e999 N", "force", "'inf N' is not a finite number"),
        ("nan N", "force", "cannot read 'nan N' as a force"),
        ("", "force", "cannot read '' as a force"),
        ("5 N N", "force", "unknown unit 'N N'"),
        (True, "force", "'True' is not a force with a unit"),
        (None, "length", "'None' is not a length with a unit"),
        ("7 N", "dimensionless", "'7 N' is a force, but a dimensionless number is needed"),
        (float("nan"), "dimensionless", "'nan 1' is not a finite number"),
        ("3 mm", "lenght", "'lenght' is not a known dimension"),
    ],
)
def test_what_is_not_the_quantity_asked_for_is_refused_in_words(
    text: object, dimension: str, message: str
) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, dimension)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_every_unit_belongs_to_one_dimension_and_the_first_one_is_internal() -> None:
    symbols = [symbol for table in UNITS.values() for symbol in table]
    assert len(symbols) == len(set(symbols))
    assert all(next(iter(table.values())) == 1.0 for table in UNITS.values())
    assert all(unit_named(alias).symbol == symbol for alias, symbol in ALIASES.items())
    assert not set(ALIASES) & set(symbols)


@given(st.floats(-1e6, 1e6), st.sampled_from([(d, s) for d, table in UNITS.items() for s in table]))
def test_writing_and_reading_are_inverse(value: float, unit: tuple[str, str]) -> None:
    dimension, symbol = unit
    text = format_quantity(value, dimension, symbol, digits=17)
    assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("dimension", UNITS)
def test_the_schema_pattern_accepts_what_the_reader_accepts(dimension: str) -> None:
    import re

    pattern = re.compile(quantity_pattern(dimension))
    for symbol in UNITS[dimension]:
        assert pattern.match(f"1.5 {symbol}"), symbol
    assert not pattern.match("1.5 furlong")


@dataclass(frozen=True)
class _Law:
    mu: Annotated[float, Parameter("MPa", "shear modulus", low=0.0)]
    kappa: Annotated[object, Parameter("1", "dispersion", low=0.0, high=1.0 / 3.0)]
    name: str = "law"


def test_declared_parameters_are_found_in_order_and_checked() -> None:
    assert list(parameters_of(_Law)) == ["mu", "kappa"]
    assert parameters_of(_Law)["mu"].dimension == "pressure"
    check_parameters(_Law(0.5, np.array([0.0, 0.3])))


@pytest.mark.parametrize(
    ("mu", "kappa", "words"),
    [
        (-0.1, 0.1, r"_Law.mu \(shear modulus\) is -0.1 MPa"),
        (math.nan, 0.1, "_Law.mu"),
        (math.inf, 0.1, "_Law.mu"),
        (0.1, np.array([0.1, 0.4, -1.0]), r"_Law.kappa \(dispersion\) is 0.4"),
    ],
)
def test_a_parameter_outside_its_range_is_an_error(mu: float, kappa: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        check_parameters(_Law(mu, kappa))


def test_a_parameter_must_be_declared_in_internal_units() -> None:
    with pytest.raises(QuantityError, match="internal units"):
        Parameter("kPa", "modulus")
