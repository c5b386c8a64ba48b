"""Motions of many films side by side: fewer nodes and instants for draws, replays that outlive a film that fails."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import BoolArray, FloatArray, IntArray, frozen, frozen_index
from fem.elements.surface_block import nodal_areas, unit_disc_mesh
from fem.errors import NotConvergedError
from fem.film.mesh import FilmMesh
from fem.film.placement import Placement
from fem.film.replay import FilmEvents, replay
from fem.film.state import Film, fluid_volume, initial_state
from fem.results.film_motion import FilmMotion

#: Rings and spokes of the film mesh that draws are replayed on, whatever the run's own (docs/film.md: how far off).
_MESH = (3, 8)


@dataclass(frozen=True, slots=True, eq=False)
class JointPath:
    """How the surfaces of k joints move: times (t,), number of the stretch (t,), gap and cover (t, k, n)."""

    times: FloatArray
    stretch: IntArray
    gap: FloatArray
    cover: FloatArray

    def stretches(self) -> tuple[slice, ...]:
        """Return the instants of each stretch."""
        starts = np.flatnonzero(np.diff(self.stretch, prepend=self.stretch[0] - 1))
        return tuple(slice(a, b) for a, b in zip(starts, [*starts[1:], len(self.times)], strict=True))

    def scaled(self, factors: FloatArray) -> "JointPath":
        """Return the path on which each joint goes `factors` (k,) times as far from where its stretch began."""
        gap = np.array(self.gap)
        for part in self.stretches():
            start = gap[part][:1]
            moved = start + factors[:, None] * (gap[part] - start)
            gap[part] = np.where(np.isnan(start), gap[part], moved)
        return replace(self, gap=gap)


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """What the films did on a path: events of each joint's worst stretch, fluid (k,) [mm³], which could be solved."""

    events: tuple[FilmEvents | None, ...]
    fluid: FloatArray

    @property
    def solved(self) -> BoolArray:
        """Whether each film (k,) could be solved."""
        return np.array([event is not None for event in self.events])


def follow(films: Film, path: JointPath, tolerance: float) -> Followed:
    """Replay every stretch of a path from rest; a joint keeps the events of the one that came nearest to a pop."""
    worst: list[FilmEvents | None] = [None] * films.joints
    fluid, failed = np.zeros(films.joints), np.zeros(films.joints, dtype=bool)
    for part in path.stretches():
        start = initial_state(films, np.nan_to_num(path.gap[part][0]))
        fluid = np.maximum(fluid, fluid_volume(films, start))
        found = _replayed(films, path, part, tolerance)
        for joint, event in enumerate(found):
            now = worst[joint]
            failed[joint] |= event is None
            if event is not None and (now is None or _nearer(event) > _nearer(now)):
                worst[joint] = event
    kept = tuple(None if lost else event for lost, event in zip(failed, worst, strict=True))
    return Followed(kept, fluid)


def _nearer(event: FilmEvents) -> tuple[float, float]:
    return event.peak_volume, -event.lowest_pressure


def _replayed(films: Film, path: JointPath, part: slice, tolerance: float) -> list[FilmEvents | None]:
    """Return the events of each joint, None for one that fails: halves are tried until it is alone."""
    times, gap, cover = path.times[part], path.gap[part], path.cover[part]
    state = initial_state(films, np.nan_to_num(gap[0]))
    try:
        return list(replay(films, state, times, Placement(gap, cover), tolerance).events)
    except NotConvergedError:
        if films.joints == 1:
            return [None]
    middle = films.joints // 2
    found: list[FilmEvents | None] = []
    for rows in (slice(0, middle), slice(middle, films.joints)):
        own = replace(path, gap=path.gap[:, rows], cover=path.cover[:, rows])
        found += _replayed(some(films, rows), own, part, tolerance)
    return found


def some(films: Film, rows: slice) -> Film:
    """Return the films of some joints."""
    mesh = _each(films.mesh, lambda array: array[rows])
    return replace(films, mesh=mesh, constants=films.constants[rows], wet=films.wet[rows])


def repeated(mesh: FilmMesh, count: int) -> FilmMesh:
    """Return the meshes of `count` sets of joints, one set after the other."""
    return _each(mesh, lambda array: np.concatenate([array] * count))


