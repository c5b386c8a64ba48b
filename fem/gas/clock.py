"""The gas clock: what is left of a pop's bubbles after a while, when they are small or gone, and how surely."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from fem.arrays import FloatArray, frozen
from fem.errors import ParameterError
from fem.gas.bubbles import (
    Bubbles,
    PressureResponse,
    VolumeResponse,
    blake_pressure,
    pressure_at,
    volume_at,
)
from fem.gas.dissolution import Dissolution, dissolve
from fem.gas.inputs import Draw, GasAfterPop, draw_inputs, gas_after_pop
from fem.gas.surroundings import Surroundings
from fem.literature import ParameterSet

#: Whether a joint with these bubbles in it is ready: once true it stays true as the bubbles shrink.
Ready = Callable[[Bubbles], bool]

_ROUGH = 1e-6


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left of bubbles at an age [s], at rest under the ambient pressure."""

    age: float
    bubbles: Bubbles
    surroundings: Surroundings

    @property
    def volume(self) -> float:
        """Volume of all bubbles together [mm³]."""
        return float(volume_at(self.bubbles, self.surroundings).volume)

    @property
    def compliance(self) -> float:
        """−dV/dp at ambient pressure and constant contents [mm³/MPa]."""
        return float(volume_at(self.bubbles, self.surroundings).compliance)

    @property
    def blake_pressure(self) -> float:
        """Absolute pressure [MPa] below which they grow without end."""
        return blake_pressure(self.bubbles, self.surroundings)

    def under(self, pressure: float | FloatArray) -> VolumeResponse:
        """Return volume and compliance under absolute pressures [MPa]."""
        return volume_at(self.bubbles, self.surroundings, pressure)

    def filling(self, volume: float | FloatArray) -> PressureResponse:
        """Return the absolute pressure at which they fill `volume` [mm³], and its slope."""
        return pressure_at(self.bubbles, self.surroundings, volume)


def residual_bubble(
    age: float, gas: GasAfterPop, *, transient: bool = True, tolerance: float = 1e-9
) -> Residual:
    """Return what is left of the bubbles of a pop after `age` [s]; empty ones when they are gone.

    The volume an opening joint can draw from them without nucleation is ``.under(p).volume``; the pressure they
    still hold when it has opened by a volume is ``.filling(V).pressure``.
    """
    if not (math.isfinite(age) and age >= 0.0):
        raise ParameterError(f"the time since the last pop is {age:g} s; give zero or more")
    if age == 0.0:
        return Residual(0.0, gas.bubbles, gas.surroundings)
    life = dissolve(gas.bubbles, gas.surroundings, age, transient=transient, tolerance=tolerance)
    return Residual(age, life.bubbles_at(age), gas.surroundings)


def contents_left(data: ParameterSet, age: float, draws: int, seed: int) -> tuple[float, ...]:
    """Return what draws of the set ``gas`` leave of a pop after `age` [s], p V [N mm], from least to most."""
    left = [residual_bubble(age, draw.gas, tolerance=_ROUGH) for draw in draw_inputs(data, draws, seed)]
    return tuple(sorted(one.surroundings.pressure * one.volume for one in left))


def time_until(life: Dissolution, ready: Ready, tolerance: float = 1e-2) -> float | None:
    """Return when a joint with these bubbles is ready for the first time [s], to within `tolerance` [s].

    None if it is not by the end of what was followed. `ready` is asked some twenty times: it may run a joint's
    film under a thrust, and then this is the refractory time of that thrust.
    """
    low, high = 0.0, life.horizon if life.gone is None else life.gone
    if ready(life.bubbles_at(low)):
        return low
    if not ready(life.bubbles_at(high)):
        return None
    while high - low > tolerance:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if ready(life.bubbles_at(middle)) else (middle, high)
    return high


def smaller_than(volume: float, surroundings: Surroundings) -> Ready:
    """Return the question whether bubbles are at most `volume` [mm³] at ambient pressure."""
    return lambda bubbles: float(volume_at(bubbles, surroundings).volume) <= volume


@dataclass(frozen=True, slots=True)
class ClockSettings:
    """How far [s] and how finely the clock looks, times [s] it must look at, and how its band is drawn."""

    horizon: float = 21600.0
    points: int = 241
    marks: tuple[float, ...] = ()
    draws: int = 128
    seed: int = 20
    transient: bool = True
    #: Low, middle and high order statistic of the draws.
    quantiles: tuple[float, float, float] = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time [s] by the default inputs, and its (low, middle, high) over the draws; None: not by the horizon."""

    time: float | None
    band: tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Influence:
    """Rank correlation of an input with the time until the bubbles are small, over the draws."""

    name: str
    correlation: float


@dataclass(frozen=True, slots=True, eq=False)
class GasClock:
    """Bubbles against time.

    Attributes
    ----------
    gas, life : the default inputs, and their dissolution.
    times : (t,) [s]. volume : (t,) [mm³], default inputs. band : (3, t) [mm³], low, middle, high of the draws.
    contents : (t, g) [N mm], default inputs.
    small_volume : [mm³] that counts as small. small, gone : when.
    influences : inputs with a band, the strongest first.
    """

    gas: GasAfterPop
    life: Dissolution
    times: FloatArray
    volume: FloatArray
    band: FloatArray
    contents: FloatArray
    small_volume: float
    small: Moment
    gone: Moment
    influences: tuple[Influence, ...]
    settings: ClockSettings


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Volumes (d, t), and the times (d,) when small and gone, infinite beyond the horizon."""

    volume: FloatArray
    small: FloatArray
    gone: FloatArray


