"""Motions of facet joints for verdicts: round flat joints of 6.5 mm radius, opened evenly and closed again."""

from collections.abc import Sequence

import numpy as np

from fem.arrays import frozen, frozen_index
from fem.elements.surface_block import unit_disc_mesh
from fem.film.data import film_laws
from fem.literature import load
from fem.results.film_motion import FilmMotion
from fem.results.verdict_inputs import verdict_inputs


def opening(
    peaks: Sequence[float], gap: float = 0.3, duration: float = 0.4, mesh: tuple[int, int] = (2, 8)
) -> FilmMotion:
    """Return joints that open by `peaks` [mm] in a half-sine within `duration` [s], from an even gap [mm]."""
    disc = unit_disc_mesh(*mesh)
    n, k = disc.p.shape[1], len(peaks)
    places = np.concatenate([6.5 * disc.p.T, np.zeros((n, 1))], axis=1)
    times = np.linspace(0.0, duration, 17)
    moved = np.sin(np.pi * times / duration)[:, None] * np.asarray(peaks)
    return FilmMotion(
        tuple(f"joint {joint}" for joint in range(k)),
        frozen(disc.p.T),
        frozen_index(disc.t.T),
        frozen(np.tile(places, (k, 1, 1))),
        frozen(times),
        frozen_index(np.zeros(len(times))),
        frozen(np.broadcast_to(gap + moved[:, :, None], (len(times), k, n))),
        frozen(np.ones((len(times), k, n))),
        frozen(np.full((k, n), gap)),
        film_laws(load("film"), load("cartilage")),
        2,
        verdict_inputs({}),
    )
