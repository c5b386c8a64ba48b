"""Films that follow a given motion, compiled: steps cut where Newton fails, and where a cavity forms or vanishes."""

import numba
import numpy as np

from fem.film.cell_kernels import Grid
from fem.film.constants import CAVITY, NUCLEATION
from fem.film.fluid_kernels import LAST, TORN, Fluid, Motion, copy_fluid, rate_weights, weighted, work_arrays
from fem.film.gradual_kernels import solve_surely
from fem.film.newton_kernels import solve_step
from fem.film.point_kernels import thickness, total_pressure
from fem.film.tangent_kernels import step_tangent

#: Columns of what is noted of each joint; times are -1 where nothing happened.
(
    INCEPTION, PLACE, PLACE_GAP, OPENING_SPEED, RECESS_PRESSURE, LOWEST, LOWEST_TIME, PEAK, PEAK_TIME, COLLAPSE,
    STEPS, ITERATIONS, FAILED, NOTES,
) = range(14)  # fmt: skip

#: Void as a share of the film's volume below which there is no cavity, and above which its end is looked for.
_NONE, _WORTH = 1e-12, 1e-4
#: Shortest part of a step, as a share of it, at which Newton may still fail.
_SHORTEST = 2.0**-14


@numba.njit(cache=True, nogil=True)
def follow_some(joints, mesh, wet, constants, times, motion, settings, fluid, pressure, void, notes):  # type: ignore[no-untyped-def]
    """Move some joints through the times; `fluid` holds (k, …) arrays and is overwritten by the last state."""
    order, tolerance = settings
    for j in joints:
        if not wet[j]:
            continue
        grid = Grid(mesh[0], mesh[1], mesh[2][j], mesh[3][j], mesh[4][j], mesh[5][j], mesh[6])
        own = Fluid(
            fluid.pressure[j],
            fluid.void[j],
            fluid.torn[j],
            fluid.content[j],
            fluid.older[j],
            fluid.flow[j],
            fluid.past[j],
        )
        path = Motion(motion.gap[:, j], motion.cover[:, j], motion.sliding[:, j])
        follow(
            grid,
            constants[j],
            mesh[7],
            times,
            path,
            order,
            tolerance,
            own,
            pressure[:, j],
            void[:, j],
            notes[j],
        )


@numba.njit(cache=True)
def follow(grid, c, width, times, path, order, tolerance, fluid, pressure, void, notes):  # type: ignore[no-untyped-def]
    """Move one joint through the times; fill pressure and void (t, n + 1) and the notes."""
    nodes, cells, points = grid.number.shape[0], grid.quads.shape[0], grid.shape.shape[1]
    work = work_arrays(nodes, np.sum(grid.number >= 0), width, cells, points)
    trial = _copy(fluid)
    end = Motion(np.empty(nodes), np.empty(nodes), np.empty((path.sliding.shape[1], 3)))
    start_gap = np.empty(nodes)
    _record(fluid, 0, pressure, void)
    for t in range(1, times.shape[0]):
        span, done, hunting = times[t] - times[t - 1], 0.0, False
        step = span
        while done < span:
            if span - done - step < 1e-6 * span:
                step = span - done
            _between(path, t, done / span, end)
            for i in range(nodes):
                start_gap[i] = end.gap[i]
            _between(path, t, (done + step) / span, end)
            before = cavity(grid, fluid)
            floor = c[CAVITY] if fluid.past[TORN] > 0.0 else c[NUCLEATION]
            used = solve_step(grid, c, end, step, order, floor, fluid, trial, work)
            least = _NONE * weighted(grid.area, work.h)
            notes[ITERATIONS] += max(used, 0)
            formed = used >= 0 and fluid.past[TORN] == 0.0 and cavity(grid, trial) > least
            if formed and step <= tolerance:
                trial.past[TORN] = 1.0
                if c[NUCLEATION] < c[CAVITY]:
                    used = solve_step(grid, c, end, step, order, c[CAVITY], fluid, trial, work)
            if used < 0:
                step *= 0.5
                if step < _SHORTEST * span:
                    notes[FAILED] = times[t - 1] + done
                    return
                continue
            ended = before > least and cavity(grid, trial) <= least and notes[PEAK] > _WORTH * least / _NONE
            if (formed or ended) and step > tolerance:
                step, hunting = 0.5 * step, True
                continue
            done = span if step == span - done else done + step
            now = times[t - 1] + done
            _note(grid, c, fluid, trial, now, step, start_gap, end.gap, formed, ended, notes)
            copy_fluid(trial, fluid)
            if formed:
                fluid.past[TORN], fluid.past[LAST] = 1.0, 0.0
            hunting = hunting and not formed and not ended
            step = max(min(step if hunting else 2.0 * step, span - done), 0.0)
        _record(fluid, t, pressure, void)


