"""One implicit step of one joint, compiled: Newton with an active set of nodes that hold void.

Notes
-----
Each node has one unknown: its pressure while it is full, its void v = (1 − θ) h while it is torn, where the pressure is
the cavity's. The balance of volume of node i is

    A_i d(h_i − v_i)/dt − ∫ ∇N_i·(q + (h − v) u/2) = 0,

linear in v. A full node whose pressure falls below the cavity's is torn for the next solve, a torn one whose void
turns negative is full again (primal-dual active set, a semismooth Newton method). The nodes of the rim share the
pressure p_r of the recess; their balances and that of the recess, dV_r/dt = inflow, make one equation for it.
"""

from typing import NamedTuple

import numba
import numpy as np

from fem.arrays import BoolArray, FloatArray
from fem.film.band_kernels import Bordered, bordered, clear, factorise, solve
from fem.film.cell_kernels import (
    Flow,
    cell_matrix,
    cell_residual,
    fill_transport,
    flow_arrays,
    linearise_flow,
    renew_flow,
)
from fem.film.constants import (
    ASPERITY,
    COMPLIANCE,
    CONSERVING,
    INFLOW_RATE,
    OPEN,
    RIM_PRESSURE,
    THINNED,
    TIME,
)
from fem.film.point_kernels import layer_pressure, layer_yield, recess_volume, thickness

#: Places in `Fluid.past`: last duration (0 = restart), volume inside the capsule, creeping pressure, has nucleated.
LAST, CAPSULE, CREEP, TORN = range(4)

_ITERATIONS = 40
#: Largest unbalanced volume of a node, as a share of the volume of the film, and error of the flow.
_BALANCE, _FLOW = 1e-12, 1e-9
#: A node that the facing surface has left this far is bound to the recess this strongly (numerical).
_LEFT = 1e-9
#: Change of the flow in the first solve, as a share of the flow, beyond which that solve's pressures are not used.
_GUESS = 0.3


class Fluid(NamedTuple):
    """State of one joint: n nodes, then the recess.

    pressure [MPa], void [mm; mm³], torn, content and older content [mm; mm³], flow (e, q, 2), past (4,).
    """

    pressure: FloatArray
    void: FloatArray
    torn: BoolArray
    content: FloatArray
    older: FloatArray
    flow: FloatArray
    past: FloatArray


class Motion(NamedTuple):
    """Where the surfaces are at the end of a step: gap (n,), cover (n,) 1 where they face, sliding (n, 3) or (0, 3)."""

    gap: FloatArray
    cover: FloatArray
    sliding: FloatArray


class Work(NamedTuple):
    """Arrays of one joint's Newton iteration."""

    h: FloatArray
    by_pressure: FloatArray
    by_gap: FloatArray
    residual: FloatArray
    step: FloatArray
    emptied: FloatArray
    relative: FloatArray
    rhs: FloatArray
    matrix: Bordered
    flow: Flow


@numba.njit(cache=True)
def work_arrays(nodes, unknowns, width, cells, points):  # type: ignore[no-untyped-def]
    """Return the arrays of one joint."""
    return Work(
        np.zeros(nodes),
        np.zeros(nodes),
        np.zeros(nodes),
        np.zeros(nodes + 1),
        np.zeros(nodes + 1),
        np.zeros(nodes + 1),
        np.zeros(nodes),
        np.zeros((unknowns + 1, 1)),
        bordered(unknowns, width),
        flow_arrays(cells, points),
    )


@numba.njit(cache=True)
def weighted(a, b):  # type: ignore[no-untyped-def]
    """Return Σ a_i b_i over the entries of a."""
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * b[i]
    return total


@numba.njit(cache=True)
def copy_flow(source, target):  # type: ignore[no-untyped-def]
    """Copy flows (e, q, 2)."""
    for e in range(source.shape[0]):
        for k in range(source.shape[1]):
            target[e, k, 0] = source[e, k, 0]
            target[e, k, 1] = source[e, k, 1]


@numba.njit(cache=True)
def copy_fluid(source, target):  # type: ignore[no-untyped-def]
    """Copy all arrays of a state."""
    for i in range(source.pressure.shape[0]):
        target.pressure[i] = source.pressure[i]
        target.void[i] = source.void[i]
        target.torn[i] = source.torn[i]
        target.content[i] = source.content[i]
        target.older[i] = source.older[i]
    for i in range(source.past.shape[0]):
        target.past[i] = source.past[i]
    copy_flow(source.flow, target.flow)


