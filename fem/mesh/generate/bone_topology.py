"""Which node joins which in a bone: body layers, posterior blocks, and one layer of cells wrapped around both.

The blocks meet the body on the circle of nodes just inside its wall. The wrapping layer then covers the body's wall
and the posterior elements alike, so that round sections have no flattened corners; on the body it is the layout's
outermost ring.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse

from fem.arrays import FloatArray, IntArray
from fem.mesh.generate.blocks import (
    BlockFace,
    Lattice,
    build_lattice,
    grid_quads,
    mirror_name,
    with_mirror_images,
)
from fem.mesh.generate.bone_plan import BonePlan, Fineness
from fem.mesh.generate.endplate import EndplateLayout, endplate_layout
from fem.mesh.generate.subdivision import smooth_surface


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything about a bone's mesh but the places of its nodes.

    Attributes
    ----------
    layout, layers : the body's endplate layout and number of layers of cells
    count : number of nodes: body (layer by layer), then block nodes, then nodes of the wrapping layer
    cells, part : (e, 8) and (e,) 0 body, 1 posterior
    core : (k,) mesh node of each lattice node
    skin : (n_skin,) mesh nodes of the posterior surface that the smooth surface places
    surface : (n_skin, corners), skin node <- cage corner
    corner_names : the columns of `surface`
    skin_quads : (q, 4) posterior outer surface, outward
    facets : ``superior``, ``inferior`` (left) -> (nu, nv) grid of skin nodes
    root : (k,) mesh nodes of the loops around the pedicles' roots, on the body's wall
    mirror : (count,) mirror image of each node across y = 0
    """

    layout: EndplateLayout
    layers: int
    count: int
    cells: IntArray
    part: IntArray
    core: IntArray
    skin: IntArray
    surface: sparse.csr_matrix
    corner_names: tuple[str, ...]
    skin_quads: IntArray
    facets: Mapping[str, IntArray]
    root: IntArray
    mirror: IntArray


@dataclass(frozen=True, slots=True)
class _Patch:
    """A pedicle's root on the body: first rim position and layer, and its cells around and up."""

    around: int
    layer: int
    cells_around: int
    cells_up: int


@cache
def bone_topology(plan: BonePlan, resolution: str) -> Topology:
    """Return the topology of a kind of bone at a resolution: ``coarse``, ``standard`` or ``fine``."""
    layout, fine = endplate_layout(resolution), plan.fineness[resolution]
    lattice = build_lattice(with_mirror_images(plan.blocks), fine.counts)
    roots = [_root_grid(plan, lattice, str), _root_grid(plan, lattice, mirror_name)]
    patches = _patches(len(layout.boundary), fine, roots[0].shape)
    n = len(layout.points)
    body = np.arange((fine.layers + 1) * n).reshape(fine.layers + 1, n)
    core, wall = _join_roots(len(lattice.weights), roots, layout, body, patches)
    at_root = {name for row in plan.roots for name in row}
    exposed = [f for f in lattice.outside if not (f.block.rstrip("*") in at_root and f.side == 0)]
    outer = _outer_nodes(exposed, wall, len(core), int(core.max()) + 1)
    shell = [_shell_cells(face.grid, core, outer) for face in exposed]
    body_cells = _body_cells(layout, body, patches)
    cells = np.vstack([body_cells, core[lattice.cells], *shell])
    names, surface, placed = _surface(lattice, exposed, plan.loop)
    return Topology(
        layout=layout,
        layers=fine.layers,
        count=int(max(core.max(), outer.max())) + 1,
        cells=cells,
        part=np.repeat([0, 1], [len(body_cells), len(cells) - len(body_cells)]),
        core=core,
        skin=outer[placed],
        surface=surface,
        corner_names=names,
        skin_quads=np.vstack([outer[grid_quads(face.grid)] for face in exposed]),
        facets={name: outer[_face(exposed, *place).grid] for name, place in plan.facets.items()},
        root=np.unique(outer[wall >= 0]),
        mirror=_mirror(lattice, layout, core, outer, fine.layers),
    )


def _root_grid(plan: BonePlan, lattice: Lattice, named: Callable[[str], str]) -> IntArray:
    """Return the lattice nodes on the body's wall, [around, up], counter-clockwise from anterior and from below."""
    rows = []
    for row in plan.roots:
        faces = [lattice.block_nodes[named(block)][:, :, 0] for block in row]
        faces = faces[::-1] if named is mirror_name else faces
        rows.append(np.vstack([faces[0], *(face[1:] for face in faces[1:])]))
    return np.hstack([rows[0], *(row[:, 1:] for row in rows[1:])])


def _patches(around: int, fine: Fineness, shape: tuple[int, ...]) -> tuple[_Patch, _Patch]:
    width, height = shape[0] - 1, shape[1] - 1
    medial, bottom = around // 2 - fine.canal, fine.layers - fine.above - height
    return _Patch(medial - width, bottom, width, height), _Patch(around - medial, bottom, width, height)


