"""Synovial films of a state: their table and fields, and the motion of the joints, kept for replays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray, frozen, frozen_index
from fem.case.problem import Problem
from fem.elements.layout import State
from fem.elements.surface_block import unit_disc_mesh
from fem.film.constants import AMBIENT
from fem.film.state import FilmState, cavity_volume, film_load, initial_state
from fem.gas.clock import contents_left
from fem.literature import ParameterSet, load
from fem.results.checkpoint import Memory
from fem.results.film_motion import FilmMotion
from fem.results.record import Table
from fem.results.verdict_inputs import verdict_inputs
from fem.structures.facets import FILM_MESH
from fem.structures.film import FilmModel, FilmPlan, film_model
from fem.units import from_internal

_State = tuple[float, FloatArray, FloatArray]
#: How many draws of the gas clock say what a pop may have left, and where they begin.
_GAS_DRAWS: Final = 64
_GAS_SEED: Final = 20
#: Number of the stretch before any motion: static phases that bring the spine into its position.
_POSITIONING: Final = -1


def film_table(problem: Problem, films: FilmModel, state: State, facets: Table) -> Table:
    """Return pressures [kPa, absolute] and cavity [mm³] of each film; `facets` are the rows of its joints' surfaces."""
    held, _, cover = _now(problem, films, state)
    ambient, area = films.films.constants[:, AMBIENT], films.films.mesh.area * cover
    pressure = held.pressure[:, :-1]
    mean = np.sum(area * pressure, axis=1) / np.maximum(np.sum(area, axis=1), np.finfo(float).tiny)
    columns = {"lowest": pressure.min(axis=1), "mean": mean, "recess": held.recess_pressure}
    return {
        "joint": list(films.names),
        "gap_mean_mm": list(facets["gap_mean_mm"]),
        "opening_speed_mm_s": list(facets["opening_speed_mm_s"]),
        **{
            f"{name}_pressure_kPa": [from_internal(float(p), "kPa") for p in ambient + above]
            for name, above in columns.items()
        },
        "cavity_mm3": [float(volume) for volume in cavity_volume(films.films, held)],
    }


def film_point_data(problem: Problem, films: FilmModel, state: State) -> dict[str, FloatArray]:
    """Return film pressure [MPa] above ambient, fluid fraction and height of the cavity [mm] at film points (s,)."""
    held, gap, _ = _now(problem, films, state)
    now = film_load(films.films, held, gap)
    return {
        "film_pressure": now.pressure.ravel(),
        "fluid_fraction": now.fraction.ravel(),
        "cavity": held.void[:, :-1].ravel(),
    }


def _now(problem: Problem, films: FilmModel, state: State) -> tuple[FilmState, FloatArray, FloatArray]:
    """Return what the films hold, finite gaps (k, n) [mm] and cover (k, n)."""
    configuration = problem.system.configuration(state)
    gap, cover = films.motion(configuration)
    finite = np.nan_to_num(gap)
    if f"{films.term.name}.pressure" not in state.history:  # before the first solve
        return initial_state(films.films, finite), finite, cover
    return films.state(state.history), finite, cover


