"""Order and band of known series, and series that have none."""

import math

import pytest

from fem.validate.convergence import SURE, UNSURE, band, extrapolated, observed_order


@pytest.mark.parametrize("sizes", [(4.0, 2.0, 1.0), (1.0, 0.7, 0.55)])
def test_a_series_of_second_order_shows_order_two_and_its_limit(sizes: tuple[float, float, float]) -> None:
    values = [3.0 + 0.4 * size**2 for size in sizes]
    found = band(values, sizes, 1)
    assert found.order == pytest.approx(2.0, abs=1e-6)
    assert extrapolated(values, sizes, 2.0) == pytest.approx(3.0)
    # the true error of the solution in use, times the factor of safety of an observed order
    assert found.half_width == pytest.approx(SURE * (values[1] - 3.0), rel=1e-5)


@pytest.mark.parametrize("order", [0.6, 1.0, 1.5, 2.4])
def test_the_order_of_a_power_is_found_whatever_the_ratio_of_the_sizes(order: float) -> None:
    sizes = (720 ** (-1 / 3), 1728 ** (-1 / 3), 4608 ** (-1 / 3))
    assert observed_order([5.0 - 2.0 * size**order for size in sizes], sizes) == pytest.approx(
        order, abs=1e-6
    )


def test_the_band_holds_the_limit_for_every_solution_of_the_series() -> None:
    sizes = (1.0, 0.5, 0.25)
    values = [1.0 + 0.3 * size**1.3 for size in sizes]
    for used in range(3):
        assert abs(values[used] - 1.0) <= band(values, sizes, used).half_width


def test_to_and_fro_has_no_order_and_a_wide_band() -> None:
    found = band([1.0, 1.2, 1.1], (4.0, 2.0, 1.0), 2)
    assert found.order is None
    assert found.factor == UNSURE
    assert found.half_width == pytest.approx(UNSURE * 0.1)


def test_two_solutions_have_no_order_and_the_larger_factor() -> None:
    found = band([1.2, 1.1], (2.0, 1.0), 1)
    assert found.order is None
    assert found.half_width == pytest.approx(UNSURE * 0.1 / (2.0**2 - 1.0))


def test_an_order_that_is_too_good_earns_no_narrow_band() -> None:
    sizes = (4.0, 2.0, 1.0)
    found = band([size**6 for size in sizes], sizes, 2)
    assert found.order == pytest.approx(6.0)
    assert found.factor == UNSURE


def test_an_order_that_is_too_low_makes_a_wide_band() -> None:
    sizes = (4.0, 2.0, 1.0)
    found = band([size**0.2 for size in sizes], sizes, 2)
    assert found.order == pytest.approx(0.2)
    assert found.half_width == pytest.approx(UNSURE * (2.0**0.2 - 1.0) / (2.0**0.5 - 1.0))


@pytest.mark.parametrize(
    ("values", "sizes"), [([1.0], [1.0]), ([1.0, 2.0], [1.0, 2.0]), ([1.0, math.nan], [2.0, 1.0])]
)
def test_what_is_no_series_is_refused(values: list[float], sizes: list[float]) -> None:
    with pytest.raises(ValueError, match=r"two solutions|fall|finite"):
        band(values, sizes, 0)