def _join_roots(
    count: int, roots: list[IntArray], layout: EndplateLayout, body: IntArray, patches: tuple[_Patch, _Patch]
) -> tuple[IntArray, IntArray]:
    """Return the mesh node of each lattice node, and its partner on the body's wall (-1: none)."""
    core, wall = np.full(count, -1), np.full(count, -1)
    ring = layout.quads[: len(layout.boundary)]
    outer, inner = ring[:, 0], ring[:, 3]
    for patch, grid in zip(patches, roots, strict=True):
        columns = patch.around + np.arange(patch.cells_around + 1)
        rows = patch.layer + np.arange(patch.cells_up + 1)
        core[grid] = body[rows][:, inner[columns]].T
        edge = np.ones(grid.shape, dtype=bool)
        edge[1:-1, 1:-1] = False
        wall[grid[edge]] = body[rows][:, outer[columns]].T[edge]
    new = core < 0
    core[new] = body.size + np.arange(new.sum())
    return core, wall


def _outer_nodes(exposed: list[BlockFace], wall: IntArray, count: int, start: int) -> IntArray:
    """Return the surface node over each exposed lattice node (-1 inside): on the wall at the roots, new elsewhere."""
    outer = wall.copy()
    seen = np.zeros(count, dtype=bool)
    for face in exposed:
        seen[face.grid] = True
    new = seen & (wall < 0)
    outer[new] = start + np.arange(new.sum())
    return outer


def _shell_cells(grid: IntArray, core: IntArray, outer: IntArray) -> IntArray:
    quads = grid_quads(grid)
    return np.hstack([core[quads], outer[quads]])


def _body_cells(layout: EndplateLayout, body: IntArray, patches: tuple[_Patch, _Patch]) -> IntArray:
    """Return the body's cells without those of its outer ring that the roots replace."""
    keep = np.ones((len(body) - 1, len(layout.quads)), dtype=bool)
    for patch in patches:
        columns = slice(patch.around, patch.around + patch.cells_around)
        keep[patch.layer : patch.layer + patch.cells_up, columns] = False
    lower, upper = body[:-1][:, layout.quads], body[1:][:, layout.quads]
    return np.concatenate([lower, upper], axis=2)[keep]


def _surface(
    lattice: Lattice, exposed: list[BlockFace], loop: tuple[str, ...]
) -> tuple[tuple[str, ...], sparse.csr_matrix, IntArray]:
    """Return the cage's corner names, node <- corner on the smooth surface, and the lattice nodes of its rows."""
    loops = [loop, tuple(mirror_name(name) for name in loop)]
    names = (*lattice.corner_names, *("W" + name for loop in loops for name in loop))
    column = {name: i for i, name in enumerate(names)}
    faces = [face.corners for face in exposed] + [quad for loop in loops for quad in _flange(loop, exposed)]
    smooth = smooth_surface(np.array([[column[name] for name in face] for face in faces]), len(names))
    rows, nodes = [], []
    for number, face in enumerate(exposed):
        u, v = (np.linspace(0.0, 1.0, n) for n in face.grid.shape)
        uu, vv = (grid.ravel() for grid in np.meshgrid(u, v, indexing="ij"))
        rows.append(smooth.sample(number, uu, vv))
        nodes.append(face.grid.ravel())
    node, first = np.unique(np.concatenate(nodes), return_index=True)
    return names, sparse.csr_matrix(sparse.vstack(rows).tocsr()[first]), node


def _flange(loop: tuple[str, ...], exposed: list[BlockFace]) -> list[tuple[str, ...]]:
    """Return faces on the body's wall around a root, so that the surface meets the wall without a crease."""
    edges = {(face.corners[i], face.corners[(i + 1) % 4]) for face in exposed for i in range(4)}
    pairs = zip(loop, (*loop[1:], loop[0]), strict=True)
    ordered = [(a, b) if (a, b) in edges else (b, a) for a, b in pairs]
    return [(b, a, "W" + a, "W" + b) for a, b in ordered]


def _face(exposed: list[BlockFace], block: str, side: int) -> BlockFace:
    return next(face for face in exposed if face.block == block and face.side == side)


def _mirror(
    lattice: Lattice, layout: EndplateLayout, core: IntArray, outer: IntArray, layers: int
) -> IntArray:
    """Return for each mesh node its mirror image across the mid-sagittal plane."""
    n = len(layout.points)
    flat = _partners(layout.points, np.array([1.0, -1.0]))
    mirror = np.arange(int(max(core.max(), outer.max())) + 1)
    mirror[: (layers + 1) * n] = (np.arange(layers + 1)[:, None] * n + flat).ravel()
    random = np.random.default_rng(2)
    place = {
        name: random.random(3) + np.array([0.0, 1.0, 0.0])
        for name in lattice.corner_names
        if not name.endswith("*")
    }
    flip = np.array([1.0, -1.0, 1.0])
    reference = [flip * place[n[:-1]] if n.endswith("*") else place[n] for n in lattice.corner_names]
    on_plane = np.array([n.startswith("O") for n in lattice.corner_names])
    corners = np.array(reference) * np.where(on_plane[:, None], [1.0, 0.0, 1.0], 1.0)
    partner = _partners(lattice.weights @ corners, flip)
    mirror[core] = core[partner]
    skin = outer >= 0
    mirror[outer[skin]] = outer[partner[skin]]
    return mirror


def _partners(points: FloatArray, flip: FloatArray) -> IntArray:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(points).query(points * flip)[1], dtype=np.int64)
