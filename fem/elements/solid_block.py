"""Solid cells: shape gradients, weights and fibres at quadrature points, from a scikit-fem basis."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fem.arrays import FloatArray, IntArray, frozen, frozen_index

#: scikit-fem's vertex k of a hexahedron is VTK's vertex VTK_OF_SKFEM[k].
VTK_OF_SKFEM = (6, 2, 5, 7, 1, 3, 4, 0)


@dataclass(frozen=True, slots=True)
class SolidBlock:
    """Cells of one solid.

    Attributes
    ----------
    points : (e, a) material point of each local node.
    gradient : (e, q, a, 3) [1/mm] reference gradients of the shape functions.
    weight : (e, q) [mm³] reference volume of each quadrature point.
    fibres : (e, q, m, 3) unit fibre directions in the reference configuration.
    """

    points: IntArray
    gradient: FloatArray
    weight: FloatArray
    fibres: FloatArray

    def part(self, cells: IntArray, fibres: FloatArray | None = None) -> "SolidBlock":
        """Return the block of some `cells` (k,), with fibres (k, q, m, 3) of its own if given."""
        own = self.fibres[cells] if fibres is None else fibres
        return SolidBlock(
            frozen_index(self.points[cells]),
            frozen(self.gradient[cells]),
            frozen(self.weight[cells]),
            frozen(own),
        )


def hexahedral_mesh(points: FloatArray, cells: IntArray) -> Any:
    """Return a scikit-fem ``MeshHex`` of points (n, 3) [mm] and cells (e, 8) in VTK order."""
    from skfem import MeshHex

    order = cells[:, VTK_OF_SKFEM]
    return MeshHex(np.ascontiguousarray(points.T), np.ascontiguousarray(order.T), sort_t=False)


def scalar_basis(mesh: Any, element: Any = None, order: int | None = None) -> Any:
    """Return the scikit-fem basis of one component of displacement; trilinear hexahedra unless told otherwise.

    `order` is the order of the quadrature; for trilinear hexahedra 3 gives the 2 x 2 x 2 Gauss points.
    """
    from skfem import Basis, ElementHex1

    if element is None:
        element, order = ElementHex1(), 3 if order is None else order
    return Basis(mesh, element, intorder=order)


def solid_block(basis: Any, numbers: IntArray, fibres: FloatArray | None = None) -> SolidBlock:
    """Return the block of a scikit-fem basis.

    Parameters
    ----------
    basis : scalar scikit-fem ``Basis``.
    numbers : (n,) material point number of each scalar degree of freedom of the basis (``basis.doflocs``).
    fibres : (e, q, m, 3) unit fibre directions, or None.
    """
    count = basis.Nbfun
    gradient = np.stack([basis.basis[a][0].grad for a in range(count)])  # (a, 3, e, q): scikit-fem's order
    gradient = np.transpose(gradient, (2, 3, 0, 1))
    if fibres is None:
        fibres = np.zeros((*gradient.shape[:2], 0, 3))
    cells = np.asarray(basis.element_dofs).T
    return SolidBlock(frozen_index(numbers[cells]), frozen(gradient), frozen(basis.dx), frozen(fibres))


def cell_axes(basis: Any) -> FloatArray:
    """Return orthonormal axes (e, q, 3, 3) at quadrature points of a hexahedral basis; columns are the axes.

    Column 0 follows the cell's first direction (VTK 0→1), column 2 is the third direction (VTK 0→4) made
    orthogonal to it, column 1 completes a right-handed frame.
    """
    jacobian = np.asarray(basis.mapping.DF(basis.X))  # (3, 3, e, q)
    if jacobian.shape[-1] == 1:
        jacobian = np.broadcast_to(jacobian, (*jacobian.shape[:3], basis.dx.shape[1]))
    jacobian = np.transpose(jacobian, (2, 3, 0, 1))
    first = _unit(jacobian[..., 0])
    third = jacobian[..., 2]
    third = _unit(third - np.sum(third * first, axis=-1, keepdims=True) * first)
    return np.stack([first, np.cross(third, first), third], axis=-1)


def crossed_fibres(axes: FloatArray, angle: FloatArray) -> FloatArray:
    """Return two families (e, q, 2, 3) at ± `angle` (e,) [rad] from axis 0 towards axis 2 of `axes` (e, q, 3, 3)."""
    cosine, sine = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    along, up = cosine * axes[..., 0], sine * axes[..., 2]
    return np.stack([along + up, along - up], axis=2)


def _unit(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
