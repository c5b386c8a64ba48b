"""Facets of solid cells: shape functions, gradients, normals and areas at their quadrature points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fem.arrays import FloatArray, IntArray, frozen, frozen_index

#: Shape functions of nodes off the facet are zero up to rounding; those on it are of order one.
_OFF_FACET = 1e-12

#: A force per reference area (3,) [MPa], or a function of places (..., 3) [mm] that returns such vectors (..., 3).
Traction = FloatArray | Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class FacetBlock:
    """Facets on the boundary of a solid, each seen from its cell.

    Attributes
    ----------
    points : (s, a) material points of the whole cell behind each facet.
    place : (s, q, 3) [mm] reference positions of the quadrature points.
    shape : (s, q, a) shape functions; those of nodes off the facet are zero.
    gradient : (s, q, a, 3) [1/mm] their reference gradients.
    normal : (s, q, 3) outward unit normals in the reference configuration.
    weight : (s, q) [mm²] reference area of each quadrature point.
    """

    points: IntArray
    place: FloatArray
    shape: FloatArray
    gradient: FloatArray
    normal: FloatArray
    weight: FloatArray


def facet_block(
    basis: Any, numbers: IntArray, where: Callable[[FloatArray], Any], order: int | None = None
) -> FacetBlock:
    """Return the boundary facets whose midpoints satisfy `where`.

    Parameters
    ----------
    basis : scalar scikit-fem ``Basis`` of the solid.
    numbers : (n,) material point of each scalar degree of freedom.
    where : takes midpoints (3, s) [mm] and says which are meant, as in ``mesh.facets_satisfying``.
    order : order of the quadrature; scikit-fem's own choice (twice the element's degree) by default.

    Raises
    ------
    ValueError
        If no boundary facet is found.
    """
    from skfem import FacetBasis

    facets = basis.mesh.facets_satisfying(where, boundaries_only=True)
    if not len(facets):
        raise ValueError("no boundary facet has its midpoint where the condition says; check its tolerance")
    skin = FacetBasis(basis.mesh, basis.elem, facets=facets, intorder=order)
    shapes, gradients = [], []
    for a in range(skin.Nbfun):
        field = skin.basis[a][0]
        shapes.append(np.broadcast_to(np.asarray(field), skin.dx.shape))
        gradients.append(np.broadcast_to(field.grad, (3, *skin.dx.shape)))
    place = np.broadcast_to(np.asarray(skin.default_parameters()["x"]), (3, *skin.dx.shape))
    normal = np.broadcast_to(np.asarray(skin.normals), (3, *skin.dx.shape))
    return FacetBlock(
        frozen_index(numbers[np.asarray(skin.element_dofs).T]),
        frozen(np.moveaxis(place, 0, -1)),
        frozen(np.stack(shapes, axis=-1)),
        frozen(np.transpose(np.stack(gradients), (2, 3, 0, 1))),
        frozen(np.moveaxis(normal, 0, -1)),
        frozen(skin.dx),
    )


def traction_forces(block: FacetBlock, traction: Traction) -> tuple[IntArray, FloatArray]:
    """Return the points (k, 1) and forces (k, 3) [N] that do the work of a dead `traction`.

    Notes
    -----
    ``f_a = ∫ N_a t dA`` over the reference facets: exactly what a `ForceTerm` takes.
    """
    vector = traction(block.place) if callable(traction) else np.asarray(traction, dtype=np.float64)
    vector = np.broadcast_to(vector, block.place.shape)
    local = np.einsum("sq,sqa,sqi->sai", block.weight, block.shape, vector)
    touched = np.abs(block.shape).max(axis=1) > _OFF_FACET
    points, place = np.unique(block.points[touched], return_inverse=True)
    forces = np.zeros((len(points), 3))
    np.add.at(forces, place.ravel(), local[touched])
    return points[:, None], forces


def facet_area(block: FacetBlock, positions: FloatArray) -> float:
    """Return the current area [mm²] at positions (p, 3) of all points: ``∫ |cof F N| dA`` (Nanson)."""
    stretched = np.einsum("sqij,sqj->sqi", facet_cofactor(block, positions), block.normal)
    return float(np.sum(block.weight * np.linalg.norm(stretched, axis=-1)))


def facet_cofactor(block: FacetBlock, positions: FloatArray) -> FloatArray:
    """Return cof F (s, q, 3, 3) at current positions (p, 3) of all points."""
    F = np.einsum("sai,sqaj->sqij", positions[block.points], block.gradient)
    rows = [np.cross(F[..., (i + 1) % 3, :], F[..., (i + 2) % 3, :]) for i in range(3)]
    return np.stack(rows, axis=-2)
