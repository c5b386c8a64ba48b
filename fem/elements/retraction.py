"""From a Newton direction to a finite update: bodies turn by the exponential map, nodes follow their bodies."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fem.arrays import FloatArray
from fem.elements.layout import Layout, State
from fem.tensors import rotation_matrix, rotation_vector, screw_matrix


def retract(layout: Layout, state: State, direction: FloatArray, internal: Mapping[str, FloatArray]) -> State:
    """Return the state reached from `state` along `direction` (d,), with new internal unknowns.

    Notes
    -----
    To first order every point moves by its increment; the finite motion is chosen so that large steps do not stretch
    what merely turns. Each body moves as its parent does, times the screw motion of the difference of their twists:
    ``G_a = G_parent exp(ξ_a − ξ_parent)``. A free node moves with the motion interpolated between its guides,
    ``G = G_0 exp(s (ξ_1 − ξ_0))``, plus what is left of its own increment, turned along.
    """
    twists = _twists(layout, state, direction)
    turn, travel = _body_motions(layout, twists)
    nodes_step = direction[: 3 * layout.node_count].reshape(-1, 3)
    return replace(
        state,
        nodes=_moved_nodes(layout, state, twists, (turn, travel), nodes_step),
        origins=travel + np.einsum("bij,bj->bi", turn, state.origins),
        rotations=turn @ state.rotations,
        internal=dict(internal),
    )


def _twists(layout: Layout, state: State, direction: FloatArray) -> FloatArray:
    """Return (b, 2, 3): velocity of the point at the global origin, and spin, of each body."""
    shift, spin = _body_steps(layout, direction)
    return np.stack([shift - np.cross(spin, state.origins), spin], axis=1)


def _screw(twist: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rotation (..., 3, 3) and translation (..., 3) of exp of twists (..., 2, 3)."""
    spin = twist[..., 1, :]
    return rotation_matrix(spin), np.einsum("...ij,...j->...i", screw_matrix(spin), twist[..., 0, :])


def _body_motions(layout: Layout, twists: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the finite motion x → turn x + travel of each body: (b, 3, 3) and (b, 3)."""
    count = len(twists)
    turn, travel = np.tile(np.eye(3), (count, 1, 1)), np.zeros((count, 3))
    for body in layout.parents_first:
        parent = int(layout.body_parent[body])
        if parent < 0:
            turn[body], travel[body] = _screw(twists[body])
            continue
        own_turn, own_travel = _screw(twists[body] - twists[parent])
        turn[body] = turn[parent] @ own_turn
        travel[body] = travel[parent] + turn[parent] @ own_travel
    return turn, travel


def _moved_nodes(
    layout: Layout,
    state: State,
    twists: FloatArray,
    motions: tuple[FloatArray, FloatArray],
    steps: FloatArray,
) -> FloatArray:
    """Return the new positions (n, 3) of the free nodes."""
    led = (layout.guide >= 0).all(axis=1)
    out = state.nodes + steps
    if not led.any():
        return out
    turn, travel = motions
    first, second = layout.guide[led].T
    x, share = state.nodes[led], layout.guide_weight[led, None, None]
    between = share * (twists[second] - twists[first])
    own_turn, own_travel = _screw(between)
    whole = turn[first] @ own_turn
    mean = twists[first] + between
    rest = steps[led] - mean[:, 0] - np.cross(mean[:, 1], x)
    out[led] = (
        travel[first]
        + np.einsum("nij,nj->ni", turn[first], own_travel)
        + np.einsum("nij,nj->ni", whole, x + rest)
    )
    return out


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
