"""How bubbles of several gases dissolve into fluid that is short of gas: Epstein and Plesset, in full or slow."""

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import OdeSolution, solve_ivp

from fem.arrays import FloatArray, frozen
from fem.errors import NonFiniteError, NotConvergedError, ParameterError
from fem.gas.bubbles import Bubbles, bubble_radius
from fem.gas.surroundings import Surroundings

_SQRT_PI: Final = math.sqrt(math.pi)
#: A trial step may overshoot; beyond this logarithm of R/R0 nothing is ever accepted.
_LARGEST_LOGARITHM: Final = 100.0
_INVERSIONS: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Dissolution:
    """The life of `start` from time 0.

    Attributes
    ----------
    gone : [s] when the radius has fallen to the given share of the first one; None if it has not by `horizon`.
    horizon : [s] the time up to which it was followed.
    transient : whether the diffusion layer builds up from nothing (full equation) or is there at once.
    times, radii : (t,) [s], [mm] the steps of the integrator, from 0 to `gone` or `horizon`.
    """

    surroundings: Surroundings
    start: Bubbles
    transient: bool
    horizon: float
    gone: float | None
    times: FloatArray
    radii: FloatArray
    _scales: "_Scales" = field(repr=False)
    _path: OdeSolution = field(repr=False)

    def radius_at(self, times: ArrayLike) -> FloatArray:
        """Return the radius [mm] of each bubble at times (t,) [s]; zero once it is gone."""
        states, alive = self._states(times)
        return frozen(np.where(alive, self._scales.radius * np.exp(states[1]), 0.0))

    def volume_at(self, times: ArrayLike) -> FloatArray:
        """Return the volume [mm³] of all bubbles together at times (t,) [s], at ambient pressure."""
        return frozen(4.0 / 3.0 * math.pi * self.start.number * self.radius_at(times) ** 3)

    def contents_at(self, times: ArrayLike) -> FloatArray:
        """Return the gas contents (t, g) [N mm] of all bubbles together at times (t,) [s]."""
        states, alive = self._states(times)
        radius = self._scales.radius * np.exp(states[1])
        inside = self.surroundings.excess * radius**3 + 2.0 * self.surroundings.surface_tension * radius**2
        total = np.where(alive, 4.0 / 3.0 * math.pi * self.start.number * inside, 0.0)
        return frozen(np.maximum(total * states[2:], 0.0).T)

    def bubbles_at(self, time: float) -> Bubbles:
        """Return what is left at `time` [s]: the same number of bubbles, or empty ones."""
        return Bubbles(self.start.number, self.contents_at([time])[0])

    def _states(self, times: ArrayLike) -> tuple[FloatArray, Any]:
        wanted = np.atleast_1d(np.asarray(times, dtype=np.float64))
        end = self.horizon if self.gone is None else math.inf
        outside = ~((wanted >= 0.0) & (wanted <= end * (1.0 + 1e-12)))
        if outside.any():
            raise ParameterError(
                f"the bubble was followed from 0 to {end:g} s and nothing is known at {wanted[outside][0]:g} s; "
                "follow it to a later horizon"
            )
        last = float(self.times[-1])
        roots = self._scales.root_time(np.minimum(wanted, last))
        return self._path(self._parameter(roots)), wanted < last if self.gone is not None else wanted >= 0.0

    def _parameter(self, roots: FloatArray) -> FloatArray:
        """Return the path parameter at which the root of time is `roots` (t,)."""
        nodes = self._path.ts
        known = self._path(nodes)[0]
        number = np.clip(np.searchsorted(known, roots, side="right") - 1, 0, len(nodes) - 2)
        low, high = nodes[number], nodes[number + 1]
        found = np.interp(roots, known, nodes)
        for _ in range(_INVERSIONS):
            root, logarithm = self._path(found)[:2]
            change = (root - roots) / _pace(root, np.exp(logarithm))
            found = np.clip(found - change, low, high)
            if np.all(np.abs(change) <= 1e-13 * (1.0 + np.abs(found))):
                break
        return np.asarray(found)


@dataclass(frozen=True, slots=True)
class _Scales:
    """First radius [mm] and the largest diffusivity [mm²/s]: time counts as √(D t)/R0, radius as R/R0."""

    radius: float
    diffusivity: float

    def root_time(self, times: Any) -> Any:
        return np.sqrt(self.diffusivity * times) / self.radius

    def time(self, root: Any) -> Any:
        return (root * self.radius) ** 2 / self.diffusivity


