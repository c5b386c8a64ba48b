"""Load steps: phase ends, growth, cut-back, giving up, history."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder, State, reference_state
from fem.elements.mesh_points import points_where
from fem.errors import NotConvergedError
from fem.materials.solid import CompressibleNeoHookean, Hyperelastic
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.newton import Solution, solve_newton
from fem.solver.report import NewtonReport, Settings, Step, StopReason
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import System, build_system
from fem.terms.bushing import BushingTerm
from fem.terms.curve import Curve, ramp
from fem.terms.inertia import InertiaTerm
from fem.terms.loads import ForceTerm, MomentTerm
from fem.terms.solid import SolidTerm
from fem.terms.term import Configuration, Contribution, no_bodies
from oracles.columns import disc_column
from oracles.meshes import MeshedSolid, box


def squeezed_cube(share: float) -> System:
    """A cube between glued plates, squeezed to (1 − share) of its height by the ramp from 0 to 1 s."""
    solid = box((np.linspace(0, 1, 4),) * 3)
    term = SolidTerm("cube", solid.block, Hyperelastic((CompressibleNeoHookean(0.5, 1.0),)))
    return build_system(solid.layout, (term,), plates(solid, share))


def plates(solid: MeshedSolid, share: float) -> tuple[object, object]:
    bottom, top = (
        points_where(solid.basis, solid.numbers, lambda x, at=at: np.abs(x[:, 2] - at) < 1e-9)
        for at in (0.0, 1.0)
    )
    return displaced(bottom, (0.0, 0.0, 0.0)), displaced(top, (0.0, 0.0, -share))


def run(system: System, *phases: PhaseSpan, heard: list[NewtonReport] | None = None) -> list[Step]:
    def listen(phase: str, time: float, report: NewtonReport) -> None:
        if heard is not None:
            heard.append(report)

    start = reference_state(system.layout)
    return list(march(system, LinearSolver(system.pattern), start, phases, listen))


def test_phase_ends_are_landed_on_exactly() -> None:
    column = disc_column(cells=(2, 2), fibres=False)
    curve = Curve(np.array([0.0, 0.3, 1.7]), np.array([0.0, 1.0, 0.4]))
    moment = MomentTerm("moment", column.bodies[-1], np.array([0.0, 500.0, 0.0]), curve)
    system = build_system(column.layout(), (*column.discs, moment))
    settings = Settings(first_step=0.3, largest_step=0.45)
    steps = run(system, PhaseSpan("up", 0.0, 0.3, settings), PhaseSpan("down", 0.3, 1.7, settings))
    ends = {step.phase: step for step in steps}
    assert ends["up"].state.time == 0.3
    assert ends["down"].state.time == 1.7
    assert ends["up"].share == ends["down"].share == 1.0
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    shares = [step.share for step in steps if step.phase == "up"]
    assert shares[0] == pytest.approx(0.3)
    assert max(np.diff([0.0, *shares])) <= 0.45 * 1.25 + 1e-12  # the last step may take a short rest along


def test_easy_steps_grow() -> None:
    settings = Settings(first_step=0.05, largest_step=0.5)
    steps = run(squeezed_cube(0.1), PhaseSpan("squeeze", 0.0, 1.0, settings))
    taken = np.diff([0.0] + [step.share for step in steps])
    assert taken[1] == pytest.approx(0.1)
    assert len(steps) <= 6


def test_a_failed_step_is_cut_back_and_the_end_is_reached() -> None:
    """Half the height in one go needs more iterations than four; shorter steps do not."""
    settings = Settings(iterations=4, first_step=1.0, largest_step=1.0, smallest_step=1e-3)
    heard: list[NewtonReport] = []
    steps = run(squeezed_cube(0.5), PhaseSpan("squeeze", 0.0, 1.0, settings), heard=heard)
    assert sum(step.cutbacks for step in steps) >= 1
    assert sum(not report.converged for report in heard) == sum(step.cutbacks for step in steps)
    assert steps[-1].share == 1.0
    whole = solve_static(squeezed_cube(0.5), Settings(iterations=40, first_step=0.2, largest_step=0.2))
    assert steps[-1].evaluation.energy == pytest.approx(whole.evaluation.energy, rel=1e-7)


def test_giving_up_says_where_and_keeps_what_was_reached() -> None:
    """A cube cannot be squeezed through itself: the march gives up near zero height."""
    system = squeezed_cube(1.2)
    settings = Settings(first_step=0.5, largest_step=0.5, smallest_step=0.02)
    steps: list[Step] = []

    def collect() -> None:
        phase = PhaseSpan("squeeze", 0.0, 1.0, settings)
        for step in march(system, LinearSolver(system.pattern), reference_state(system.layout), [phase]):
            steps.append(step)

    with pytest.raises(
        NotConvergedError, match=r"phase 'squeeze' did not converge at t = .*Try a smaller load"
    ):
        collect()
    assert steps
    assert np.isfinite(steps[-1].state.nodes).all()
    assert steps[-1].report.converged


@dataclass
class Counter:
    """A term that remembers how often it was adopted; it pulls nothing."""

    name: str = "counter"
    points: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), dtype=np.int64))
    evaluations: int = 0

    @property
    def bodies(self) -> np.ndarray:
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        self.evaluations += 1
        seen = configuration.history.get("counter", np.zeros(1))
        stiffness = np.zeros((1, 3, 3)) if tangent else None
        return Contribution(0.0, np.zeros((1, 3)), stiffness, history={"counter": seen + 1.0})


def test_history_is_adopted_once_a_step() -> None:
    solid = box((np.linspace(0, 1, 3),) * 3)
    term = SolidTerm("cube", solid.block, Hyperelastic((CompressibleNeoHookean(0.5, 1.0),)))
    counter = Counter()
    system = build_system(solid.layout, (term, counter), plates(solid, 0.2))
    settings = Settings(first_step=0.25, largest_step=0.25)
    steps = run(system, PhaseSpan("squeeze", 0.0, 1.0, settings))
    assert [float(step.state.history["counter"][0]) for step in steps] == [1.0, 2.0, 3.0, 4.0]
    assert counter.evaluations > len(steps)


def test_stops_are_landed_on_in_static_phases_too() -> None:
    settings = Settings(first_step=0.3, largest_step=0.3)
    phase = PhaseSpan("squeeze", 0.0, 1.0, settings, stops=(0.7, 0.35, 0.0, 2.0))
    times = [step.state.time for step in run(squeezed_cube(0.1), phase)]
    assert {0.35, 0.7, 1.0} <= set(times)
    assert times == sorted(times)
    assert [step.state.elapsed for step in run(squeezed_cube(0.1), phase)] == [0.0] * len(times)


def swing(force: float = 10.0) -> System:
    """A mass on springs, pushed by a ramp of 0.1 s that then stays."""
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    mass = builder.add_body("mass", np.zeros(3))
    point = builder.add_carried(np.zeros((1, 3)), mass)
    stiffness, zero = np.array([[8.0] * 3 + [1e4] * 3]), np.zeros((1, 3))
    spring = BushingTerm(
        "spring",
        np.array([[ground, mass]]),
        np.zeros((1, 2, 3)),
        np.eye(3)[None],
        stiffness,
        np.array([0.01]),
    )
    inertia = InertiaTerm("inertia", np.array([[mass]]), np.array([0.002]), np.eye(3)[None], zero)
    push = ForceTerm("push", point[:, None], np.array([[force, 0.0, 0.0]]), ramp(0.0, 0.1))
    return build_system(builder.build(), (spring, inertia, push))


def dynamic(name: str, start: float, end: float, longest: float, **more: object) -> PhaseSpan:
    settings = Settings(first_step=1.0, largest_step=1.0, longest_step=longest)
    return PhaseSpan(name, start, end, settings, dynamic=True, **more)


def test_a_dynamic_phase_steps_in_time_up_to_its_longest_step_and_lands_on_stops() -> None:
    system = swing()
    steps = run(system, dynamic("push", 0.0, 0.1, 0.01, stops=(0.033,)), dynamic("hold", 0.1, 0.4, 0.05))
    times = np.array([0.0, *(step.state.time for step in steps)])
    assert {0.033, 0.1, 0.4} <= set(times)
    taken = np.diff(times)
    np.testing.assert_allclose([step.state.elapsed for step in steps], taken, rtol=1e-9)
    assert taken[times[1:] <= 0.1].max() <= 0.01 * (1.0 + 1e-9)
    assert taken.max() <= 0.05 * (1.0 + 1e-9)
    assert taken.max() > 0.02  # it grew in the second phase
    assert (taken[1:] / taken[:-1]).max() <= 2.0 + 1e-9  # backward differences stay stable
    assert steps[-1].state.origins[1, 0] == pytest.approx(10.0 / 8.0, rel=0.02)  # damped to the static answer


def test_a_static_phase_forgets_the_motion_before_it() -> None:
    system = swing()
    settings = Settings(first_step=1.0, largest_step=1.0)
    fast, still, again = run(
        system,
        dynamic("push", 0.0, 0.02, 0.02),
        PhaseSpan("wait", 0.02, 0.2, settings),
        dynamic("hold", 0.2, 0.25, 0.05),
    )
    assert fast.evaluation.contributions["inertia"].energy > 0.0
    assert still.evaluation.contributions["inertia"].energy == still.state.elapsed == 0.0
    assert still.state.origins[1, 0] == pytest.approx(10.0 / 8.0, rel=1e-9)
    np.testing.assert_allclose(again.state.origins, still.state.origins, atol=1e-9)


def test_a_failed_prediction_costs_no_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The predicted start turns a cell inside out: the step is tried again from where everything is."""
    solid = box((np.linspace(0, 1, 3),) * 3)
    term = SolidTerm("cube", solid.block, Hyperelastic((CompressibleNeoHookean(0.5, 1.0),)))
    system = build_system(solid.layout, (term,), plates(solid, 0.2))
    heard: list[NewtonReport] = []

    def crushed(*given: object) -> State:
        state = given[1]
        assert isinstance(state, State)
        return replace(state, nodes=state.nodes * np.array([1.0, 1.0, -1.0]))

    monkeypatch.setattr("fem.solver.march.predicted", crushed)
    steps = run(system, dynamic("squeeze", 0.0, 1.0, 0.25), heard=heard)
    assert len(steps) == 4
    assert all(step.cutbacks == 0 for step in steps)
    assert sum(report.reason is StopReason.INVERTED for report in heard) == 3  # all but the first step


