"""One implicit step whose end is approached in parts, compiled: where Newton fails from the state before.

Notes
-----
The surfaces go to their places bit by bit while the duration stays that of the whole step, and each solve starts from
the one before: the last is the step itself, not several shorter ones. Trial states of a spine ask for this where they
press a film shut, or pull one open from nothing.
"""

import numba
import numpy as np

from fem.film.constants import ASPERITY
from fem.film.fluid_kernels import Motion
from fem.film.newton_kernels import resume_step, solve_patiently, solve_step
from fem.film.point_kernels import layer_yield

#: First part of the way, and the least at which Newton may still fail.
_FIRST, _SHORTEST = 0.25, 1.0 / 64.0


@numba.njit(cache=True)
def solve_surely(grid, c, motion, duration, order, floor, before, after, work):  # type: ignore[no-untyped-def]
    """Do what `solve_step` does, patiently or in parts where that fails; return all iterations, -1 on failure."""
    used = solve_step(grid, c, motion, duration, order, floor, before, after, work)
    if used < 0:
        used = solve_patiently(grid, c, motion, duration, order, floor, before, after, work)
    if used >= 0:
        return used
    nodes = motion.gap.shape[0]
    start, way = np.empty(nodes), Motion(np.empty(nodes), motion.cover, motion.sliding)
    for i in range(nodes):
        start[i] = _gap_before(c, before, i, motion.gap[i])
    pressure, void, torn = before.pressure.copy(), before.void.copy(), before.torn.copy()
    done, part, total, begun = 0.0, _FIRST, 0, False
    while done < 1.0:
        reached = min(done + part, 1.0)
        for i in range(nodes):
            way.gap[i] = start[i] + reached * (motion.gap[i] - start[i])
        if begun:
            for i in range(nodes + 1):
                after.pressure[i], after.void[i], after.torn[i] = pressure[i], void[i], torn[i]
            used = resume_step(grid, c, way, duration, order, floor, before, after, work, False)
        else:
            used = solve_step(grid, c, way, duration, order, floor, before, after, work)
        if used < 0:
            part *= 0.5
            if part < _SHORTEST:
                # What the first solve came to is nearer than a part of the way.
                solve_step(grid, c, motion, duration, order, floor, before, after, work)
                return -1
            continue
        for i in range(nodes + 1):
            pressure[i], void[i], torn[i] = after.pressure[i], after.void[i], after.torn[i]
        done, begun, total = reached, True, total + used
        part *= 2.0
    return total


@numba.njit(cache=True)
def _gap_before(c, before, i, target):  # type: ignore[no-untyped-def]
    """Return the gap at a node before the step, from what the film held; where surfaces touch, at most that at its end.

    The inverse of `fem.film.point_kernels.thickness`.
    """
    beyond, rounding = before.content[i] + before.void[i] - c[ASPERITY], 0.5 * c[ASPERITY]
    d, _ = layer_yield(before.pressure[i], c)
    if beyond >= rounding:
        return beyond - d
    clear = 2.0 * np.sqrt(rounding * max(beyond, 0.0)) - rounding - d
    return min(clear, target) if beyond <= 0.0 else clear
