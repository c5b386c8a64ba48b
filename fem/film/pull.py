"""Rigid plates on films, each pulled by a force and held by a spring: they go where the forces balance."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.errors import NotConvergedError
from fem.film.placement import Placement
from fem.film.state import Film, FilmState
from fem.film.step import FilmStep, film_step, forming, nucleated

#: Newton on the places of the plates: most iterations, and force left over as a share of the largest force.
_ITERATIONS, _FORCE = 60, 1e-9
#: Shortest part of a step that is still tried, as a share of it.
_SHORTEST = 2.0**-30


@dataclass(frozen=True, slots=True)
class Pull:
    """What acts on the plates of k joints besides their films.

    Attributes
    ----------
    times : (t,) [s]; force : (t, k) [N] that opens the joint, straight in between.
    stiffness : (k,) [N/mm] of a spring that holds the plate where it started.
    """

    times: FloatArray
    force: FloatArray
    stiffness: FloatArray


@dataclass(frozen=True, slots=True)
class PullRecord:
    """Where the plates went: separation (t, k) [mm], film force (t, k) [N] pushing open, void (t, k) [mm³].

    `times` (t,) holds the instants of the pull and those between that inception asked for; `inception` (k,) [s] is NaN
    where none was.
    """

    times: FloatArray
    separation: FloatArray
    film_force: FloatArray
    void: FloatArray
    inception: FloatArray
    state: FilmState


def pull_apart(
    films: Film, state: FilmState, gap: FloatArray, pull: Pull, tolerance: float = 5e-5
) -> PullRecord:
    """Let every joint open from gaps (k, n) [mm] by one separation x: pull − stiffness x + film force = 0.

    No mass: the film's resistance sets the pace. Joints are solved together, and where a cavity forms in one of them
    the step is cut until the moment is known to `tolerance` [s]; its joint then holds the cavity's pressure.

    Raises
    ------
    NotConvergedError
        If the balance cannot be found even in the shortest steps.
    """
    k = films.joints
    x = np.zeros(k)
    rows = [(float(pull.times[0]), x, np.zeros(k), np.zeros(k))]
    inception = np.full(k, np.nan)
    for start, end in zip(pull.times[:-1], pull.times[1:], strict=True):
        now, step = float(start), float(end - start)
        while now < end:
            step = min(step, float(end) - now)
            reached = now + step if step < end - now else float(end)
            force = np.array([np.interp(reached, pull.times, pull.force[:, j]) for j in range(k)])
            found = _balanced(films, state, gap, (x, force, pull.stiffness), step)
            if found is None:
                step *= 0.5
                if step < _SHORTEST * (end - start):
                    raise NotConvergedError(
                        f"no balance of forces on the films' plates after {now:.6g} s; pull less suddenly"
                    )
                continue
            about_to = forming(state, found[1].state)
            if about_to.any():
                if step > tolerance:
                    step *= 0.5
                    continue
                inception[about_to] = reached
                state = nucleated(state, about_to)
                continue
            x, tried = found
            state, now = tried.state, reached
            void = np.sum(films.mesh.area * state.void[:, :-1], axis=1) + state.void[:, -1]
            rows.append((now, x, _force(films, tried), void))
            step *= 2.0
    columns = [frozen(np.array(column)) for column in zip(*rows, strict=True)]
    return PullRecord(columns[0], columns[1], columns[2], columns[3], frozen(inception), state)


def _force(films: Film, tried: FilmStep) -> FloatArray:
    return np.asarray(np.sum(films.mesh.area * tried.load.traction, axis=1))


def _balanced(
    films: Film,
    state: FilmState,
    gap: FloatArray,
    plates: tuple[FloatArray, FloatArray, FloatArray],
    step: float,
) -> tuple[FloatArray, FilmStep] | None:
    """Return the places (k,) at which forces balance and the step there, or None."""
    x, force, stiffness = plates[0].copy(), plates[1], plates[2]
    low, high = np.full(len(x), -np.inf), np.full(len(x), np.inf)
    for _ in range(_ITERATIONS):
        tried = film_step(films, state, Placement(gap + x[:, None]), step, tangent=True)
        if not tried.converged.all() or tried.traction_by_gap is None:
            return None
        film_force = _force(films, tried)
        left = force - stiffness * x + film_force
        scale = np.maximum(np.maximum(np.abs(force), np.abs(film_force)), 1e-9)
        if (np.abs(left) <= _FORCE * scale).all():
            return x, tried
        slope = np.einsum("kn,knm->k", films.mesh.area, tried.traction_by_gap) - stiffness
        # The force left over falls as a plate moves away: keep every step between the places known to be too near and
        # too far, and halve the interval where Newton would leave it.
        low, high = np.where(left > 0.0, x, low), np.where(left < 0.0, x, high)
        newton = x - left / np.minimum(slope, -1e-12)
        middle = 0.5 * (low + high)
        inside = (newton > low) & (newton < high)
        x = np.where(inside | ~np.isfinite(middle), newton, middle)
    return None
