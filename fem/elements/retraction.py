"""From a Newton direction to a finite update: bodies turn by the exponential map, nodes follow their bodies."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fem.arrays import FloatArray
from fem.elements.layout import Layout, State
from fem.tensors import rotation_matrix, rotation_vector


def retract(layout: Layout, state: State, direction: FloatArray, internal: Mapping[str, FloatArray]) -> State:
    """Return the state reached from `state` along `direction` (d,), with new internal unknowns.

    Notes
    -----
    A free node between two bodies moves by the blend of their finite rigid motions plus what is left of its own
    increment: to first order exactly the increment, but free of the second-order stretch a straight update causes.
    """
    nodes_step = direction[: 3 * layout.node_count].reshape(-1, 3)
    shift, spin = _body_steps(layout, direction)
    turn = rotation_matrix(spin)
    nodes = state.nodes + nodes_step + _bow(layout, state, spin, turn)
    return replace(
        state,
        nodes=nodes,
        origins=state.origins + shift,
        rotations=turn @ state.rotations,
        internal=dict(internal),
    )


def linear_steps(
    layout: Layout, points: FloatArray, origins: FloatArray, direction: FloatArray
) -> FloatArray:
    """Return the first-order displacement (p, 3) of all points for a direction (d,)."""
    nodes_step = direction[: 3 * layout.node_count].reshape(-1, 3)
    shift, spin = _body_steps(layout, direction)
    out = np.empty_like(points)
    free, carried = layout.node >= 0, layout.body >= 0
    out[free] = nodes_step[layout.node[free]]
    body = layout.body[carried]
    out[carried] = shift[body] + np.cross(spin[body], points[carried] - origins[body])
    mixed = ~(free | carried)
    out[mixed] = np.einsum("pc,pci->pi", layout.weight[mixed], out[layout.source[mixed]])
    return out


def direction_between(layout: Layout, old: State, new: State) -> FloatArray:
    """Return a direction (d,) that takes `old` towards `new`: node shifts, body shifts and rotation vectors."""
    out = np.zeros(layout.dof_count)
    out[: 3 * layout.node_count] = (new.nodes - old.nodes).ravel()
    spin = rotation_vector(new.rotations @ np.swapaxes(old.rotations, -1, -2))
    for body, start in enumerate(layout.body_start):
        if start >= 0:
            out[start : start + 3] = new.origins[body] - old.origins[body]
            out[start + 3 : start + 6] = spin[body]
    return out


def _body_steps(layout: Layout, direction: FloatArray) -> tuple[FloatArray, FloatArray]:
    step = np.zeros((len(layout.body_names), 6))
    moving = ~layout.body_fixed
    step[moving] = direction[3 * layout.node_count :].reshape(-1, 6)
    return step[:, :3], step[:, 3:]


def _bow(layout: Layout, state: State, spin: FloatArray, turn: FloatArray) -> FloatArray:
    """Second-order part (n, 3) of the blended rigid motion of the guides."""
    out = np.zeros_like(state.nodes)
    shares = (1.0 - layout.guide_weight, layout.guide_weight)
    for column, share in enumerate(shares):
        body = layout.guide[:, column]
        rows = np.flatnonzero(body >= 0)
        body = body[rows]
        arm = state.nodes[rows] - state.origins[body]
        finite = np.einsum("nij,nj->ni", turn[body], arm) - arm
        out[rows] += share[rows, None] * (finite - np.cross(spin[body], arm))
    return out