def _each(mesh: FilmMesh, change: Callable[[FloatArray], FloatArray]) -> FilmMesh:
    """Return a mesh with what it holds of each joint changed."""
    return replace(
        mesh,
        points=frozen(change(mesh.points)),
        gradient=frozen(change(mesh.gradient)),
        frame=frozen(change(mesh.frame)),
        weight=frozen(change(mesh.weight)),
        area=frozen(change(mesh.area)),
    )


def whole_path(motion: FilmMotion) -> JointPath:
    """Return the path of a recorded motion."""
    return JointPath(motion.times, motion.stretch, motion.gap, motion.cover)


def reduced(motion: FilmMotion, share: float) -> FilmMotion:
    """Return the motion on the mesh of draws, without instants between which every joint goes nearly straight.

    Parameters
    ----------
    share : how far a gap may be off, as a share of the largest change of any gap of its joint.
    """
    coarse = _on_mesh(motion)
    kept = np.concatenate(
        [
            part.start + _needed(coarse.times[part], coarse.gap[part], share)
            for part in whole_path(coarse).stretches()
        ]
    )
    return replace(
        coarse,
        times=coarse.times[kept],
        stretch=coarse.stretch[kept],
        gap=coarse.gap[kept],
        cover=coarse.cover[kept],
    )


def _on_mesh(motion: FilmMotion) -> FilmMotion:
    disc = unit_disc_mesh(*_MESH)
    if len(motion.disc) == disc.p.shape[1]:
        return motion
    weights = _interpolation(motion.disc, disc.p.T)
    seen = ~np.isnan(motion.gap)
    share = seen @ weights.T
    gap = np.where(share > 0.5, (np.nan_to_num(motion.gap) @ weights.T) / np.maximum(share, 0.5), np.nan)
    points = np.einsum("mn,kni->kmi", weights, motion.points)
    return replace(
        motion,
        disc=frozen(disc.p.T),
        quads=frozen_index(disc.t.T),
        points=_as_large(points, disc.t.T, motion),
        gap=frozen(gap),
        cover=frozen(motion.cover @ weights.T),
        rest=frozen(np.nan_to_num(motion.rest) @ weights.T),
    )


def _as_large(points: FloatArray, quads: IntArray, motion: FilmMotion) -> FloatArray:
    """Return points (k, m, 3) blown up about each joint's middle until its area is that of the motion's mesh."""
    grown = np.array(points)
    for joint, own in enumerate(points):
        area = nodal_areas(own, quads).sum()
        whole = nodal_areas(motion.points[joint], motion.quads).sum()
        middle = own.mean(axis=0)
        grown[joint] = middle + np.sqrt(whole / area) * (own - middle)
    return frozen(grown)


def _interpolation(nodes: FloatArray, places: FloatArray) -> FloatArray:
    """Return weights (m, n) of nodes (n, 2) of a disc at places (m, 2); those outside its polygon are drawn onto it."""
    from scipy.interpolate import LinearNDInterpolator

    spokes = np.sum(np.linalg.norm(nodes, axis=1) > 1.0 - 1e-9)
    inside = np.cos(np.pi / spokes) * (1.0 - 1e-9)
    return np.asarray(LinearNDInterpolator(nodes, np.eye(len(nodes)))(inside * places))


def _needed(times: FloatArray, gap: FloatArray, share: float) -> IntArray:
    """Return the instants to keep: of every gap the straight line between them is near enough."""
    moved = np.nan_to_num(gap)
    room = share * np.maximum(np.ptp(moved, axis=0).max(axis=1), np.finfo(float).tiny)
    kept, start = [0], 0
    while start < len(times) - 1:
        end = start + 1
        while end + 1 < len(times) and _straight(times, moved, (start, end + 1), room):
            end += 1
        kept.append(end)
        start = end
    return np.array(kept)


def _straight(times: FloatArray, gap: FloatArray, ends: tuple[int, int], room: FloatArray) -> bool:
    a, b = ends
    s = ((times[a + 1 : b] - times[a]) / (times[b] - times[a]))[:, None, None]
    off = np.abs((1.0 - s) * gap[a] + s * gap[b] - gap[a + 1 : b])
    return bool((off.max(axis=(0, 2)) <= room).all())
