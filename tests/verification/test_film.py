"""The synovial film against closed forms: Stefan's squeeze film, cavitation threshold, mass, manufactured solutions."""

import numpy as np
import pytest

from fem.elements.surface_block import unit_disc_mesh
from fem.film.laws import Cavitation, CrossFluid, FilmLaws, OpenRim, Recess, SoftLayer, newtonian
from fem.film.mesh import film_mesh
from fem.film.placement import Placement
from fem.film.point_kernels import recess_volume
from fem.film.pull import Pull, pull_apart
from fem.film.replay import replay
from fem.film.state import Film, film, film_load, fluid_volume, initial_state, resultant
from fem.film.step import film_step, forming
from oracles.films import ASPERITY, TENACIOUS, VAPOROUS, closed_joint, disc_mesh, newtonian_disc, strip_mesh
from oracles.orders import mesh_orders
from oracles.samples import random_rotation

pytestmark = pytest.mark.verification

RADIUS, VISCOSITY, GAP, SPEED = 5.0, 0.1e-6, 0.1, 10.0
#: A step so short that the gap stands still in it (relative change 1e-6 at 10 mm/s and 0.1 mm).
INSTANT = 1e-8


def stefan_force(gap: float, speed: float) -> float:
    """Suction [N] on a disc pulled off: 3πηR⁴ḣ/2h³ (Stefan 1874)."""
    return 1.5 * np.pi * VISCOSITY * RADIUS**4 * speed / gap**3


def stefan_pressure(gap: float, speed: float) -> float:
    """Pressure [MPa] in the centre: −3ηḣR²/h³."""
    return -3.0 * VISCOSITY * speed * RADIUS**2 / gap**3


def opened(films: Film, gap: float, speed: float, instant: float = INSTANT):  # type: ignore[no-untyped-def]
    """The film in the instant at which its surfaces, `gap` apart, part at `speed`."""
    before = initial_state(films, np.asarray(gap - speed * instant - ASPERITY))
    shape = films.joints, films.mesh.nodes
    return before, film_step(films, before, Placement(np.full(shape, gap - ASPERITY)), instant)


def suction(films: Film, gap: float, speed: float) -> float:
    """Force [N] that the film holds the plates together with."""
    step = opened(films, gap, speed)[1]
    assert step.converged.all()
    return -float(np.sum(films.mesh.area * step.load.pressure))


def test_stefan_separation() -> None:
    assert stefan_force(GAP, SPEED) == pytest.approx(2.945243, abs=5e-7)
    assert stefan_pressure(GAP, SPEED) == pytest.approx(-0.075, abs=1e-12)
    forces, centres = [], []
    for refinement in (1, 2, 4):
        films = newtonian_disc(RADIUS, VISCOSITY, rings=6 * refinement, spokes=32 * refinement)
        step = opened(films, GAP, SPEED)[1]
        assert step.converged.all()
        load = step.load
        forces.append(-float(np.sum(films.mesh.area * load.pressure)))
        centres.append(float(load.pressure.min()))
    force_orders = mesh_orders(np.array(forces) - stefan_force(GAP, SPEED))
    centre_orders = mesh_orders(np.array(centres) - stefan_pressure(GAP, SPEED))
    assert np.all(np.abs(force_orders - 2.0) < 0.15)
    assert np.all(centre_orders > 1.7)
    # The finest mesh, and order 2 used once more (Richardson); 1e-6 of the gap moves in the instant.
    assert forces[-1] == pytest.approx(stefan_force(GAP, SPEED), rel=2e-3)
    assert centres[-1] == pytest.approx(stefan_pressure(GAP, SPEED), rel=1e-3)
    assert (4.0 * forces[-1] - forces[-2]) / 3.0 == pytest.approx(stefan_force(GAP, SPEED), rel=2e-4)


def stefan_time(start: float, end: float, load: float) -> float:
    """Time [s] to go from `start` to `end` under a constant pull: 3πηR⁴/(4F) (1/h₀² − 1/h₁²)."""
    return 0.75 * np.pi * VISCOSITY * RADIUS**4 / load * (start**-2 - end**-2)


