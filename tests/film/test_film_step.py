"""One step of the film: derivatives in an active state, order in time, special joints."""

import numpy as np
import pytest

from fem.errors import NonFiniteError
from fem.film.laws import Cavitation, CrossFluid, FilmLaws, OpenRim, Recess, SoftLayer, newtonian
from fem.film.placement import Placement
from fem.film.state import (
    Film,
    FilmState,
    cavity_volume,
    film,
    film_load,
    fluid_volume,
    initial_state,
    sealed,
)
from fem.film.step import film_step, forming, nucleated
from oracles.differences import relative
from oracles.films import AMBIENT, VAPOROUS, closed_joint, disc_mesh
from oracles.orders import mesh_orders

THINNING = CrossFluid(1e-5, 1e-8, 2.3, 0.7, 0.78)
SOFT = SoftLayer(7.5, 1.6, 0.003)
RECESS = Recess(10.0, 14e3, 0.05, 0.3, 2.0, 1.0 / 300.0, 0.1)


def active(order: int = 1) -> tuple[Film, FilmState, Placement]:
    """A soft, thinning, sliding joint: part of it pressed shut, part torn, part left by the facing surface."""
    films = film(disc_mesh(6.5), FilmLaws(THINNING, VAPOROUS, RECESS, SOFT), order=order)
    x = films.mesh.points[0] / 6.5
    gap = 0.05 + 0.12 * x[:, 0] - 0.05 * (x[:, :2] ** 2).sum(axis=1)
    cover = np.clip(1.5 - 1.2 * x[:, 1], 0.0, 1.0)[None]
    sliding = np.broadcast_to([15.0, 5.0, 0.0], (1, len(x), 3))
    state = nucleated(initial_state(films, gap), np.array([True]))
    for k in (1, 2, 3):
        gap = gap + 0.02 * k * (1.0 + 2.0 * x[:, 0])
        state = film_step(films, state, Placement(gap[None], cover, sliding), 1e-3 * k).state
    return films, state, Placement((gap + 0.01 * x[:, 0])[None], cover, sliding)


@pytest.mark.parametrize("order", [1, 2])
def test_tractions_have_these_derivatives(order: int) -> None:
    films, state, place = active(order)
    step = film_step(films, state, place, 2e-3, tangent=True)
    assert step.converged.all()
    assert 3 < step.state.torn.sum() < 60
    assert step.load.contact.max() > 1e-3
    assert step.traction_by_gap is not None
    assert step.traction_by_content is not None
    size = 1e-7
    differences = np.empty_like(step.traction_by_gap[0])
    for j in range(films.mesh.nodes):
        ends = []
        for sign in (1.0, -1.0):
            gap = np.array(place.gap)
            gap[0, j] += sign * size
            moved = film_step(films, state, Placement(gap, place.cover, place.sliding), 2e-3)
            assert np.array_equal(moved.state.torn, step.state.torn)
            ends.append(moved.load.traction[0])
        differences[:, j] = (ends[0] - ends[1]) / (2.0 * size)
    # Steps converge to 1e-9 of the flow, over differences of 1e-7 mm of films of 1e-2 mm: 1e-4 at worst, 1e-6 found.
    assert relative(step.traction_by_gap[0], differences) < 1e-5
    differences = np.empty_like(step.traction_by_content[0])
    for j in range(films.mesh.nodes + 1):
        ends = []
        for sign in (1.0, -1.0):
            content = np.array(state.content)
            content[0, j] += sign * size
            arrays = (state.pressure, state.void, state.torn, content, state.older, state.flow, state.past)
            ends.append(film_step(films, sealed(FilmState(*arrays)), place, 2e-3).load.traction[0])
        differences[:, j] = (ends[0] - ends[1]) / (2.0 * size)
    assert relative(step.traction_by_content[0], differences) < 1e-5


