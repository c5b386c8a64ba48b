"""Films over a given motion: events and their moments, routes, several joints, robustness."""

import time

import numpy as np
import pytest
from numba import get_num_threads, set_num_threads

from fem.errors import NotConvergedError
from fem.film.data import film_laws
from fem.film.laws import Cavitation, CrossFluid, FilmLaws, OpenRim, Recess, SoftLayer, newtonian
from fem.film.placement import Placement
from fem.film.pull import Pull, pull_apart
from fem.film.replay import FilmRecord, advance, replay
from fem.film.state import Film, cavity_volume, film, fluid_volume, initial_state
from fem.literature import load
from oracles.films import AMBIENT, ASPERITY, VAPOROUS, closed_joint, disc_mesh, newtonian_disc

VAPOUR_FALL = VAPOROUS.ambient - VAPOROUS.nucleation


def even(films: Film, gaps: np.ndarray) -> Placement:
    """The same gap (t,) or (t, k) all over each joint."""
    shape = len(gaps), films.joints, films.mesh.nodes
    return Placement(np.broadcast_to(gaps.reshape(len(gaps), -1, 1), shape))


def test_inception_is_found_within_a_tenth_of_a_millisecond() -> None:
    """A rigid disc film pulled open ever faster: −3ηḣR²/h³ reaches vapour pressure at a time in closed form."""
    films = newtonian_disc(5.0, 1e-5, VAPOROUS)
    times = np.linspace(0.0, 0.02, 401)
    gap = 0.3 + 0.5 * 400.0 * times**2
    share = 0.07321103 / 0.075  # of the centre's pressure that this mesh gives, see the Stefan problem
    pressure = share * 3e-5 * 400.0 * times * 25.0 / gap**3
    exact = float(np.interp(VAPOUR_FALL, pressure, times))
    fine = replay(films, initial_state(films, gap[0] - ASPERITY), times, even(films, gap - ASPERITY))
    event = fine.events[0].inception
    assert event is not None
    assert event.time == pytest.approx(exact, abs=1e-4)
    assert event.route == "rate"
    assert event.volume_share == 0.0
    assert event.thickness == pytest.approx(np.interp(exact, times, gap), rel=1e-2)
    assert event.opening_speed == pytest.approx(400.0 * exact, rel=2e-2)
    assert np.argmin(np.hypot(*films.mesh.points[0, :, :2].T)) == event.node
    assert fine.events[0].lowest_pressure == pytest.approx(VAPOROUS.nucleation)


def test_a_slow_joint_goes_by_volume_at_the_separation_that_empties_the_recess() -> None:
    films = closed_joint(recess=Recess(30.0, 14e3))
    times = np.linspace(0.0, 10.0, 101)
    record = replay(
        films, initial_state(films, np.full(films.mesh.nodes, 0.3)), times, even(films, 0.3 + 0.05 * times)
    )
    event = record.events[0].inception
    assert event is not None
    assert event.route == "volume"
    assert event.volume_share > 0.99
    drawn = 0.05 * event.time * films.mesh.area.sum()
    assert drawn == pytest.approx(30.0, rel=0.01)  # what the barrier leaves at −95 kPa is 0.3 %


def test_collapse_is_found_where_the_cavity_closes_again() -> None:
    """Slowly opened and closed: no flow resists, so that the cavity ends at the separation at which it began."""
    films = closed_joint(recess=Recess(10.0, 14e3))
    times = np.linspace(0.0, 2.0, 41)
    gaps = 0.5 + 0.3 * (1.0 - np.abs(times - 1.0))
    record = replay(films, initial_state(films, np.full(films.mesh.nodes, 0.5)), times, even(films, gaps))
    event = record.events[0]
    assert event.inception is not None
    assert event.collapse is not None
    at_end = np.interp(event.collapse, times, gaps)
    assert at_end == pytest.approx(np.interp(event.inception.time, times, gaps), abs=2e-4)
    assert event.peak_time == pytest.approx(1.0)
    expected = 0.3 * films.mesh.area.sum() - 10.0
    assert event.peak_volume == pytest.approx(expected, rel=0.01)
    assert event.energy == pytest.approx(VAPOUR_FALL * event.peak_volume)
    refined = replay(
        films, initial_state(films, np.full(films.mesh.nodes, 0.5)), times, even(films, gaps), tolerance=2e-6
    )
    assert refined.events[0].collapse == pytest.approx(event.collapse, abs=1e-4)
    assert refined.events[0].inception is not None
    assert refined.events[0].inception.time == pytest.approx(event.inception.time, abs=1e-4)