def test_time_to_go_apart_under_a_constant_load() -> None:
    exact = stefan_time(0.2, 0.4, 50.0)
    assert exact == pytest.approx(5.52233e-5, rel=1e-6)
    films = newtonian_disc(RADIUS, VISCOSITY, rings=24, spokes=128)
    # Eight Gauss points integrate h^-3 over a doubling of h to 1e-10.
    nodes, weights = np.polynomial.legendre.leggauss(8)
    gaps = 0.3 + 0.1 * nodes
    time = (
        0.1 * sum(w * suction(films, gap, SPEED) / SPEED for w, gap in zip(weights, gaps, strict=True)) / 50.0
    )
    assert time == pytest.approx(exact, rel=2e-3)  # error of the mesh, 1.2e-3


def test_a_pulled_plate_goes_the_way_of_the_closed_form() -> None:
    """h(t) = (1/h₀² − 4Ft/(3πηR⁴))^(−1/2), the film's own mesh error taken out; BDF2 in time: order 2."""
    coarse = newtonian_disc(RADIUS, VISCOSITY)
    films = Film(coarse.mesh, coarse.laws, coarse.constants, coarse.wet, order=2)
    share = suction(films, GAP, SPEED) / stefan_force(GAP, SPEED)
    end = share * stefan_time(0.2, 0.4, 50.0)
    errors = []
    for steps in (40, 80, 160):
        times = np.linspace(0.0, end, steps + 1)
        start = np.full((1, films.mesh.nodes), 0.2 - ASPERITY)
        pull = Pull(times, np.full((steps + 1, 1), 50.0), np.zeros(1))
        record = pull_apart(films, initial_state(films, start), start, pull)
        errors.append(record.separation[-1, 0] - 0.2)
    assert np.all(mesh_orders(errors) > 1.6)
    assert abs(errors[-1]) < 1e-3 * 0.2


def threshold(films: Film, gap: float) -> float:
    """Lowest speed [mm/s] at which the film is about to cavitate in the instant it begins."""
    low, high = 0.0, 1e4
    while high - low > 1e-9 * high:
        speed = 0.5 * (low + high)
        before, step = opened(films, gap, speed, 1e-6 * gap / speed)
        low, high = (low, speed) if forming(before, step.state)[0] else (speed, high)
    return high


def test_opening_speed_at_which_the_centre_reaches_vapour_pressure() -> None:
    exact = SPEED * (VAPOROUS.ambient - VAPOROUS.nucleation) / -stefan_pressure(GAP, SPEED)
    assert exact == pytest.approx(12.6727, abs=5e-5)
    found = [
        threshold(newtonian_disc(RADIUS, VISCOSITY, VAPOROUS, rings=r, spokes=s), GAP)
        for r, s in ((6, 32), (12, 64))
    ]
    assert found[1] == pytest.approx(exact, rel=2e-3)  # error of the mesh in the centre, 1.5e-3
    assert abs(found[1] - exact) < 0.4 * abs(found[0] - exact)


@pytest.mark.parametrize(("what", "slope"), [("viscosity", -1.0), ("radius", -2.0), ("gap", 3.0)])
def test_the_threshold_scales(what: str, slope: float) -> None:
    speeds = []
    for factor in (0.5, 2.0):
        values = {"viscosity": VISCOSITY, "radius": RADIUS, "gap": GAP}
        values[what] *= factor
        films = newtonian_disc(values["radius"], values["viscosity"], VAPOROUS)
        speeds.append(threshold(films, values["gap"]))
    # The mesh scales along: what is left is the motion in the instant and the layers' give beside it, 1e-6.
    assert np.log(speeds[1] / speeds[0]) / np.log(4.0) == pytest.approx(slope, abs=5e-6)


