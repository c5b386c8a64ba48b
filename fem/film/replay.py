"""Films that follow a given motion of the gap, with the moments of inception, peak and collapse of their cavities."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, frozen, require_finite
from fem.errors import NotConvergedError
from fem.film import march_kernels as column
from fem.film.constants import AMBIENT, CAVITY
from fem.film.fluid_kernels import Fluid
from fem.film.march_kernels import follow_some
from fem.film.placement import Placement, as_motion
from fem.film.state import Film, FilmState, arrays_of, mesh_arrays, sealed
from fem.film.threads import share_out


@dataclass(frozen=True, slots=True)
class Inception:
    """The moment a cavity formed in a joint.

    Attributes
    ----------
    time : [s], to within the tolerance of `replay`.
    node : where; the number of nodes n if it was the recess itself.
    thickness, opening_speed : [mm], [mm/s] of the film there (for the recess: where the joint opens fastest).
    volume_share : share of the fall in pressure that the recess had made: near 1 the joint had drawn the recess empty
        (route *volume*), near 0 the thin film resisted being pulled open (route *rate*).
    """

    time: float
    node: int
    thickness: float
    opening_speed: float
    volume_share: float

    @property
    def route(self) -> str:
        """``volume`` or ``rate``, whichever made more of the fall in pressure."""
        return "volume" if self.volume_share > 0.5 else "rate"


@dataclass(frozen=True, slots=True)
class FilmEvents:
    """What happened in one joint; pressures are absolute [MPa], times in s, None where nothing happened.

    Attributes
    ----------
    inception : see its type.
    lowest_pressure, lowest_time : before a cavity formed.
    peak_volume, peak_time : [mm³] of the cavity.
    energy : [N mm] work of the ambient pressure on the cavity at its peak: what a collapse would release.
    collapse : when the last cavity that was worth it had vanished.
    """

    inception: Inception | None
    lowest_pressure: float
    lowest_time: float
    peak_volume: float
    peak_time: float | None
    energy: float
    collapse: float | None


@dataclass(frozen=True, slots=True)
class FilmRecord:
    """A replayed motion.

    Attributes
    ----------
    times : (t,) [s].
    pressure : (t, k, n + 1) [MPa] above ambient, the recess last.
    void : (t, k, n + 1) [mm; mm³].
    events : one per joint.
    state : what the films hold at the end.
    steps, iterations : (k,) how many were made, parts of cut steps included.
    """

    times: FloatArray
    pressure: FloatArray
    void: FloatArray
    events: tuple[FilmEvents, ...]
    state: FilmState
    steps: FloatArray
    iterations: FloatArray


def replay(
    films: Film, state: FilmState, times: FloatArray, path: Placement, tolerance: float = 5e-5
) -> FilmRecord:
    """Follow a motion given at instants, straight in between.

    Parameters
    ----------
    times : (t,) [s] increasing; the state belongs to the first.
    path : gaps (t, k, n) and what else a `Placement` holds; the sliding of an instant holds since the one before.
    tolerance : [s] to which inception and collapse are found.

    Raises
    ------
    NotConvergedError
        If a joint's film could not be solved even in steps of a ten-thousandth; names joint and time.
    """
    instants = require_finite(np.array(times, dtype=np.float64), "the times of a film")
    if instants.ndim != 1 or len(instants) < 2 or not (np.diff(instants) > 0.0).all():
        raise ValueError("the times of a film must be two or more, each later than the one before")
    k, n = films.mesh.joints, films.mesh.nodes
    motion = as_motion(films, state, path, (len(instants),))
    fluid = Fluid(*(array.copy() for array in arrays_of(state)))
    pressure, void = np.zeros((len(instants), k, n + 1)), np.zeros((len(instants), k, n + 1))
    notes = np.zeros((k, column.NOTES))
    notes[:, [column.INCEPTION, column.COLLAPSE, column.FAILED]] = -np.inf
    notes[:, column.LOWEST] = np.inf
    share_out(follow_some, k,
        mesh_arrays(films.mesh), films.wet, films.constants, instants, motion, (films.order, tolerance),
        fluid, pressure, void, notes,
    )  # fmt: skip
    _check(notes, motion.gap)
    events = tuple(_events(row, n, films.constants[j]) for j, row in enumerate(notes))
    return FilmRecord(
        frozen(instants), frozen(pressure), frozen(void), events, sealed(FilmState(*fluid)),
        frozen(notes[:, column.STEPS]), frozen(notes[:, column.ITERATIONS]),
    )  # fmt: skip


def advance(
    films: Film, state: FilmState, duration: float, path: tuple[Placement, Placement], tolerance: float = 5e-5
) -> tuple[FilmState, tuple[FilmEvents, ...]]:
    """Return the state after `duration` [s], in which the surfaces went from one placement to the other, and events.

    Times of events count from the start of the step.
    """
    shape = (films.joints, films.mesh.nodes)
    gap = np.stack([np.broadcast_to(place.gap, shape) for place in path])
    covers = [np.ones(shape) if place.cover is None else place.cover for place in path]
    cover = np.stack([np.broadcast_to(each, shape) for each in covers])
    sliding = path[1].sliding
    held = None if sliding is None else np.stack([np.broadcast_to(sliding, (*shape, 3))] * 2)
    record = replay(films, state, np.array([0.0, duration]), Placement(gap, cover, held), tolerance)
    return record.state, record.events


def _check(notes: FloatArray, gap: FloatArray) -> None:
    failed = np.flatnonzero(np.isfinite(notes[:, column.FAILED]))
    if len(failed):
        joint = int(failed[0])
        now = gap[:, joint]
        raise NotConvergedError(
            f"the film of joint {joint} could not be solved after {notes[joint, column.FAILED]:.6g} s "
            f"({len(failed)} joint(s) in all; its gaps run from {now.min():.3g} to {now.max():.3g} mm over the whole "
            "motion); give the motion at more instants, or look for a jump in it"
        )


def _events(row: FloatArray, nodes: int, constants: FloatArray) -> FilmEvents:
    ambient = float(constants[AMBIENT])
    inception = None
    if np.isfinite(row[column.INCEPTION]):
        fall = float(row[column.LOWEST])
        share = min(max(float(row[column.RECESS_PRESSURE]) / fall, 0.0), 1.0) if fall < 0.0 else 1.0
        inception = Inception(
            float(row[column.INCEPTION]), int(row[column.PLACE]), float(row[column.PLACE_GAP]),
            float(row[column.OPENING_SPEED]), share,
        )  # fmt: skip
    lowest = float(row[column.LOWEST]) if np.isfinite(row[column.LOWEST]) else 0.0
    peak = float(row[column.PEAK])
    return FilmEvents(
        inception,
        ambient + lowest,
        float(row[column.LOWEST_TIME]),
        peak,
        float(row[column.PEAK_TIME]) if peak > 0.0 else None,
        -float(constants[CAVITY]) * peak,
        float(row[column.COLLAPSE]) if np.isfinite(row[column.COLLAPSE]) else None,
    )