def test_two_joints_that_open_in_the_same_step_do_so_as_if_alone() -> None:
    times = np.linspace(0.0, 0.05, 6)
    speeds = np.array([[20.0, 30.0]])
    together = closed_joint(recess=Recess(20.0, 14e3), joints=2)
    both = replay(
        together, initial_state(together, np.full((2, together.mesh.nodes), 0.2)), times,
        even(together, 0.2 + times[:, None] * speeds),
    )  # fmt: skip
    first, second = (event.inception for event in both.events)
    assert first is not None
    assert second is not None
    assert second.time < first.time
    assert int(first.time / 0.01) == int(second.time / 0.01)
    for joint in (0, 1):
        alone = closed_joint(recess=Recess(20.0, 14e3))
        start = initial_state(alone, np.full(alone.mesh.nodes, 0.2))
        record = replay(alone, start, times, even(alone, 0.2 + times * speeds[0, joint]))
        assert np.array_equal(record.pressure[:, 0], both.pressure[:, joint])
        assert record.events[0] == both.events[joint]


def test_one_thread_and_two_give_the_same_bits() -> None:
    films = closed_joint(joints=5)
    times = np.linspace(0.0, 0.05, 6)
    gaps = 0.2 + times[:, None] * np.linspace(5.0, 40.0, 5)
    start = initial_state(films, np.full((5, films.mesh.nodes), 0.2))
    before, found = get_num_threads(), []
    try:
        for threads in sorted({1, before}):
            set_num_threads(threads)
            found.append(replay(films, start, times, even(films, gaps)))
    finally:
        set_num_threads(before)
    assert np.array_equal(found[0].pressure, found[-1].pressure)


def test_advancing_piece_by_piece_is_the_replay_of_the_whole() -> None:
    films = closed_joint()
    times = np.linspace(0.0, 0.04, 9)
    gaps = 0.2 + 10.0 * times
    start = initial_state(films, np.full(films.mesh.nodes, 0.2))
    whole = replay(films, start, times, even(films, gaps))
    state = start
    for k in range(8):
        path = (
            Placement(np.full((1, films.mesh.nodes), gaps[k])),
            Placement(np.full((1, films.mesh.nodes), gaps[k + 1])),
        )
        state, _ = advance(films, state, times[k + 1] - times[k], path)
    assert whole.events[0].inception is not None
    np.testing.assert_allclose(state.pressure, whole.state.pressure, rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(state.void, whole.state.void, rtol=0.0, atol=1e-9)


def test_fluid_under_tension_snaps_to_the_cavity_pressure() -> None:
    films = closed_joint(Cavitation(AMBIENT, 0.00628, -0.2), Recess(20.0, 14e3))
    times = np.linspace(0.0, 0.05, 51)
    start = initial_state(films, np.full(films.mesh.nodes, 0.1))
    record = replay(films, start, times, even(films, 0.1 + 8.0 * times))
    event = record.events[0]
    assert event.inception is not None
    assert event.lowest_pressure == pytest.approx(-0.2)
    after = times >= event.inception.time
    assert record.pressure[after].min() == pytest.approx(0.00628 - AMBIENT)
    weak = closed_joint(VAPOROUS, Recess(20.0, 14e3))
    early = replay(
        weak, initial_state(weak, start.content[:, :-1] - ASPERITY), times, even(weak, 0.1 + 8.0 * times)
    )
    assert early.events[0].inception is not None
    assert early.events[0].inception.time < event.inception.time


def test_gas_of_an_earlier_pop_keeps_the_pressure_up() -> None:
    times = np.linspace(0.0, 0.1, 51)
    lowest, begun = [], []
    for gas in (0.0, 0.01, 0.03, 3.0):
        films = closed_joint(recess=Recess(30.0, 14e3, gas=gas))
        start = initial_state(films, np.full(films.mesh.nodes, 0.3))
        event = replay(films, start, times, even(films, 0.3 + 3.0 * times)).events[0]
        lowest.append(event.lowest_pressure)
        begun.append(event.inception.time if event.inception else np.inf)
    assert np.all(np.diff(begun[:3]) > 0.0)
    assert begun[3] == np.inf
    assert lowest[3] > 2.0 * VAPOROUS.nucleation


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("thickness", [0.05, 0.08, 0.12, 0.2, 0.3]),
        ("thinner fluid", [4e-5, 2e-5, 1e-5, 5e-6, 2.5e-6]),
        ("fuller recess", [50.0, 75.0, 100.0, 125.0, 150.0]),
        ("slower", [0.5, 1.0, 2.0, 4.0, 8.0]),
    ],
)
def test_each_input_moves_the_lowest_pressure_one_way(what: str, values: list[float]) -> None:
    found = []
    for value in values:
        viscosity = value if what == "thinner fluid" else 1e-5
        volume = value if what == "fuller recess" else 100.0
        fluid = CrossFluid(viscosity, 1e-3 * viscosity, 2.3, 0.7, 0.78)
        laws = FilmLaws(
            fluid, Cavitation(AMBIENT, -5.0, -5.0), Recess(volume, 14e3), SoftLayer(7.5, 1.6, 2e-3)
        )
        films = film(disc_mesh(6.5), laws)
        times = np.linspace(0.0, 0.12, 25) * (value if what == "slower" else 1.0)
        start = value if what == "thickness" else 0.06
        gaps = start + 0.3 * np.sin(0.5 * np.pi * times / times[-1]) ** 2
        record = replay(
            films, initial_state(films, np.full(films.mesh.nodes, start)), times, even(films, gaps)
        )
        found.append(record.events[0].lowest_pressure)
    assert np.all(np.diff(found) > 0.0)


