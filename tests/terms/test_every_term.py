"""What every term must satisfy: derivatives, self-equilibrium, rigid motion, purity; and that the checks bite."""

from dataclasses import replace

import numpy as np
import pytest

from fem.elements.layout import reference_state
from fem.system.check import check_derivatives, check_rigid_motion
from fem.system.system import build_system
from fem.terms.term import Configuration, Contribution, Term
from oracles.samples import random_rotation
from oracles.scenes import SCENES, Scene, contact

#: Central differences with steps of 1e-5 mm and rad reach 1e-8; the bar asked of every law and contact is 1e-6.
DIFFERENCES = 1e-6
names = pytest.mark.parametrize("name", SCENES)
internal_names = pytest.mark.parametrize("name", [n for n in SCENES if SCENES[n]().internal])


class Sabotaged:
    """A term whose stiffness has the wrong sign."""

    def __init__(self, term: Term) -> None:
        self.term, self.name, self.points, self.bodies = term, term.name, term.points, term.bodies

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        part = self.term.evaluate(configuration, tangent)
        return part if part.stiffness is None else replace(part, stiffness=-part.stiffness)


def configuration_of(scene: Scene) -> Configuration:
    return scene.system.configuration(scene.state)


@names
def test_tangent_and_force_follow_from_the_energy(name: str) -> None:
    scene = SCENES[name]()
    report = check_derivatives(scene.system, scene.state, step=scene.step, conservative=scene.conservative)
    if scene.system.terms[0].name in ("force", "pull"):  # zero stiffness on free nodes, geometric on bodies
        assert report.tangent_norm > 0.0
    report.require(DIFFERENCES)


@internal_names
def test_internal_forces_balance_themselves(name: str) -> None:
    """Forces and moments of every element sum to zero: no term may push the spine from outside."""
    scene = SCENES[name]()
    term, here = scene.system.terms[0], configuration_of(scene)
    force = term.evaluate(here, False).force.reshape(*term.points.shape, 3)
    x = here.positions[term.points]
    size = np.abs(force).max()
    assert size > 0.0
    if name.startswith("pressure"):  # only the whole skin is in balance
        force, x = force.reshape(1, -1, 3), x.reshape(1, -1, 3)
    # Contact compares with the arms of the control net; solids and cables are in balance to rounding.
    np.testing.assert_allclose(force.sum(axis=1), 0.0, atol=1e-12 * size)
    np.testing.assert_allclose(np.cross(x, force).sum(axis=1), 0.0, atol=1e-11 * size * np.abs(x).max())


@internal_names
def test_a_rigid_motion_of_everything_changes_nothing(name: str, generator: np.random.Generator) -> None:
    scene = SCENES[name]()
    quarter = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    for rotation in (quarter, random_rotation(generator)):
        assert check_rigid_motion(scene.system, scene.state, rotation, np.array([3.0, -4.0, 5.0])) <= 1e-11


@names
def test_evaluation_is_pure(name: str) -> None:
    scene = SCENES[name]()
    term, here = scene.system.terms[0], configuration_of(scene)
    before = here.positions.copy()
    first, second = (term.evaluate(here, True) for _ in range(2))
    plain = term.evaluate(here, False)
    np.testing.assert_array_equal(here.positions, before)
    assert first.energy == second.energy == plain.energy
    np.testing.assert_array_equal(first.force, second.force)
    np.testing.assert_array_equal(first.force, plain.force)
    assert first.stiffness is not None
    np.testing.assert_array_equal(first.stiffness, second.stiffness)
    assert plain.stiffness is None


@names
def test_stiffness_is_symmetric_and_the_rest_antisymmetric(name: str) -> None:
    scene = SCENES[name]()
    part = scene.system.terms[0].evaluate(configuration_of(scene), True)
    assert part.stiffness is not None
    scale = np.abs(part.stiffness).max()
    np.testing.assert_allclose(part.stiffness, np.swapaxes(part.stiffness, 1, 2), rtol=0, atol=1e-13 * scale)
    if part.asymmetric is not None:
        assert np.abs(part.asymmetric).max() > 0.0
        np.testing.assert_array_equal(part.asymmetric, -np.swapaxes(part.asymmetric, 1, 2))


@pytest.mark.parametrize("name", ["disc, mean dilatation", "cables, via points", "contact, two bodies"])
def test_a_wrong_tangent_is_caught(name: str) -> None:
    scene = SCENES[name]()
    wrong = build_system(scene.system.layout, (Sabotaged(scene.system.terms[0]),))
    with pytest.raises(AssertionError, match="derivative check failed"):
        check_derivatives(wrong, scene.state, conservative=scene.conservative).require(DIFFERENCES)


def test_an_inactive_state_is_refused() -> None:
    scene = contact()
    apart = reference_state(scene.system.layout)
    apart = replace(apart, origins=apart.origins + np.array([[0.0, 0, 0], [0.0, 0, 5.0]]))
    with pytest.raises(AssertionError, match="inactive"):
        check_derivatives(scene.system, apart).require(DIFFERENCES)
    with pytest.raises(AssertionError, match="inactive"):
        check_rigid_motion(scene.system, apart, np.eye(3), np.zeros(3))


def test_a_force_from_outside_fails_the_rigid_motion_check() -> None:
    scene = SCENES["force"]()
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert not check_rigid_motion(scene.system, scene.state, turn, np.zeros(3)) <= 1e-3
