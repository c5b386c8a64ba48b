"""Film meshes: quadrilaterals on curved surfaces, their gradients, areas and the order of their unknowns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fem.arrays import FloatArray, IntArray, frozen, frozen_index
from fem.errors import MeshError

#: Order of the quadrature: exact for products of two bilinear functions on a parallelogram (2 x 2 Gauss points).
_ORDER = 3


@dataclass(frozen=True, slots=True)
class FilmMesh:
    """The film meshes of k joints: one scikit-fem mesh of quadrilaterals, laid on k surfaces.

    Attributes
    ----------
    quads : (e, 4) nodes of each cell.
    points : (k, n, 3) [mm] nodes on each surface.
    shape : (e, q, 4) bilinear shape functions at the quadrature points.
    gradient : (k, e, q, 4, 2) [1/mm] their gradients along the surface, in the axes of `frame`.
    frame : (k, e, q, 2, 3) two orthonormal tangents of the surface at each quadrature point.
    weight : (k, e, q) [mm²] area of each quadrature point.
    area : (k, n) [mm²] share of the surface that belongs to each node.
    number : (n,) place of a node among the unknowns; -1 on the rim, where the pressure is that of the recess.
    width : half-width of the band of the matrix in this order.
    """

    quads: IntArray
    points: FloatArray
    shape: FloatArray
    gradient: FloatArray
    frame: FloatArray
    weight: FloatArray
    area: FloatArray
    number: IntArray
    width: int

    @property
    def joints(self) -> int:
        """Number of joints k."""
        return len(self.points)

    @property
    def nodes(self) -> int:
        """Number of nodes n of one joint."""
        return len(self.number)

    @property
    def rim(self) -> IntArray:
        """Nodes on the rim."""
        return np.flatnonzero(self.number < 0)


def film_mesh(mesh: Any, points: FloatArray, rim: IntArray | None = None) -> FilmMesh:
    """Return the film meshes of k joints.

    Parameters
    ----------
    mesh : scikit-fem ``MeshQuad`` in joint coordinates, for example from `unit_disc_mesh`.
    points : (k, n, 3) [mm] places of its nodes on the surfaces; (n, 3) for one joint.
    rim : nodes whose pressure is that of the recess; all nodes on the boundary by default. The rest of the boundary
        lets no fluid pass.

    Raises
    ------
    MeshError
        If a cell is folded on its surface, or no node lies on the rim.

    Notes
    -----
    With T = Σ x_a ⊗ ∇N_a (3 x 2) the surface gradient is T (TᵀT)⁻¹ ∇N and the area √det TᵀT dA: both see lengths
    and angles of the surface only, so that they do not change when the surface moves as a rigid body.
    """
    from skfem import Basis, ElementQuad1

    basis = Basis(mesh, ElementQuad1(), intorder=_ORDER)
    order = np.asarray(basis.nodal_dofs)[0]
    if not np.array_equal(order, np.arange(mesh.p.shape[1])):
        raise MeshError("the mesh numbers its nodes otherwise than its unknowns; use a plain MeshQuad")
    fields = [basis.basis[a][0] for a in range(4)]
    shape = np.stack([np.broadcast_to(np.asarray(field), basis.dx.shape) for field in fields], axis=-1)
    flat = np.stack([np.broadcast_to(field.grad, (2, *basis.dx.shape)) for field in fields])
    quads = np.asarray(mesh.t.T)
    surfaces = np.asarray(points, dtype=np.float64).reshape(-1, mesh.p.shape[1], 3)
    frame, gradient, stretch = _surface(surfaces[:, quads], np.transpose(flat, (2, 3, 0, 1)))
    weight = stretch * basis.dx
    area = np.zeros(surfaces.shape[:2])
    for joint in range(len(surfaces)):
        np.add.at(area[joint], quads, np.einsum("eq,eqa->ea", weight[joint], shape))
    edge = np.asarray(mesh.boundary_nodes() if rim is None else rim)
    if not len(edge):
        raise MeshError("no node of the film mesh lies on the rim; the film needs a recess to drain to")
    number, width = _numbering(quads, edge, surfaces.shape[1])
    return FilmMesh(
        frozen_index(quads),
        frozen(surfaces),
        frozen(shape),
        frozen(gradient),
        frozen(frame),
        frozen(weight),
        frozen(area),
        frozen_index(number),
        width,
    )


def _surface(corners: FloatArray, flat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return frames, surface gradients and stretch of area for corners (k, e, 4, 3) and flat gradients (e, q, 4, 2)."""
    tangent = np.einsum("keai,eqaj->keqij", corners, flat)
    normal = np.cross(tangent[..., 0], tangent[..., 1])
    stretch = np.linalg.norm(normal, axis=-1)
    size = np.linalg.norm(tangent, axis=-2)
    folded = np.flatnonzero(~(stretch > 1e-9 * size[..., 0] * size[..., 1]).all(axis=(0, 2)))
    if len(folded):
        raise MeshError(
            f"{len(folded)} film cell(s) have no area, the first is {folded[0]}; check the nodes",
            list(folded),
        )
    first = tangent[..., 0] / size[..., :1]
    second = np.cross(normal / stretch[..., None], first)
    frame = np.stack([first, second], axis=-2)
    along = np.einsum("keqfi,keqij->keqfj", frame, tangent)
    gradient = np.einsum("keqjf,eqaj->keqaf", np.linalg.inv(along), flat)
    return frame, gradient, stretch


def _numbering(quads: IntArray, rim: IntArray, nodes: int) -> tuple[IntArray, int]:
    """Return the place (n,) of each node among the unknowns, -1 on the rim, and the half-width of the band."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    inside = np.ones(nodes, dtype=bool)
    inside[rim] = False
    rows, columns = np.repeat(quads, 4, axis=1).ravel(), np.tile(quads, 4).ravel()
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(nodes, nodes)).tocsr()
    kept = np.flatnonzero(inside)
    order = reverse_cuthill_mckee(graph[kept][:, kept].tocsr(), symmetric_mode=True)
    number = np.full(nodes, -1)
    number[kept[order]] = np.arange(len(kept))
    both = inside[rows] & inside[columns]
    width = int(np.abs(number[rows[both]] - number[columns[both]]).max(initial=0))
    return number, width
