"""Joints between bodies: stiffness, balance, rigid motion, mirror image, damping."""

from dataclasses import replace

import numpy as np
import pytest

from fem.elements.layout import Layout, LayoutBuilder, State, reference_state
from fem.elements.retraction import retract
from fem.solver.dynamic import solve_motion
from fem.system.check import check_derivatives, check_rigid_motion, moved_rigidly
from fem.system.system import System, build_system
from fem.tensors import rotation_matrix
from fem.terms.bushing import BushingTerm
from fem.terms.inertia import InertiaTerm
from oracles.samples import random_rotation
from oracles.scenes import SCENES

STIFFNESS = np.array([[100.0, 80.0, 900.0, 1e4, 2e4, 3e4]])


def two_bodies(fixed: bool = False) -> Layout:
    builder = LayoutBuilder()
    builder.add_body("lower", np.array([0.0, 0.0, 0.0]), fixed=fixed)
    builder.add_body("upper", np.array([2.0, 0.0, 30.0]))
    return builder.build()


def joint(axes: np.ndarray | None = None, damping: float = 0.0) -> BushingTerm:
    place = np.array([[[1.0, 0.0, 14.0], [-1.0, 0.0, -16.0]]])
    turned = np.eye(3) if axes is None else axes
    return BushingTerm("joint", np.array([[0, 1]]), place, turned[None], STIFFNESS, np.array([damping]))


def moved(layout: Layout, size: float, seed: int = 3) -> State:
    direction = size * np.random.default_rng(seed).normal(size=layout.dof_count)
    return retract(layout, reference_state(layout), direction, {})


def test_each_stiffness_acts_about_its_own_axis() -> None:
    """Small moves of the upper body at the joint, in tilted axes: force and moment are K times the move."""
    layout = two_bodies(fixed=True)
    axes = rotation_matrix(np.array([0.0, 0.4, 0.0]))
    term = joint(axes)
    system = build_system(layout, (term,))
    state, size = reference_state(layout), 1e-6
    arm = np.array([-1.0, 0.0, -16.0])
    for axis in range(3):
        shift, turn = np.zeros(6), np.zeros(6)
        shift[:3] = size * axes[:, axis]
        turn[3:] = size * axes[:, axis]
        turn[:3] = -np.cross(turn[3:], arm)  # about the joint itself
        pulled = system.evaluate(retract(layout, state, shift, {}), False).residual
        np.testing.assert_allclose(pulled[:3], STIFFNESS[0, axis] * shift[:3], atol=1e-7 * size * 900)
        turned = system.evaluate(retract(layout, state, turn, {}), False).residual
        np.testing.assert_allclose(turned[:3], 0.0, atol=1e-5 * size * 900)
        np.testing.assert_allclose(turned[3:], STIFFNESS[0, 3 + axis] * turn[3:], rtol=1e-4, atol=size)


@pytest.mark.parametrize("size", [0.1, 0.5, 1.0])
def test_derivatives_at_large_angles(size: float) -> None:
    layout = two_bodies()
    term = joint(rotation_matrix(np.array([0.3, 0.2, -0.4])))
    state = moved(layout, size)
    system = build_system(layout, (term,))
    assert np.linalg.norm(term.deformation(system.configuration(state))[0, 3:]) > 0.5 * size
    check_derivatives(system, state).require(1e-7)


def test_forces_balance_and_rigid_motion_changes_nothing(generator: np.random.Generator) -> None:
    layout = two_bodies()
    system, state = build_system(layout, (joint(),)), moved(layout, 0.5)
    lower, upper = system.terms[0].evaluate(system.configuration(state), False).force.reshape(2, 2, 3)
    size = np.abs(upper).max()
    assert size > 0.0
    np.testing.assert_allclose(lower[0] + upper[0], 0.0, atol=1e-12 * size)
    arms = np.cross(state.origins[0], lower[0]) + np.cross(state.origins[1], upper[0])
    np.testing.assert_allclose(lower[1] + upper[1] + arms, 0.0, atol=1e-10 * size)
    assert check_rigid_motion(system, state, random_rotation(generator), np.array([3.0, -4.0, 5.0])) <= 1e-12


def test_a_damped_joint_does_not_mind_a_rigid_motion_either(generator: np.random.Generator) -> None:
    found = SCENES["joints, damped"]()
    turn = random_rotation(generator)
    here = found.system.evaluate(found.state, False).residual.reshape(-1, 3)
    there = found.system.evaluate(moved_rigidly(found.state, turn, np.ones(3)), False)
    np.testing.assert_allclose(
        there.residual.reshape(-1, 3), here @ turn.T, rtol=0, atol=1e-11 * np.abs(here).max()
    )


def test_the_mirror_image_pulls_in_mirror_image() -> None:
    """Left against right, y → −y: forces mirror as vectors, moments as axial vectors."""
    layout = two_bodies()
    system, state = build_system(layout, (joint(),)), moved(layout, 0.4)
    flip = np.diag([1.0, -1.0, 1.0])
    image = replace(state, origins=state.origins @ flip, rotations=flip @ state.rotations @ flip)
    here, there = (system.evaluate(s, False).residual.reshape(2, 2, 3) for s in (state, image))
    size = np.abs(here).max()
    np.testing.assert_allclose(there[:, 0], here[:, 0] @ flip, atol=1e-12 * size)
    np.testing.assert_allclose(there[:, 1], -here[:, 1] @ flip, atol=1e-12 * size)


def swinging(damping: float, step: float) -> tuple[System, list[float], list[float], list[float]]:
    """A mass on a damped joint, let go with a speed: times, displacement and heat of each step."""
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    mass = builder.add_body("mass", np.zeros(3))
    stiffness = np.array([[40.0] * 3 + [1e4] * 3])
    zero = np.zeros((1, 3))
    spring = BushingTerm(
        "spring",
        np.array([[ground, mass]]),
        np.zeros((1, 2, 3)),
        np.eye(3)[None],
        stiffness,
        np.array([damping]),
    )
    inertia = InertiaTerm("inertia", np.array([[mass]]), np.array([0.01]), np.eye(3)[None], zero)
    system = build_system(builder.build(), (spring, inertia))
    state = reference_state(system.layout)
    speed = np.array([[100.0, 0.0, 0.0]])
    history = inertia.moving(system.configuration(state), speed, zero, step)
    steps = solve_motion(system, 0.2, step, replace(state, history=history))
    places = [float(s.state.origins[mass, 0]) for s in steps]
    return (
        system,
        [s.state.time for s in steps],
        places,
        [s.evaluation.contributions["spring"].lost for s in steps],
    )


def test_a_damped_swing_follows_its_closed_form_to_second_order() -> None:
    """ẍ + τω²ẋ + ω²x = 0 from x = 0 with speed v: x = v/ω_d exp(−ζωt) sin ω_d t, ζ = τω/2; and its heat is ½ m v²."""
    damping, omega = 0.005, np.sqrt(40.0 / 0.01)
    ratio = 0.5 * damping * omega
    damped = omega * np.sqrt(1.0 - ratio**2)
    errors = []
    for step in (2e-3, 1e-3):
        _, times, places, lost = swinging(damping, step)
        time = np.array(times)
        exact = 100.0 / damped * np.exp(-ratio * omega * time) * np.sin(damped * time)
        errors.append(np.abs(places - exact).max() / np.abs(exact).max())
    assert errors[1] <= 0.01
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.4)
    assert sum(lost) == pytest.approx(
        0.5 * 0.01 * 100.0**2 * (1.0 - np.exp(-2 * ratio * omega * 0.2)), rel=0.02
    )