@numba.njit(cache=True)
def rate_weights(duration, last, order):  # type: ignore[no-untyped-def]
    """Return (a0, a1, a2, duration) of dx/dt ≈ a0 x − a1 x_n + a2 x_(n−1): BDF2, backward Euler after a restart."""
    if order < 2 or last <= 0.0:
        return 1.0 / duration, 1.0 / duration, 0.0, duration
    r = duration / last
    share = (1.0 + r) * duration
    return (1.0 + 2.0 * r) / share, (1.0 + r) / duration, r * r / share, duration


@numba.njit(cache=True)
def solve_step(grid, c, motion, duration, order, floor, before, after, work):  # type: ignore[no-untyped-def]
    """Fill `after` from `before`; return the number of iterations, -1 if they did not converge."""
    nodes = motion.gap.shape[0]
    _start(grid, c, floor, before, after)
    copy_flow(before.flow, work.flow.flow)
    if motion.sliding.shape[0]:
        fill_transport(grid, motion.sliding, work.flow)
    weights = rate_weights(duration, before.past[LAST], order)
    changed = 1
    for iteration in range(_ITERATIONS):
        off, most = balance(grid, c, motion, weights, before, after, work)
        worst = abs(work.residual[nodes]) if c[OPEN] == 0.0 else 0.0
        for i in range(nodes):
            if grid.number[i] >= 0:
                worst = max(worst, abs(work.residual[i]))
        if not np.isfinite(worst) or not np.isfinite(most):
            return -1
        volume = weighted(grid.area, work.h)
        if changed == 0 and worst <= _BALANCE * volume * weights[0] and off <= _FLOW * most:
            _accept(grid, c, weights, before, after, work)
            return iteration
        fill_matrix(grid, c, motion, weights, before, after, work)
        factorise(work.matrix)
        solve_for_step(grid, c, after, work)
        turned = renew_flow(
            grid, c, work.relative, work.step, work.h, work.by_pressure, motion.sliding, work.flow
        )
        # A first solve with the last step's viscosity is a guess at the flow only: its pressures may be a thousand
        # times too large and would tear every node.
        if iteration == 0 and turned > _GUESS and c[TIME] > 0.0:
            continue
        changed = _take_step(grid, c, motion.gap, floor, after, work)
    return -1


@numba.njit(cache=True)
def _start(grid, c, floor, before, after):  # type: ignore[no-untyped-def]
    copy_fluid(before, after)
    nodes = grid.number.shape[0]
    if c[OPEN] > 0.0:
        after.pressure[nodes] = c[RIM_PRESSURE]
        after.torn[nodes] = False
    for i in range(nodes + 1):
        if after.torn[i] or after.pressure[i] < floor:
            after.pressure[i] = floor
    for i in range(nodes):
        if grid.number[i] < 0:
            after.pressure[i] = after.pressure[nodes]


@numba.njit(cache=True)
def balance(grid, c, motion, weights, before, after, work):  # type: ignore[no-untyped-def]
    """Fill the residual (n + 1,) [mm³/s] with the eliminated flow q*; return the largest |q* − q| and |q*|."""
    nodes = motion.gap.shape[0]
    rim = after.pressure[nodes]
    for i in range(nodes):
        h, by_pressure, by_gap = thickness(after.pressure[i], motion.gap[i], c)
        work.h[i], work.by_pressure[i], work.by_gap[i] = h, by_pressure, by_gap
        known = weights[1] * before.content[i] - weights[2] * before.older[i]
        work.residual[i] = grid.area[i] * (weights[0] * (h - after.void[i]) - known)
        work.relative[i] = after.pressure[i] - rim
    off, most = linearise_flow(grid, c, work.relative, work.h, motion.sliding, work.flow)
    cell_residual(grid, work.h, motion.sliding, work.flow, after.void, work.residual)
    known = weights[1] * before.content[nodes] - weights[2] * before.older[nodes]
    total = -known
    if c[OPEN] == 0.0:
        volume, _, _, _ = recess_volume(rim, weights[3], before.past[CAPSULE], before.past[CREEP], c)
        total += weights[0] * (volume - after.void[nodes]) + c[INFLOW_RATE] * c[COMPLIANCE] * rim
    for i in range(nodes):
        if grid.number[i] < 0:
            total += work.residual[i]
        elif motion.cover[i] < 1.0:
            drained = link(c, motion.cover[i], work.h[i]) * work.relative[i]
            work.residual[i] += drained
            total -= drained
    work.residual[nodes] = total
    return off, most


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
        cell_matrix(grid, motion.sliding, work.flow, e, 1.0, work.by_pressure, local)
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


