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

import numba
import numpy as np

from fem.film.balance_kernels import balance, fill_matrix
from fem.film.band_kernels import factorise, solve
from fem.film.cell_kernels import fill_transport, renew_flow
from fem.film.constants import ASPERITY, CONSERVING, OPEN, RIM_PRESSURE, TIME
from fem.film.fluid_kernels import CAPSULE, CREEP, LAST, copy_flow, copy_fluid, rate_weights, weighted
from fem.film.point_kernels import layer_pressure, layer_yield, recess_volume

_ITERATIONS = 60
#: Largest unbalanced volume of a node, as a share of the volume of the film, and error of the flow.
_BALANCE, _FLOW = 1e-12, 1e-9
#: Change of the flow in a solve, as a share of the flow, beyond which that solve's pressures are not used: in the first
#: solve, and in later ones where that is asked for.
_GUESS, _UPSET = 0.3, 1.0


@numba.njit(cache=True)
def solve_step(grid, c, motion, duration, order, floor, before, after, work):  # type: ignore[no-untyped-def]
    """Fill `after` from `before`; return the number of iterations, -1 if they did not converge."""
    _start(grid, c, floor, before, after)
    copy_flow(before.flow, work.flow.flow)
    return resume_step(grid, c, motion, duration, order, floor, before, after, work, False)


@numba.njit(cache=True)
def solve_patiently(grid, c, motion, duration, order, floor, before, after, work):  # type: ignore[no-untyped-def]
    """Do what `solve_step` does, and let the flow settle before nodes change sides: for films that tear all over."""
    _start(grid, c, floor, before, after)
    copy_flow(before.flow, work.flow.flow)
    return resume_step(grid, c, motion, duration, order, floor, before, after, work, True)


@numba.njit(cache=True)
def resume_step(grid, c, motion, duration, order, floor, before, after, work, patient):  # type: ignore[no-untyped-def]
    """Do what `solve_step` does from the pressures, the void and the flow that `after` and `work` hold."""
    nodes = motion.gap.shape[0]
    if motion.sliding.shape[0]:
        fill_transport(grid, motion.sliding, work.flow)
    weights = rate_weights(before, duration, order)
    changed, waited = 1, False
    for iteration in range(_ITERATIONS):
        off, most, noise = balance(grid, c, motion, weights, before, after, work)
        worst = abs(work.residual[nodes]) if c[OPEN] == 0.0 else 0.0
        for i in range(nodes):
            if grid.number[i] >= 0:
                worst = max(worst, abs(work.residual[i]))
        if not np.isfinite(worst) or not np.isfinite(most):
            return -1
        volume = weighted(grid.area, work.h)
        if changed == 0 and worst <= _BALANCE * volume * weights[0] + noise and off <= _FLOW * most:
            _accept(grid, c, weights, before, after, work)
            return iteration
        fill_matrix(grid, c, motion, weights, before, after, work)
        factorise(work.matrix)
        solve_for_step(grid, c, after, work)
        turned = renew_flow(
            grid, c, work.relative, work.step, work.h, work.by_pressure, motion.sliding, work.flow
        )
        # A solve with the viscosity of another flow is a guess at the flow only: its pressures may be a thousand times
        # too large and would tear every node, in the next solve as many would be full again, and so on without an end.
        guess = turned > _GUESS if iteration == 0 else turned > _UPSET and patient
        if guess and c[TIME] > 0.0 and not waited:
            waited = True
            continue
        waited = False
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