def test_a_solve_in_circles_is_not_tried_from_another_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would go round from there too: the step is cut at once, after one solve instead of two."""
    asked: list[float] = []

    def solve(system: System, solver: LinearSolver, state: State, settings: Settings) -> Solution:
        asked.append(state.time)
        found = solve_newton(system, solver, state, settings)
        if state.elapsed < 0.015:
            return found
        return replace(found, report=replace(found.report, reason=StopReason.STALLED))

    monkeypatch.setattr("fem.solver.march.solve_newton", solve)
    steps = run(swing(), dynamic("swing", 0.0, 0.06, 0.01), dynamic("on", 0.06, 0.1, 0.02))
    assert sum(step.cutbacks for step in steps) == 1
    assert (
        sum(time == pytest.approx(0.08) for time in asked) == 1
    )  # a second start would have asked for it again


def test_a_smooth_motion_is_predicted_and_saves_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    def iterations() -> tuple[int, float]:
        solid = box((np.linspace(0, 1, 3),) * 3)
        term = SolidTerm("cube", solid.block, Hyperelastic((CompressibleNeoHookean(0.5, 1.0),)))
        system = build_system(solid.layout, (term,), plates(solid, 0.4))
        steps = run(system, dynamic("squeeze", 0.0, 1.0, 0.1))
        return sum(step.report.iterations for step in steps), steps[-1].evaluation.energy

    with_prediction, energy = iterations()
    monkeypatch.setattr("fem.solver.march.predicted", lambda *given: None)
    without, same = iterations()
    assert with_prediction < without
    assert energy == pytest.approx(same, rel=1e-9)


def test_a_motion_restarted_in_its_middle_goes_on_as_if_uninterrupted() -> None:
    system = swing()
    whole = run(system, dynamic("push", 0.0, 0.1, 0.01))
    middle = whole[4].state
    assert middle.time == pytest.approx(0.05)
    rest = list(
        march(system, LinearSolver(system.pattern), middle, [dynamic("push", middle.time, 0.1, 0.01)])
    )
    np.testing.assert_allclose(rest[-1].state.origins, whole[-1].state.origins, rtol=1e-9)


def test_a_march_broken_off_goes_on_with_the_same_bits() -> None:
    """From any step: its state, the system evaluated there, the length of the next step and the trail are enough."""
    system = swing()
    phases = (
        dynamic("push", 0.0, 0.1, 0.04),
        PhaseSpan("hold", 0.1, 0.2, Settings()),
        dynamic("again", 0.2, 0.25, 0.02),
    )
    whole = run(system, *phases)
    assert len(whole) > 6
    for broken in whole[:-1]:
        evaluation = system.evaluate(
            replace(broken.state, history=broken.evaluation.configuration.history), tangent=False
        )
        since = replace(broken, evaluation=evaluation)
        rest = list(march(system, LinearSolver(system.pattern), since.state, phases, since=since))
        assert [step.number for step in rest] == [step.number for step in whole[broken.number :]]
        for step, same in zip(rest, whole[broken.number :], strict=True):
            assert (step.state.time, step.share) == (same.state.time, same.share)
            np.testing.assert_array_equal(step.state.origins, same.state.origins)


def test_zero_load_gives_zero_motion() -> None:
    column = disc_column(cells=(2, 2))
    moment = MomentTerm("moment", column.bodies[-1], np.zeros(3), ramp(0.0, 1.0))
    system = build_system(column.layout(), (*column.discs, moment))
    step = solve_static(system)
    np.testing.assert_allclose(step.state.nodes, reference_state(system.layout).nodes, atol=1e-12)
    assert abs(step.evaluation.energy) <= 1e-12
