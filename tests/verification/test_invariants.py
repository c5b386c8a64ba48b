"""What holds for every conservative model: units, mirror, energy balance, force balance. Shown on a disc column."""

import numpy as np
import pytest

from fem.elements.layout import positions, reference_state
from fem.materials.cable import ToeLinear
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import Settings, Step
from fem.solver.static import solve_static
from fem.system.system import System, build_system
from fem.tensors import rotation_vector
from fem.terms.cable import CableTerm
from fem.terms.curve import Curve, ramp
from fem.terms.loads import ForceTerm, MomentTerm
from oracles.columns import BONE, DISC, Column, disc_column

pytestmark = pytest.mark.verification

TIGHT = Settings(tolerance=1e-11, iterations=25, first_step=1.0, largest_step=1.0)
FORCE, MOMENT = np.array([20.0, 12.0, -80.0]), np.array([900.0, 1500.0, -700.0])


def strands(column: Column, side: np.ndarray, length: float, force: float) -> CableTerm:
    """Return pre-strained strands from each body to the next, on the side given by (x, y) [mm]."""
    points, rest = [], []
    for level in range(len(column.discs)):
        bottom = level * (DISC + BONE)
        ends = np.array([[*side, bottom - 2.0], [*side, bottom + DISC + 2.0]])
        low = column.builder.add_carried(length * ends[:1], column.bodies[level])
        high = column.builder.add_carried(length * ends[1:], column.bodies[level + 1])
        points.append([low[0], high[0]])
        rest.append(0.97 * length * (DISC + 4.0))
    return CableTerm("strands", np.array(points), ToeLinear(np.array(rest), 800.0 * force, 0.05))


def loaded_column(length: float = 1.0, force: float = 1.0, mirror: float = 1.0) -> tuple[Column, System]:
    """Return two discs, strands on one side, a force and a moment; `mirror` = −1 swaps left and right."""
    column = disc_column(levels=2, cells=(3, 2), length=length, stress=force / length**2)
    cable = strands(column, np.array([-15.0, 18.0 * mirror]), length, force)
    place = length * np.array([[10.0, 0.0, 2 * (DISC + BONE)]])
    point = column.builder.add_carried(place, column.bodies[-1])
    flip = np.array([1.0, mirror, 1.0])
    pull = ForceTerm("force", point[:, None], force * (FORCE * flip)[None, :], ramp(0.0, 1.0))
    turn = MomentTerm("moment", column.bodies[-1], force * length * MOMENT * mirror * flip, ramp(0.0, 1.0))
    return column, build_system(column.layout(), (*column.discs, cable, pull, turn))


def test_the_same_problem_in_other_units() -> None:
    """(mm, N, MPa) and (m, N, Pa): positions, rotations and tensions agree to 1e-8."""
    _, small = loaded_column()
    _, large = loaded_column(length=1e-3)
    here, there = (solve_static(system, TIGHT) for system in (small, large))
    x, y = positions(small.layout, here.state), positions(large.layout, there.state)
    np.testing.assert_allclose(1e3 * y, x, rtol=1e-8, atol=1e-8)
    turns = [np.abs(rotation_vector(step.state.rotations[-1])) for step in (here, there)]
    assert turns[0].max() > 0.02
    np.testing.assert_allclose(turns[1], turns[0], rtol=1e-8, atol=1e-9)
    tensions = [
        next(term for term in system.terms if term.name == "strands").tensions(place, 1.0)
        for system, place in ((small, x), (large, y))
    ]
    assert tensions[0].max() > 1.0
    np.testing.assert_allclose(tensions[1], tensions[0], rtol=1e-8)
    assert 1e3 * there.evaluation.energy == pytest.approx(here.evaluation.energy, rel=1e-8)


def test_left_and_right_are_the_same() -> None:
    _, left = loaded_column()
    _, right = loaded_column(mirror=-1.0)
    here, there = (solve_static(system, TIGHT) for system in (left, right))
    flip = np.array([1.0, -1.0, 1.0])
    np.testing.assert_allclose(there.state.origins, here.state.origins * flip, atol=1e-8)
    turned = rotation_vector(there.state.rotations[1:])
    np.testing.assert_allclose(turned, rotation_vector(here.state.rotations[1:]) * -flip, atol=1e-9)


def test_forces_balance_at_every_step() -> None:
    """What the ground carries equals what is applied: the bodies' and nodes' residual is below 1e-6 of the load."""
    _, system = loaded_column()
    settings = Settings(first_step=0.25, largest_step=0.25)
    for step in walk(system, settings):
        load = step.evaluation.forces["force"] + step.evaluation.forces["moment"]
        assert np.abs(load).max() > 0.0
        assert np.abs(step.evaluation.residual * system.force_scale).max() <= 1e-6 * np.linalg.norm(FORCE)


def walk(system: System, settings: Settings) -> list[Step]:
    phase = PhaseSpan("load", 0.0, 1.0, settings)
    return list(march(system, LinearSolver(system.pattern), reference_state(system.layout), [phase]))


def work_and_energy(steps: int) -> tuple[float, float]:
    """Return the work of the slowly applied force (Simpson's rule over the steps) and the stored energy."""
    column = disc_column(cells=(3, 2))
    place = np.array([[12.0, 5.0, DISC + BONE]])
    point = column.builder.add_carried(place, column.bodies[-1])
    force = ForceTerm("force", point[:, None], np.array([[6.0, 4.0, -60.0]]), ramp(0.0, 1.0))
    system = build_system(column.layout(), (*column.discs, force))
    settings = Settings(tolerance=1e-11, first_step=1.0 / steps, largest_step=1.0 / steps)
    done = walk(system, settings)
    assert len(done) == steps
    along = [0.0]
    along += [float((positions(system.layout, s.state)[point] - place)[0] @ force.forces[0]) for s in done]
    # Work ∫ c(t) d(along)/dt dt = c along |₁ − ∫ along dt, with c(t) = t.
    third = 1.0 / (3.0 * steps)
    simpson = third * (along[0] + 4.0 * sum(along[1:-1:2]) + 2.0 * sum(along[2:-1:2]) + along[-1])
    stored = done[-1].evaluation.energy + float(
        positions(system.layout, done[-1].state)[point][0] @ force.forces[0]
    )
    return along[-1] - simpson, stored


def test_work_of_a_slow_force_is_stored() -> None:
    """Simpson's rule on twelve steps of a smooth path: the rest is its fourth-order error."""
    work, stored = work_and_energy(12)
    assert stored > 1.0
    assert work == pytest.approx(stored, rel=1e-4)


def test_a_conservative_load_leaves_nothing_behind() -> None:
    """Loaded and unloaded again, in other steps: the column is back at rest."""
    column = disc_column(cells=(3, 2))
    there_and_back = Curve(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0]))
    moment = MomentTerm("moment", column.bodies[-1], MOMENT, there_and_back)
    system = build_system(column.layout(), (*column.discs, moment))
    phases = [PhaseSpan("up", 0.0, 1.0, Settings()), PhaseSpan("down", 1.0, 2.0, Settings(first_step=0.3))]
    steps = list(march(system, LinearSolver(system.pattern), reference_state(system.layout), phases))
    top = next(step for step in steps if step.state.time == 1.0)
    moved = np.abs(top.state.nodes - reference_state(system.layout).nodes).max()
    assert moved > 0.1
    np.testing.assert_allclose(steps[-1].state.nodes, reference_state(system.layout).nodes, atol=1e-6 * moved)
