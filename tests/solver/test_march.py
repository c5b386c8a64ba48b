"""Load steps: phase ends, growth, cut-back, giving up, history."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from fem.elements.layout import reference_state
from fem.elements.mesh_points import points_where
from fem.errors import NotConvergedError
from fem.materials.solid import CompressibleNeoHookean, Hyperelastic
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import NewtonReport, Settings, Step
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.system import System, build_system
from fem.terms.curve import Curve, ramp
from fem.terms.loads import MomentTerm
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


def test_zero_load_gives_zero_motion() -> None:
    column = disc_column(cells=(2, 2))
    moment = MomentTerm("moment", column.bodies[-1], np.zeros(3), ramp(0.0, 1.0))
    system = build_system(column.layout(), (*column.discs, moment))
    step = solve_static(system)
    np.testing.assert_allclose(step.state.nodes, reference_state(system.layout).nodes, atol=1e-12)
    assert abs(step.evaluation.energy) <= 1e-12
