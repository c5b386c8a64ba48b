"""Compiled loops over nodes for what is read off a state."""

import numba
import numpy as np

from fem.film.point_kernels import recess_volume, thickness, total_pressure


@numba.njit(cache=True)
def node_values(c, gap, pressure):  # type: ignore[no-untyped-def]
    """Return film thickness (n,) and film and contact pressure together (n,)."""
    h, total = np.empty(gap.shape[0]), np.empty(gap.shape[0])
    for i in range(gap.shape[0]):
        h[i], _, _ = thickness(pressure[i], gap[i], c)
        total[i], _, _ = total_pressure(pressure[i], gap[i], c)
    return h, total


@numba.njit(cache=True)
def recess_at_rest(c):  # type: ignore[no-untyped-def]
    """Return fluid volume, volume inside the capsule and creeping pressure of a recess at ambient pressure."""
    volume, _, capsule, creep = recess_volume(0.0, 0.0, 0.0, 0.0, c)
    return volume, capsule, creep
