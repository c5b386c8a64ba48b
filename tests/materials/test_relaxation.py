"""Branches of overstress: their step in time, their limits, and the series made from measurements."""

import numpy as np
import pytest
from scipy.integrate import quad

from fem.errors import ParameterError
from fem.materials.relaxation import PronySeries, faster_than, from_log_slope, with_overstress
from fem.materials.solid import FibreExponential, Hyperelastic, MooneyRivlin
from fem.parameters import check_parameters
from oracles.samples import random_rotation, stretched_fibres

SERIES = PronySeries(np.array([0.7, 1.5]), np.array([0.1, 2.0]))
LAW = Hyperelastic((MooneyRivlin(0.2, 0.1), FibreExponential(1.5, 20.0, 0.1)))
#: Entries of a symmetric tensor in the order in which they are remembered.
ROW, COLUMN = [0, 1, 2, 0, 1, 0], [0, 1, 2, 1, 2, 2]


def symmetric(six: np.ndarray) -> np.ndarray:
    """Return tensors (..., 3, 3) of their six entries."""
    out = np.empty((*six.shape[:-1], 3, 3))
    out[..., ROW, COLUMN] = out[..., COLUMN, ROW] = six
    return out


def test_a_step_is_exact_while_the_stress_rises_evenly() -> None:
    """Q(t) = ∫ β e^(−(t − s)/τ) Ṡ ds in one step or in seven uneven ones."""
    rate, end = 3.0, 0.4
    exact = [
        quad(lambda s, b=b, tau=tau: b * np.exp(-(end - s) / tau) * rate, 0.0, end, epsabs=0.0)[0]
        for b, tau in zip(SERIES.share, SERIES.time, strict=True)
    ]
    for cuts in ([end], [0.01, 0.02, 0.1, 0.13, 0.3, 0.39, end]):
        Q, old = np.zeros(2), 0.0
        for now in cuts:
            decay, gain = SERIES.recursion(now - old)
            Q, old = decay * Q + gain * rate * (now - old), now
        np.testing.assert_allclose(Q, exact, rtol=1e-13)


def test_a_sudden_step_feels_every_branch_whole_and_a_slow_one_only_its_viscosity() -> None:
    sudden, slow = SERIES.recursion(1e-12), SERIES.recursion(1e6)
    np.testing.assert_allclose(sudden.gain, SERIES.share, rtol=1e-10)
    np.testing.assert_allclose(sudden.decay, 1.0, rtol=1e-10)
    np.testing.assert_allclose(slow.gain, SERIES.share * SERIES.time / 1e6, rtol=1e-12)
    np.testing.assert_array_equal(slow.decay, 0.0)


def test_damping_is_a_branch_without_memory() -> None:
    damped = PronySeries(SERIES.share, SERIES.time, np.array([0.003]))
    decay, gain = damped.recursion(0.01)
    assert damped.count == len(decay) == 3
    assert (decay[-1], gain[-1]) == (0.0, pytest.approx(0.3))


def test_memory_and_stress_of_a_solid_are_the_recursion_in_tensors(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 5)
    G = np.ascontiguousarray(F + 0.05 * generator.normal(size=F.shape))
    weight = generator.uniform(1.0, 2.0, size=F.shape[:2])
    before, now = LAW.respond(F, fibres, False).pk1, LAW.respond(G, fibres, False).pk1
    past = SERIES.at_rest(F, before)
    past[:, :, 2:] = generator.normal(size=past[:, :, 2:].shape)
    step = SERIES.overstress(G, now, weight, past, 0.3)

    S, S_new = np.linalg.solve(F, before), np.linalg.solve(G, now)
    np.testing.assert_allclose(symmetric(past[:, :, 1]), S, atol=1e-13)
    np.testing.assert_allclose(symmetric(step.memory[:, :, 1]), S_new, atol=1e-13)
    decay, gain = (row[:, None, None] for row in SERIES.recursion(0.3))
    Q = symmetric(past[:, :, 2:])
    Q_new = decay * Q + gain * (S_new - S)[:, :, None]
    np.testing.assert_allclose(symmetric(step.memory[:, :, 2:]), Q_new, atol=1e-12)
    np.testing.assert_allclose(step.pk1, now + G @ Q_new.sum(axis=2), atol=1e-12)
    again = with_overstress(G, now, step.factor, step.held)
    np.testing.assert_allclose(again, step.pk1, atol=1e-12)
    change = np.swapaxes(G, -1, -2) @ G - np.swapaxes(F, -1, -2) @ F
    work = 0.25 * weight * np.sum((Q + Q_new).sum(axis=2) * change, axis=(-1, -2))
    assert np.abs(work).min() > 1e-3
    np.testing.assert_allclose(step.lost, work.sum(axis=1), rtol=1e-11)


