"""Where the surfaces of the joints are, at one instant or along a path, as the compiled kernels want it."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, require_finite
from fem.film.constants import ASPERITY
from fem.film.fluid_kernels import Motion
from fem.film.state import Film, FilmState


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the surfaces are, all arrays (k, n, ·) for one instant or (t, k, n, ·) along a path.

    Attributes
    ----------
    gap : [mm] signed gap from where the surfaces touch; NaN where nothing faces the point.
    cover : 1 where the surfaces face each other, falling to 0 where one has left the other; all 1 by default.
    sliding : (…, 3) [mm/s] velocity of the facing surface along the film mesh, in the axes of its points; none by
        default. It carries fluid along at half its size and thins it.

    Notes
    -----
    A point that nothing faces keeps the film it had, and is part of the recess: bound to it the more strongly the less
    it is covered, so that pressure changes without a jump while a rim leaves the opposing surface.
    """

    gap: FloatArray
    cover: FloatArray | None = None
    sliding: FloatArray | None = None


def as_motion(films: Film, state: FilmState, place: Placement, leading: tuple[int, ...] = ()) -> Motion:
    """Return gaps and cover (…, k, n) and sliding (…, k, n or 0, 3), with gaps for points that nothing faces.

    Raises
    ------
    ValueError
        If an array does not fit the film.
    NonFiniteError
        If cover or sliding are not finite, or a gap is infinite.
    """
    shape = (*leading, films.mesh.joints, films.mesh.nodes)
    gap = np.array(_fitted(place.gap, shape, "gap"))
    left = np.isnan(gap)
    cover = np.ones(shape) if place.cover is None else np.array(_fitted(place.cover, shape, "cover"))
    cover[left] = 0.0
    if left.any():
        held = state.content[:, :-1] + state.void[:, :-1] - films.constants[:, ASPERITY, None]
        for now, away in zip(gap.reshape(-1, *held.shape), left.reshape(-1, *held.shape), strict=True):
            now[away] = held[away]
            held = now
    require_finite(gap, "the gap of a film")
    require_finite(cover, "the cover of a film")
    if place.sliding is None:
        return Motion(gap, np.clip(cover, 0.0, 1.0), np.zeros((*shape[:-1], 0, 3)))
    sliding = np.array(_fitted(place.sliding, (*shape, 3), "sliding velocity"))
    return Motion(gap, np.clip(cover, 0.0, 1.0), require_finite(sliding, "the sliding of a film"))


def _fitted(values: FloatArray, shape: tuple[int, ...], what: str) -> FloatArray:
    try:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), shape)
    except ValueError:
        raise ValueError(f"the {what} has shape {np.shape(values)}, the film needs {shape}") from None
