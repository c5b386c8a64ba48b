"""What synovial films do to the surfaces they lie between, in motion: suction and pressure on top of dry contact."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.elements.patch import gaps
from fem.elements.patch_kernels import rim_weights
from fem.film.state import Film, FilmState, initial_state, sealed
from fem.terms.term import Configuration, Contribution, no_bodies


@dataclass(frozen=True, slots=True)
class FilmPlace:
    """Where the surfaces are, all over joints k and film points n.

    Attributes
    ----------
    gap : (k, n) [mm] as the film sees it; NaN where nothing faces the point.
    cover : (k, n) 1 over the facing outline, falling to 0 beyond it.
    coordinate : (k, n, 2) place on the facing patch; normal : (k, n, 3) of the facing patch there.
    """

    gap: FloatArray
    cover: FloatArray
    coordinate: FloatArray
    normal: FloatArray


def film_state(name: str, history: Mapping[str, FloatArray]) -> FilmState:
    """Return what the films of the term called `name` hold, from the history of a converged state."""
    held: dict[str, Any] = {item.name: np.array(history[f"{name}.{item.name}"]) for item in fields(FilmState)}
    held["torn"] = held["torn"] > 0.0
    return sealed(FilmState(**held))


def film_history(name: str, state: FilmState) -> dict[str, FloatArray]:
    """Return the history entries of what the films of the term called `name` hold."""
    return {
        f"{name}.{item.name}": np.asarray(getattr(state, item.name), dtype=np.float64)
        for item in fields(FilmState)
    }


@dataclass(frozen=True, slots=True)
class FilmTerm:
    """Films between surface points and the biquadratic patches they face; one element per joint.

    Parameters
    ----------
    name : unique name.
    joints : names of the joints k.
    points : (k, n + 9) film points, then the control points of the facing patch.
    films : meshes and laws.
    margin : how far (in patch coordinates) beyond the outline u² + v² = 1 the facing surface fades out.
    offset : (k,) [mm] what the film adds to the gap between the surfaces, or one number.

    Notes
    -----
    In static phases fluid has had time to follow: no force, and the history is that of films at rest.
    """

    name: str
    joints: tuple[str, ...]
    points: IntArray
    films: Film
    margin: float
    offset: FloatArray | float = 0.0

    @property
    def bodies(self) -> IntArray:
        """No bodies, (k, 0)."""
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return force (k, 3n + 27), stiffness, work done on the films as `lost`, and what they hold."""
        place = self.placement(configuration.positions)
        count, size = len(self.points), 3 * self.points.shape[1]
        state = initial_state(self.films, np.where(np.isnan(place.gap), 0.0, place.gap))
        force, history = np.zeros((count, size)), film_history(self.name, state)
        stiffness = np.zeros((count, size, size)) if tangent else None
        return Contribution(0.0, force, stiffness, history=history)

    def placement(self, positions: FloatArray) -> FilmPlace:
        """Return where the surfaces are at current positions (p, 3)."""
        k, n = len(self.points), self.points.shape[1] - 9
        nodes = positions[self.points]
        points, control = nodes[:, :n].reshape(-1, 3), np.repeat(nodes[:, n:], n, axis=0)
        gap, coordinate, normal = np.empty(k * n), np.empty((k * n, 2)), np.empty((k * n, 3))
        gaps(np.ascontiguousarray(points), np.ascontiguousarray(control), gap, coordinate, normal)
        cover = np.empty(k * n)
        rim_weights(coordinate, self.margin, cover)
        missed = ~np.isfinite(gap)
        cover[missed], gap[missed] = 0.0, np.nan
        seen = gap.reshape(k, n) + np.broadcast_to(self.offset, (k,))[:, None]
        return FilmPlace(seen, cover.reshape(k, n), coordinate.reshape(k, n, 2), normal.reshape(k, n, 3))
