"""Is a hexahedral mesh good enough to compute on: shape of cells, duplicate nodes, faces that fit."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.errors import MeshError
from fem.mesh.tagged_mesh import TaggedMesh

#: The three neighbours of each corner of a VTK hexahedron, in the order that is right-handed in a cube.
CORNER_NEIGHBOURS = np.array(
    [[1, 3, 4], [2, 0, 5], [3, 1, 6], [0, 2, 7], [7, 5, 0], [4, 6, 1], [5, 7, 2], [6, 4, 3]]
)

#: The six faces of a VTK hexahedron, outward.
FACES = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])

_EDGES = np.array(
    [[0, 1], [1, 2], [2, 3], [3, 0], [4, 5], [5, 6], [6, 7], [7, 4], [0, 4], [1, 5], [2, 6], [3, 7]]
)


@dataclass(frozen=True, slots=True)
class Quality:
    """What `inspect` found in one mesh.

    Attributes
    ----------
    cells, points : counts
    smallest_jacobian, mean_jacobian : scaled Jacobian over the cells (1 is a cube, 0 or less is inverted)
    worst_cell : number of the cell with the smallest one
    largest_aspect : longest over shortest edge of a cell, the largest
    volume : of all cells [mm³]
    duplicate_nodes : nodes that lie on another node
    unused_nodes : nodes of no cell
    overshared_faces : faces of more than two cells
    open_edges : edges of the boundary that do not join exactly two of its faces
    """

    cells: int
    points: int
    smallest_jacobian: float
    mean_jacobian: float
    worst_cell: int
    largest_aspect: float
    volume: float
    duplicate_nodes: int
    unused_nodes: int
    overshared_faces: int
    open_edges: int

    @property
    def sound(self) -> bool:
        """Whether the mesh can be computed on: nothing inverted, doubled, unused or open."""
        return not self.faults

    @property
    def faults(self) -> str:
        """What is wrong, in words; empty for a sound mesh."""
        found = {
            "duplicate nodes": self.duplicate_nodes,
            "unused nodes": self.unused_nodes,
            "faces of more than two cells": self.overshared_faces,
            "open or pinched edges": self.open_edges,
        }
        words = [f"{count} {name}" for name, count in found.items() if count]
        return ", ".join(["inverted elements"] * (self.smallest_jacobian <= 0.0) + words)


def inspect(mesh: TaggedMesh) -> Quality:
    """Measure a mesh; see `Quality`."""
    jacobian = scaled_jacobian(mesh.points, mesh.cells)
    overshared, open_edges = conformity(mesh.cells)
    return Quality(
        cells=len(mesh.cells),
        points=len(mesh.points),
        smallest_jacobian=float(jacobian.min()),
        mean_jacobian=float(jacobian.mean()),
        worst_cell=int(jacobian.argmin()),
        largest_aspect=float(aspect_ratio(mesh.points, mesh.cells).max()),
        volume=float(cell_volume(mesh.points, mesh.cells).sum()),
        duplicate_nodes=duplicate_nodes(mesh.points),
        unused_nodes=len(mesh.points) - len(np.unique(mesh.cells)),
        overshared_faces=overshared,
        open_edges=open_edges,
    )


def require_uninverted(mesh: TaggedMesh, name: str) -> None:
    """Refuse a mesh with a cell that is flat or inside out.

    Raises
    ------
    MeshError
        Naming `name`, the number of such cells and the worst of them, with where it lies.
    """
    jacobian = scaled_jacobian(mesh.points, mesh.cells)
    bad = np.flatnonzero(jacobian <= 0.0)
    if bad.size:
        worst = int(jacobian.argmin())
        place = ", ".join(f"{x:.1f}" for x in mesh.points[mesh.cells[worst]].mean(axis=0))
        raise MeshError(
            f"mesh of {name}: {bad.size} element(s) are inverted, the worst is cell {worst} at ({place}) mm "
            f"with a scaled Jacobian of {jacobian[worst]:.3f}; change the recipe's measures near there",
            cells=[int(cell) for cell in bad],
        )


def require_sound(mesh: TaggedMesh, name: str) -> None:
    """Refuse a mesh that cannot be computed on.

    Raises
    ------
    MeshError
        Naming `name` and what is wrong.
    """
    require_uninverted(mesh, name)
    faults = inspect(mesh).faults
    if faults:
        raise MeshError(f"mesh of {name}: {faults}")


def scaled_jacobian(points: FloatArray, cells: IntArray) -> FloatArray:
    """Return the smallest scaled Jacobian (e,) over the corners of each hexahedron.

    At a corner it is the triple product of the three unit edge vectors: 1 at a right angle, 0 when flat.
    """
    corners = points[cells]
    edges = corners[:, CORNER_NEIGHBOURS] - corners[:, :, None]
    length = np.linalg.norm(edges, axis=-1)
    triple = np.linalg.det(edges)
    scale = np.prod(length, axis=-1)
    ratio: FloatArray = np.divide(triple, scale, out=np.zeros_like(triple), where=scale > 0.0)
    return np.asarray(ratio.min(axis=1))


def aspect_ratio(points: FloatArray, cells: IntArray) -> FloatArray:
    """Return longest over shortest edge (e,) of each hexahedron."""
    edges = points[cells[:, _EDGES[:, 1]]] - points[cells[:, _EDGES[:, 0]]]
    length = np.linalg.norm(edges, axis=-1)
    tiny = np.finfo(np.float64).tiny
    return np.asarray(length.max(axis=1) / np.maximum(length.min(axis=1), tiny))


def cell_volume(points: FloatArray, cells: IntArray) -> FloatArray:
    """Return the volume (e,) [mm³] of each hexahedron by 2×2×2 Gauss points (exact for trilinear cells)."""
    gauss = np.array([-1.0, 1.0]) / np.sqrt(3.0)
    corner = np.array([[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1]])
    corner = np.vstack([corner, corner * [1, 1, -1]])
    volume = np.zeros(len(cells))
    for at in np.stack(np.meshgrid(gauss, gauss, gauss), axis=-1).reshape(-1, 3):
        factor = 1.0 + corner * at
        slope = corner * np.stack(
            [factor[:, 1] * factor[:, 2], factor[:, 0] * factor[:, 2], factor[:, 0] * factor[:, 1]], axis=-1
        )
        volume += np.linalg.det(np.einsum("eai,aj->eij", points[cells], slope / 8.0))
    return volume


def duplicate_nodes(points: FloatArray, tolerance: float = 1e-6) -> int:
    """Count nodes that lie within about `tolerance` [mm] of another one."""
    found = 0
    for shift in (0.0, 0.5):
        key = np.floor(points / tolerance + shift).astype(np.int64)
        found = max(found, len(points) - len(np.unique(key, axis=0)))
    return found


def conformity(cells: IntArray) -> tuple[int, int]:
    """Return (faces shared by more than two cells, boundary edges not shared by exactly two boundary faces).

    Both are zero when cells meet face to face and the boundary is a closed surface.
    """
    faces = cells[:, FACES].reshape(-1, 4)
    _, inverse, count = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True)
    boundary = faces[count[inverse.ravel()] == 1]
    edges = np.sort(np.stack([boundary, np.roll(boundary, -1, axis=1)], axis=-1).reshape(-1, 2), axis=1)
    _, shared = np.unique(edges, axis=0, return_counts=True)
    return int((count > 2).sum()), int((shared != 2).sum())


def boundary_faces(cells: IntArray) -> IntArray:
    """Return the faces (s, 4) that belong to one cell only, outward."""
    faces = cells[:, FACES].reshape(-1, 4)
    _, inverse, count = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True)
    single: IntArray = faces[count[inverse.ravel()] == 1]
    return single