@dataclass(frozen=True, slots=True)
class PopAgain:
    """When a thrust can pop a joint again.

    Attributes
    ----------
    joint : its name.
    volume : [mm³] most gas, at ambient pressure, with which it pops; None if it does not even without gas.
    moment : when no more than that is left; None where `volume` is.
    """

    joint: str
    volume: float | None
    moment: Moment | None


def moment_below(data: ParameterSet, volume: float, settings: ClockSettings) -> Moment:
    """Return when the bubbles of a pop are down to `volume` [mm³] together, by the set ``gas`` and over its draws."""
    gas = gas_after_pop(data)
    life = dissolve(gas.bubbles, gas.surroundings, settings.horizon, transient=settings.transient)
    found = []
    for draw in draw_inputs(data, settings.draws, settings.seed):
        bubbles = draw.gas.bubbles
        drawn = dissolve(
            bubbles, draw.gas.surroundings, settings.horizon, transient=settings.transient, tolerance=_ROUGH
        )
        found.append(_first_below(drawn, (0.75 * volume / (math.pi * bubbles.number)) ** (2.0 / 3.0)))
    return _moment(time_until(life, smaller_than(volume, gas.surroundings)), np.array(found), settings)


def gas_clock(data: ParameterSet, settings: ClockSettings | None = None) -> GasClock:
    """Follow the bubbles of a pop by the set ``gas`` and by draws from its bands."""
    settings = settings or ClockSettings()
    gas, share = gas_after_pop(data), data.number("small.volume_share", "dimensionless")
    if not 0.0 < share < 1.0:
        raise ParameterError(
            f"small.volume_share is {share:g}; give a share of the first volume between 0 and 1"
        )
    life = dissolve(gas.bubbles, gas.surroundings, settings.horizon, transient=settings.transient)
    times = _times(settings)
    followed = times if life.gone is None else np.minimum(times, life.gone)
    limit = share * float(life.volume_at([0.0])[0])
    draws = draw_inputs(data, settings.draws, settings.seed)
    drawn = _follow(draws, times, share, settings)
    return GasClock(
        gas=gas,
        life=life,
        times=frozen(times),
        volume=life.volume_at(followed),
        band=frozen(_order_statistics(drawn.volume, settings)),
        contents=life.contents_at(followed),
        small_volume=limit,
        small=_moment(time_until(life, smaller_than(limit, gas.surroundings)), drawn.small, settings),
        gone=_moment(life.gone, drawn.gone, settings),
        influences=_influences(draws, drawn.small),
        settings=settings,
    )


def _times(settings: ClockSettings) -> FloatArray:
    # Carbon dioxide leaves within the first minute or two, so the curve is finest there.
    curve = settings.horizon * np.linspace(0.0, 1.0, settings.points) ** 2
    marks = np.asarray(settings.marks, dtype=np.float64)
    if marks.size and not (marks.min() >= 0.0 and marks.max() <= settings.horizon):
        raise ParameterError(
            f"a time of {marks.max():g} s is asked for, but the clock looks from 0 to {settings.horizon:g} s; "
            "look further or ask earlier"
        )
    return np.unique(np.concatenate((curve, marks)))


def _follow(draws: tuple[Draw, ...], times: FloatArray, share: float, settings: ClockSettings) -> _Drawn:
    volume = np.zeros((len(draws), len(times)))
    small, gone = np.full(len(draws), math.inf), np.full(len(draws), math.inf)
    for row, draw in enumerate(draws):
        life = dissolve(
            draw.gas.bubbles, draw.gas.surroundings, settings.horizon, transient=settings.transient,
            tolerance=_ROUGH,
        )  # fmt: skip
        # R² runs nearly straight between the integrator's steps, even into its end.
        square = np.interp(times, life.times, life.radii**2, right=0.0 if life.gone is not None else None)
        volume[row] = 4.0 / 3.0 * math.pi * draw.gas.bubbles.number * square**1.5
        small[row] = _first_below(life, share ** (2.0 / 3.0) * float(life.radii[0]) ** 2)
        gone[row] = math.inf if life.gone is None else life.gone
    return _Drawn(volume, small, gone)


def _first_below(life: Dissolution, square: float) -> float:
    below = np.flatnonzero(life.radii**2 <= square)
    if len(below) == 0:
        return math.inf
    if below[0] == 0:
        return 0.0
    last = slice(int(below[0]) - 1, int(below[0]) + 1)
    return float(np.interp(-square, -(life.radii[last] ** 2), life.times[last]))


def _order_statistics(values: FloatArray, settings: ClockSettings) -> FloatArray:
    # Members of the sample, not means of two of them: a mean with a time beyond the horizon says nothing.
    return np.asarray(np.quantile(values, settings.quantiles, axis=0, method="inverted_cdf"))


def _moment(time: float | None, drawn: FloatArray, settings: ClockSettings) -> Moment:
    low, middle, high = (
        float(value) if math.isfinite(value) else None for value in _order_statistics(drawn, settings)
    )
    return Moment(time, (low, middle, high))


def _influences(draws: tuple[Draw, ...], outcome: FloatArray) -> tuple[Influence, ...]:
    ranks = rankdata(outcome)
    if len(draws) < 3 or np.ptp(ranks) == 0.0:
        return ()
    found = [
        Influence(key, float(np.corrcoef(rankdata([draw.numbers[key] for draw in draws]), ranks)[0, 1]))
        for key in draws[0].numbers
    ]
    return tuple(sorted(found, key=lambda one: -abs(one.correlation)))
