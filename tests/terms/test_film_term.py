"""Films as a term: force and balance, rest, work, memory, and what happens where a step fails or a cavity forms."""

from dataclasses import replace

import numpy as np
import pytest

from fem.arrays import frozen
from fem.elements.retraction import retract
from fem.errors import NonFiniteError
from fem.film.placement import Placement
from fem.film.state import cavity_volume, film_load, initial_state, resultant
from fem.film.step import film_step
from fem.system.check import check_derivatives, moved_rigidly
from fem.system.system import build_system
from fem.terms.film import FilmTerm, film_history, film_state
from fem.terms.term import Configuration, Contribution
from oracles.samples import random_rotation
from oracles.scenes import SCENES, Scene

films = pytest.mark.parametrize("name", ["film, full", "film, torn"])


def parts(name: str) -> tuple[Scene, FilmTerm, Configuration, Contribution]:
    """Return a scene, its term, what it sees and what it gives."""
    scene = SCENES[name]()
    term, here = scene.system.terms[0], scene.system.configuration(scene.state)
    assert isinstance(term, FilmTerm)
    return scene, term, here, term.evaluate(here, True)


@films
def test_the_scenes_are_what_they_are_called(name: str) -> None:
    _, term, here, part = parts(name)
    assert part.history is not None
    state, place = film_state("film", part.history), term.placement(here.positions)
    assert (place.gap[0] < 0.0).any()
    assert state.pressure.max() < 0.0
    assert (cavity_volume(term.films, state)[0] > 0.0) == (name == "film, torn")
    assert state.nucleated.all() == (name == "film, torn")


@films
def test_forces_balance_and_turn_with_everything(name: str, generator: np.random.Generator) -> None:
    scene, term, here, part = parts(name)
    force, x = part.force.reshape(2, -1, 3), here.positions[term.points]
    size = np.abs(force).max()
    np.testing.assert_allclose(force.sum(axis=1), 0.0, atol=1e-12 * size)
    np.testing.assert_allclose(np.cross(x, force).sum(axis=1), 0.0, atol=1e-11 * size * np.abs(x).max())
    turn = random_rotation(generator)
    moved = moved_rigidly(scene.state, turn, np.array([3.0, -4.0, 5.0]))
    turned = term.evaluate(scene.system.configuration(moved), False).force.reshape(2, -1, 3)
    # Thin films magnify what rounding does to a gap.
    np.testing.assert_allclose(turned, force @ turn.T, atol=1e-7 * size)


@films
def test_the_force_is_that_of_the_film_beyond_the_dry_contact(name: str) -> None:
    _, term, here, part = parts(name)
    place = term.placement(here.positions)
    before = film_state("film", here.history)
    step = film_step(term.films, before, Placement(place.gap, place.cover), here.elapsed)
    dry = film_load(term.films, initial_state(term.films, place.gap), place.gap)
    wanted = resultant(term.films, step.load.traction - dry.traction, place.normal)
    n = term.films.mesh.nodes
    # The internal force is what the film resists with: the opposite of what it does to the surface.
    np.testing.assert_allclose(-part.force.reshape(2, -1, 3)[:, :n].sum(axis=1), wanted, rtol=1e-9)


def test_films_at_rest_do_nothing() -> None:
    _, term, here, _ = parts("film, torn")
    still = term.evaluate(replace(here, elapsed=0.0), True)
    assert not still.force.any()
    assert still.lost == 0.0
    assert still.history is not None
    rest = film_state("film", still.history)
    assert not rest.nucleated.any()
    assert not rest.pressure.any()
    # From there, a step without motion leaves them at rest.
    kept = term.evaluate(replace(here, history=still.history, elapsed=0.01), False)
    assert np.abs(kept.force).max() <= 1e-9


@films
def test_the_work_done_on_films_is_that_of_their_force(name: str) -> None:
    scene, _, _, part = parts(name)
    small = 1e-3 * np.concatenate([np.zeros(6), [0.2, 0.3, 1.0, 0.01, -0.02, 0.03]])
    assert part.history is not None
    state = replace(scene.state, history=dict(part.history))
    later = scene.system.evaluate(retract(scene.system.layout, state, small, {}), tangent=False)
    first = scene.system.evaluate(scene.state, tangent=False)
    work = 0.5 * float((first.residual + later.residual) @ small)
    assert work != 0.0
    # Turns are small but finite: the way of a gap is straight to first order only.
    assert later.contributions["film"].lost == pytest.approx(work, rel=1e-3)


@films
def test_memory_is_kept_whole(name: str) -> None:
    _, _, _, part = parts(name)
    assert part.history is not None
    again = film_history("film", film_state("film", part.history))
    for key, value in again.items():
        np.testing.assert_array_equal(value, part.history[key])
    assert all(key.startswith("film.") for key in part.history)


def test_a_film_that_cannot_follow_names_its_joint() -> None:
    _, term, here, _ = parts("film, full")
    constants = term.films.constants.copy()
    constants[1, :] = np.nan  # no law at all: the surest way to fail
    broken = replace(term, films=replace(term.films, constants=frozen(constants)))
    with pytest.raises(NonFiniteError, match="film of right"):
        broken.evaluate(here, False)


def test_how_far_a_joint_is_beyond_forming_a_cavity() -> None:
    """Short of it the measure is below zero, beyond it above, and it runs through zero without a jump."""
    scene = SCENES["film, torn"]()
    term, state = scene.system.terms[0], scene.state
    assert isinstance(term, FilmTerm)
    memory = scene.system.history(scene.system.evaluate(replace(state, elapsed=0.0), tangent=False))
    found = []
    for share in np.geomspace(1e-3, 2e-2, 20):
        turn = share * np.concatenate([np.zeros(6), [0.0, 0.0, 0.1, 0.0, 0.0, 0.0]])
        moved = retract(scene.system.layout, replace(state, history=memory, elapsed=0.01), turn, {})
        end = scene.system.history(scene.system.evaluate(moved, tangent=False))
        switch = term.switch(memory, end, 0.01)
        assert switch is not None
        held = film_state("film", {**end, **switch.memory})
        assert held.nucleated.any() == (switch.excess > 0.0)
        found.append(switch.excess)
    assert found[0] < -0.5
    assert found[-1] > 0.5
    assert (np.diff(found) > 0.0).all()
    # Equal factors of speed give factors of suction that change little by little: no jump and no bend at zero.
    factors = np.diff(np.log1p(found))
    np.testing.assert_allclose(factors[1:], factors[:-1], rtol=0.1)


def test_a_joint_with_a_cavity_awaits_none() -> None:
    scene, term, _, part = parts("film, torn")
    assert part.history is not None
    assert term.switch(scene.state.history, part.history, 0.02) is None


def test_leaving_out_the_antisymmetric_part_is_seen_by_the_check() -> None:
    scene, term, _, _ = parts("film, full")
    system = build_system(scene.system.layout, (replace(term, exact=False),))
    with pytest.raises(AssertionError, match="derivative check failed"):
        check_derivatives(system, scene.state, step=scene.step, conservative=False).require(1e-6)
