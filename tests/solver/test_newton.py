"""One nonlinear solve: its rate, its constraints, its asymmetric correction, how it fails."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from fem.elements.layout import positions, reference_state
from fem.elements.mesh_points import points_where
from fem.materials.solid import CompressibleNeoHookean, Hyperelastic, LinearElastic
from fem.solver.linear import Factor, LinearSolver
from fem.solver.newton import Solution, _chord_ends, _likely_last, _stalled, solve_newton
from fem.solver.report import Settings, StopReason
from fem.system.motion import BodyRotation, BodyTranslation, displaced
from fem.system.system import System, build_system
from fem.tensors import rotation_matrix
from fem.terms.curve import constant, ramp
from fem.terms.loads import DisplacementTerm, ForceTerm, MomentTerm
from fem.terms.solid import SolidTerm
from fem.terms.term import Configuration, Contribution, Term
from oracles.columns import Column, disc_column
from oracles.meshes import box
from oracles.orders import newton_order

TIGHT = Settings(tolerance=1e-11, iterations=40)


def solve(system: System, settings: Settings = TIGHT) -> Solution:
    state = replace(reference_state(system.layout), time=1.0)
    return solve_newton(system, LinearSolver(system.pattern), state, settings)


def moment_on(column: Column, moment: tuple[float, float, float]) -> MomentTerm:
    return MomentTerm("moment", column.bodies[-1], np.array(moment), ramp(0.0, 1.0))


@dataclass(frozen=True)
class WithoutAsymmetricPart:
    """A moment whose solver is told nothing of the antisymmetric part of its tangent."""

    term: MomentTerm

    @property
    def name(self) -> str:
        return self.term.name

    @property
    def points(self) -> np.ndarray:
        return self.term.points

    @property
    def bodies(self) -> np.ndarray:
        return self.term.bodies

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        return replace(self.term.evaluate(configuration, tangent), asymmetric=None)


def test_quadratic_rate_on_a_disc_column() -> None:
    """Two fibre-reinforced, nearly incompressible discs bent by 4 N·m, pressures kept in the tangent."""
    column = disc_column(levels=2)
    system = build_system(column.layout(), (*column.discs, moment_on(column, (0.0, 4000.0, 0.0))))
    solution = solve(system)
    assert solution.report.converged
    assert solution.report.lengths[-1] == 1.0
    assert newton_order(solution.report.norms) >= 1.7


@dataclass
class Counting(LinearSolver):
    """Counts how often a tangent is factorised."""

    factors: int = 0

    def factorise(self, values: np.ndarray, held: np.ndarray) -> Factor:
        self.factors += 1
        return super().factorise(values, held)


def test_the_last_step_takes_the_tangent_of_the_one_before_and_ends_where_a_new_one_would() -> None:
    """Quadratic convergence says beforehand that a chord step suffices; the residual is judged as ever."""
    column = disc_column(levels=2)
    system = build_system(column.layout(), (*column.discs, moment_on(column, (0.0, 4000.0, 0.0))))
    state = replace(reference_state(system.layout), time=1.0)
    solver = Counting(system.pattern)
    solution = solve_newton(system, solver, state, Settings(tolerance=1e-11))
    assert solution.report.converged
    assert solution.report.norms[-1] <= 1e-11
    assert solver.factors == solution.report.iterations - 1
    exact = solve(system)
    np.testing.assert_allclose(solution.state.nodes, exact.state.nodes, atol=1e-8)


def test_a_chord_step_is_taken_only_where_its_rate_suffices() -> None:
    assert _chord_ends([1e-1, 1e-3, 1e-7], 1e-9)  # falls by 1e-4 once more: 1e-11
    assert not _chord_ends([1e-1, 1e-2, 1e-3], 1e-9)
    assert not _chord_ends([1e-7], 1e-9)
    assert _likely_last([1e-1, 1e-4], 1e-9)  # 1e-10 next
    assert _likely_last([1e-1, 1e-3], 1e-9)  # 1e-7 next, then a chord step to 1e-11
    assert not _likely_last([1.0, 0.5], 1e-9)
    assert not _likely_last([np.nan, np.nan], 1e-9)


def test_a_solve_that_goes_round_in_circles_is_given_up_and_a_slow_one_is_not() -> None:
    circles = [1.0, 0.8, 0.77, *(0.76, 0.78) * 4]
    assert _stalled(circles)
    assert not _stalled(circles[:5])  # too early to tell
    assert not _stalled([0.9**n for n in range(20)])
    assert not _stalled([*circles, 0.1])


@pytest.mark.parametrize("with_asymmetry", [True, False])
def test_a_moment_about_three_axes_needs_its_asymmetric_tangent(with_asymmetry: bool) -> None:
    """Under combined rotation ½ skew(M) decides between the quadratic and the linear rate."""
    column = disc_column(fibres=False)
    moment: Term = moment_on(column, (4000.0, 6000.0, 5000.0))
    term = moment if with_asymmetry else WithoutAsymmetricPart(moment)  # type: ignore[arg-type]
    solution = solve(build_system(column.layout(), (*column.discs, term)))
    assert solution.report.converged
    order = newton_order(solution.report.norms)
    if with_asymmetry:
        assert order >= 1.7
        assert solution.report.iterations <= 7
    else:
        assert order < 1.7
        assert solution.report.iterations >= 9


def test_both_tangents_find_the_same_answer() -> None:
    column = disc_column(fibres=False)
    moment = moment_on(column, (4000.0, 6000.0, 5000.0))
    turns = [
        solve(build_system(column.layout(), (*column.discs, term))).state.rotations[-1]
        for term in (moment, WithoutAsymmetricPart(moment))
    ]
    np.testing.assert_allclose(turns[0], turns[1], atol=1e-9)


def test_held_nodes_pull_a_bar() -> None:
    """Linear bar, ends displaced by ±: stress E ε everywhere, reactions E ε A; held unknowns stay where they are."""
    solid = box((np.linspace(0, 4, 5), np.linspace(0, 1, 2), np.linspace(0, 1, 2)))
    term = SolidTerm("bar", solid.block, LinearElastic(10.0, 0.0))
    left, right = (
        points_where(solid.basis, solid.numbers, lambda x, at=at: np.abs(x[:, 0] - at) < 1e-9)
        for at in (0.0, 4.0)
    )
    motions = (displaced(left, (0.0, 0.0, 0.0)), displaced(right, (0.2, 0.0, 0.0)))
    solution = solve(build_system(solid.layout, (term,), motions))
    assert solution.report.iterations == 1  # linear: one solve
    assert solution.evaluation is not None
    x = positions(solid.layout, solution.state)
    np.testing.assert_allclose(x[:, 0], solid.layout.reference[:, 0] * 1.05, atol=1e-12)
    reaction = solution.evaluation.residual.reshape(-1, 3)[solid.layout.node[right]].sum(axis=0)
    np.testing.assert_allclose(reaction, [10.0 * 0.05, 0.0, 0.0], atol=1e-12)


def test_a_prescribed_body_pose() -> None:
    column = disc_column(fibres=False)
    upper = column.bodies[-1]
    turn = np.array([0.05, 0.1, -0.08])
    motions = (
        BodyRotation(upper, turn, ramp(0.0, 1.0)),
        BodyTranslation(upper, np.array([True, False, True]), np.array([1.0, 0.0, -0.3]), ramp(0.0, 1.0)),
    )
    system = build_system(column.layout(), column.discs, motions)
    solution = solve(system)
    assert solution.report.converged
    np.testing.assert_allclose(solution.state.rotations[upper], rotation_matrix(turn), atol=1e-10)
    moved = solution.state.origins[upper] - system.layout.body_origin[upper]
    np.testing.assert_allclose(moved[[0, 2]], [1.0, -0.3], atol=1e-10)
    assert solution.evaluation is not None
    start = system.layout.body_start[upper]
    assert abs(solution.evaluation.residual[start + 1]) <= 1e-8  # the free translation is in balance


def test_a_multiplier_is_the_force_that_gives_the_displacement() -> None:
    """Prescribe a landmark's displacement, read the multiplier, apply it as a force: the landmark is back there."""
    place = np.array([[25.0, 10.0, 30.0]])
    direction = np.array([0.6, 0.0, -0.8])
    found = []
    for force in (None, "multiplier"):
        column = disc_column(fibres=False)
        point = column.builder.add_carried(place, column.bodies[-1])
        if force is None:
            load: Term = DisplacementTerm("landmark", point[:, None], place, direction, 1.0, ramp(0.0, 1.0))
        else:
            size = -found[0][1]
            load = ForceTerm("landmark", point[:, None], size * direction[None, :], ramp(0.0, 1.0))
        layout = column.layout()
        solution = solve(build_system(layout, (*column.discs, load)))
        assert solution.report.converged
        assert solution.report.iterations <= 6
        moved = float((positions(layout, solution.state)[point] - place)[0] @ direction)
        multiplier = float(solution.state.internal.get("landmark", np.zeros(1))[0])
        found.append((moved, multiplier, solution.state.rotations[-1]))
    assert found[0][0] == pytest.approx(1.0, abs=1e-9)
    assert abs(found[0][1]) > 1.0
    assert found[1][0] == pytest.approx(1.0, abs=1e-7)
    np.testing.assert_allclose(found[0][2], found[1][2], atol=1e-8)


