"""Bubbles of several gases: moles, monotonicity, a second route, and every corner without NaN."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from fem.errors import ParameterError
from fem.gas.bubbles import Bubbles, bubbles_of_radius, sphere_volume
from fem.gas.dissolution import Dissolution, dissolve, outflow
from fem.gas.inputs import gas_after_pop
from fem.gas.ledger import gas_ledger
from fem.gas.surroundings import Gas, Surroundings
from fem.literature import load

JOINT = gas_after_pop(load("gas"))
DAY = 86400.0


@pytest.fixture(scope="module")
def life() -> Dissolution:
    return dissolve(JOINT.bubbles, JOINT.surroundings, DAY)


def lifetime(around: Surroundings, radius: float = 0.15, co2: float = 0.8, **options: bool) -> float:
    """Return when a bubble of CO2, N2 and O2 is gone [s]."""
    shares = (co2, 0.86 * (1.0 - co2), 0.14 * (1.0 - co2))
    gone = dissolve(bubbles_of_radius(radius, shares, around), around, 100 * DAY, **options).gone
    assert gone is not None
    return gone


@pytest.mark.parametrize("transient", [True, False])
def test_no_gas_is_lost_or_made(transient: bool) -> None:
    found = dissolve(JOINT.bubbles, JOINT.surroundings, DAY, transient=transient)
    ledger = gas_ledger(found)
    assert ledger.worst < 1e-6  # six-point quadrature over steps integrated to 1e-9
    assert ledger.start == pytest.approx(JOINT.bubbles.contents)
    assert np.all(ledger.left == 0.0)


def test_the_ledger_closes_half_way_too() -> None:
    half = dissolve(JOINT.bubbles, JOINT.surroundings, 60.0)
    assert half.gone is None
    ledger = gas_ledger(half)
    assert ledger.worst < 1e-6
    assert ledger.left.sum() > 0.1 * ledger.start.sum()


@pytest.mark.parametrize("what", ["contents", "solubility", "layer"])
def test_the_ledger_sees_a_life_that_does_not_add_up(life: Dissolution, what: str) -> None:
    around, gases = life.surroundings, life.surroundings.gases
    sabotaged = {
        "contents": lambda: replace(life, start=Bubbles(life.start.number, life.start.contents * 1.001)),
        "solubility": lambda: replace(
            life,
            surroundings=replace(around, gases=(replace(gases[0], solubility=0.6), *gases[1:])),
        ),
        "layer": lambda: replace(life, transient=False),
    }[what]()
    assert gas_ledger(sabotaged).worst > 5e-4


def test_the_same_life_by_plain_integration_over_time() -> None:
    """Contents over time with a stiff solver, radius by the cubic's root; quasi-steady, which starts finite."""
    around = JOINT.surroundings
    start = bubbles_of_radius(0.05, [0.8, 0.17, 0.03], around)

    def rates(_: float, contents: np.ndarray) -> np.ndarray:
        cubic = [around.excess, 2.0 * around.surface_tension, 0.0, -3.0 * contents.sum() / (4.0 * np.pi)]
        radius = max(root.real for root in np.roots(cubic) if abs(root.imag) < 1e-9)
        return -outflow(Bubbles(1.0, np.maximum(contents, 0.0)), around, radius, 1.0, transient=False)

    times = np.array([0.1, 1.0, 5.0, 30.0, 80.0])
    slow = solve_ivp(rates, (0.0, 80.0), start.contents, "Radau", times, rtol=1e-8, atol=1e-14)
    found = dissolve(start, around, DAY, transient=False).contents_at(times)
    assert found == pytest.approx(slow.y.T, rel=1e-6)


def test_a_gas_told_twice_over_changes_nothing(life: Dissolution) -> None:
    around = JOINT.surroundings
    first = around.gases[0]
    half = replace(first, tissue_pressure=0.5 * first.tissue_pressure)
    split = replace(around, gases=(half, half, *around.gases[1:]))
    contents = np.concatenate((np.full(2, 0.5 * JOINT.bubbles.contents[0]), JOINT.bubbles.contents[1:]))
    found = dissolve(Bubbles(JOINT.bubbles.number, contents), split, DAY)
    assert found.gone == pytest.approx(life.gone, rel=1e-6)


def test_carbon_dioxide_leaves_first_while_nitrogen_enters(life: Dissolution) -> None:
    assert life.gone is not None
    contents = life.contents_at([0.0, 1.0, 60.0])
    assert contents[2, 0] < 0.03 * contents[0, 0]
    assert contents[1, 1] > contents[0, 1]  # pure gas in the bubble is short of nitrogen against the tissue
    late = life.contents_at([0.5 * life.gone])[0]
    pressures = late / late.sum() * JOINT.surroundings.excess
    # exchange is so fast that CO2 stays within a kilopascal of the tissue for the rest of the life
    assert pressures[0] == pytest.approx(JOINT.surroundings.tissue_pressures[0], abs=1e-3)


