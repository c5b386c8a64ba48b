"""Steps that land on the moment a cavity forms: a plate pulled off a film, against the film's own solution of it."""

from dataclasses import dataclass

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder
from fem.elements.surface_block import unit_disc_mesh
from fem.film.laws import Cavitation, FilmLaws, Recess, newtonian
from fem.film.mesh import film_mesh
from fem.film.pull import Pull, pull_apart
from fem.film.state import Film, cavity_volume, film, initial_state
from fem.solver.dynamic import solve_motion
from fem.solver.report import Step
from fem.system.system import System, build_system
from fem.terms.bushing import BushingTerm
from fem.terms.curve import Curve
from fem.terms.film import FilmTerm, film_state
from fem.terms.loads import ForceTerm

#: The plate: rest gap [mm], spring that holds it [N/mm], and the pull [N] that rises for so long [s].
GAP, STIFFNESS, PULL, RISE = 0.2, 20.0, 40.0, 0.1
STEP = 0.01
NET = 7.0 * np.stack(np.meshgrid([-1.0, 0, 1], [-1.0, 0, 1], indexing="ij"), axis=-1).reshape(-1, 2)


@dataclass(frozen=True)
class Plate:
    """A plate on a film, a spring and a rising force: the system, and the film alone."""

    system: System
    films: Film

    def height(self, step: Step) -> float:
        return float(step.state.origins[1, 2])


def plate(cavitation: Cavitation) -> Plate:
    """Return a flat film point by point under a rigid plate that carries the control net."""
    flat, builder = unit_disc_mesh(2, 8), LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    lid = builder.add_body("lid", np.zeros(3))
    places = np.column_stack([6.5 * flat.p.T, np.full(flat.p.shape[1], GAP)])
    control = np.column_stack([NET, np.zeros(9)])
    points = np.concatenate([builder.add_carried(places, lid), builder.add_carried(control, ground)])
    held = builder.add_carried(np.zeros((1, 3)), lid)
    films = film(film_mesh(flat, places), FilmLaws(newtonian(1e-7), cavitation, Recess(20.0, 14e3)), order=2)
    stiffness = np.array([[1e3, 1e3, STIFFNESS, 1e6, 1e6, 1e6]])
    spring = BushingTerm(
        "spring", np.array([[ground, lid]]), np.zeros((1, 2, 3)), np.eye(3)[None], stiffness, np.zeros(1)
    )
    pull = ForceTerm(
        "pull",
        held[:, None],
        np.array([[0.0, 0.0, PULL]]),
        Curve(np.array([0.0, RISE]), np.array([0.0, 1.0])),
    )
    system = build_system(
        builder.build(), (FilmTerm("film", ("plate",), points[None], films, 0.25), spring, pull)
    )
    return Plate(system, films)


def pulled(plate: Plate, times: np.ndarray) -> tuple[np.ndarray, float]:
    """Return separations at times and the moment of inception, by the film without a system."""
    force = PULL * np.minimum(times / RISE, 1.0)
    gap = np.full((1, plate.films.mesh.nodes), GAP)
    record = pull_apart(
        plate.films,
        initial_state(plate.films, gap),
        gap,
        Pull(times, force[:, None], np.array([STIFFNESS])),
    )
    return np.interp(times, record.times, record.separation[:, 0]), float(record.inception[0])


def test_a_plate_on_a_film_follows_the_films_own_solution() -> None:
    tenacious = plate(Cavitation(0.1, -1e3, -1e3))
    steps = solve_motion(tenacious.system, RISE, STEP)
    times = np.array([0.0, *(step.state.time for step in steps)])
    separation, inception = pulled(tenacious, times)
    found = [0.0, *(tenacious.height(step) for step in steps)]
    assert max(found) > 0.1
    assert np.isnan(inception)
    np.testing.assert_allclose(found, separation, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("nucleation", [0.006, -0.05])
def test_the_march_lands_on_the_moment_a_cavity_forms(nucleation: float) -> None:
    vaporous = plate(Cavitation(0.1, 0.006, nucleation))
    steps = solve_motion(vaporous.system, RISE, STEP)
    # A recess that runs empty stiffens without end: Newton overshoots, turns back and is reined in, or left for a
    # shorter step, which costs less.
    assert sum(step.cutbacks for step in steps) <= 4
    states = [film_state("film", step.state.history) for step in steps]
    first = next(number for number, state in enumerate(states) if state.nucleated.any())
    moment = steps[first].state.time
    assert 0.0 < moment < RISE
    # The same steps up to it, so that nothing differs but how the moment is found; each to within 0.1 ms.
    times = np.unique([0.0, *(step.state.time for step in steps), moment - 1e-3])
    separation, inception = pulled(vaporous, times)
    assert moment == pytest.approx(inception, abs=2e-4)
    found = np.array([vaporous.height(step) for step in steps])
    at = np.searchsorted(times, [step.state.time for step in steps])
    # At the moment itself the plate is about to jump, in one solution just before and in the other just after.
    others = np.arange(len(steps)) != first
    np.testing.assert_allclose(found[others], separation[at][others], atol=5e-3 * found.max())
    assert cavity_volume(vaporous.films, states[-1])[0] > 1.0
    # At its end the step holds no more void than what the last instants drew.
    assert (
        cavity_volume(vaporous.films, states[first])[0] < 0.02 * cavity_volume(vaporous.films, states[-1])[0]
    )


def test_cutting_steps_does_not_move_the_moment() -> None:
    vaporous = plate(Cavitation(0.1, 0.006, 0.006))
    moments = []
    for step in (STEP, STEP / 4):
        steps = solve_motion(vaporous.system, RISE, step)
        moments.append(
            next(s.state.time for s in steps if film_state("film", s.state.history).nucleated.any())
        )
    # Steps of 10 ms follow the film to a millisecond; the landing adds 0.1 ms at most.
    assert moments[0] == pytest.approx(moments[1], abs=1e-3)