def test_the_step_changes_nothing_it_was_given() -> None:
    films, state, place = active()
    kept = [np.array(array) for array in (state.pressure, state.content, state.flow, place.gap)]
    first = film_step(films, state, place, 2e-3, tangent=True)
    again = film_step(films, state, place, 2e-3, tangent=True)
    assert np.array_equal(first.state.pressure, again.state.pressure)
    for array, before in zip((state.pressure, state.content, state.flow, place.gap), kept, strict=True):
        assert np.array_equal(array, before)
    with pytest.raises(ValueError, match="read-only"):
        first.state.pressure[0, 0] = 1.0


@pytest.mark.parametrize(("order", "expected"), [(1, 1.0), (2, 2.0)])
def test_order_in_time_in_full_film(order: int, expected: float) -> None:
    """Pressure in a soft joint after a smooth motion, against steps a sixteenth of the shortest."""
    laws = FilmLaws(THINNING, Cavitation(AMBIENT, -10.0, -10.0), Recess(100.0, 14e3), SOFT)
    films = film(disc_mesh(6.5, 2, 8), laws, order=order)
    found = []
    for steps in (16, 32, 64, 1024):
        state = initial_state(films, np.full(films.mesh.nodes, 0.03))
        for k in range(1, steps + 1):
            gap = 0.03 + 0.05 * np.sin(2.0 * k / steps) ** 2
            state = film_step(
                films, state, Placement(np.full((1, films.mesh.nodes), gap)), 0.05 / steps
            ).state
        found.append(state.pressure[0].min())
    errors = np.abs(np.array(found[:-1]) - found[-1])
    assert errors[0] > 1e-7
    assert np.all(mesh_orders(errors) > expected - 0.35)


def test_a_joint_pressed_shut_carries_by_contact_and_stays_still() -> None:
    films = film(disc_mesh(6.5), FilmLaws(THINNING, VAPOROUS, RECESS, SOFT))
    state = initial_state(films, np.full(films.mesh.nodes, 0.1))
    for gap in (0.0, -0.1, -0.2, -0.2, -0.2):
        step = film_step(films, state, Placement(np.full((1, films.mesh.nodes), gap)), 0.05)
        assert step.converged.all()
        assert np.isfinite(step.load.traction).all()
        state = step.state
    late = film_step(films, state, Placement(np.full((1, films.mesh.nodes), -0.2)), 1e6)
    load = late.load
    assert load.thickness.min() == pytest.approx(0.003)
    pressed = -7.5 * np.log(1.0 - 0.2 / 1.6)
    # Squeezed out for good: the layers' own pressure everywhere, carried by contact but for the ambient recess's.
    np.testing.assert_allclose(load.traction, pressed, rtol=1e-6)
    assert load.contact.min() > 0.99 * pressed


def test_a_joint_that_never_had_fluid_has_contact_only() -> None:
    mesh = disc_mesh(6.5, joints=2)
    films = film(mesh, FilmLaws(THINNING, VAPOROUS, RECESS, SOFT), wet=np.array([False, True]))
    gap = np.full((2, mesh.nodes), 0.05)
    state = initial_state(films, gap)
    step = film_step(films, state, Placement(gap + 0.02), 1e-3, tangent=True)
    assert step.converged.all()
    assert np.all(step.load.traction[0] == 0.0)
    assert np.all(step.load.fraction[0] == 0.0)
    assert step.load.traction[1].min() < -1e-3
    closed = film_step(films, state, Placement(gap - 0.15), 1e-3, tangent=True)
    assert closed.load.contact[0] == pytest.approx(-7.5 * np.log(1.0 - 0.1 / 1.6))
    assert closed.traction_by_gap is not None
    slope = closed.traction_by_gap[0]
    np.testing.assert_allclose(np.diag(slope), -7.5 / (1.6 - 0.1), rtol=1e-12)
    assert np.count_nonzero(slope - np.diag(np.diag(slope))) == 0