def test_the_bubble_only_shrinks_and_ends_at_nothing(life: Dissolution) -> None:
    assert life.gone is not None
    times = np.linspace(0.0, 1.2 * life.gone, 400)
    volume = life.volume_at(times)
    alive = times < life.gone
    assert np.all(np.diff(volume[alive]) < 0.0)
    assert np.all(volume[~alive] == 0.0)
    assert np.all(life.contents_at(times) >= 0.0)
    assert life.bubbles_at(2.0 * life.gone).total == 0.0
    assert life.radii[-1] == pytest.approx(1e-3 * life.radii[0], rel=1e-9)


def test_the_curve_passes_through_the_steps(life: Dissolution) -> None:
    inner = slice(1, -1, 7)
    assert life.radius_at(life.times[inner]) == pytest.approx(life.radii[inner], rel=1e-8)


def test_lives_are_ordered_as_physics_has_it() -> None:
    around = JOINT.surroundings
    base = lifetime(around)
    larger, richer = lifetime(around, radius=0.2), lifetime(around, co2=0.5)
    skin, squeezed = replace(around, surface_tension=7e-5), replace(around, pressure=around.pressure + 0.01)
    fuller = replace(
        around, gases=tuple(replace(gas, tissue_pressure=1.01 * gas.tissue_pressure) for gas in around.gases)
    )
    assert lifetime(skin) < base < larger
    assert lifetime(squeezed) < base < richer
    assert base < lifetime(fuller)
    assert lifetime(around, transient=True) < lifetime(around, transient=False)


def test_many_bubbles_live_as_long_as_one() -> None:
    one = bubbles_of_radius(0.15, JOINT.bubbles.shares, JOINT.surroundings)
    single = dissolve(one, JOINT.surroundings, DAY)
    many = dissolve(JOINT.bubbles, JOINT.surroundings, DAY)
    assert many.gone == pytest.approx(single.gone, rel=1e-7)  # steps differ by rounding; each is good to 1e-9
    assert many.volume_at([60.0]) == pytest.approx(JOINT.bubbles.number * single.volume_at([60.0]), rel=1e-7)


def test_in_saturated_fluid_without_skin_nothing_happens() -> None:
    around = Surroundings((Gas("a", 2e-3, 0.02, 0.1),), 0.1)
    still = dissolve(bubbles_of_radius(0.1, [1.0], around), around, 1e6)
    assert still.gone is None
    assert still.radius_at([0.0, 1.0, 1e6]) == pytest.approx([0.1, 0.1, 0.1], rel=1e-9)
    tight = replace(around, surface_tension=5e-5)
    assert dissolve(bubbles_of_radius(0.01, [1.0], tight), tight, 1e6).gone is not None


def test_in_oversaturated_fluid_a_bubble_grows_until_one_stops_looking() -> None:
    around = Surroundings((Gas("a", 2e-3, 0.02, 0.2),), 0.1)
    slow = dissolve(bubbles_of_radius(0.1, [1.0], around), around, 1000.0, transient=False)
    assert slow.gone is None
    assert slow.radius_at([1000.0]) == pytest.approx(np.sqrt(0.1**2 + 2 * 2e-3 * 0.02 * 1000.0), rel=1e-6)
    with pytest.raises(ParameterError, match="follow it to a later horizon"):
        slow.radius_at([1001.0])
    with pytest.raises(ParameterError, match="nothing is known at -1 s"):
        slow.radius_at([-1.0])


@pytest.mark.parametrize("radius", [1e-6, 1e-4, 1e-2, 1.0, 20.0])
@pytest.mark.parametrize("tissue", [0.0, 0.3, 0.98])
@pytest.mark.parametrize("shares", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.3, 0.3, 0.4)])
def test_every_corner_ends_and_stays_finite(radius: float, tissue: float, shares: tuple[float, ...]) -> None:
    around = JOINT.surroundings
    share = tissue * around.excess / around.tissue_pressures.sum()
    gases = tuple(replace(gas, tissue_pressure=share * gas.tissue_pressure) for gas in around.gases)
    around = replace(around, gases=gases)
    found = dissolve(bubbles_of_radius(radius, shares, around), around, 1e12)
    assert found.gone is not None
    times = np.linspace(0.0, found.gone, 25)
    assert np.isfinite(found.contents_at(times)).all()
    assert np.isfinite(found.radius_at(times)).all()
    assert float(found.volume_at([0.0])[0]) == pytest.approx(sphere_volume(radius), rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"horizon": 0.0}, "the horizon is 0 s"),
        ({"horizon": float("inf")}, "the horizon is inf s"),
        ({"gone_share": 1.0}, "give a share between 0 and 1"),
        ({"bubbles": Bubbles(1.0, np.zeros(3))}, "nothing to dissolve"),
        ({"bubbles": Bubbles(1.0, np.ones(2))}, "hold 2 gases and the surroundings 3"),
    ],
)
def test_what_cannot_be_followed_is_refused(changes: dict[str, object], words: str) -> None:
    arguments = {"bubbles": JOINT.bubbles, "surroundings": JOINT.surroundings, "horizon": 1.0, **changes}
    with pytest.raises(ParameterError, match=words):
        dissolve(**arguments)  # type: ignore[arg-type]
