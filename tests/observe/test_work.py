"""Work from the ends of steps: exact along parabolas, of its order elsewhere, and never mixed across phases."""

import itertools

import numpy as np
import pytest

from fem.observe.work import Stretch, WorkCount, count_of, work_along


def ways(
    times: list[float], place: np.polynomial.Polynomial, force: np.polynomial.Polynomial
) -> list[Stretch]:
    """Return the steps between `times` of a motion and a force that are polynomials in time, twice (d = 2)."""
    out = []
    for start, end in itertools.pairwise(times):
        out.append(
            Stretch(
                end - start,
                np.array([1.0, -2.0]) * (place(end) - place(start)),
                np.array([1.0, 0.5]) * force(start),
                np.array([1.0, 0.5]) * force(end),
            )
        )
    return out


def exact(times: list[float], place: np.polynomial.Polynomial, force: np.polynomial.Polynomial) -> float:
    """Return ∫F·dx; the second unknown gives −2 · ½ of the first, so both together give nothing."""
    whole = (force * place.deriv()).integ()
    return float(whole(times[-1]) - whole(times[0]))


def one(stretch: Stretch) -> Stretch:
    """Return the first unknown's part alone."""
    return Stretch(stretch.duration, stretch.motion[:1], stretch.start[:1], stretch.end[:1])


def counted(times: list[float], place: object, force: object, static: bool = True) -> float:
    count = WorkCount(3.0)
    for way in ways(times, place, force):
        count = count.after(one(way), "load", static)
    return count.work - 3.0


LINE = np.polynomial.Polynomial([0.5, 4.0])
PARABOLA = np.polynomial.Polynomial([1.0, -2.0, 3.0])
CUBIC = np.polynomial.Polynomial([0.0, 2.0, -1.0, 4.0])
WAVE = np.polynomial.Polynomial([0.0, 1.0, 0.0, -0.5, 0.0, 0.2])
TIMES = [0.0, 0.25, 0.75, 1.0]


def straight(stretch: Stretch) -> float:
    """Return the trapezoidal rule."""
    return float(0.5 * (stretch.start + stretch.end) @ stretch.motion)


def test_one_stretch_is_the_trapezoidal_rule() -> None:
    way = one(ways([0.2, 0.7], WAVE, CUBIC)[0])
    assert work_along([way]) == pytest.approx([straight(way)], rel=1e-14)


@pytest.mark.parametrize("times", [TIMES, [*TIMES, 1.1, 1.8], [0.0, 0.001, 0.1, 0.7, 0.701]])
def test_cubics_are_counted_exactly_over_uneven_steps_the_first_ones_too(times: list[float]) -> None:
    expected = exact(times, CUBIC, CUBIC + PARABOLA)
    assert counted(times, CUBIC, CUBIC + PARABOLA) == pytest.approx(expected, rel=1e-10)
    assert abs(counted(times, CUBIC, CUBIC + PARABOLA, static=False) - expected) > 0.01


def test_each_stretch_of_a_cubic_has_its_own_share() -> None:
    found = work_along([one(way) for way in ways(TIMES, CUBIC, PARABOLA)])
    expected = [exact([start, end], CUBIC, PARABOLA) for start, end in itertools.pairwise(TIMES)]
    assert found == pytest.approx(expected, rel=1e-12)


def test_both_unknowns_add_up() -> None:
    assert work_along(ways([0.0, 0.4, 1.0], PARABOLA, LINE)) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_orders_of_both_rules() -> None:
    errors = {True: [], False: []}
    for count in (8, 16, 32):
        times = list(np.linspace(0.0, 1.0, count + 1))
        for static, found in errors.items():
            found.append(
                abs(counted(times, WAVE, WAVE**2 + LINE, static) - exact(times, WAVE, WAVE**2 + LINE))
            )
    assert np.log2(errors[False][1] / errors[False][2]) == pytest.approx(2.0, abs=0.1)
    assert (
        np.log2(errors[True][1] / errors[True][2]) > 3.5
    )  # 4 in the end: the first and last stretch are of less
    assert errors[True][0] < 0.05 * errors[False][0]


def test_a_new_phase_begins_straight_again() -> None:
    """A force that turns back at 1 s: a cubic across the turn would be wrong."""
    up, down = LINE, np.polynomial.Polynomial([8.5, -4.0])
    count = WorkCount()
    for way in ways([0.0, 0.5, 1.0], LINE, up):
        count = count.after(one(way), "up", True)
    for way in ways([1.0, 1.5, 2.0], LINE, down):
        count = count.after(one(way), "down", True)
    assert count.work == pytest.approx(exact([0.0, 1.0], LINE, up) + exact([1.0, 2.0], LINE, down))


def test_a_dynamic_phase_is_counted_straight_and_forgotten_by_the_next_static_one() -> None:
    way, other = (one(stretch) for stretch in ways([0.0, 0.4, 1.0], PARABOLA, PARABOLA))
    moving = WorkCount().after(way, "thrust", static=False)
    assert moving.work == pytest.approx(straight(way), rel=1e-14)
    whole = moving.after(other, "recover", static=True)
    assert whole.work == pytest.approx(straight(way) + straight(other), rel=1e-14)


def test_a_count_goes_on_from_what_a_checkpoint_kept() -> None:
    whole = kept = WorkCount(1.0)
    for way in ways([*TIMES, 1.5, 1.7], WAVE, CUBIC):
        whole = whole.after(one(way), "load", True)
        kept = count_of(kept.after(one(way), "load", True).memory())
    assert kept.work == whole.work
