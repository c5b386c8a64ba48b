"""Activation dynamics against their differential equation; the reflex against its words."""

import numpy as np
import pytest

from fem.materials.muscle.activation import ActivationDynamics, StretchRecord, reflex_excitation
from fem.materials.muscle.reflex import Reflex

DYNAMICS = ActivationDynamics(rise=0.015, fall=0.05)
REFLEX = Reflex(delay=0.1, gain=4.0, duration=0.2, threshold=0.02)


def test_activation_is_exact_for_any_step() -> None:
    start, excitation = np.array([0.1, 0.9, 0.3]), np.array([0.6, 0.2, 0.3])
    once = DYNAMICS.after(start, excitation, 0.03)
    expected = excitation + (start - excitation) * np.exp(-0.03 / np.array([0.015, 0.05, 0.05]))
    np.testing.assert_allclose(once, expected, rtol=1e-14)
    steps = start
    for _ in range(10):
        steps = DYNAMICS.after(steps, excitation, 0.003)
    np.testing.assert_allclose(steps, once, rtol=1e-12)
    # The equation itself: da/dt = (u − a)/τ.
    rate = (DYNAMICS.after(start, excitation, 1e-7) - start) / 1e-7
    np.testing.assert_allclose(rate[:2], [0.5 / 0.015, -0.7 / 0.05], rtol=1e-5)


def stretched(rate: float, times: np.ndarray) -> StretchRecord:
    record = StretchRecord.begin(float(times[0]), 2)
    for time in times[1:]:
        record = record.extended(
            float(time), np.array([rate * (time - times[0]), 0.0]), REFLEX.delay, record.onset
        )
    return record


def test_the_record_interpolates_and_forgets_what_is_too_old() -> None:
    record = stretched(0.5, 1.0 + np.linspace(0.0, 0.5, 51))
    assert record.strain(1.433)[0] == pytest.approx(0.5 * 0.433, rel=1e-12)
    assert record.strain(0.0)[0] == record.table[0, 1]  # the ends hold
    assert record.strain(9.0)[0] == pytest.approx(0.25)
    assert record.table[0, 0] <= 1.5 - REFLEX.delay
    assert len(record.table) <= 13


def test_the_reflex_waits_for_its_delay_and_its_threshold() -> None:
    times = np.linspace(0.0, 0.3, 301)
    record = stretched(0.4, times)
    # ε = 0.4 t passes 0.02 at 0.05 s, so the reflex starts at 0.15 s.
    full = StretchRecord(np.column_stack([times, 0.4 * times, 0.0 * times]), record.onset)
    before, onset = reflex_excitation(REFLEX, full, 0.149)
    np.testing.assert_array_equal(before, 0.0)
    assert np.isneginf(onset).all()
    after, onset = reflex_excitation(REFLEX, full, 0.17)
    assert after[0] == pytest.approx(4.0 * (0.4 * 0.07 - 0.02), rel=1e-9)
    assert after[1] == 0.0
    assert onset[0] == 0.17


def test_the_reflex_ends_after_its_duration_and_may_begin_again() -> None:
    table = np.array([[0.0, 0.05], [9.0, 0.05]])
    running = StretchRecord(table, np.array([1.0]))
    assert reflex_excitation(REFLEX, running, 1.19)[0][0] == pytest.approx(4.0 * 0.03)
    over, onset = reflex_excitation(REFLEX, running, 1.21)
    assert over[0] == 0.0
    assert onset[0] == 1.0  # still stretched: it must let go first
    relaxed = StretchRecord(np.array([[0.0, 0.0], [9.0, 0.0]]), onset)
    assert np.isneginf(reflex_excitation(REFLEX, relaxed, 1.4)[1][0])


def test_a_delay_shorter_than_the_step_sees_the_last_converged_strain() -> None:
    record = StretchRecord(np.array([[0.0, 0.0], [0.01, 0.03]]), np.array([-np.inf]))
    quick = Reflex(delay=0.001, gain=1.0, duration=1.0, threshold=0.0)
    assert reflex_excitation(quick, record, 0.02)[0][0] == pytest.approx(0.03)
