"""Forces and energies of real spines, summed from the terms' own point forces, not from the solver's residual."""

from functools import cache

import numpy as np
import pytest

from fem.anatomy.vocabulary import level_vertebrae
from fem.case.problem import Problem
from fem.observe.observer import Observer
from fem.solver.report import Step
from fem.terms.term import Term
from oracles.spines import (
    Load,
    Solved,
    coarse_mesh,
    follower,
    force,
    moment,
    moment_vector,
    phases,
    solve,
    spine_problem,
)

#: Share of the applied load to which forces must close.
CLOSE = 1e-6
ABOUT = np.array([5.0, -3.0, 20.0])  # any point will do


@cache
def pushed() -> Solved:
    """Return L4-S1 under a moment, a follower load and a force that bend, twist and shear it."""
    mesh = coarse_mesh("L4-S1")
    tip = mesh.spine.vertebrae["L4"].landmarks["spinous process"]
    problem = spine_problem(
        moment_vector("L4", np.array([-2000.0, 3000.0, 2500.0])),
        follower(200.0),
        force(np.array([10.0, 15.0, -40.0])),
        mesh=mesh,
        points=[("L4", tip)],
    )
    return solve(problem)


def wrench(points: np.ndarray, forces: np.ndarray) -> np.ndarray:
    """Return force and moment (6,) about `ABOUT` of forces (k, 3) at points (k, 3)."""
    return np.concatenate([forces.sum(axis=0), np.cross(points - ABOUT, forces).sum(axis=0)])


def term_wrench(term: Term, step: Step, chosen: np.ndarray) -> np.ndarray:
    """Return the wrench (6,) of a term's internal forces on the material points that `chosen` (p,) marks."""
    part = step.evaluation.contributions[term.name]
    points = np.asarray(term.points)
    forces = part.force[:, : 3 * points.shape[1]].reshape(*points.shape, 3)
    hit = chosen[points]
    return wrench(step.evaluation.configuration.positions[points][hit], forces[hit])


def carried_by(problem: Problem, name: str) -> np.ndarray:
    return np.asarray(problem.model.layout.body == problem.model.bodies[name])


def applied(problem: Problem, step: Step) -> np.ndarray:
    """Return the wrench (6,) of force and moment as the test put them on; the follower cable is internal."""
    share = step.state.time - 1.0
    total = np.zeros(6)
    for term in problem.system.terms:
        if term.name == "moment":
            total[3:] += share * term.moment
        if term.name.startswith("force"):
            place = step.evaluation.configuration.positions[term.points[0]]
            total += wrench(place, share * term.forces)
    return total


def scaled(difference: np.ndarray, load: np.ndarray) -> float:
    """Return the largest error, moments over the largest moment and forces over the largest force applied."""
    return float(
        max(
            np.abs(difference[:3]).max() / np.abs(load[:3]).max(),
            np.abs(difference[3:]).max() / np.abs(load[3:]).max(),
        )
    )


def internal_terms(problem: Problem) -> list[Term]:
    return [t for t in problem.system.terms if t.name in ("follower",) or t.name not in problem.loads]


def test_the_sacrum_holds_up_what_is_put_on_at_every_step() -> None:
    result = pushed()
    sacrum = carried_by(result.problem, "S1")
    assert len(result.loaded) >= 2
    for step in result.loaded:
        load = applied(result.problem, step)
        reaction = sum(term_wrench(term, step, sacrum) for term in internal_terms(result.problem))
        assert np.abs(load).min() > 0.0
        assert scaled(reaction + load, load) < CLOSE


def test_every_cut_through_a_level_carries_the_whole_load() -> None:
    """The other route, bone by bone from above: what holds the bones above a cut is all that was put on them."""
    result = pushed()
    for step in result.loaded:
        load = applied(result.problem, step)
        above = np.zeros(6)
        for level in result.problem.levels:
            upper = carried_by(result.problem, level_vertebrae(level)[0])
            above += sum(term_wrench(term, step, upper) for term in internal_terms(result.problem))
            assert scaled(above - load, load) < CLOSE


def test_every_structure_is_in_balance_with_itself_and_pulls_its_weight() -> None:
    result = pushed()
    step, problem = result.steps[-1], result.problem
    for term in internal_terms(problem):
        every = np.ones(len(problem.model.layout.reference), dtype=bool)
        net, on_sacrum = term_wrench(term, step, every), term_wrench(term, step, carried_by(problem, "S1"))
        one_body = [term_wrench(term, step, carried_by(problem, name)) for name in problem.model.bodies]
        size = max(np.abs(one[:3]).max() for one in one_body)
        assert size > 0.1, f"{term.name} carries nothing: nothing was tested"
        assert np.abs(net[:3]).max() < 1e-9 * size
        assert np.abs(net[3:]).max() < 1e-9 * 100.0 * size
        assert on_sacrum.shape == (6,)


def test_free_nodes_are_in_balance_disc_by_disc() -> None:
    result = pushed()
    step, layout = result.steps[-1], result.problem.model.layout
    free = np.flatnonzero(layout.node >= 0)
    total = np.zeros_like(layout.reference)
    for term in internal_terms(result.problem):
        part, points = step.evaluation.contributions[term.name], np.asarray(term.points)
        np.add.at(total, points, part.force.reshape(*points.shape, 3))
    assert np.abs(total[layout.body >= 0]).max() > 1.0
    assert np.abs(total[free]).max() < 1e-5


def test_the_balance_sees_a_force_that_is_missing() -> None:
    result = pushed()
    step = result.steps[-1]
    sacrum = carried_by(result.problem, "S1")
    load = applied(result.problem, step)
    without = [term for term in internal_terms(result.problem) if "facets" not in term.name]
    assert scaled(sum(term_wrench(term, step, sacrum) for term in without) + load, load) > 1e-3


def energy_error(load: Load, steps: int) -> float:
    """Return (work - change of stored energy) / change of stored energy."""
    problem = spine_problem(load, timeline=phases(steps))
    result = solve(problem)
    observer = Observer(problem, ())
    first = observer.start(result.steps[0].state, result.steps[0].evaluation, "settle").energies
    last = [observer.record(step) for step in result.loaded][-1].energies
    assert len(result.loaded) == steps
    assert last.stored - first.stored > 50.0
    return (last.work - first.work) / (last.stored - first.stored) - 1.0


@pytest.mark.parametrize("load", [moment("L4", "flexion"), follower(300.0)], ids=["moment", "follower"])
def test_the_work_of_a_load_approaches_the_stored_energy(load: Load) -> None:
    """Parabolas through the steps leave an error of order four until facets and fibres switch within a step: there the
    force has corners, and the error falls no further than a few 1e-4."""
    errors = [energy_error(load, count) for count in (2, 4, 16)]
    print("relative energy errors", errors)
    assert abs(errors[2]) < 0.1 * abs(errors[0])
    assert abs(errors[2]) < 4e-4
