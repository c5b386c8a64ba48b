"""A rigid body without forces keeps momentum and energy; a push changes its momentum by the impulse."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.integrate

from fem.elements.layout import Layout, LayoutBuilder, State, reference_state
from fem.solver.dynamic import solve_motion
from fem.system.system import System, build_system
from fem.tensors import rotation_vector
from fem.terms.curve import Curve, constant
from fem.terms.inertia import InertiaTerm
from fem.terms.loads import ForceTerm
from fem.terms.term import Term

MASS = 0.01
INERTIA = np.diag([10.0, 20.0, 35.0])
SPEED, SPIN = np.array([30.0, -20.0, 50.0]), np.array([0.4, 2.0, 0.3])


def flying_body() -> tuple[Layout, InertiaTerm, np.ndarray]:
    """A body that turns about its middle axis, the unstable one; its mass centre is not its origin."""
    builder = LayoutBuilder()
    body = builder.add_body("body", np.array([100.0, 0.0, 300.0]))
    point = builder.add_carried(np.array([[103.0, -5.0, 308.0]]), body)
    term = InertiaTerm(
        "inertia", np.array([[body]]), np.array([MASS]), INERTIA[None], np.array([[3.0, -5.0, 8.0]])
    )
    return builder.build(), term, point


def started(system: System, term: InertiaTerm, step: float) -> State:
    state = reference_state(system.layout)
    moving = term.moving(system.configuration(state), SPEED[None], SPIN[None], step)
    return replace(state, history=moving)


def kinetic_energy() -> float:
    return float(0.5 * MASS * SPEED @ SPEED + 0.5 * SPIN @ INERTIA @ SPIN)


def test_momentum_and_energy_are_kept_over_a_second() -> None:
    """Momenta to rounding at any step (they are what is integrated); energy to second order, below 1e-6 here."""
    layout, term, _ = flying_body()
    system = build_system(layout, (term,))
    start = started(system, term, 0.01)
    steps = solve_motion(system, 1.0, 0.01, start)
    before = term.momenta(start.history)
    for step in steps:
        after = term.momenta(step.state.history)
        assert np.abs(after - before).max() <= 1e-11 * np.abs(before).max()
        assert step.evaluation.energy == pytest.approx(kinetic_energy(), rel=1e-6)
    turned = rotation_vector(steps[-1].state.rotations[0])
    assert np.linalg.norm(turned) > 1.0


def euler_rotation() -> np.ndarray:
    """Return the rotation (3, 3) after one second, from Euler's equations by adaptive integration."""

    def rate(time: float, y: np.ndarray) -> np.ndarray:
        R, w = y[:9].reshape(3, 3), y[9:]
        K = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
        return np.concatenate([(R @ K).ravel(), np.linalg.solve(INERTIA, -np.cross(w, INERTIA @ w))])

    start = np.concatenate([np.eye(3).ravel(), SPIN])
    done = scipy.integrate.solve_ivp(rate, (0.0, 1.0), start, rtol=1e-11, atol=1e-12)
    return done.y[:9, -1].reshape(3, 3)


def test_the_attitude_follows_eulers_equations_to_second_order() -> None:
    layout, term, _ = flying_body()
    system = build_system(layout, (term,))
    exact, errors = euler_rotation(), []
    for count in (25, 50, 100):
        last = solve_motion(system, 1.0, 1.0 / count, started(system, term, 1.0 / count))[-1]
        errors.append(float(np.linalg.norm(last.state.rotations[0] - exact)))
        centre = last.state.origins[0] + last.state.rotations[0] @ term.centre[0]
        np.testing.assert_allclose(centre, layout.body_origin[0] + term.centre[0] + SPEED, rtol=1e-10)
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert errors[-1] <= 1e-3
    np.testing.assert_allclose(orders, 2.0, atol=0.25)


def test_a_pushes_impulse_is_the_change_of_momentum() -> None:
    """A half sine through the mass centre. Once it is over the last difference decays by a third a step."""
    layout, term, point = flying_body()
    pulse, force, step = 0.15, np.array([300.0, 0.0, -100.0]), 0.15 / 24
    times = np.linspace(0.0, pulse, 2001)
    push: Term = ForceTerm("push", point[:, None], force[None], Curve(times, np.sin(np.pi * times / pulse)))
    system = build_system(layout, (term, push))
    start = started(system, term, step)
    steps = solve_motion(system, 2.0 * pulse, step, start, stops=(pulse,))
    change = term.momenta(steps[-1].state.history) - term.momenta(start.history)
    impulse = 2.0 * pulse / np.pi * force
    # The sum over 24 equal steps misses the integral of a half sine by π²/12/24², 0.14 %.
    np.testing.assert_allclose(change[0, 0], impulse, rtol=2e-3, atol=1e-9)
    summed = step * sum(np.interp(s.state.time, times, np.sin(np.pi * times / pulse)) for s in steps) * force
    np.testing.assert_allclose(change[0, 0], summed, rtol=1e-9, atol=1e-9)
    assert np.abs(change[0, 1]).max() <= 1e-9 * np.abs(term.momenta(start.history)[0, 1]).max()


def test_a_force_that_is_there_at_once_gives_its_whole_impulse() -> None:
    """Constant force on a body let go at rest: p = F t to rounding at every step, the way F t²/2m to second order."""
    layout, term, point = flying_body()
    force = np.array([0.5, 0.0, -0.2])
    push: Term = ForceTerm("push", point[:, None], force[None], constant())
    system = build_system(layout, (term, push))
    state, zero = reference_state(layout), np.zeros((1, 3))
    misses = []
    for step in (0.02, 0.01, 0.005):
        history = term.moving(system.configuration(state), zero, zero, step, abrupt=True)
        steps = solve_motion(system, 0.1, step, replace(state, history=history))
        for done in steps:
            np.testing.assert_allclose(
                term.momenta(done.state.history)[0, 0], force * done.state.time, rtol=1e-9, atol=1e-12
            )
        way = steps[-1].state.origins[0] - layout.body_origin[0]
        misses.append(float(np.linalg.norm(way - 0.5 * force * 0.1**2 / MASS)))
    orders = np.log2(np.array(misses[:-1]) / np.array(misses[1:]))
    np.testing.assert_allclose(orders, 2.0, atol=0.1)
