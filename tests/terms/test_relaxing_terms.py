"""Discs and strands in time: static where time stands still, quadratic in a step, never pushing."""

from dataclasses import replace

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder, reference_state
from fem.elements.retraction import retract
from fem.materials.cable import LinearCable, ToeLinear
from fem.materials.relaxation import PronySeries
from fem.solver.linear import LinearSolver
from fem.solver.newton import solve_newton
from fem.solver.report import Settings
from fem.system.check import check_derivatives
from fem.system.system import System, build_system
from fem.terms.cable import CableTerm
from fem.terms.curve import ramp
from fem.terms.loads import MomentTerm
from fem.terms.solid import SolidTerm
from fem.terms.term import Configuration, Contribution
from oracles.columns import disc_column
from oracles.orders import newton_order
from oracles.scenes import SCENES

SERIES = PronySeries(np.array([0.7, 1.5]), np.array([0.1, 2.0]))
RELAXING = [name for name in SCENES if name.endswith("relaxing")]


def elastic_twin(name: str) -> tuple[SolidTerm | CableTerm, SolidTerm | CableTerm, Configuration]:
    """Return the relaxing term of a scene, the same without relaxation, and what they see."""
    scene = SCENES[name]()
    term = scene.system.terms[0]
    assert isinstance(term, (SolidTerm, CableTerm))
    return term, replace(term, relaxation=None), scene.system.configuration(scene.state)


@pytest.mark.parametrize("name", RELAXING)
def test_where_time_stands_still_the_law_acts_alone_to_the_last_bit(name: str) -> None:
    relaxing, elastic, here = elastic_twin(name)
    expected = elastic.evaluate(here, True)
    assert expected.history is None
    for rest in (replace(here, elapsed=0.0), replace(here, history={})):
        part = relaxing.evaluate(rest, True)
        np.testing.assert_array_equal(part.force, expected.force)
        assert part.stiffness is not None
        np.testing.assert_array_equal(part.stiffness, expected.stiffness)
        if expected.predicted is not None:
            np.testing.assert_array_equal(part.predicted, expected.predicted)
        assert (part.energy, part.lost) == (expected.energy, 0.0)
        memory = (part.history or {})[f"{relaxing.name}, overstress"]
        assert memory.size > 0
        assert not memory[..., 2:, :].any() if memory.ndim == 4 else not memory[..., 2:].any()
        # What is at rest here stays at rest: the same force after any time, and nothing lost.
        later = relaxing.evaluate(replace(here, history={f"{relaxing.name}, overstress": memory}), True)
        np.testing.assert_allclose(later.force, expected.force, atol=1e-12 * np.abs(expected.force).max())
        assert later.lost == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("name", RELAXING)
def test_the_scenes_carry_overstress_and_lose_energy(name: str) -> None:
    relaxing, elastic, here = elastic_twin(name)
    part, static = relaxing.evaluate(here, True), elastic.evaluate(here, True)
    assert np.linalg.norm(part.force - static.force) > 0.05 * np.linalg.norm(static.force)
    assert part.energy == static.energy
    assert abs(part.lost) > 1e-3 * static.energy
    if isinstance(relaxing, CableTerm):  # every strand is taut, so every tangent is tested
        assert np.abs(part.force).max(axis=1).min() > 0.0


class Forgetful:
    """A relaxing solid whose stiffness leaves out the stress held from before the step."""

    def __init__(self, term: SolidTerm, elastic: SolidTerm) -> None:
        self.term, self.elastic = term, elastic
        self.name, self.points, self.bodies = term.name, term.points, term.bodies

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        part = self.term.evaluate(configuration, tangent)
        stiffness = self.elastic.evaluate(configuration, tangent).stiffness
        factor = 1.0 + float(SERIES.recursion(configuration.elapsed).gain.sum())
        return part if stiffness is None else replace(part, stiffness=factor * stiffness)


def test_a_tangent_without_the_held_stress_is_caught() -> None:
    scene = SCENES["disc, pointwise, relaxing"]()
    term = scene.system.terms[0]
    assert isinstance(term, SolidTerm)
    wrong = build_system(scene.system.layout, (Forgetful(term, replace(term, relaxation=None)),))
    with pytest.raises(AssertionError, match="derivative check failed"):
        check_derivatives(wrong, scene.state, conservative=False).require(1e-6)