class MotionRecorder:
    """Follows one run: `add` every converged state, then ask for the `motion`.

    Attributes
    ----------
    speed : opening speed (s,) [mm/s] at the film points in the last state; None for a spine that does not move in time.

    Notes
    -----
    Only the dynamic phases count, and the state each stretch of them begins with: there the joints are full at their
    gaps and their recesses at rest. A spine with dry joints is recorded as well, with the films of the shipped data.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._films = _films(problem)
        self._rest: FloatArray | None = None
        self._last: _State | None = None
        self._rows: list[tuple[int, _State]] = []
        self._still = True
        self._stretch = _POSITIONING
        self.speed: FloatArray | None = None

    def add(self, state: State) -> None:
        """Take one more converged state into account; the first one is that before any load."""
        if self._films is None:
            return
        now = (state.time, *self._films.motion(self._problem.system.configuration(state)))
        if self._rest is None:
            self._rest = now[1]
        if state.elapsed > 0.0:
            if self._still and self._last is not None:
                self._stretch += 1
                self._rows.append((self._stretch, self._last))
            self._rows.append((self._stretch, now))
        elif self._stretch == _POSITIONING:
            self._rows.append((_POSITIONING, now))
        self.speed = self._speed(now, state.elapsed)
        self._still = state.elapsed <= 0.0
        self._last = now

    def memory(self) -> dict[str, Any] | None:
        """Return what a checkpoint keeps; None where no motion is followed."""
        if self._rest is None:
            return None
        times, gaps, covers = zip(*(row for _, row in self._rows), strict=True) if self._rows else ((),) * 3
        return {
            "rest": self._rest,
            "last": self._last,
            "stretch": self._stretch,
            "still": self._still,
            "speed": self.speed,
            "rows": {
                "stretch": [stretch for stretch, _ in self._rows],
                "time": times,
                "gap": np.array(gaps),
                "cover": np.array(covers),
            },
        }

    def restore(self, memory: Memory | None) -> None:
        """Go on from a `memory`."""
        if memory is None:
            return
        self._rest, self._stretch, self._still = (memory[name] for name in ("rest", "stretch", "still"))
        self.speed = memory["speed"]
        time, gap, cover = memory["last"]
        self._last = (time, gap, cover)
        rows = memory["rows"]
        states = zip(rows["time"], rows["gap"], rows["cover"], strict=True)
        self._rows = list(zip(rows["stretch"], states, strict=True))

    def _speed(self, now: _State, elapsed: float) -> FloatArray:
        """Return the opening speed (s,) [mm/s] at the film points: 0 in static phases and where nothing faces."""
        if self._last is None or elapsed <= 0.0:
            return np.zeros(now[1].size)
        return np.asarray(np.nan_to_num(now[1] - self._last[1]).ravel() / elapsed)

    def motion(self) -> FilmMotion | None:
        """Return what was recorded; None where no joint has moved in time."""
        films, problem = self._films, self._problem
        if films is None or self._rest is None or self._stretch == _POSITIONING:
            return None
        disc = unit_disc_mesh(*FILM_MESH[problem.model.mesh.resolution])
        moving = [(stretch, row) for stretch, row in self._rows if stretch != _POSITIONING]
        times, gaps, covers = zip(*(row for _, row in moving), strict=True)
        return FilmMotion(
            films.names,
            frozen(disc.p.T),
            frozen_index(disc.t.T),
            films.films.mesh.points,
            frozen(times),
            frozen_index([stretch for stretch, _ in moving]),
            frozen(gaps),
            frozen(covers),
            frozen(self._rest),
            films.films.laws,
            films.films.order,
            verdict_inputs(problem.sets, _fixed(films), gas_left(films.ages, problem.sets)),
            *(frozen(each) for each in self._positioning()),
        )

    def _positioning(self) -> Iterator[list[Any]]:
        """Yield times, gaps and covers of the static states before the motion but the last, which begins the motion."""
        still = [row for stretch, row in self._rows if stretch == _POSITIONING][:-1]
        yield from ([row[part] for row in still] for part in range(3))


def gas_left(ages: Sequence[float | None], sets: Mapping[str, ParameterSet]) -> tuple[tuple[float, ...], ...]:
    """Return what draws of the gas clock leave, p V [N mm], in each joint that popped so long ago [s], in order.

    Empty where none has popped; nothing in a joint that has not.
    """
    known = {age for age in ages if age is not None}  # mostly one for all joints
    found = {age: contents_left(sets["gas"], age, _GAS_DRAWS, _GAS_SEED) for age in known}
    return tuple((0.0,) if age is None else found[age] for age in ages) if found else ()


def _films(problem: Problem) -> FilmModel | None:
    """Return the films of a problem with a dynamic phase; of dry joints those of the shipped data."""
    model = problem.model
    if model.facets is None or not any(phase.dynamic for phase in problem.phases):
        return None
    if model.film is not None:
        return model.film
    sets = {"film": load("film"), **problem.sets}
    return film_model(model.facets, model.layout.reference, sets, FilmPlan(), model.mesh.resolution)


def _fixed(films: FilmModel) -> tuple[str, ...]:
    return ("film.rest_thickness",) if films.thickness_given else ()
