"""The balance of volume of one joint, compiled: residual and matrix of its nodes and its recess."""

import numba
import numpy as np

from fem.film.band_kernels import clear
from fem.film.cell_kernels import cell_matrix, cell_residual, linearise_flow
from fem.film.constants import CAVITY, COMPLIANCE, INFLOW_RATE, OPEN, THINNED
from fem.film.fluid_kernels import CAPSULE, CREEP
from fem.film.point_kernels import recess_volume, thickness

#: A node that the facing surface has left this far is bound to the recess this strongly (numerical).
_LEFT = 1e-4
#: Pressures are known to this share of the largest.
_DIGITS = 5e-16


@numba.njit(cache=True)
def balance(grid, c, motion, weights, before, after, work):  # type: ignore[no-untyped-def]
    """Fill the residual (n + 1,) [mm³/s] with the eliminated flow q*; return |q* − q|, |q*| and what rounding makes."""
    nodes = motion.gap.shape[0]
    rim = after.pressure[nodes]
    for i in range(nodes):
        h, by_pressure, by_gap = thickness(after.pressure[i], motion.gap[i], c)
        work.h[i], work.by_pressure[i], work.by_gap[i] = h, by_pressure, by_gap
        known = weights[1] * before.content[i] - weights[2] * before.older[i]
        work.residual[i] = grid.area[i] * (weights[0] * (h - after.void[i]) - known)
        work.relative[i] = after.pressure[i] - rim
    rounding = _DIGITS * max(abs(rim), abs(c[CAVITY]))
    off, most, noise = linearise_flow(grid, c, work.relative, rounding, work.h, motion.sliding, work.flow)
    capacity = _fill_carried(grid, c, weights, before, after, work)
    cell_residual(grid, work.h, motion.sliding, work.flow, work.carried, work.empty, work.residual)
    known = weights[1] * before.content[nodes] - weights[2] * before.older[nodes]
    total = -known
    if c[OPEN] == 0.0:
        volume, _, _, _ = recess_volume(rim, weights[3], before.past[CAPSULE], before.past[CREEP], c)
        total += weights[0] * (volume - after.void[nodes]) + c[INFLOW_RATE] * c[COMPLIANCE] * rim
    for i in range(nodes):
        if grid.number[i] < 0:
            total += work.residual[i]
        elif motion.cover[i] < 1.0:
            conductance = link(c, motion.cover[i], work.h[i])
            drained = conductance * work.relative[i]
            noise = max(noise, conductance * rounding)
            work.residual[i] += drained
            total -= drained
    work.residual[nodes] = total
    work.capacity[0] = capacity
    return off, most, noise


@numba.njit(cache=True)
def _fill_carried(grid, c, weights, before, after, work):  # type: ignore[no-untyped-def]
    """Fill the void (n,) that is carried along: the rim is as empty as the recess. Return the volume of both."""
    nodes = grid.number.shape[0]
    volume = 0.0
    if c[OPEN] == 0.0:
        past = before.past
        _, _, volume, _ = recess_volume(after.pressure[nodes], weights[3], past[CAPSULE], past[CREEP], c)
    for i in range(nodes):
        if grid.number[i] < 0:
            volume += grid.area[i] * work.h[i]
    for i in range(nodes):
        rim = grid.number[i] < 0
        work.carried[i] = work.h[i] * after.void[nodes] / volume if rim else after.void[i]
        # Of the state before: were it that of the iteration, a node might be torn with it and full without.
        work.empty[i] = before.torn[nodes] if rim else before.torn[i]
    return volume


@numba.njit(cache=True)
def link(c, cover, h):  # type: ignore[no-untyped-def]
    """Return the conductance [mm³/(MPa s)] between a node that the facing surface is leaving and the recess."""
    return h**3 / (12.0 * c[THINNED]) * (1.0 - cover) / max(cover, _LEFT)


@numba.njit(cache=True)
def fill_matrix(grid, c, motion, weights, before, after, work):  # type: ignore[no-untyped-def]
    """Fill the matrix: derivative of the residual with respect to pressure of full nodes, minus void of torn ones."""
    nodes = motion.gap.shape[0]
    matrix = work.matrix
    clear(matrix)
    local = np.empty((4, 4))
    for e in range(grid.quads.shape[0]):
        cell_matrix(grid, motion.sliding, work.flow, work.empty, e, 1.0, work.by_pressure, local)
        for b in range(4):
            j = grid.quads[e, b]
            interior = grid.number[j] >= 0
            for a in range(4):
                if interior and after.torn[j]:
                    if motion.sliding.shape[0]:
                        _put(
                            matrix,
                            grid.number[grid.quads[e, a]],
                            grid.number[j],
                            -work.flow.transport[e, a, b],
                        )
                elif interior or not after.torn[nodes]:
                    _put(matrix, grid.number[grid.quads[e, a]], grid.number[j], local[a, b])
                elif motion.sliding.shape[0]:
                    share = work.h[j] / work.capacity[0]
                    _put(matrix, grid.number[grid.quads[e, a]], -1, -share * work.flow.transport[e, a, b])
    for i in range(nodes):
        k = grid.number[i]
        if k >= 0 and after.torn[i]:
            _put(matrix, k, k, weights[0] * grid.area[i])
        elif k >= 0 or not after.torn[nodes]:
            _put(matrix, k, k, weights[0] * grid.area[i] * work.by_pressure[i])
        if k >= 0 and motion.cover[i] < 1.0:
            drain = link(c, motion.cover[i], work.h[i])
            if not after.torn[i]:
                own = drain * (1.0 + 3.0 * work.relative[i] / work.h[i] * work.by_pressure[i])
                _put(matrix, k, k, own)
                _put(matrix, -1, k, -own)
            if not after.torn[nodes]:
                _put(matrix, k, -1, -drain)
                _put(matrix, -1, -1, drain)
    _recess_entries(c, weights, before, after, matrix)


@numba.njit(cache=True)
def _recess_entries(c, weights, before, after, matrix):  # type: ignore[no-untyped-def]
    rim = after.pressure.shape[0] - 1
    if c[OPEN] > 0.0:
        for k in range(matrix.row.shape[0]):
            matrix.row[k] = 0.0
        matrix.corner[0] = 1.0
    elif after.torn[rim]:
        matrix.corner[0] += weights[0]
    else:
        past = before.past
        _, slope, _, _ = recess_volume(after.pressure[rim], weights[3], past[CAPSULE], past[CREEP], c)
        matrix.corner[0] += weights[0] * slope + c[INFLOW_RATE] * c[COMPLIANCE]


@numba.njit(cache=True, inline="always")
def _put(matrix, row, column, value):  # type: ignore[no-untyped-def]
    """Add a value at (row, column); -1 is the recess."""
    if row >= 0 and column >= 0:
        width = (matrix.band.shape[1] - 1) // 3
        matrix.band[row, column - row + width] += value
    elif row >= 0:
        matrix.column[row] += value
    elif column >= 0:
        matrix.row[column] += value
    else:
        matrix.corner[0] += value