def stretched_cube(stretch: float) -> System:
    solid = box((np.linspace(0, 1, 3),) * 3)
    term = SolidTerm("cube", solid.block, Hyperelastic((CompressibleNeoHookean(0.5, 1.0),)))
    bottom, top = (
        points_where(solid.basis, solid.numbers, lambda x, at=at: np.abs(x[:, 2] - at) < 1e-9)
        for at in (0.0, 1.0)
    )
    motions = (displaced(bottom, (0.0, 0.0, 0.0)), displaced(top, (0.0, 0.0, stretch - 1.0)))
    return build_system(solid.layout, (term,), motions)


def test_failures_are_reported_not_raised() -> None:
    few = solve(stretched_cube(1.8), Settings(tolerance=1e-12, iterations=2)).report
    assert few.reason is StopReason.TOO_MANY_ITERATIONS
    assert few.iterations == 2
    through = solve(stretched_cube(-0.5), TIGHT).report
    assert through.reason in (StopReason.INVERTED, StopReason.TOO_MANY_ITERATIONS, StopReason.DIVERGED)
    assert not through.converged


def test_a_part_held_by_nothing_is_an_ordinary_failure() -> None:
    """A free body under a force has no equilibrium: no traceback, a report that says so."""
    column = disc_column(fibres=False)
    loose = column.builder.add_body("loose", np.array([0.0, 0.0, 100.0]))
    point = column.builder.add_carried(np.array([[1.0, 0.0, 100.0]]), loose)
    force = ForceTerm("force", point[:, None], np.array([[0.0, 0.0, 1.0]]), constant())
    report = solve(build_system(column.layout(), (*column.discs, force))).report
    assert not report.converged
    assert report.worst or report.detail
