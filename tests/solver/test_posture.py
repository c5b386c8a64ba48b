"""Amplitudes that leave a posture as it is: a column of two bodies on bushes, pulled by cables at known arms."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder, positions, reference_state
from fem.materials.cable import ConstantTension
from fem.solver.linear import LinearSolver
from fem.solver.posture import Posture, hold_posture
from fem.solver.report import Settings
from fem.system.reduction import reduce_force
from fem.system.system import Evaluation, System, build_system
from fem.terms.bushing import BushingTerm
from fem.terms.cable import CableTerm, cable_geometry

#: Arms [mm] of the cables before (+) and behind (-) the column; the first spans both joints, the others one.
ARMS = (-40.0, 60.0, -30.0, 30.0)
PAIRS = np.array([[1, 2], [0, 1]])
TOLERANCE = np.radians(0.001)


def column() -> System:
    """Two bodies 40 mm apart over a fixed one, bushes of 50 N m/rad between them, four cables of unit tension."""
    builder = LayoutBuilder()
    heights = (80.0, 40.0, 0.0)
    bodies = [
        builder.add_body(name, np.array([0.0, 0.0, z]), fixed=z == 0.0)
        for name, z in zip("abc", heights, strict=True)
    ]
    ends = ((0, 2), (0, 2), (0, 1), (1, 2))
    points = [
        np.concatenate([builder.add_carried(np.array([[x, 0.0, heights[b]]]), bodies[b]) for b in pair])
        for x, pair in zip(ARMS, ends, strict=True)
    ]
    place = np.array([[[0.0, 0.0, 20.0], [0.0, 0.0, -20.0]]] * 2)
    stiffness = np.tile([500.0, 500.0, 1500.0, 5e4, 5e4, 5e4], (2, 1))
    bush = BushingTerm("bush", PAIRS[:, ::-1], place, np.tile(np.eye(3), (2, 1, 1)), stiffness, np.zeros(2))
    return build_system(
        builder.build(), (bush, CableTerm("pull", np.stack(points), ConstantTension(np.zeros(4))))
    )


@dataclass(frozen=True)
class Pulls:
    """The cables of `column` as actuators of `force` [N] at amplitude one."""

    base: System
    lowest: np.ndarray
    highest: np.ndarray
    force: float = 400.0

    @property
    def preferred(self) -> np.ndarray:
        """As little as the bounds allow."""
        return self.lowest

    def system(self, amplitudes: np.ndarray) -> System:
        """Return the column pulled with these amplitudes."""
        bush, pull = self.base.terms
        assert isinstance(pull, CableTerm)
        law = ConstantTension(self.force * amplitudes)
        return replace(self.base, terms=(bush, replace(pull, law=law)))

    def columns(self, evaluation: Evaluation) -> np.ndarray:
        """Return the internal force of each cable at amplitude one."""
        x, origins = evaluation.configuration.positions, evaluation.configuration.origins
        reduction = self.base.reductions["pull"]
        local = self.force * cable_geometry(x[self.base.terms[1].points], False).gradient
        out = np.zeros((self.base.layout.dof_count, 4))
        for cable, (dofs, force) in enumerate(
            zip(reduction.dofs, reduce_force(reduction, x, origins, local), strict=True)
        ):
            np.add.at(out[:, cable], dofs[dofs >= 0], force[dofs >= 0])
        return out


def held(lowest: list[float], highest: list[float]) -> Posture:
    """Return the balanced column."""
    system = column()
    pulls = Pulls(system, np.array(lowest), np.array(highest))
    solver = LinearSolver(system.pattern)
    return hold_posture(pulls, solver, reference_state(system.layout), PAIRS, Settings(), TOLERANCE)


def test_antagonists_balance_the_moments_with_the_smallest_squares() -> None:
    """A back cable at 0.3 needs 0.3 x 40 N mm/N in front at both joints; the long front cable is the cheapest way."""
    found = held([0.3, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0])
    # moments per unit amplitude about y at both joints, upper joint first; smallest squares by hand (KKT)
    upper = np.array([-40.0, 60.0, -30.0, 0.0])
    lower = np.array([-40.0, 60.0, 0.0, 30.0])
    best = 0.3 * 40.0 / 60.0
    expected = np.array([0.3, best, 0.0, 0.0])
    assert upper @ expected == pytest.approx(0.0, abs=1e-12)
    assert lower @ expected == pytest.approx(0.0, abs=1e-12)
    assert np.abs(found.rotation).max() < TOLERANCE
    assert found.amplitudes == pytest.approx(expected, abs=2e-3)  # the regularisation weighs 1e-3


def test_what_cannot_be_balanced_is_reported_as_moment() -> None:
    """With the front cables capped, the rest stays as segment moment = amplitude x force x arm."""
    found = held([0.3, 0.0, 0.0, 0.0], [0.3, 0.1, 0.0, 0.0])
    missing = 400.0 * (0.3 * 40.0 - 0.1 * 60.0)
    # the cables leave the column as it bends, so that their arms grow by the sideways shift of about 3 mm in 40
    assert np.abs(found.moment[:, 1]) == pytest.approx([missing, missing], rel=0.08)
    assert np.abs(found.rotation).max() > TOLERANCE


def test_the_state_is_an_equilibrium_of_the_balanced_system() -> None:
    """Residual of the found state under the found amplitudes, beside the tension in the cables."""
    found = held([0.3, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0])
    assert np.abs(found.evaluation.residual).max() <= 1e-6 * 400.0 * 0.3
    pulled = found.state
    lengths = cable_geometry(positions(column().layout, pulled)[column().terms[1].points], False).length
    assert lengths[0] < 80.0  # compression shortens the column although nothing turns


def test_without_freedom_the_posture_moves() -> None:
    """The checker itself: fixed amplitudes leave the whole moment."""
    found = held([0.3, 0.0, 0.0, 0.0], [0.3, 0.0, 0.0, 0.0])
    assert np.abs(found.rotation).max() > np.radians(3.0)
