"""Muscles come into a settled spine without moving it, and what is left of their moments is told."""

import re
from functools import cache

import numpy as np
import pytest

from fem.elements.layout import State, reference_state
from fem.observe.muscles import muscles_table
from fem.solver.linear import LinearSolver
from fem.solver.march import march
from fem.tensors import rotation_vector
from oracles.thrusts import CASES, Ready, ready

#: Rotation [deg] by which the relaxed and the guarded spine may differ at any level (issue 3).
SAME = 0.1
#: Rotation [deg] that the balance itself counts as none; twice that is the most two spines can be apart.
HELD = 0.05


@cache
def settled_as(name: str, *overrides: str) -> Ready:
    return ready(CASES / f"thrust_l45_{name}.yaml", *overrides)


def passive() -> State:
    """Return the same spine settled without its muscles."""
    start = settled_as("relaxed")
    muscles = start.problem.model.muscles
    assert muscles is not None
    still = start.problem.with_muscles(muscles.with_activation(np.zeros(len(muscles.names))))
    solver, rest = LinearSolver(still.system.pattern), reference_state(still.model.layout)
    return list(march(still.system, solver, rest, still.phases[:1]))[-1].state


def apart(one: State, other: State) -> np.ndarray:
    """Return the rotation vectors (s, 3) [deg] between the levels of two states."""
    pairs = settled_as("relaxed").problem.model.segments
    turns = []
    for upper, lower in pairs:
        first, second = (state.rotations[lower].T @ state.rotations[upper] for state in (one, other))
        turns.append(np.degrees(rotation_vector(first.T @ second)))
    return np.array(turns)


def test_relaxed_guarded_and_muscleless_spines_stand_alike() -> None:
    relaxed, guarded = settled_as("relaxed").state, settled_as("guarded").state
    none = passive()
    between = apart(relaxed, guarded)
    print("relaxed to guarded [deg]", np.abs(between).max(axis=1).round(3))
    assert np.abs(between).max() <= SAME
    for state in (relaxed, guarded):
        assert 0.0 < np.abs(apart(none, state)).max() <= HELD


def test_without_antagonists_the_same_tone_moves_the_spine() -> None:
    bent = settled_as("guarded", "muscles.balance=false", "muscles.level=0.1")
    assert np.abs(apart(settled_as("relaxed").state, bent.state)).max() > 2.0 * SAME
    muscles = bent.problem.model.muscles
    assert muscles is not None
    multifidus = np.array([group == "multifidus" for group in muscles.group])
    np.testing.assert_array_equal(muscles.activation[multifidus], 0.1)


def test_what_the_balance_left_is_told_for_every_joint() -> None:
    start = settled_as("guarded")
    assert re.match(
        r"muscles balanced in \d rounds: sum of squared activations [\d.]+, largest", start.said[0]
    )
    names = ("thorax-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")
    assert len(start.said) == 1 + len(names)
    for name, line in zip(names, start.said[1:], strict=True):
        assert line.strip().startswith(f"{name}: turned by flexion")
        told = [float(text) for text in re.findall(r"[+-]\d+\.\d+", line)]
        assert len(told) == 6
        assert max(np.abs(told[:3])) <= HELD
        # Half a degree of a level takes about 1 N m, so this is what the tolerance allows.
        assert max(np.abs(told[3:])) < 0.3


def test_a_symmetric_spine_is_held_by_a_symmetric_balance() -> None:
    muscles = settled_as("guarded").problem.model.muscles
    assert muscles is not None
    by_name = dict(zip(muscles.names, muscles.activation, strict=True))
    for name, activation in by_name.items():
        other = name.replace("left", "right") if name.endswith("left") else name.replace("right", "left")
        # The postures that it is balanced in are solved to 1e-8 of the largest force, several hundred newtons.
        assert activation == pytest.approx(by_name[other], abs=5e-6), name


def test_the_settled_state_remembers_the_muscles_that_hold_it() -> None:
    """Or a thrust that follows at once would find them slack, and step 0 would show none active."""
    start = settled_as("guarded")
    muscles = start.problem.model.muscles
    assert muscles is not None
    here = start.problem.system.configuration(start.state)
    shown = muscles_table(muscles, here)
    np.testing.assert_array_equal(shown["activation"], muscles.activation)
    assert muscles.activation.max() > 0.1
    for term in muscles.terms:
        length = start.state.history[f"{term.name}.length"]
        np.testing.assert_allclose(length, term.observe(here).length, rtol=1e-9)
        assert not start.state.history[f"{term.name}.velocity"].any()