def test_turning_a_stressed_solid_costs_nothing_and_turns_the_stress(generator: np.random.Generator) -> None:
    F, fibres = stretched_fibres(generator, 5)
    past = SERIES.at_rest(F, LAW.respond(F, fibres, False).pk1)
    past[:, :, 2:] = generator.normal(size=past[:, :, 2:].shape)
    turn, weight = random_rotation(generator), np.ones(F.shape[:2])
    turned = np.ascontiguousarray(turn @ F)
    still, moved = (
        SERIES.overstress(G, LAW.respond(G, fibres, False).pk1, weight, past, 0.1) for G in (F, turned)
    )
    assert np.abs(still.pk1).max() > 1.0
    np.testing.assert_allclose(moved.pk1, turn @ still.pk1, atol=1e-12 * np.abs(still.pk1).max())
    np.testing.assert_allclose(moved.lost, 0.0, atol=1e-13)


def test_only_what_was_relaxed_when_the_law_was_measured_comes_on_top() -> None:
    sudden = PronySeries(np.array([0.3, 0.0, 0.2, 0.4]), np.array([0.1, 0.5, 2.0, 40.0]))
    series = faster_than(10.0, sudden)
    np.testing.assert_allclose(series.share, [0.6, 0.4])
    np.testing.assert_array_equal(series.time, [0.1, 2.0])
    # Relaxed and static stress agree: G(0) = G(10 s) (1 + Σ β), the branch of 40 s still carrying.
    assert 0.5 * (1.0 + series.share.sum()) == pytest.approx(1.0)
    assert faster_than(0.05, sudden).count == 0
    with pytest.raises(ParameterError, match="leave nothing for the static law"):
        faster_than(10.0, PronySeries(np.array([0.6, 0.4]), np.array([0.1, 1.0])))


def test_branches_of_a_slope_relax_along_a_straight_line_in_log_time() -> None:
    slope, shortest, horizon = 0.06, 0.01, 10.0
    series = from_log_slope(slope, shortest, horizon)
    assert series.count == 3
    assert series.share.sum() == pytest.approx(slope * np.log(horizon / shortest))
    time = np.geomspace(shortest, horizon, 40)
    stress = 1.0 + np.sum(series.share * np.exp(-time[:, None] / series.time), axis=1)
    inner = (time > 3.0 * shortest) & (time < horizon / 3.0)
    # One exponential a decade ripples about the line: 0.15 slope is 7 % of a decade's share, slope ln 10.
    fitted = np.polyfit(np.log(time[inner]), stress[inner], 1)
    assert -fitted[0] == pytest.approx(slope, rel=0.05)
    np.testing.assert_allclose(stress[inner], np.polyval(fitted, np.log(time[inner])), atol=0.15 * slope)
    with pytest.raises(ParameterError, match="between 0 and the horizon"):
        from_log_slope(slope, 20.0, horizon)


@pytest.mark.parametrize(
    ("series", "word"),
    [
        (PronySeries(np.array([-0.1]), np.array([1.0])), "share"),
        (PronySeries(np.array([0.1]), np.array([0.0])), "time"),
        (PronySeries(np.array([0.1]), np.array([1.0]), np.array([-1.0])), "damping"),
    ],
)
def test_illegal_constants_are_named(series: PronySeries, word: str) -> None:
    with pytest.raises(ParameterError, match=f"PronySeries.{word}"):
        check_parameters(series)
    check_parameters(SERIES)
