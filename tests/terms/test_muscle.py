"""A fascicle pulled along in time: memory, reflex and short-range stiffness as phases follow one another."""

from dataclasses import replace

import numpy as np
import pytest

from fem.materials.muscle.activation import ActivationDynamics
from fem.materials.muscle.hill import MuscleLaw
from fem.materials.muscle.reflex import Reflex
from fem.terms.muscle import FascicleState, MuscleTerm
from fem.terms.term import Configuration

LAW = MuscleLaw(
    maximum_force=np.array([100.0]),
    neutral_length=np.array([80.0]),
    fibre_share=np.array([0.5]),
    neutral_stretch=1.0,
    width=0.45,
    maximum_speed=10.0,
    curvature=0.25,
    eccentric_limit=1.4,
    short_range_factor=10.0,
    short_range_limit=0.3,
    passive_strain=0.6,
    passive_exponent=5.0,
)
REFLEX = Reflex(delay=0.1, gain=3.0, duration=0.4, threshold=0.01)
PLAIN = MuscleTerm("m", np.array([[0, 1]]), LAW, np.array([0.2]), ActivationDynamics(0.015, 0.05))


def at(length: float, time: float, elapsed: float, history: dict[str, np.ndarray]) -> Configuration:
    places = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]])
    return Configuration(places, np.zeros((0, 3)), np.zeros((0, 3, 3)), time, {}, history, elapsed)


def pulled(term: MuscleTerm, count: int, speed: float = 30.0, end: float = 0.2) -> list[FascicleState]:
    """Return the states while the fascicle, held at 80 mm, lengthens at `speed` [mm/s] in `count` steps."""
    history = dict(term.evaluate(at(80.0, 1.0, 0.0, {}), False).history or {})
    seen = []
    for number in range(1, count + 1):
        passed = end * number / count
        here = at(80.0 + speed * passed, 1.0 + passed, end / count, history)
        history |= term.evaluate(here, False).history or {}
        seen.append(term.observe(replace(here, history=history)))
    return seen


def test_the_reflex_changes_nothing_before_its_delay_and_much_after_it() -> None:
    plain, reflex = (pulled(term, 40) for term in (PLAIN, replace(PLAIN, reflex=REFLEX)))
    # 30 mm/s on 40 mm of fibre pass 1 % after 13 ms, so the reflex begins after 113 ms: from step 23 on.
    for number, (without, with_reflex) in enumerate(zip(plain, reflex, strict=True), start=1):
        if 0.005 * number < 0.113:
            assert with_reflex.force[0] == without.force[0]
    assert reflex[-1].activation[0] > 1.3 * plain[-1].activation[0]
    assert reflex[-1].force[0] > 1.1 * plain[-1].force[0]


def test_halving_the_steps_changes_little() -> None:
    term = replace(PLAIN, reflex=REFLEX)
    coarse, fine = pulled(term, 40)[-1], pulled(term, 80)[-1]
    assert coarse.fibre_velocity[0] == pytest.approx(30.0 / 40.0, rel=1e-9)
    # Excitation is held over a step, so activation is off by half a step of its rise: first order.
    assert fine.activation[0] == pytest.approx(coarse.activation[0], rel=0.02)


def test_a_fast_phase_begins_where_the_static_one_ended() -> None:
    static = PLAIN.evaluate(at(82.0, 1.0, 0.0, {}), False)
    begun = PLAIN.evaluate(at(82.0, 1.001, 0.001, dict(static.history or {})), False)
    np.testing.assert_allclose(begun.force, static.force, rtol=1e-12)
    stretched = PLAIN.evaluate(at(82.01, 1.01, 1e4, dict(static.history or {})), False)
    # Slow but dynamic: short-range stiffness about 82 mm, q F/L = 10 x 20/82 N/mm, beside the small rest.
    rise = stretched.force[0, 5] - PLAIN.evaluate(at(82.01, 1.0, 0.0, {}), False).force[0, 5]
    assert rise == pytest.approx(10.0 * 20.0 * np.exp(-(0.05**2) / 0.45) / 82.0 * 0.01, rel=1e-3)


def test_a_static_phase_forgets_what_was_fast() -> None:
    term = replace(PLAIN, reflex=REFLEX)
    history = dict(term.evaluate(at(80.0, 1.0, 0.0, {}), False).history or {})
    history |= term.evaluate(at(90.0, 1.2, 0.2, history), False).history or {}
    assert history["m.velocity"][0] == pytest.approx(50.0)
    assert len(history["m.stretch"]) == 2
    history |= term.evaluate(at(90.0, 2.0, 0.0, history), False).history or {}
    assert history["m.velocity"][0] == 0.0
    assert history["m.reference"][0] == 90.0
    assert history["m.activation"][0] == 0.2
    assert len(history["m.stretch"]) == 1


def test_without_any_history_a_fast_step_starts_from_neutral() -> None:
    part = replace(PLAIN, reflex=REFLEX).evaluate(at(80.4, 0.01, 0.01, {}), True)
    assert part.history is not None
    assert part.history["m.velocity"][0] == pytest.approx(40.0)
    assert part.history["m.activation"][0] == pytest.approx(0.2)
    assert part.lost == 0.0
    assert part.energy == pytest.approx(
        float(LAW.respond(np.array([80.4]), np.zeros(1), np.zeros(1), None).energy[0])
    )
