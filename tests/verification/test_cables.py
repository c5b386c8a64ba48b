"""Strands: taut cable, pretension, toe and line, pulleys."""

import numpy as np
import pytest
from scipy.optimize import brentq

from fem.elements.layout import LayoutBuilder, positions, reference_state
from fem.materials.cable import ConstantTension, LinearCable, ToeLinear
from fem.solver.report import Settings
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import build_system
from fem.terms.cable import CableTerm
from fem.terms.curve import constant, ramp
from fem.terms.loads import ForceTerm

pytestmark = pytest.mark.verification

SETTINGS = Settings(tolerance=1e-13, first_step=1.0, largest_step=1.0, iterations=30)


def test_taut_cable_with_a_load_across_its_middle() -> None:
    """Two halves of length √(L² + w²): 2 T w/√(L² + w²) = F with T = P + EA (l − L)/L, strain from the taut length.

    As a law of the unloaded length L0 = L (1 − P/EA) the same line has the axial stiffness EA L0/L.
    """
    half, EA, P, load = 20.0, 1000.0, 5.0, 2.0

    def tension(w: float) -> float:
        return P + EA * (np.hypot(half, w) - half) / half

    exact = brentq(lambda w: 2.0 * tension(w) * w / np.hypot(half, w) - load, 0.0, 10.0, xtol=1e-14)
    assert (exact, tension(exact)) == pytest.approx((2.00627, 10.01879), abs=6e-6)  # printed digits
    rest = half * (1.0 - P / EA)
    law = LinearCable(rest, EA * rest / half)
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    ends = builder.add_carried(np.array([[-half, 0.0, 0.0], [half, 0.0, 0.0]]), ground)
    middle = builder.add_free(np.zeros((1, 3)))
    cable = CableTerm("cable", np.array([[ends[0], middle[0]], [middle[0], ends[1]]]), law)
    force = ForceTerm("load", middle[:, None], np.array([[0.0, 0.0, load]]), ramp(0.0, 1.0))
    layout = builder.build()
    step = solve_static(build_system(layout, (cable, force)), SETTINGS)
    x = positions(layout, step.state)
    assert x[middle[0], 2] == pytest.approx(exact, rel=1e-10)
    np.testing.assert_allclose(cable.tensions(x, 1.0), tension(exact), rtol=1e-10)


def test_pretensioned_strand_at_rest_and_stretched() -> None:
    """Reference strain −3 %: at rest the strand pulls with the toe law's force; strain counts from the reference."""
    neutral, k, end, pre = 30.0, 1000.0, 0.06, -0.03
    reference = neutral * (1.0 + pre)
    law = ToeLinear(reference, k, end)
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    foot = builder.add_carried(np.zeros((1, 3)), ground)
    head = builder.add_free(np.array([[0.0, 0.0, neutral]]))
    strand = CableTerm("strand", np.stack([foot, head], axis=-1), law)
    layout = builder.build()
    motion = displaced(head, (0.0, 0.0, 3.0))
    rest = build_system(layout, (strand,)).evaluate(reference_state(layout), tangent=False)
    strain = (neutral - reference) / reference
    assert strain == pytest.approx(0.0309278, rel=1e-5)
    assert rest.residual[2] == pytest.approx(k * strain**2 / (2.0 * end), rel=1e-12)
    step = solve_static(build_system(layout, (strand,), (motion,)), SETTINGS)
    stretched = (33.0 - reference) / reference
    assert stretched > end
    assert step.evaluation.residual[2] == pytest.approx(k * (stretched - 0.5 * end), rel=1e-12)


def test_a_strand_over_a_pulley_pulls_with_one_tension() -> None:
    """A via point feels the resultant T (e1 + e2) of both legs; a slack strand nothing."""
    builder = LayoutBuilder()
    points = builder.add_free(np.array([[-3.0, 0.0, 0.0], [0.0, 0.0, 4.0], [3.0, 0.0, 0.0]]))
    term = CableTerm("strand", points[None, :], ConstantTension(50.0))
    layout = builder.build()
    here = build_system(layout, (term,)).evaluate(reference_state(layout), tangent=False)
    np.testing.assert_allclose(here.residual.reshape(3, 3)[1], [0.0, 0.0, 2.0 * 50.0 * 0.8], atol=1e-12)
    slack = CableTerm("strand", points[None, :], ToeLinear(10.0 + 1e-9, 1000.0, 0.06))
    assert not build_system(layout, (slack,)).evaluate(reference_state(layout), False).residual.any()


def test_a_pendulum_of_three_strands_carries_its_weight() -> None:
    """A tripod of equal legs: each carries W/(3 cos α) along its own length."""
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    angles = np.arange(3) * 2.0 * np.pi / 3.0
    feet = builder.add_carried(
        np.stack([3 * np.cos(angles), 3 * np.sin(angles), np.full(3, 4.0)], -1), ground
    )
    knot = builder.add_free(np.zeros((1, 3)))
    legs = CableTerm("legs", np.stack([feet, np.repeat(knot, 3)], -1), LinearCable(5.0, 1e4))
    weight = ForceTerm("weight", knot[:, None], np.array([[0.0, 0.0, -30.0]]), constant())
    layout = builder.build()
    start = reference_state(layout)
    start = type(start)(start.nodes - np.array([0.0, 0.0, 0.01]), start.origins, start.rotations)
    step = solve_static(build_system(layout, (legs, weight)), SETTINGS, start)
    x = positions(layout, step.state)
    cosine = (4.0 - x[knot[0], 2]) / legs.lengths(x)
    np.testing.assert_allclose(legs.tensions(x, 1.0), 30.0 / (3.0 * cosine), rtol=1e-10)