def dissolve(
    bubbles: Bubbles,
    surroundings: Surroundings,
    horizon: float,
    *,
    transient: bool = True,
    gone_share: float = 1e-3,
    tolerance: float = 1e-9,
) -> Dissolution:
    """Follow bubbles until their radius is `gone_share` of the first one, or until `horizon` [s].

    Parameters
    ----------
    transient : bool
        Keep the term 1/√(πDt) of the diffusion layer that builds up (full equation) or leave it out (quasi-steady).
    tolerance : float
        Relative error of the integration.

    Raises
    ------
    ParameterError
        For bubbles without gas, or another number of gases than the surroundings have.

    Notes
    -----
    For each gas of one bubble, with N_i = p_i V, Ostwald coefficient L_i and tissue pressure p_ti,

        dN_i/dt = −4πR² D_i L_i (p_i − p_ti) (1/R + 1/√(πD_i t)),
        Σ p_i = p − p_v + 2σ/R.

    With one gas, no σ and no p_v this is dR/dt = −D L (1 − f) (1/R + 1/√(πDt)), f the saturation of the tissue.
    The transient term is exact for a constant pressure difference; with several gases each p_i wanders, so it is an
    estimate then, of weight R/√(πDt): nothing once a bubble is older than it needs to lose its CO₂. Fluid without
    bounds and without bulk flow; bubbles do not see each other; each stays a sphere.

    References
    ----------
    Epstein and Plesset (1950), J. Chem. Phys. 18:1505-1509: the full equation and its quasi-steady part.
    """
    _check(bubbles, surroundings, horizon, gone_share)
    scales = _Scales(bubble_radius(bubbles, surroundings), float(surroundings.diffusivities.max()))
    end = float(scales.root_time(horizon))
    start = np.array([0.0, 0.0, *bubbles.shares])
    # The pace below is least where the bubble is smallest: by this parameter the horizon has passed for sure.
    bound = (0.5 * end**2 + gone_share * end / _SQRT_PI) / gone_share**2 * 1.01
    solution = solve_ivp(
        _rates(surroundings, scales, transient), (0.0, bound), start, method="LSODA", dense_output=True,
        events=(_event(1, math.log(gone_share)), _event(0, end)), rtol=tolerance, atol=1e-3 * tolerance,
    )  # fmt: skip
    if solution.status != 1:
        raise NotConvergedError(
            f"the dissolution of a bubble of {scales.radius:g} mm could not be followed beyond "
            f"{scales.time(solution.y[0, -1]):g} s: {solution.message}"
        )
    if not np.isfinite(solution.y).all():
        raise NonFiniteError("the dissolution of a bubble")
    times = frozen(scales.time(np.maximum.accumulate(solution.y[0])))
    radii = frozen(scales.radius * np.exp(solution.y[1]))
    gone = float(times[-1]) if len(solution.t_events[0]) else None
    return Dissolution(
        surroundings, bubbles, transient, horizon, gone, times, radii, scales, solution.sol
    )  # fmt: skip


def outflow(
    bubbles: Bubbles, surroundings: Surroundings, radius: float, age: float, *, transient: bool = True
) -> FloatArray:
    """Return how fast each gas leaves all the bubbles (g,) [N mm/s] at `age` [s] above zero; negative: it enters."""
    pressures = bubbles.shares * (surroundings.excess + 2.0 * surroundings.surface_tension / radius)
    layer = 1.0 / radius + (1.0 / np.sqrt(math.pi * surroundings.diffusivities * age) if transient else 0.0)
    conductance = 4.0 * math.pi * radius**2 * surroundings.diffusivities * surroundings.solubilities * layer
    return frozen(bubbles.number * conductance * (pressures - surroundings.tissue_pressures))


def _check(bubbles: Bubbles, surroundings: Surroundings, horizon: float, gone_share: float) -> None:
    if len(bubbles.contents) != len(surroundings.gases):
        raise ParameterError(
            f"the bubbles hold {len(bubbles.contents)} gases and the surroundings {len(surroundings.gases)}; "
            "give the same gases in the same order"
        )
    if bubbles.total == 0.0:
        raise ParameterError("the bubbles hold no gas, so there is nothing to dissolve")
    if not (math.isfinite(horizon) and horizon > 0.0):
        raise ParameterError(f"the horizon is {horizon:g} s; give a time above zero")
    if not 0.0 < gone_share < 1.0:
        raise ParameterError(
            f"a bubble counts as gone at {gone_share:g} of its radius; give a share between 0 and 1"
        )


def _pace(root: Any, radius: Any) -> Any:
    """Return d√t/dτ in scaled variables.

    With this path parameter τ both ends of the life are regular: √t removes the infinite rate at birth, and R²
    turns the infinite rate at death into an exponential decay.
    """
    return radius**2 / (root + radius / _SQRT_PI)


def _rates(surroundings: Surroundings, scales: _Scales, transient: bool) -> Any:
    """Return d(√t, ln R, mole fractions)/dτ as a function of τ and the state, everything scaled."""
    tension = 2.0 * surroundings.surface_tension / (scales.radius * surroundings.excess)
    gases = [
        (
            gas.diffusivity / scales.diffusivity * gas.solubility,
            gas.tissue_pressure / surroundings.excess,
            math.sqrt(scales.diffusivity / gas.diffusivity) / _SQRT_PI if transient else 0.0,
        )
        for gas in surroundings.gases
    ]

    def rates(_: float, state: FloatArray) -> list[float]:
        root, logarithm, *shares = state.tolist()
        radius = math.exp(min(logarithm, _LARGEST_LOGARITHM))
        layer = root + radius / _SQRT_PI
        inside = 1.0 + tension / radius
        flow = [
            -6.0 * permeability * (share * inside - tissue) * (root + radius * young) / layer
            for share, (permeability, tissue, young) in zip(shares, gases, strict=True)
        ]
        total = math.fsum(flow)
        weight = radius / (radius + tension)
        return [
            radius**2 / layer,
            total * radius / (3.0 * radius + 2.0 * tension),
            *(weight * (each - share * total) for each, share in zip(flow, shares, strict=True)),
        ]

    return rates


def _event(place: int, level: float) -> Any:
    def event(_: float, state: FloatArray) -> float:
        return float(state[place]) - level

    event.terminal = True  # type: ignore[attr-defined]
    return event