@numba.njit(cache=True)
def _record(fluid, t, pressure, void):  # type: ignore[no-untyped-def]
    for i in range(fluid.pressure.shape[0]):
        pressure[t, i], void[t, i] = fluid.pressure[i], fluid.void[i]


@numba.njit(cache=True)
def _copy(fluid):  # type: ignore[no-untyped-def]
    return Fluid(
        fluid.pressure.copy(),
        fluid.void.copy(),
        fluid.torn.copy(),
        fluid.content.copy(),
        fluid.older.copy(),
        fluid.flow.copy(),
        fluid.past.copy(),
    )


@numba.njit(cache=True)
def _between(path, t, share, out):  # type: ignore[no-untyped-def]
    for i in range(out.gap.shape[0]):
        out.gap[i] = (1.0 - share) * path.gap[t - 1, i] + share * path.gap[t, i]
        out.cover[i] = (1.0 - share) * path.cover[t - 1, i] + share * path.cover[t, i]
    for i in range(path.sliding.shape[1]):
        for d in range(3):
            out.sliding[i, d] = path.sliding[t, i, d]


@numba.njit(cache=True)
def cavity(grid, fluid):  # type: ignore[no-untyped-def]
    """Return the void [mm³] of a joint."""
    nodes = grid.number.shape[0]
    return weighted(grid.area, fluid.void) + fluid.void[nodes]


@numba.njit(cache=True)
def _note(grid, c, before, after, now, step, from_gap, gap, formed, ended, notes):  # type: ignore[no-untyped-def]
    """Keep the lowest pressure before a cavity, where and when it formed, its peak and its end."""
    nodes = grid.number.shape[0]
    notes[STEPS] += 1.0
    volume = cavity(grid, after)
    if before.past[TORN] == 0.0:
        lowest = c[NUCLEATION] if formed else np.min(after.pressure)
        if lowest < notes[LOWEST]:
            notes[LOWEST], notes[LOWEST_TIME] = lowest, now
    if formed:
        place = nodes if after.void[nodes] > 0.0 else np.argmax(after.void[:nodes])
        notes[INCEPTION], notes[PLACE] = now, place
        notes[RECESS_PRESSURE] = after.pressure[nodes]
        i = place if place < nodes else np.argmax(gap - from_gap)
        notes[PLACE_GAP], _, _ = thickness(after.pressure[i], gap[i], c)
        notes[OPENING_SPEED] = (gap[i] - from_gap[i]) / step
    if volume > notes[PEAK]:
        notes[PEAK], notes[PEAK_TIME] = volume, now
    if ended:
        notes[COLLAPSE] = now


@numba.njit(cache=True, nogil=True)
def step_some(joints, mesh, wet, constants, motion, settings, before, after, iterations, by_gap, by_content):  # type: ignore[no-untyped-def]
    """Make one step of some joints, with derivatives unless `by_gap` is empty; iterations (k,) are -1 on failure."""
    order, duration = settings
    for j in joints:
        iterations[j] = 0
        if not wet[j]:
            for i in range(by_gap.shape[1] if by_gap.shape[0] > 0 else 0):
                by_gap[j, i, i] = total_pressure(0.0, motion.gap[j, i], constants[j])[2]
            continue
        grid = Grid(mesh[0], mesh[1], mesh[2][j], mesh[3][j], mesh[4][j], mesh[5][j], mesh[6])
        old = Fluid(
            before.pressure[j],
            before.void[j],
            before.torn[j],
            before.content[j],
            before.older[j],
            before.flow[j],
            before.past[j],
        )
        new = Fluid(
            after.pressure[j],
            after.void[j],
            after.torn[j],
            after.content[j],
            after.older[j],
            after.flow[j],
            after.past[j],
        )
        c, place = constants[j], Motion(motion.gap[j], motion.cover[j], motion.sliding[j])
        nodes, cells, points = grid.number.shape[0], grid.quads.shape[0], grid.shape.shape[1]
        work = work_arrays(nodes, np.sum(grid.number >= 0), mesh[7], cells, points)
        floor = c[CAVITY] if old.past[TORN] > 0.0 else c[NUCLEATION]
        iterations[j] = solve_surely(grid, c, place, duration, order, floor, old, new, work)
        if iterations[j] >= 0 and by_gap.shape[0] > 0:
            weights = rate_weights(old, duration, order)
            step_tangent(grid, c, place, weights, old, new, work, by_gap[j], by_content[j])
