"""Work from the ends of steps: exact along parabolas, of its order elsewhere, and never mixed across phases."""

import itertools

import numpy as np
import pytest

from fem.observe.work import Stretch, WorkCount, curved_work, straight_work


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


PARABOLA = np.polynomial.Polynomial([1.0, -2.0, 3.0])
LINE = np.polynomial.Polynomial([0.5, 4.0])
WAVE = np.polynomial.Polynomial([0.0, 1.0, 0.0, -0.5, 0.0, 0.2])
TIMES = [0.0, 0.25, 0.75, 1.0]


def test_parabolas_are_counted_exactly_over_uneven_steps_the_first_one_too() -> None:
    assert counted(TIMES, PARABOLA, PARABOLA + LINE) == pytest.approx(exact(TIMES, PARABOLA, PARABOLA + LINE))
    straight = sum(straight_work(one(way)) for way in ways(TIMES, PARABOLA, PARABOLA + LINE))
    assert abs(straight - exact(TIMES, PARABOLA, PARABOLA + LINE)) > 0.01


def test_both_unknowns_add_up() -> None:
    first, second = ways([0.0, 0.4, 1.0], PARABOLA, LINE)
    assert curved_work(first, second) == pytest.approx(0.0, abs=1e-12)
    assert straight_work(second) == pytest.approx(0.0, abs=1e-12)


def test_orders_of_both_rules() -> None:
    errors = {True: [], False: []}
    for count in (8, 16, 32):
        times = list(np.linspace(0.0, 1.0, count + 1))
        for static, found in errors.items():
            found.append(
                abs(counted(times, WAVE, WAVE**2 + LINE, static) - exact(times, WAVE, WAVE**2 + LINE))
            )
    assert np.log2(errors[False][1] / errors[False][2]) == pytest.approx(2.0, abs=0.1)
    assert np.log2(errors[True][1] / errors[True][2]) > 2.8
    assert errors[True][0] < 0.2 * errors[False][0]


def test_a_new_phase_begins_straight_again() -> None:
    """A force that turns back at 1 s: a parabola across the turn would be wrong."""
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
    assert moving.work == straight_work(way)
    assert moving.after(other, "recover", static=True).work == straight_work(way) + straight_work(other)