def test_newton_stays_quadratic_with_fibres_pressures_and_branches() -> None:
    """Two quick steps of bending, as many iterations as two slow ones need."""
    column = disc_column()
    disc = replace(column.discs[0], relaxation=SERIES)
    moment = MomentTerm("moment", column.bodies[-1], np.array([0.0, 9000.0, 0.0]), ramp(0.0, 1.0))
    system = build_system(column.layout(), (disc, moment))
    solver, settings = LinearSolver(system.pattern), Settings(tolerance=1e-12, iterations=20)
    iterations, turned = {}, {}
    for elapsed in (0.0, 0.02):
        state = reference_state(system.layout)
        state = replace(state, history=system.history(system.evaluate(state, tangent=False)))
        for time in (0.5, 1.0):
            solution = solve_newton(system, solver, replace(state, time=time, elapsed=elapsed), settings)
            assert solution.report.converged
            assert solution.evaluation is not None
            state = replace(solution.state, history=system.history(solution.evaluation))
        iterations[elapsed] = solution.report.iterations
        turned[elapsed] = float(np.linalg.norm(state.rotations[-1] - np.eye(3)))
        assert newton_order(solution.report.norms) >= 1.7
    assert turned[0.02] < 0.9 * turned[0.0]
    assert iterations[0.02] <= iterations[0.0] + 1


def strand(law: LinearCable | ToeLinear, series: PronySeries) -> tuple[System, CableTerm]:
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    foot = builder.add_carried(np.zeros((1, 3)), ground)
    head = builder.add_free(np.array([[0.0, 0.0, 20.0]]))
    term = CableTerm("strand", np.stack([foot, head], axis=-1), law, relaxation=series)
    return build_system(builder.build(), (term,)), term


def test_a_strand_let_go_quickly_hangs_slack_and_pulls_again_when_it_has_recovered() -> None:
    series = PronySeries(np.array([1.0]), np.array([0.5]), np.array([0.003]))
    system, term = strand(LinearCable(19.0, 500.0), series)
    state = reference_state(system.layout)
    forces = []
    for length, elapsed in ((20.0, 0.0), (19.2, 0.01), (19.2, 0.05), (19.2, 5.0), (19.2, 5.0)):
        state = replace(state, nodes=np.array([[0.0, 0.0, length]]), elapsed=elapsed)
        here = system.evaluate(state, tangent=True)
        state = replace(state, history=system.history(here))
        x = here.configuration.positions
        np.testing.assert_allclose(term.tensions(x, 0.0, state.history), here.residual[2], atol=1e-12)
        forces.append(here.residual[2])
        if forces[-1] == 0.0:
            assert here.values is not None
            assert not here.values.any()
    static = term.tensions(x, 0.0)[0]
    assert forces[0] > static > 0.0
    assert forces[1] == 0.0
    assert forces[2] < 0.5 * static
    assert forces[3] == pytest.approx(static, rel=1e-3)
    assert forces[4] == pytest.approx(static, rel=1e-6)


def test_a_driven_tension_cannot_relax() -> None:
    with pytest.raises(ValueError, match="cannot relax as well"):
        CableTerm("follower", np.zeros((1, 2), dtype=np.int64), LinearCable(1.0, 1.0), ramp(0.0, 1.0), SERIES)


def test_a_step_backwards_from_a_wild_trial_leaves_no_trace() -> None:
    """History comes back in the contribution only: evaluating elsewhere first changes nothing."""
    scene = SCENES["disc, mean dilatation, relaxing"]()
    first = scene.system.evaluate(scene.state, tangent=True)
    wild = retract(scene.system.layout, scene.state, np.full(scene.system.layout.dof_count, 0.01), {})
    scene.system.evaluate(wild, tangent=True)
    second = scene.system.evaluate(scene.state, tangent=True)
    np.testing.assert_array_equal(first.residual, second.residual)
    for name, memory in scene.system.history(first).items():
        np.testing.assert_array_equal(memory, scene.system.history(second)[name])
