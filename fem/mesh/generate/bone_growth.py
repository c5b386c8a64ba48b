"""Growing a bone's mesh: body, then skin, then what lies between, then corners improved, then names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.anatomy.spine import ArticularSurface
from fem.arrays import BoolArray, FloatArray, IntArray, frozen, frozen_index
from fem.mesh.generate.articular import facet_points, upright
from fem.mesh.generate.blocks import grid_quads
from fem.mesh.generate.bone_topology import Topology
from fem.mesh.generate.relax import (
    graph_laplacian,
    improve_shape,
    smallest_scaled_jacobian,
    spread,
    surface_normals,
)
from fem.mesh.generate.vertebra_body import BodyGrid
from fem.mesh.tagged_mesh import TaggedMesh

#: How far a pull on the wall or on the skin reaches: the wall's in rim nodes squared, the skin's in one edge.
_WALL_DECAY: Final = 86.0
_SKIN_DECAY: Final = 0.3

#: Relaxation: iterations of the first pass, then at most so many passes where the scaled Jacobian is poor.
_FIRST_ITERATIONS: Final = 20
_LOCAL_PASSES: Final = 4
_LOCAL_ITERATIONS: Final = 40
_WANTED_JACOBIAN: Final = 0.42


@dataclass(frozen=True, slots=True)
class Growth:
    """What one bone's mesh grows from.

    Attributes
    ----------
    body : the body's nodes before the posterior blocks pull at its wall
    corners : left and mid-plane block corner -> (3,) [mm]; those of the wall around the root start with ``W``
    facets : ``superior``, ``inferior`` -> the left articular surface
    cartilage_thickness : of one layer [mm]
    """

    body: BodyGrid
    corners: Mapping[str, FloatArray]
    facets: Mapping[str, ArticularSurface]
    cartilage_thickness: float


def grow(growth: Growth, topology: Topology) -> TaggedMesh:
    """Return the bone's mesh, in the frame of `growth` [mm]."""
    return _tagged(_relaxed(_first_places(growth, topology), topology), topology)


def _first_places(growth: Growth, topology: Topology) -> FloatArray:
    """Place body, then skin, then the wall around the roots, then the inside of the posterior blocks."""
    points = np.zeros((topology.count, 3))
    body = growth.body
    size = body.points.size // 3
    points[topology.skin] = topology.surface @ _all_corners(growth, topology)
    points[topology.skin] += _facet_shift(points, growth, topology)
    points[:size] = body.points.reshape(-1, 3) + _wall_shift(points, topology, body)
    laplacian = graph_laplacian(topology.cells, topology.count)
    inside = np.setdiff1d(topology.core, np.arange(size))
    known = np.setdiff1d(np.unique(topology.cells), inside)
    points[inside] = spread(laplacian, known, points[known])[inside]
    return points


def _facet_shift(points: FloatArray, growth: Growth, topology: Topology) -> FloatArray:
    """Return how far each skin node moves so that the bone's articular faces lie beneath their cartilage."""
    carved = _carved_facets(growth, topology)
    nodes = np.array(list(carved))
    known = np.concatenate([topology.root, nodes, topology.mirror[nodes]])
    shift = np.array(list(carved.values())) - points[nodes]
    rest = np.zeros((len(topology.root), 3))
    laplacian = graph_laplacian(topology.skin_quads, topology.count)
    moved = spread(laplacian, known, np.vstack([rest, shift, shift * [1.0, -1.0, 1.0]]), _SKIN_DECAY)
    return moved[topology.skin]


def _all_corners(growth: Growth, topology: Topology) -> FloatArray:
    left = growth.corners
    flip = np.array([1.0, -1.0, 1.0])
    return np.array([flip * left[n[:-1]] if n.endswith("*") else left[n] for n in topology.corner_names])


def _carved_facets(growth: Growth, topology: Topology) -> dict[int, FloatArray]:
    """Return left skin node -> place on the bone's articular face."""
    out: dict[int, FloatArray] = {}
    for name, facet in growth.facets.items():
        grid = topology.facets[name]
        first, second = (np.linspace(-1.0, 1.0, n) for n in grid.shape)
        a, b = (g.ravel() for g in np.meshgrid(first, second, indexing="ij"))
        u, v = (-b, a) if name == "superior" else (-a, -b)
        round_u, round_v = u * np.sqrt(1.0 - 0.5 * v**2), v * np.sqrt(1.0 - 0.5 * u**2)
        out.update(_on_bone(upright(facet), round_u, round_v, growth.cartilage_thickness, grid))
    return out


def _on_bone(
    facet: ArticularSurface, u: FloatArray, v: FloatArray, beneath: float, grid: IntArray
) -> dict[int, FloatArray]:
    place, normal = facet_points(facet, u, v)
    return dict(zip((int(i) for i in grid.ravel()), place - beneath * normal, strict=True))


def _wall_shift(points: FloatArray, topology: Topology, body: BodyGrid) -> FloatArray:
    """Return how far each body node moves so that the wall meets the pedicles' roots; endplates stay."""
    size = body.points.size // 3
    n = body.points.shape[1]
    cells = topology.cells[topology.part == 0]
    start = body.points.reshape(-1, 3)
    decay = _WALL_DECAY / len(body.outer) ** 2
    ends = np.concatenate([np.arange(n), np.arange(size - n, size)])
    known = np.concatenate([ends, topology.root])
    target = np.vstack([np.zeros((2 * n, 3)), points[topology.root] - start[topology.root]])
    return spread(graph_laplacian(cells, size), known, target, decay)