def test_a_rim_that_leaves_the_opposing_surface_joins_the_recess_without_a_jump() -> None:
    films = film(disc_mesh(6.5), FilmLaws(newtonian(1e-6), VAPOROUS, Recess(100.0, 14e3)))
    x = films.mesh.points[0] / 6.5
    start = np.full(films.mesh.nodes, 0.1)
    state = initial_state(films, start)
    whole = fluid_volume(films, state)[0]
    side = x[:, 0] > 0.2
    suctions = []
    for share in np.linspace(1.0, 0.0, 21):
        cover = np.where(side, share, 1.0)[None]
        step = film_step(films, state, Placement((start + 0.01)[None], cover), 1e-3)
        assert step.converged.all()
        assert fluid_volume(films, step.state)[0] == pytest.approx(whole, rel=1e-12)
        suctions.append(float(np.sum(films.mesh.area * cover * step.load.pressure)))
    assert suctions[0] < 1.5 * suctions[-1] < 0.0  # pulled apart, the covered part alone holds less
    assert np.abs(np.diff(suctions)).max() < 0.4 * abs(suctions[0] - suctions[-1])
    # Bound by ten thousand times the conductance between nodes: to a thousandth of the suction elsewhere.
    np.testing.assert_allclose(step.load.pressure[0, side], step.state.recess_pressure[0], atol=1e-4)
    lost = np.where(side, np.nan, start + 0.01)[None]
    beyond = film_step(films, state, Placement(lost), 1e-3)
    assert beyond.converged.all()
    np.testing.assert_allclose(beyond.load.thickness[0, side], 0.101)
    back = film_step(films, beyond.state, Placement((start + 0.01)[None]), 1e-3)
    assert fluid_volume(films, back.state)[0] == pytest.approx(whole, rel=1e-12)


def test_the_first_cavity_is_announced_and_only_then_allowed() -> None:
    tense = Cavitation(AMBIENT, 0.00628, -0.25)
    films = closed_joint(tense, Recess(5.0, 14e3))
    state = initial_state(films, np.full(films.mesh.nodes, 0.05))
    place = Placement(np.full((1, films.mesh.nodes), 0.15))
    held = film_step(films, state, place, 0.01)
    assert forming(state, held.state).all()
    assert held.load.pressure.min() == pytest.approx(-0.25 - AMBIENT)
    gone = film_step(films, nucleated(state, np.array([True])), place, 0.01)
    assert gone.load.pressure.min() == pytest.approx(0.00628 - AMBIENT)
    assert not forming(state, state).any()
    assert gone.state.nucleated.all()
    assert cavity_volume(films, gone.state)[0] > 1.0
    load = film_load(films, gone.state, place.gap)
    assert np.all((load.fraction >= 0.0) & (load.fraction <= 1.0))
    assert np.all((load.fraction == 1.0) | (load.pressure == load.pressure.min()))


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_bad_input_is_refused(value: float) -> None:
    films = closed_joint()
    state = initial_state(films, np.full(films.mesh.nodes, 0.1))
    with pytest.raises(NonFiniteError):
        film_step(films, state, Placement(np.full((1, films.mesh.nodes), value)), 1e-3)
    with pytest.raises(ValueError, match="shape"):
        film_step(films, state, Placement(np.zeros((1, 5))), 1e-3)
    with pytest.raises(ValueError, match="above zero"):
        film_step(films, state, Placement(np.zeros((1, films.mesh.nodes))), 0.0)
    with pytest.raises(ValueError, match="order"):
        film(films.mesh, films.laws, order=3)


def test_an_open_rim_keeps_its_pressure_and_counts_what_flows_out() -> None:
    films = film(disc_mesh(6.5), FilmLaws(newtonian(1e-6), VAPOROUS, OpenRim(0.01)))
    state = initial_state(films, np.full(films.mesh.nodes, 0.1))
    step = film_step(films, state, Placement(np.full((1, films.mesh.nodes), 0.05)), 1e-2)
    assert step.state.recess_pressure[0] == 0.01
    assert step.state.content[0, -1] == pytest.approx(0.05 * films.mesh.area.sum(), rel=1e-10)