def test_a_joint_pulled_at_constant_load_rate_holds_jumps_and_comes_back_another_way() -> None:
    """The shape measured on finger joints (Roston and Haines 1947, Unsworth et al. 1971)."""
    tense = Cavitation(AMBIENT, 0.00628, -0.15)
    laws = FilmLaws(newtonian(2e-7), tense, Recess(25.0, 14e3), SoftLayer(7.5, 1.6, 2e-3))
    films = film(disc_mesh(6.5), laws)
    times = np.concatenate([np.linspace(0.0, 1.0, 51), np.linspace(1.02, 2.0, 50)])
    force = 60.0 * np.minimum(times, 2.0 - times)[:, None]
    gap = np.full((1, films.mesh.nodes), 0.1)
    record = pull_apart(films, initial_state(films, gap), gap, Pull(times, force, np.array([15.0])))
    moment = record.inception[0]
    assert 0.2 < moment < 0.95
    x = record.separation[:, 0]
    load = np.interp(record.times, times, force[:, 0])
    before, after = np.interp(moment - 1e-3, record.times, x), np.interp(moment + 0.01, record.times, x)
    assert after > 3.0 * before  # within ten milliseconds
    way_back = record.times > 1.0
    level = 0.9 * np.interp(moment, times, force[:, 0])
    out = np.interp(level, load[~way_back], x[~way_back])
    back = np.interp(-level, -load[way_back], x[way_back])
    assert back > 1.3 * out
    assert fluid_volume(films, record.state)[0] == pytest.approx(
        fluid_volume(films, initial_state(films, gap))[0], rel=1e-10
    )


def test_a_jump_in_the_motion_or_times_out_of_order_are_refused() -> None:
    films = closed_joint()
    start = initial_state(films, np.full(films.mesh.nodes, 0.1))
    for times in ([0.0, 0.0], [0.1], [0.0, 0.2, 0.1]):
        with pytest.raises(ValueError, match="each later"):
            replay(films, start, np.array(times), even(films, np.full(len(times), 0.1)))


def test_a_film_that_cannot_be_solved_says_which_and_when(monkeypatch: pytest.MonkeyPatch) -> None:
    from fem.film import march_kernels as column
    from fem.film import replay as module

    def broken(*arguments: object) -> None:
        notes = arguments[-1]
        assert isinstance(notes, np.ndarray)
        notes[0, column.FAILED] = 0.25

    monkeypatch.setattr(module, "follow_some", broken)
    films = closed_joint()
    with pytest.raises(NotConvergedError, match=r"joint 0 could not be solved after 0\.25 s"):
        replay(
            films,
            initial_state(films, np.full(films.mesh.nodes, 0.1)),
            np.array([0.0, 1.0]),
            even(films, np.full(2, 0.1)),
        )


