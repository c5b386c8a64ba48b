"""The thorax, masses and supports: sums of the data, closed forms of shapes, symmetry, rest and loads at the joint."""

from functools import cache

import numpy as np
import pytest

from fem.anatomy.spine import Spine
from fem.elements.layout import Layout, LayoutBuilder, reference_state
from fem.literature import load
from fem.solver.static import solve_static
from fem.structures.slices import RigidMass, cylinder, joined
from fem.structures.trunk import (
    Support,
    body_mass,
    ground_body,
    mass_of,
    support_terms,
    thorax_body,
    trunk_terms,
)
from fem.system.system import build_system
from fem.terms.bushing import BushingTerm
from fem.terms.curve import ramp
from fem.terms.inertia import InertiaTerm
from fem.terms.loads import ForceTerm
from oracles.spines import coarse_mesh

DATA = load("trunk")
LUMBAR = ("L1", "L2", "L3", "L4", "L5")


@cache
def spine() -> Spine:
    return coarse_mesh("L1-L2").spine


def standing(fixed: str = "L1") -> tuple[Layout, dict[str, int]]:
    """L1 held, the thorax on it, and the ground."""
    builder = LayoutBuilder()
    bodies = {"L1": builder.add_body("L1", spine().vertebrae["L1"].frame.origin, fixed=fixed == "L1")}
    bodies["thorax"] = thorax_body(builder, bodies, spine(), DATA)
    bodies["ground"] = ground_body(builder)
    return builder.build(), bodies


def test_derived_shares_follow_from_the_measured_ones() -> None:
    """Pearsall's trunk: 18.5 + 12.2 + 10.7 % of body mass; 1.1 % at T1 to 2.6 % at L5, 16 levels below."""
    slices = np.array([DATA.number(f"slice.share.{name}") for name in LUMBAR])
    np.testing.assert_allclose(slices, 0.011 + 0.015 * np.arange(12, 17) / 16.0, atol=5.1e-5)
    assert DATA.number("thorax.lower.share") == pytest.approx(0.122 - slices[:3].sum(), abs=1e-6)
    assert DATA.number("pelvis.trunk.share") == pytest.approx(0.107 - slices[3:].sum(), abs=1e-6)
    assert DATA.number("thorax.arm.share") == pytest.approx(0.0325 + 0.0187 + 0.0065, abs=1e-6)
    assert DATA.number("pelvis.thigh.share") == pytest.approx(0.105 / 4.0, abs=6e-5)


def test_the_inertia_of_a_cylinder_by_integration() -> None:
    """Sum over many points of an elliptic cylinder, from a regular grid."""
    size = np.array([60.0, 100.0, 30.0])
    grid = np.stack(np.meshgrid(*[(np.arange(80) + 0.5) / 80 - 0.5] * 3, indexing="ij"), -1).reshape(-1, 3)
    inside = grid[(2 * grid[:, 0]) ** 2 + (2 * grid[:, 1]) ** 2 <= 1.0] * size
    mass = 0.002
    squares = np.sum(inside**2, axis=1)
    summed = mass * (np.mean(squares) * np.eye(3) - inside.T @ inside / len(inside))
    found = cylinder(mass, np.zeros(3), (60.0, 100.0, 30.0)).inertia
    np.testing.assert_allclose(found, summed, rtol=5e-3, atol=1e-3)


def test_halves_join_to_the_whole() -> None:
    halves = [cylinder(0.001, np.array([0.0, 0.0, z]), (60.0, 100.0, 15.0)) for z in (-7.5, 7.5)]
    whole, found = cylinder(0.002, np.zeros(3), (60.0, 100.0, 30.0)), joined(halves)
    assert found.mass == whole.mass
    np.testing.assert_allclose(found.centre, 0.0, atol=1e-15)
    np.testing.assert_allclose(found.inertia, whole.inertia, rtol=1e-12)


@pytest.mark.parametrize("name", ["thorax", "pelvis"])
def test_bodies_are_symmetric_and_possible(name: str) -> None:
    found = body_mass(name, DATA)
    assert found.centre[1] == 0.0
    np.testing.assert_allclose(found.inertia[1, [0, 2]], 0.0, atol=1e-12)
    principal = np.linalg.eigvalsh(found.inertia)
    assert principal[0] > 0.0
    assert principal[2] <= principal[0] + principal[1]  # the triangle inequality of real bodies