@numba.njit(cache=True)
def solve_for_step(grid, c, after, work):  # type: ignore[no-untyped-def]
    """Fill `step` (n + 1,): change of pressure of full nodes, of the void (with a minus) of torn ones."""
    nodes = grid.number.shape[0]
    for i in range(nodes):
        if grid.number[i] >= 0:
            work.rhs[grid.number[i], 0] = -work.residual[i]
    last = work.rhs.shape[0] - 1
    work.rhs[last, 0] = 0.0 if c[OPEN] > 0.0 else -work.residual[nodes]
    solve(work.matrix, work.rhs)
    for i in range(nodes + 1):
        interior = i < nodes and grid.number[i] >= 0
        x = work.rhs[grid.number[i] if interior else last, 0]
        torn = after.torn[i] if interior else after.torn[nodes]
        work.step[i] = 0.0 if torn else x
        work.emptied[i] = x if torn else 0.0


@numba.njit(cache=True)
def _take_step(grid, c, gap, floor, after, work):  # type: ignore[no-untyped-def]
    """Move and renew the active set; return how many nodes changed sides."""
    nodes = grid.number.shape[0]
    changed = 0
    for i in range(nodes + 1):
        if i < nodes and grid.number[i] < 0:
            continue
        if after.torn[i]:
            after.void[i] -= work.emptied[i]
            if after.void[i] < 0.0:
                after.void[i], after.torn[i] = 0.0, False
                changed += 1
        else:
            after.pressure[i] = _moved(after.pressure[i], work.step[i], i, c, gap, work)
            if after.pressure[i] < floor:
                after.pressure[i], after.torn[i] = floor, True
                changed += 1
    for i in range(nodes):
        if grid.number[i] < 0:
            after.pressure[i] = after.pressure[nodes]
    return changed


@numba.njit(cache=True)
def _moved(pressure, step, i, c, gap, work):  # type: ignore[no-untyped-def]
    """Return the pressure after a step that does not double the film on soft layers nor halve it.

    The flow grows with the cube of the film and a film pressed shut hides how soft it is: without this limit the
    iteration would jump between both.
    """
    moved = pressure + step
    if i >= gap.shape[0]:
        return moved
    d, _ = layer_yield(moved, c)
    clear, rounding = gap[i] + d, 0.5 * c[ASPERITY]
    now = work.h[i] - c[ASPERITY]
    highest = max(now, rounding) + 1.0 * work.h[i]
    lowest = now - 0.5 * work.h[i]
    if clear > highest:
        return layer_pressure(highest - gap[i], c)[0]
    if clear < lowest and now > rounding:
        return layer_pressure(lowest - gap[i], c)[0]
    return moved


@numba.njit(cache=True)
def _accept(grid, c, weights, before, after, work):  # type: ignore[no-untyped-def]
    """Take the contents from the flows, not from pressure and void, so that errors of Newton do not add up."""
    nodes = grid.number.shape[0]
    after.older[nodes] = before.content[nodes]
    for i in range(nodes):
        after.older[i] = before.content[i]
        after.content[i] = work.h[i]
        if grid.number[i] >= 0 and c[CONSERVING] > 0.0:
            after.content[i] -= after.void[i] + work.residual[i] / (weights[0] * grid.area[i])
    kept = -work.residual[nodes] / weights[0]
    after.past[LAST] = weights[3]
    if c[OPEN] == 0.0:
        past, rim = before.past, after.pressure[nodes]
        volume, _, capsule, creep = recess_volume(rim, weights[3], past[CAPSULE], past[CREEP], c)
        kept += volume - after.void[nodes]
        after.past[CAPSULE], after.past[CREEP] = capsule, creep
    after.content[nodes] = kept
    copy_flow(work.flow.predicted, after.flow)