def opened_and_closed(films: Film, size: float = 0.35) -> tuple[np.ndarray, Placement]:
    """Times and a path that opens 0.2 mm by about `size` [mm] and closes again, tilting and sliding."""
    times = np.linspace(0.0, 0.2, 81)
    x = films.mesh.points[0, :, 0] / 6.5
    wave = size * np.sin(np.pi * times / 0.2) ** 2
    gap = 0.2 + wave[:, None] * (1.0 + 0.3 * x)
    sliding = np.zeros((len(times), 1, films.mesh.nodes, 3))
    sliding[..., 0] = 20.0 * np.cos(np.pi * times / 0.2)[:, None, None]
    return times, Placement(gap[:, None], None, sliding)


def fluid_by_hand(films: Film, state, gap: np.ndarray) -> float:  # type: ignore[no-untyped-def]
    """Fluid [mm³] counted from thickness, void and the recess law, not from the contents that the state keeps."""
    load = film_load(films, state, gap)
    inside = np.sum(films.mesh.area * (load.thickness - state.void[:, :-1]))
    return float(
        inside
        + recess_volume(state.pressure[0, -1], 0.0, 0.0, 0.0, films.constants[0])[0]
        - state.void[0, -1]
    )


@pytest.mark.parametrize("order", [1, 2])
def test_no_fluid_is_lost_through_rupture_and_reformation(order: int) -> None:
    plain = closed_joint()
    films = Film(plain.mesh, plain.laws, plain.constants, plain.wet, order)
    times, path = opened_and_closed(films)
    start = initial_state(films, path.gap[0])
    record = replay(films, start, times, path)
    event = record.events[0]
    assert event.inception is not None
    assert event.collapse is not None
    assert event.peak_volume > 5.0  # of some 50 mm³ of fluid
    whole = fluid_by_hand(films, start, path.gap[0])
    assert fluid_volume(films, start)[0] == pytest.approx(whole, rel=1e-14)
    for instant in range(1, len(times)):
        part = Placement(path.gap[: instant + 1], None, path.sliding[: instant + 1])
        now = replay(films, start, times[: instant + 1], part).state if instant % 16 == 0 else None
        if now is not None:
            assert fluid_by_hand(films, now, path.gap[instant]) == pytest.approx(whole, rel=1e-10)
    assert record.void[-1].max() == 0.0
    assert fluid_by_hand(films, record.state, path.gap[-1]) == pytest.approx(whole, rel=1e-10)


def test_a_plain_clamp_of_the_pressure_loses_or_makes_fluid() -> None:
    clamp = Cavitation(VAPOROUS.ambient, VAPOROUS.cavity, VAPOROUS.nucleation, conserving=False)
    films = closed_joint(clamp)
    times, path = opened_and_closed(films)
    start = initial_state(films, path.gap[0])
    record = replay(films, start, times, path)
    change = fluid_volume(films, record.state) - fluid_volume(films, start)
    assert abs(change[0]) > 0.02 * fluid_volume(films, start)[0]


WAVE = 2.0 * np.pi


