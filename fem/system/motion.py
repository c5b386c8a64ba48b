"""Prescribed motions of free nodes and bodies, imposed on the unknowns themselves."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fem.arrays import BoolArray, FloatArray, IntArray
from fem.elements.layout import Layout, State
from fem.tensors import rotation_matrix, rotation_vector
from fem.terms.curve import Curve, ramp


class Motion(Protocol):
    """Unknowns whose values follow time."""

    def increments(self, layout: Layout, state: State) -> tuple[IntArray, FloatArray]:
        """Return the unknowns (k,) and the increments (k,) that bring `state` to their values at its time."""
        ...


@dataclass(frozen=True, slots=True)
class NodeMotion:
    """Components `free` = False of points (k,) are displaced by `value` (k, 3) [mm] times `curve`.

    `held` (k, 3) says which components are prescribed.
    """

    points: IntArray
    held: BoolArray
    value: FloatArray
    curve: Curve

    def increments(self, layout: Layout, state: State) -> tuple[IntArray, FloatArray]:
        """Return unknowns and increments; every point must be a free node."""
        node = layout.node[self.points]
        if (node < 0).any():
            raise ValueError("a node motion may only hold free nodes; use a body motion for carried points")
        target = layout.reference[self.points] + self.curve(state.time) * self.value
        dofs = 3 * node[:, None] + np.arange(3)
        return dofs[self.held], (target - state.nodes[node])[self.held]


@dataclass(frozen=True, slots=True)
class BodyRotation:
    """The rotation of a body is the rotation vector `value` (3,) [rad] times `curve`; it may still translate."""

    body: int
    value: FloatArray
    curve: Curve

    def increments(self, layout: Layout, state: State) -> tuple[IntArray, FloatArray]:
        """Return the three spins and what is left to turn."""
        target = rotation_matrix(self.curve(state.time) * self.value)
        left = rotation_vector(target @ state.rotations[self.body].T)
        return layout.body_start[self.body] + 3 + np.arange(3), left


@dataclass(frozen=True, slots=True)
class BodyTranslation:
    """The origin of a body moves by `value` (3,) [mm] times `curve` in the components that are `held` (3,)."""

    body: int
    held: BoolArray
    value: FloatArray
    curve: Curve

    def increments(self, layout: Layout, state: State) -> tuple[IntArray, FloatArray]:
        """Return the held translations and what is left to move."""
        target = layout.body_origin[self.body] + self.curve(state.time) * self.value
        dofs = layout.body_start[self.body] + np.arange(3)
        return dofs[self.held], (target - state.origins[self.body])[self.held]


def displaced(
    points: IntArray, components: tuple[float | None, float | None, float | None], curve: Curve | None = None
) -> NodeMotion:
    """Return the motion that displaces free nodes (k,) by `components` [mm]; None leaves a component free.

    Without a curve the displacement grows with the ramp from 0 to 1 s; zero holds the nodes where they are.
    """
    held = np.tile([component is not None for component in components], (len(points), 1))
    value = np.tile([component or 0.0 for component in components], (len(points), 1))
    return NodeMotion(np.asarray(points), held, value, ramp(0.0, 1.0) if curve is None else curve)
