"""Material points and unknowns: the one way in which structures attach (design: bodies, nodes, interpolation).

A *primary* point is a free node (3 unknowns) or is carried by a rigid body (6 unknowns: translation of the body
origin and spin). An *interpolated* point is a fixed combination of primary points, for example of the eight nodes of
a hexahedron. Everything else in the program speaks of point numbers only, so rigid and elastic bone use one code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fem.arrays import BoolArray, FloatArray, IntArray, frozen, frozen_index


@dataclass(frozen=True, slots=True)
class Layout:
    """All bodies and points of a model, and the numbering of their unknowns.

    Attributes
    ----------
    body_names : name of each body (b,).
    body_origin : (b, 3) [mm] reference position of each body's origin.
    body_fixed : (b,) True where a body does not move.
    body_parent : (b,) the body whose motion this one follows in large steps, or -1.
    reference : (p, 3) [mm] reference positions of all points.
    body : (p,) body that carries the point, or -1.
    node : (p,) free node number, or -1. Points with body = node = -1 are interpolated.
    source, weight : (p, c) primary points and weights; a primary point has itself with weight 1.
    guide, guide_weight : (n, 2) two bodies (or -1) whose blended motion a free node follows in large steps, and
        (n,) the weight of the second.

    Notes
    -----
    Unknowns: free node k has 3k … 3k+2; body b that moves has six after all nodes: translation, then spin.
    """

    body_names: tuple[str, ...]
    body_origin: FloatArray
    body_fixed: BoolArray
    body_parent: IntArray
    reference: FloatArray
    body: IntArray
    node: IntArray
    source: IntArray
    weight: FloatArray
    guide: IntArray
    guide_weight: FloatArray

    @property
    def node_count(self) -> int:
        """Number of free nodes."""
        return len(self.guide)

    @property
    def dof_count(self) -> int:
        """Number of unknowns."""
        return 3 * self.node_count + 6 * int(np.sum(~self.body_fixed))

    @property
    def body_start(self) -> IntArray:
        """First unknown (b,) of each body, -1 where it is fixed."""
        moving = ~self.body_fixed
        start = np.full(len(moving), -1, dtype=np.int64)
        start[moving] = 3 * self.node_count + 6 * np.arange(int(moving.sum()))
        return start

    @property
    def parents_first(self) -> tuple[int, ...]:
        """Body numbers ordered so that every body comes after its parent."""
        order: list[int] = []
        waiting = list(range(len(self.body_names)))
        while waiting:
            ready = [b for b in waiting if self.body_parent[b] < 0 or self.body_parent[b] in order]
            if not ready:
                raise ValueError("the parents of the bodies run in a circle")
            order += ready
            waiting = [b for b in waiting if b not in ready]
        return tuple(order)

    def body_number(self, name: str) -> int:
        """Return the number of the body called `name`."""
        return self.body_names.index(name)


@dataclass(frozen=True, slots=True)
class State:
    """Where everything is: one converged (or trial) configuration.

    Attributes
    ----------
    nodes : (n, 3) [mm] positions of the free nodes.
    origins, rotations : (b, 3) [mm] and (b, 3, 3) pose of each body; rotation from the reference pose.
    time : [s]
    internal : term name -> unknowns the term eliminates itself (cell pressures, multipliers).
    history : name -> what a term remembers from the last converged step.
    elapsed : [s] since the last converged state; 0 where rates play no part, as in static phases.
    """

    nodes: FloatArray
    origins: FloatArray
    rotations: FloatArray
    time: float = 0.0
    internal: Mapping[str, FloatArray] = field(default_factory=dict)
    history: Mapping[str, FloatArray] = field(default_factory=dict)
    elapsed: float = 0.0


def reference_state(layout: Layout) -> State:
    """Return the state in which nothing has moved."""
    free = np.flatnonzero(layout.node >= 0)
    nodes = np.empty((layout.node_count, 3))
    nodes[layout.node[free]] = layout.reference[free]
    rotations = np.tile(np.eye(3), (len(layout.body_names), 1, 1))
    return State(frozen(nodes), layout.body_origin, frozen(rotations))


def positions(layout: Layout, state: State) -> FloatArray:
    """Return the current positions (p, 3) [mm] of all points."""
    out = np.empty_like(layout.reference)
    free = layout.node >= 0
    carried = layout.body >= 0
    out[free] = state.nodes[layout.node[free]]
    body = layout.body[carried]
    arm = layout.reference[carried] - layout.body_origin[body]
    out[carried] = state.origins[body] + np.einsum("pij,pj->pi", state.rotations[body], arm)
    mixed = ~(free | carried)
    out[mixed] = np.einsum("pc,pci->pi", layout.weight[mixed], out[layout.source[mixed]])
    return out


class LayoutBuilder:
    """Collects bodies and points while a model is being put together; `build` freezes them."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._origins: list[FloatArray] = []
        self._fixed: list[bool] = []
        self._parent: list[int] = []
        self._reference: list[FloatArray] = []
        self._body: list[IntArray] = []
        self._source: list[IntArray | None] = []
        self._weight: list[FloatArray | None] = []
        self._guide: list[IntArray] = []
        self._guide_weight: list[FloatArray] = []
        self._count = 0

    def add_body(self, name: str, origin: FloatArray, fixed: bool = False) -> int:
        """Add a rigid body and return its number."""
        self._names.append(name)
        self._origins.append(np.asarray(origin, dtype=np.float64))
        self._fixed.append(fixed)
        self._parent.append(-1)
        return len(self._names) - 1

    def set_parent(self, body: int, parent: int) -> None:
        """Let `body` follow the motion of `parent` in large steps: a joint holds the two together."""
        self._parent[body] = parent

    def add_carried(self, points: FloatArray, body: int) -> IntArray:
        """Add points (k, 3) [mm] carried by `body`; return their numbers (k,)."""
        return self._add(points, body)

    def add_free(
        self, points: FloatArray, guide: Sequence[int] = (-1, -1), weight: FloatArray | None = None
    ) -> IntArray:
        """Add free nodes (k, 3) [mm] that follow the two bodies of `guide` in large steps; return their numbers."""
        count = len(points)
        self._guide.append(np.tile(np.asarray(guide, dtype=np.int64), (count, 1)))
        self._guide_weight.append(np.zeros(count) if weight is None else np.asarray(weight, dtype=np.float64))
        return self._add(points, -1)

    def add_interpolated(self, source: IntArray, weight: FloatArray) -> IntArray:
        """Add combinations of earlier primary points: numbers (k, c), weights (k, c) that sum to one."""
        numbers = self._add(np.zeros((len(source), 3)), -2)
        self._source[-1], self._weight[-1] = np.asarray(source), np.asarray(weight)
        return numbers

    def build(self) -> Layout:
        """Return the frozen layout."""
        reference = np.concatenate(self._reference) if self._reference else np.zeros((0, 3))
        kind = np.concatenate(self._body) if self._body else np.zeros(0, dtype=np.int64)
        source, weight = self._sources(len(kind))
        mixed = kind == -2
        reference[mixed] = np.einsum("pc,pci->pi", weight[mixed], reference[source[mixed]])
        node = np.where(kind == -1, np.cumsum(kind == -1) - 1, -1)
        guides = self._guide or [np.zeros((0, 2), dtype=np.int64)]
        return Layout(
            tuple(self._names),
            frozen(np.reshape(self._origins, (-1, 3))),
            np.array(self._fixed, dtype=np.bool_),
            frozen_index(self._parent),
            frozen(reference),
            frozen_index(np.where(kind >= 0, kind, -1)),
            frozen_index(node),
            frozen_index(source),
            frozen(weight),
            frozen_index(np.concatenate(guides)),
            frozen(np.concatenate(self._guide_weight or [np.zeros(0)])),
        )

    def _add(self, points: FloatArray, kind: int) -> IntArray:
        points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        numbers = self._count + np.arange(len(points))
        self._count += len(points)
        self._reference.append(points)
        self._body.append(np.full(len(points), kind, dtype=np.int64))
        self._source.append(None)
        self._weight.append(None)
        return numbers

    def _sources(self, count: int) -> tuple[IntArray, FloatArray]:
        width = max([1] + [s.shape[1] for s in self._source if s is not None])
        source = np.tile(np.arange(count, dtype=np.int64)[:, None], (1, width))
        weight = np.zeros((count, width))
        weight[:, 0] = 1.0
        start = 0
        for block, own, own_weight in zip(self._body, self._source, self._weight, strict=True):
            if own is not None and own_weight is not None:
                rows = slice(start, start + len(block))
                source[rows] = own[:, :1]
                weight[rows] = 0.0
                source[rows, : own.shape[1]] = own
                weight[rows, : own.shape[1]] = own_weight
            start += len(block)
        return source, weight