def random_case(generator: np.random.Generator) -> tuple[Film, np.ndarray, Placement]:
    """A joint of any film from 5 µm to 1 mm, fluid from 1 mPa·s to 50 Pa·s, opening, closing, tilting and sliding."""
    rest = 10.0 ** generator.uniform(-9.0, np.log10(5e-5))
    thinned = rest * 10.0 ** generator.uniform(-3.0, 0.0)
    fluid = CrossFluid(
        rest, max(thinned, 1e-9), 10.0 ** generator.uniform(-2, 1), generator.uniform(0.5, 0.8), 0.78
    )
    cavity = Cavitation(AMBIENT, 0.00628, generator.choice([0.00628, -0.1, -0.25]))
    recess = (
        OpenRim(0.0)
        if generator.random() < 0.15
        else Recess(
            generator.uniform(5.0, 150.0), generator.uniform(8e3, 20e3), 10.0 ** generator.uniform(-2.0, -0.7),
            generator.uniform(0.0, 0.4), 10.0, 1.0 / 300.0, generator.choice([0.0, 0.5]),
        )
    )  # fmt: skip
    layer = SoftLayer(10.0 ** generator.uniform(0.5, 2.0), 1.6, generator.uniform(1e-3, 5e-3))
    films = film(disc_mesh(6.5), FilmLaws(fluid, cavity, recess, layer), order=int(generator.choice([1, 2])))
    x = films.mesh.points[0] / 6.5
    start = 10.0 ** generator.uniform(np.log10(5e-3), 0.0)
    times = np.linspace(0.0, 10.0 ** generator.uniform(-2.0, 1.0), 41)
    turn = times / times[-1]
    travel = generator.uniform(-0.3, 1.5) * np.sin(np.pi * generator.uniform(0.5, 3.0) * turn)
    lean = generator.uniform(-0.3, 0.3) * np.sin(2.0 * np.pi * turn)
    bowl = generator.uniform(-0.5, 1.0) * start * (x**2).sum(axis=1)
    # A quarter of a millimetre of closed layers bears 1 to 20 MPa: more than any facet.
    gap = np.maximum(start + bowl + travel[:, None] + lean[:, None] * x[:, 0], -0.25)
    sliding = np.zeros((41, 1, len(x), 3))
    sliding[..., :2] = generator.uniform(-60.0, 60.0, 2) * np.cos(np.pi * turn)[:, None, None, None]
    cover = np.clip(1.3 - generator.uniform(0.0, 1.0) * (1.0 + x[:, 1]) * turn[:, None], 0.0, 1.0)
    return films, times, Placement(gap[:, None], cover[:, None], sliding)


def solved(films: Film, times: np.ndarray, path: Placement) -> FilmRecord:
    """Replay a case and check what must hold for every film."""
    start = initial_state(films, path.gap[0])
    record = replay(films, start, times, path)
    for array in (record.pressure, record.void, record.state.content, record.state.flow):
        assert np.isfinite(array).all()
    assert record.void.min() >= 0.0
    assert record.pressure.min() >= films.constants[0, [10, 11]].min() - 1e-12
    inflow = films.laws.recess.inflow_rate if isinstance(films.laws.recess, Recess) else 0.0
    if inflow == 0.0:
        kept = fluid_volume(films, record.state)[0]
        assert kept == pytest.approx(fluid_volume(films, start)[0], rel=1e-10)
    assert cavity_volume(films, record.state)[0] >= 0.0
    content, rim = record.state.content[0], films.mesh.rim
    if isinstance(films.laws.recess, Recess):
        inside = np.delete(content[:-1], rim)
        assert inside.min() > -1e-9
        bubble = (
            2.0 * films.laws.recess.gas / VAPOROUS.cavity
        )  # what the recess holds is its volume less the gas's
        assert content[-1] + np.sum(films.mesh.area[0, rim] * content[rim]) > -1e-9 - bubble
    return record


@pytest.mark.parametrize("seed", range(8))
def test_random_joints(seed: int) -> None:
    solved(*random_case(np.random.default_rng(1000 + seed)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_two_hundred_random_joints(seed: int) -> None:
    solved(*random_case(np.random.default_rng(seed)))


def test_the_shipped_data_make_a_film_that_runs() -> None:
    films = film(disc_mesh(6.5, joints=10), film_laws(load("film"), load("cartilage")))
    times = np.linspace(0.0, 0.12, 31)
    gaps = 0.1 + np.outer(np.sin(0.5 * np.pi * times / 0.12) ** 2, np.linspace(0.1, 1.2, 10))
    record = replay(
        films, initial_state(films, np.full((10, films.mesh.nodes), 0.1)), times, even(films, gaps)
    )
    opened = [event.inception is not None for event in record.events]
    assert opened == sorted(opened)
    assert any(opened)
    assert not all(opened)


@pytest.mark.slow
def test_ten_joints_of_a_hundred_steps_take_less_than_a_second() -> None:
    """On the coarse mesh of 73 nodes, 0.3 s on one thread; the standard one of 145 takes 0.8 s."""
    films = film(disc_mesh(6.5, joints=10), film_laws(load("film"), load("cartilage")))
    x = films.mesh.points[0] / 6.5
    times = np.linspace(0.0, 0.2, 101)
    bowl = 0.05 + 0.1 * (x[:, 0] ** 2 + x[:, 1] ** 2) + 0.1 * x[:, 0]
    pull = np.outer(np.sin(np.pi * times / 0.2), np.linspace(0.1, 1.5, 10))
    path = Placement(bowl + pull[:, :, None] * (1.0 + 0.3 * x[:, 0]))
    start = initial_state(films, path.gap[0])
    replay(films, start, times[:2], Placement(path.gap[:2]))
    spent = []
    for _ in range(3):
        before = time.process_time()  # of all threads together: a busy machine does not count
        replay(films, start, times, path)
        spent.append(time.process_time() - before)
    assert min(spent) < 1.0