def test_masses_are_those_of_an_adult() -> None:
    """Head, arms and trunk above L1: 40 to 50 % of the body; its gyration radius about the middle of the chest."""
    thorax, slice_ = body_mass("thorax", DATA), mass_of("L1", spine(), DATA)
    assert 0.40 <= thorax.mass / DATA.number("body.mass") <= 0.50
    assert 0.020 <= slice_.mass / DATA.number("body.mass") <= 0.026
    radius = np.sqrt(np.diag(thorax.inertia) / thorax.mass)
    assert (radius > 100.0).all()
    assert (radius < 220.0).all()


def test_the_thorax_stands_above_l1_and_follows_it() -> None:
    layout, bodies = standing()
    up = spine().vertebrae["L1"].frame.axes[:, 2]
    plate = spine().vertebrae["L1"].landmarks["upper endplate"]
    above = layout.body_origin[bodies["thorax"]] - plate
    height = DATA.number("joint.disc_height") + 0.5 * DATA.number("joint.body_height")
    np.testing.assert_allclose(above, height * up, atol=1e-12)
    assert layout.body_parent[bodies["thorax"]] == bodies["L1"]
    assert layout.body_fixed[bodies["ground"]]


def test_the_joint_is_at_rest_in_the_neutral_posture_and_carries_a_push() -> None:
    """A push along the axis of L1 through the joint compresses it by F/k and does not turn it."""
    layout, bodies = standing()
    joint, inertia = trunk_terms(bodies, spine(), DATA, ["thorax"])
    assert isinstance(joint, BushingTerm)
    assert isinstance(inertia, InertiaTerm)
    assert (joint.name, inertia.name) == ("T12-L1", "inertia")
    system = build_system(layout, (joint, inertia))
    still = system.evaluate(reference_state(layout), False)
    np.testing.assert_allclose(still.residual, 0.0, atol=1e-9)
    first = int(np.flatnonzero(layout.body == bodies["thorax"])[0])  # the point at the joint
    down = -200.0 * spine().vertebrae["L1"].frame.axes[:, 2]
    push = ForceTerm("push", np.array([[first]]), down[None], ramp(0.0, 1.0))
    step = solve_static(build_system(layout, (joint, inertia, push)))
    way = joint.deformation(step.evaluation.configuration)[0]
    np.testing.assert_allclose(way[2], -200.0 / DATA.number("joint.compression"), rtol=1e-9)
    np.testing.assert_allclose(way[[0, 1, 3, 4, 5]], 0.0, atol=1e-9)


def test_a_support_holds_its_body_at_the_mass_centre() -> None:
    layout, bodies = standing(fixed="nothing")
    support = Support("thorax", 20.0, 1e5, 0.02)
    (spring,) = support_terms(bodies, spine(), DATA, [support])
    assert spring.name == "support of thorax"
    joint, _ = trunk_terms(bodies, spine(), DATA, ["L1", "thorax"])
    centre = int(np.flatnonzero(layout.body == bodies["thorax"])[1])
    push = ForceTerm("push", np.array([[centre]]), np.array([[10.0, 0.0, 0.0]]), ramp(0.0, 1.0))
    step = solve_static(build_system(layout, (spring, joint, push)))
    way = spring.deformation(step.evaluation.configuration)[0]
    np.testing.assert_allclose(way[0], 0.5, rtol=1e-9)
    np.testing.assert_allclose(way[1:], 0.0, atol=1e-9)


def test_only_named_bodies_have_mass_and_a_thorax_needs_no_other() -> None:
    bodies = {"L4": 0, "L5": 1}
    assert trunk_terms(bodies, spine(), DATA, []) == ()
    (inertia,) = trunk_terms({"L1": 0, "L2": 1}, spine(), DATA, ["L1"])
    assert isinstance(inertia, InertiaTerm)
    assert inertia.mass == pytest.approx([DATA.number("slice.share.L1") * DATA.number("body.mass")])


def test_a_mass_without_extent_has_no_inertia_of_its_own() -> None:
    points = [RigidMass(1.0, np.array([x, 0.0, 0.0]), np.zeros((3, 3))) for x in (-2.0, 2.0)]
    np.testing.assert_allclose(joined(points).inertia, np.diag([0.0, 8.0, 8.0]))