def manufactured(x: np.ndarray, speed: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thickness, pressure and ∂h/∂t = (h³p'/12μ − hu/2)' on the unit interval, p zero at its ends."""
    h, dh = 0.1 + 0.03 * np.sin(WAVE * x + 0.7), 0.03 * WAVE * np.cos(WAVE * x + 0.7)
    p, dp = 0.02 * np.sin(np.pi * x) * np.exp(x), None
    dp = 0.02 * np.exp(x) * (np.sin(np.pi * x) + np.pi * np.cos(np.pi * x))
    ddp = 0.02 * np.exp(x) * ((1.0 - np.pi**2) * np.sin(np.pi * x) + 2.0 * np.pi * np.cos(np.pi * x))
    rate = (3.0 * h**2 * dh * dp + h**3 * ddp) / (12.0 * VISCOSITY) - 0.5 * speed * dh
    return h, p, rate


@pytest.mark.parametrize("speed", [0.0, 4000.0])
def test_manufactured_solution_in_one_dimension(speed: float) -> None:
    errors = []
    for cells in (10, 20, 40, 80):
        mesh = strip_mesh(cells)
        films = film(mesh, FilmLaws(newtonian(VISCOSITY), TENACIOUS, OpenRim()))
        x = mesh.points[0, :, 0]
        h, p, rate = manufactured(x, speed)
        instant = 1e-9
        sliding = np.zeros((1, len(x), 3))
        sliding[..., 0] = speed
        before = initial_state(films, h - rate * instant - ASPERITY)
        step = film_step(films, before, Placement((h - ASPERITY)[None], None, sliding), instant)
        errors.append(np.sqrt(np.sum(mesh.area[0] * (step.load.pressure[0] - p) ** 2)))
    if speed:
        still = manufactured(x, 0.0)[2]
        assert np.abs(rate - still).max() > 0.2 * np.abs(still).max()  # sliding matters in this solution
    assert np.all(np.abs(mesh_orders(errors) - 2.0) < 0.15)


def warped(x: np.ndarray) -> np.ndarray:
    """Heights of a facet-like saddle over places (n, 2) in the unit disc."""
    return 1.5 * x[:, 0] ** 2 - 0.8 * x[:, 1] ** 2 + 0.6 * x[:, 0] * x[:, 1]


def test_a_warped_facet_does_not_see_rigid_motion(generator: np.random.Generator) -> None:
    flat = unit_disc_mesh(3, 16)
    x = flat.p.T
    surface = np.column_stack([6.5 * x, warped(x)])
    turn, shift = random_rotation(generator), generator.normal(size=3) * 50.0
    laws = FilmLaws(CrossFluid(1e-5, 1e-8, 2.3, 0.7, 0.78), VAPOROUS, Recess(20.0, 14e3), SoftLayer(7.5, 1.6))
    gap = 0.1 + 0.05 * x[:, 0] - 0.03 * x[:, 1] ** 2
    slide = np.broadcast_to([8.0, -5.0, 1.0], (len(x), 3))
    found = []
    for points, velocity in ((surface, slide), (surface @ turn.T + shift, slide @ turn.T)):
        films = film(film_mesh(flat, points), laws)
        path = Placement(np.stack([gap, gap + 0.2])[:, None], None, np.stack([velocity, velocity])[:, None])
        found.append(replay(films, initial_state(films, gap), np.array([0.0, 0.01]), path))
    assert found[0].void[-1].max() > 1e-3
    # Places 100 mm from the origin are rounded to 1e-14 mm, cells are 1 mm: 1e-11 with the cube of the gap.
    np.testing.assert_allclose(found[0].pressure, found[1].pressure, rtol=0.0, atol=1e-11)
    np.testing.assert_allclose(found[0].void, found[1].void, rtol=0.0, atol=1e-10)
    stretched = film_mesh(flat, surface * 1.1)
    assert not np.allclose(stretched.area, films.mesh.area, rtol=1e-3)


def test_a_bent_strip_is_the_flat_strip() -> None:
    """Rolled up into a cylinder, chords instead of arcs: lengths along the surface are the same, so is the film."""
    cells, bend = 20, 0.1
    mesh = strip_mesh(cells)
    straight = mesh.points[0]
    chord = 2.0 * np.arcsin(0.5 / (cells * bend)) * cells * straight[:, 0]
    rolled = np.column_stack([bend * np.sin(chord), straight[:, 1], bend * np.cos(chord)])
    flat = film(mesh, FilmLaws(newtonian(VISCOSITY), TENACIOUS, OpenRim()))
    from skfem import MeshQuad

    x = np.linspace(0.0, 1.0, cells + 1)
    bent_mesh = film_mesh(MeshQuad.init_tensor(x, np.array([0.0, 0.1])), rolled, mesh.rim)
    bent = film(bent_mesh, flat.laws)
    pressures = [opened(films, GAP, SPEED)[1].load.pressure for films in (flat, bent)]
    assert np.ptp(bent_mesh.points[0, :, 2]) > 0.1
    np.testing.assert_allclose(pressures[1], pressures[0], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize(("tilt", "shear"), [(0.0, False), (0.02, True)])
def test_a_symmetric_facet_feels_no_shear(tilt: float, shear: bool) -> None:
    flat = unit_disc_mesh(3, 16)
    x = flat.p.T
    height = 1.2 * x[:, 0] ** 2 + 0.5 * x[:, 1] ** 2
    slopes = np.column_stack([-2.4 * x[:, 0] / 6.5, -1.0 * x[:, 1] / 6.5, np.ones(len(x))])
    normals = slopes / np.linalg.norm(slopes, axis=1, keepdims=True)
    films = film(
        film_mesh(flat, np.column_stack([6.5 * x, height])),
        FilmLaws(newtonian(1e-7), VAPOROUS, Recess(100.0, 14e3)),
    )
    gap = 0.1 + 0.05 * (x**2).sum(axis=1) + tilt * x[:, 0]
    path = Placement(np.stack([gap, gap + 0.3])[:, None])
    record = replay(films, initial_state(films, gap), np.array([0.0, 0.03]), path)
    load = film_load(films, record.state, gap + 0.3)
    force = resultant(films, load.traction, normals[None])[0]
    assert force[2] < -0.4
    assert (np.abs(force[:2]).max() > 1e-4 * abs(force[2])) == shear
    if not shear:
        assert np.abs(force[:2]).max() < 1e-11 * abs(force[2])


def test_the_disc_mesh_of_the_tests_covers_the_disc() -> None:
    areas = [disc_mesh(6.5, 3 * r, 16 * r).area.sum() for r in (1, 2)]
    assert np.abs(areas[1] / (np.pi * 6.5**2) - 1.0) < 0.3 * np.abs(areas[0] / (np.pi * 6.5**2) - 1.0)


def test_an_elliptic_film() -> None:
    """p = −6ηḣ a²b²/((a² + b²) h³) (1 − x²/a² − y²/b²), force πab/2 times its peak; an ellipse is a disc stretched."""
    a, b = 8.0, 5.0
    errors = []
    for refinement in (1, 2, 4):
        flat = unit_disc_mesh(4 * refinement, 24 * refinement)
        points = np.column_stack([a * flat.p[0], b * flat.p[1], np.zeros(flat.p.shape[1])])
        films = film(film_mesh(flat, points), FilmLaws(newtonian(VISCOSITY), TENACIOUS, OpenRim()))
        peak = 6.0 * VISCOSITY * SPEED * a**2 * b**2 / ((a**2 + b**2) * GAP**3)
        errors.append(suction(films, GAP, SPEED) / (0.5 * np.pi * a * b * peak) - 1.0)
    assert np.all(np.abs(mesh_orders(errors) - 2.0) < 0.2)
    assert abs(errors[-1]) < 3e-3


def test_a_shear_thinning_squeeze_film() -> None:
    """Scott 1931: F = 2π m ((2N + 1)/N)^N ḣ^N R^(N + 3)/((N + 3) h^(2N + 1)) for a power-law fluid τ = m γ̇^N."""
    n = 0.7
    index = 1.0 - n
    share = ((2.0 * index + 1.0) / (3.0 * index)) ** (-index / n)
    # So viscous at rest that the whole film is in the power-law range, but for its very centre.
    fluid = CrossFluid(1e2, 1e-12, 1e11, n, share)
    consistency = 1e2 * 1e11**-n
    exact = (
        2.0 * np.pi * consistency * ((2.0 * index + 1.0) / index) ** index
        * SPEED**index * RADIUS ** (index + 3.0) / ((index + 3.0) * GAP ** (2.0 * index + 1.0))
    )  # fmt: skip
    errors = []
    for refinement in (1, 2, 4):
        films = film(
            disc_mesh(RADIUS, 4 * refinement, 24 * refinement), FilmLaws(fluid, TENACIOUS, OpenRim())
        )
        errors.append(suction(films, GAP, SPEED) / exact - 1.0)
    assert np.all(mesh_orders(errors) > 1.5)  # |∇p| ~ r^0.3 near the centre costs some of the order
    assert abs(errors[-1]) < 5e-3
