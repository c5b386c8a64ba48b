"""Derivatives of a converged step, compiled: pressures against gaps and earlier contents."""

import numba
import numpy as np

from fem.film.balance_kernels import fill_matrix, link
from fem.film.band_kernels import factorise, solve
from fem.film.cell_kernels import cell_matrix
from fem.film.constants import OPEN
from fem.film.point_kernels import total_pressure


@numba.njit(cache=True)
def step_tangent(grid, c, motion, weights, before, after, work, by_gap, by_content):  # type: ignore[no-untyped-def]
    """Fill the derivatives of film and contact pressure with respect to gaps (n, n) and contents before (n, n + 1).

    `work` holds the linearisation of the step that made `after`.
    """
    nodes = grid.number.shape[0]
    fill_matrix(grid, c, motion, weights, before, after, work)
    factorise(work.matrix)
    last = work.rhs.shape[0] - 1
    x = np.zeros((last + 1, 2 * nodes + 1))
    _gap_columns(grid, c, motion, weights, work, x)
    for j in range(nodes):
        row = grid.number[j] if grid.number[j] >= 0 else last
        x[row, nodes + j] += weights[1] * grid.area[j]
    x[last, 2 * nodes] += weights[1]
    if c[OPEN] > 0.0:
        x[last, :] = 0.0
    solve(work.matrix, x)
    for i in range(nodes):
        interior = grid.number[i] >= 0
        row = grid.number[i] if interior else last
        held = after.torn[i] if interior else after.torn[nodes]
        _, by_pressure, direct = total_pressure(after.pressure[i], motion.gap[i], c)
        for j in range(nodes):
            by_gap[i, j] = 0.0 if held else by_pressure * x[row, j]
            by_content[i, j] = 0.0 if held else by_pressure * x[row, nodes + j]
        by_content[i, nodes] = 0.0 if held else by_pressure * x[row, 2 * nodes]
        by_gap[i, i] += direct


@numba.njit(cache=True)
def _gap_columns(grid, c, motion, weights, work, x):  # type: ignore[no-untyped-def]
    """Subtract the derivative of the residual with respect to gaps from the first n columns of x."""
    nodes = grid.number.shape[0]
    last = x.shape[0] - 1
    local = np.empty((4, 4))
    for e in range(grid.quads.shape[0]):
        cell_matrix(grid, motion.sliding, work.flow, work.empty, e, 0.0, work.by_gap, local)
        for a in range(4):
            k = grid.number[grid.quads[e, a]]
            for b in range(4):
                x[k if k >= 0 else last, grid.quads[e, b]] -= local[a, b]
    for i in range(nodes):
        k = grid.number[i]
        x[k if k >= 0 else last, i] -= weights[0] * grid.area[i] * work.by_gap[i]
        if k >= 0 and motion.cover[i] < 1.0:
            drained = link(c, motion.cover[i], work.h[i]) * work.relative[i]
            change = 3.0 * drained / work.h[i] * work.by_gap[i]
            x[k, i] -= change
            x[last, i] += change
