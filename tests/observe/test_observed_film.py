"""What a run says of its films: tables and fields against the state, and the recorded motion against the run."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem.case.problem import Problem
from fem.case.schema import ParameterSection
from fem.elements.layout import reference_state
from fem.film.placement import Placement
from fem.film.replay import replay
from fem.film.state import initial_state
from fem.literature import load
from fem.observe.fields import fields
from fem.observe.film import MotionRecorder, film_point_data, gas_left
from fem.observe.observer import Observer
from fem.observe.tables import tables
from fem.results.film_motion import FilmMotion
from fem.results.quantities import TABLES
from fem.solver.march import PhaseSpan
from fem.solver.report import Settings
from fem.structures.film import FilmPlan
from fem.structures.model import Composition, build_model
from fem.system.system import build_system
from oracles.spines import SETTLE, Solved, coarse_mesh, moment, solve, spine_problem

TURN = "axial rotation left"
AS_SHIPPED = FilmPlan()
TIMELINE = (
    SETTLE,
    PhaseSpan("twist", 1.0, 1.06, Settings(first_step=0.25, largest_step=0.25, iterations=25), dynamic=True),
    PhaseSpan("hold", 1.06, 1.07, Settings(first_step=1.0, largest_step=1.0, iterations=25)),
)


def wet_problem(film: FilmPlan | None = AS_SHIPPED) -> Problem:
    """L4 on L5 with masses and films; a moment that would take a second to rise begins to act."""
    mesh = coarse_mesh()
    more = ("relaxation", "trunk", "film", "gas", "verdict")
    sets = {part: load(name) for part, (name, _) in ParameterSection().sets(more).items()}
    parts = ("disc", "ligaments", "facets")
    model = build_model(mesh, Composition(("L4-L5",), parts, (), {}, sets, dynamic=True, film=film))
    twist = moment("L4", TURN, 50000.0)(model)
    system = build_system(model.layout, (*model.terms, twist))
    return Problem(model, system, TIMELINE, (twist.name,), sets)


@cache
def wet() -> Solved:
    return solve(wet_problem())


def recorded(solved: Solved) -> FilmMotion:
    recorder = MotionRecorder(solved.problem)
    for step in solved.steps:
        recorder.add(step.state)
    motion = recorder.motion()
    assert motion is not None
    return motion


def test_the_table_has_the_columns_of_the_catalogue_and_says_what_the_state_holds() -> None:
    solved = wet()
    dynamic = [n for n, step in enumerate(solved.steps) if step.phase == "twist"]
    found = solved.tables(dynamic[-1])["film"]
    assert tuple(found) == TABLES["film"].columns()
    films = solved.problem.model.film
    held = films.state(solved.steps[dynamic[-1]].state.history)
    lowest = 1e3 * (0.101325 + held.pressure[:, :-1].min(axis=1))
    assert lowest.min() < 100.0, "something is drawn"
    np.testing.assert_allclose(found["lowest_pressure_kPa"], lowest)
    np.testing.assert_allclose(found["recess_pressure_kPa"], 1e3 * (0.101325 + held.pressure[:, -1]))
    assert all(
        low <= mean
        for low, mean in zip(found["lowest_pressure_kPa"], found["mean_pressure_kPa"], strict=True)
    )


def test_static_states_and_the_reference_are_at_ambient_pressure() -> None:
    solved = wet()
    for state in (
        reference_state(solved.problem.model.layout),
        solved.steps[0].state,
        solved.steps[-1].state,
    ):
        found = tables(solved.problem, solved.settled, state)["film"]
        np.testing.assert_allclose(found["lowest_pressure_kPa"], 101.325)
        assert found["cavity_mm3"] == [0.0, 0.0]


def test_fields_hold_the_film_at_every_point() -> None:
    solved = wet()
    step = next(step for step in reversed(solved.steps) if step.phase == "twist")
    data = fields(solved.problem, step.state, ())["facets"].point_data
    count = len(solved.problem.model.facets.points)
    for name in ("film_pressure", "fluid_fraction", "cavity"):
        assert data[name].shape == (count,)
    assert data["film_pressure"].min() < 0.0
    assert data["fluid_fraction"].max() <= 1.0
    assert np.all((data["cavity"] > 0.0) == (data["fluid_fraction"] < 1.0))
    dry = fields(spine_problem(), reference_state(spine_problem().model.layout), ())["facets"].point_data
    assert "film_pressure" not in dry


def test_the_opening_speed_at_every_point_is_the_change_of_its_gap() -> None:
    solved = wet()
    observer = Observer(solved.problem, ())
    first, *steps = solved.steps
    records = [observer.start(first.state, first.evaluation, first.phase), *map(observer.record, steps)]
    speeds = [record.fields["facets"].point_data["opening_speed"] for record in records]
    motion = recorded(solved)
    expected = np.diff(motion.gap, axis=0) / np.diff(motion.times)[:, None, None]
    for speed, step in zip(speeds, solved.steps, strict=True):
        if step.phase == "twist":
            row = int(np.searchsorted(motion.times, step.state.time)) - 1
            np.testing.assert_allclose(speed, expected[row].ravel(), rtol=1e-5, atol=1e-5)
        else:
            assert not speed.any()
    assert np.abs(expected).max() > 1.0


def test_the_motion_is_that_of_the_dynamic_phase_and_begins_at_rest() -> None:
    solved = wet()
    motion = recorded(solved)
    dynamic = [step.state.time for step in solved.steps if step.phase == "twist"]
    assert list(motion.times) == [1.0, *dynamic]
    assert set(motion.stretch) == {0}
    assert motion.joints == ("L4-L5 left", "L4-L5 right")
    mean = np.sum(motion.mesh().area * motion.gap, axis=2) / motion.mesh().area.sum(axis=1)
    said = [
        solved.tables(n)["facets"]["gap_mean_mm"]
        for n, step in enumerate(solved.steps)
        if step.phase == "twist"
    ]
    np.testing.assert_allclose(mean[1:], said, rtol=1e-6)


def test_a_replay_of_the_motion_makes_the_steps_of_the_run_again() -> None:
    solved = wet()
    motion = recorded(solved)
    films = motion.films()
    record = replay(
        films, initial_state(films, motion.gap[0]), motion.times, Placement(motion.gap, motion.cover)
    )
    steps = [step for step in solved.steps if step.phase == "twist"]
    assert np.ptp(motion.gap.mean(axis=2), axis=0).max() > 0.02, "the joints do move"
    # The joint that opens: a run does not cut a step for a minor inception between surfaces that press on each other.
    opens = int(np.argmax(motion.gap[-1].mean(axis=1)))
    for row, step in enumerate(steps, start=1):
        held = solved.problem.model.film.state(step.state.history)
        assert held.pressure[opens].min() < 0.0
        np.testing.assert_allclose(record.pressure[row, opens], held.pressure[opens], rtol=1e-9, atol=1e-12)
    assert record.events[opens].inception is None
    assert not held.nucleated[opens]


def test_every_stretch_of_dynamic_phases_begins_with_the_static_state_before() -> None:
    problem = wet_problem()
    state = reference_state(problem.model.layout)
    recorder = MotionRecorder(problem)
    for time, elapsed in ((0.0, 0.0), (1.0, 0.1), (1.1, 0.1), (2.0, 0.0), (3.0, 0.0), (3.1, 0.1)):
        recorder.add(replace(state, time=time, elapsed=elapsed))
    motion = recorder.motion()
    assert motion is not None
    assert list(motion.times) == [0.0, 1.0, 1.1, 3.0, 3.1]
    assert list(motion.stretch) == [0, 0, 0, 1, 1]
    assert motion.since_rest() is None  # the spine was moved from step 0 on


def test_what_positions_the_spine_is_kept_up_to_the_motion() -> None:
    problem = wet_problem()
    state = reference_state(problem.model.layout)
    recorder = MotionRecorder(problem)
    for time, elapsed in ((1.0, 0.0), (1.5, 0.0), (2.0, 0.0), (2.1, 0.1), (3.0, 0.0), (3.1, 0.1)):
        recorder.add(replace(state, time=time, elapsed=elapsed))
    motion = recorder.motion()
    assert motion is not None
    assert list(motion.times) == [2.0, 2.1, 3.0, 3.1]
    assert list(motion.positioning_times) == [1.0, 1.5]
    whole = motion.since_rest()
    assert whole is not None
    assert list(whole.times) == [1.0, 1.5, 2.0, 2.1, 3.0, 3.1]
    assert set(whole.stretch) == {0}
    assert whole.gap.shape == (6, *motion.gap.shape[1:])


def test_dry_joints_are_recorded_too_and_still_spines_are_not() -> None:
    problem = wet_problem(film=None)
    recorder = MotionRecorder(problem)
    state = reference_state(problem.model.layout)
    assert recorder.motion() is None
    recorder.add(state)
    recorder.add(replace(state, time=0.1, elapsed=0.1))
    motion = recorder.motion()
    assert motion is not None
    assert motion.laws.recess.volume == pytest.approx(load("film").number("recess.volume"))
    still = MotionRecorder(spine_problem())
    still.add(reference_state(spine_problem().model.layout))
    assert still.motion() is None


def test_a_thickness_given_by_the_case_is_not_drawn() -> None:
    for plan, drawn in ((FilmPlan(), True), (FilmPlan(thickness=0.1), False)):
        problem = wet_problem(plan)
        recorder = MotionRecorder(problem)
        state = reference_state(problem.model.layout)
        for elapsed in (0.0, 0.1):
            recorder.add(replace(state, time=elapsed, elapsed=elapsed))
        motion = recorder.motion()
        assert motion is not None
        assert ("film.rest_thickness" in [band.name for band in motion.inputs.bands]) == drawn
    assert np.sum(motion.mesh().area * motion.rest, axis=1) / motion.mesh().area.sum(axis=1) == pytest.approx(
        0.1
    )


def test_point_data_of_a_film_that_has_not_moved_is_full() -> None:
    problem = wet_problem()
    data = film_point_data(problem, problem.model.film, reference_state(problem.model.layout))
    assert np.all(data["fluid_fraction"] == 1.0)
    assert np.all(data["film_pressure"] == 0.0)


def test_draws_of_the_gas_clock_say_what_a_pop_may_have_left() -> None:
    age = 600.0
    problem = wet_problem(FilmPlan(since_last_pop={"L4-L5 right": age}))
    recorder = MotionRecorder(problem)
    state = reference_state(problem.model.layout)
    for elapsed in (0.0, 0.1):
        recorder.add(replace(state, time=elapsed, elapsed=elapsed))
    motion = recorder.motion()
    assert motion is not None
    never, popped = motion.inputs.gas
    assert never == (0.0,)
    assert list(popped) == sorted(popped)
    assert popped[0] < motion.laws.recess.gas[1] < popped[-1]
    assert gas_left((None, None), {}) == ()
