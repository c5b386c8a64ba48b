"""What one joint holds and where its surfaces are, compiled: plain tuples of arrays, copied and never shared."""

from typing import NamedTuple

import numba
import numpy as np

from fem.arrays import BoolArray, FloatArray
from fem.film.band_kernels import Bordered, bordered
from fem.film.cell_kernels import Flow, flow_arrays

#: Places in `Fluid.past`: last duration (0 = restart), volume inside the capsule, creeping pressure, has nucleated.
LAST, CAPSULE, CREEP, TORN = range(4)


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
    carried: FloatArray
    empty: BoolArray
    capacity: FloatArray
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
        np.zeros(nodes),
        np.zeros(nodes, dtype=np.bool_),
        np.zeros(1),
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
def rate_weights(before, duration, order):  # type: ignore[no-untyped-def]
    """Return (a0, a1, a2, duration) of dx/dt ≈ a0 x − a1 x_n + a2 x_(n−1).

    BDF2, but backward Euler after a restart and while there is void: it alone never makes a content negative.
    """
    last = before.past[LAST]
    if order < 2 or last <= 0.0 or np.any(before.torn):
        return 1.0 / duration, 1.0 / duration, 0.0, duration
    r = duration / last
    share = (1.0 + r) * duration
    return (1.0 + 2.0 * r) / share, (1.0 + r) / duration, r * r / share, duration