def _relaxed(points: FloatArray, topology: Topology) -> FloatArray:
    """Improve the corners' shape in the posterior blocks and around their roots; left half, then mirrored.

    One pass over everything, then passes over what is still poor and its neighbours.
    """
    mirror = topology.mirror
    middle = mirror == np.arange(topology.count)
    left = (points[:, 1] > 0.0) & ~middle
    cells = topology.cells[(left | middle)[topology.cells].all(axis=1)]
    points = improve_shape(
        points, cells, _freedom(points, topology, left, middle), iterations=_FIRST_ITERATIONS
    )
    for _ in range(_LOCAL_PASSES):
        poor = smallest_scaled_jacobian(points, cells) < _WANTED_JACOBIAN
        if not poor.any():
            break
        freedom = _freedom(points, topology, left, middle)
        freedom[~_neighbourhood(cells, poor, topology.count)] = 0.0
        points = improve_shape(points, cells, freedom, iterations=_LOCAL_ITERATIONS)
    return _symmetric(points, mirror, left, middle)


def _neighbourhood(cells: IntArray, chosen: BoolArray, count: int, rings: int = 2) -> BoolArray:
    """Return (n,) True on the nodes of the `chosen` cells (e,) and of `rings` layers of cells around them."""
    near = np.zeros(count, dtype=bool)
    near[cells[chosen]] = True
    for _ in range(rings):
        near[cells[near[cells].any(axis=1)]] = True
    return near


def _freedom(points: FloatArray, topology: Topology, left: BoolArray, middle: BoolArray) -> FloatArray:
    """Return what each node may do, (n, 3, 3): move freely inside, slide on the surface, stay."""
    n, size = len(topology.layout.points), len(topology.layout.points) * (topology.layers + 1)
    near = np.concatenate([topology.core[topology.core < size], topology.root])
    for _ in range(2):
        near = np.unique(topology.cells[np.isin(topology.cells, near).any(axis=1)])
    movable = np.zeros(topology.count, dtype=bool)
    movable[topology.core], movable[topology.skin], movable[near] = True, True, True
    movable[
        np.concatenate(
            [
                np.arange(n),
                np.arange(size - n, size),
                *(grid[1:-1, 1:-1].ravel() for grid in topology.facets.values()),
            ]
        )
    ] = False
    wall = _wall_quads(topology)
    normals = surface_normals(points, np.vstack([topology.skin_quads, wall]))
    freedom = np.eye(3) - normals[:, :, None] * normals[:, None, :]
    freedom[middle, 1] = 0.0
    freedom[~(movable & (left | middle))] = 0.0
    return freedom


def _wall_quads(topology: Topology) -> IntArray:
    """Return the quadrilaterals of the body's wall, outward, but for those that the pedicles' roots replace."""
    layer = np.arange(topology.layers)[:, None] * len(topology.layout.points)
    rim = topology.layout.boundary
    lower = layer + rim
    upper = lower + len(topology.layout.points)
    quads = np.stack([lower, np.roll(lower, -1, 1), np.roll(upper, -1, 1), upper], axis=-1).reshape(-1, 4)
    body = {tuple(sorted(face)) for face in topology.cells[topology.part == 0][:, [0, 1, 5, 4]].tolist()}
    return quads[[tuple(sorted(quad)) in body for quad in quads.tolist()]]


def _symmetric(points: FloatArray, mirror: IntArray, left: BoolArray, middle: BoolArray) -> FloatArray:
    out = points.copy()
    out[mirror[left]] = points[left] * [1.0, -1.0, 1.0]
    out[middle, 1] = 0.0
    return out


def _tagged(points: FloatArray, topology: Topology) -> TaggedMesh:
    """Name parts, surfaces and node sets; leave out the nodes that no cell uses."""
    used = np.unique(topology.cells)
    number = np.full(topology.count, -1)
    number[used] = np.arange(len(used))
    surfaces = {name: frozen_index(number[quads]) for name, quads in _surfaces(topology).items()}
    return TaggedMesh(
        points=frozen(points[used]),
        cells=frozen_index(number[topology.cells]),
        part=frozen_index(topology.part),
        part_names=("body", "posterior"),
        nodes={name: frozen_index(np.unique(quads)) for name, quads in surfaces.items()},
        surfaces=surfaces,
    )


def _surfaces(topology: Topology) -> dict[str, IntArray]:
    n = len(topology.layout.points)
    lower = topology.layout.quads[:, ::-1]
    upper = topology.layout.quads + n * topology.layers
    surfaces = {"upper endplate": upper, "lower endplate": lower}
    for name, grid in topology.facets.items():
        quads = grid_quads(grid)
        surfaces[f"{name} facet left"] = quads
        surfaces[f"{name} facet right"] = topology.mirror[quads][:, ::-1]
    surfaces["outer"] = np.vstack([upper, lower, _wall_quads(topology), topology.skin_quads])
    return surfaces
