"""Boundary facets of solids: tractions, areas, Nanson's formula."""

import numpy as np
import pytest

from fem.elements.facet_block import facet_area, facet_block, facet_cofactor, traction_forces
from fem.elements.layout import positions, reference_state
from fem.elements.mesh_points import points_where
from oracles.meshes import ELEMENTS, distorted_block, meshed

kinds = pytest.mark.parametrize("kind", ELEMENTS)


def top(x: np.ndarray) -> np.ndarray:
    return x[2] > 2.0 - 1e-9


@kinds
def test_uniform_traction(kind: str, generator: np.random.Generator) -> None:
    solid = meshed(distorted_block(kind, generator), kind)
    block = facet_block(solid.basis, solid.numbers, top)
    points, forces = traction_forces(block, np.array([1.0, -2.0, 0.5]))
    np.testing.assert_allclose(forces.sum(axis=0), [4.0, -8.0, 2.0], rtol=1e-12)  # 2 mm x 2 mm
    place = solid.layout.reference[points[:, 0]]
    np.testing.assert_allclose(place[:, 2], 2.0, atol=1e-12)
    np.testing.assert_allclose(
        np.cross(place, forces).sum(axis=0), np.cross([1, 1, 2.0], [4, -8, 2.0]), atol=1e-11
    )


@kinds
def test_linear_traction_does_the_right_work(kind: str, generator: np.random.Generator) -> None:
    """Work on a linear motion u = x e_y of a pressure t = x e_y: ∫∫ x² = 2 · 8/3."""
    solid = meshed(distorted_block(kind, generator), kind)

    def traction(x: np.ndarray) -> np.ndarray:
        return x[..., :1] * np.array([0.0, 1.0, 0.0])

    points, forces = traction_forces(facet_block(solid.basis, solid.numbers, top, order=4), traction)
    work = float(forces[:, 1] @ solid.layout.reference[points[:, 0], 0])
    assert work == pytest.approx(16.0 / 3.0, rel=1e-12)


@kinds
def test_area_follows_the_deformation(kind: str, generator: np.random.Generator) -> None:
    solid = meshed(distorted_block(kind, generator), kind)
    block = facet_block(solid.basis, solid.numbers, top)
    F = np.array([[1.2, 0.3, 0.1], [0.0, 0.9, -0.2], [0.1, 0.0, 1.1]])
    x = positions(solid.layout, reference_state(solid.layout)) @ F.T
    sides = np.cross(F @ [2.0, 0.0, 0.0], F @ [0.0, 2.0, 0.0])
    assert facet_area(block, x) == pytest.approx(float(np.linalg.norm(sides)), rel=1e-12)
    cofactor = np.linalg.det(F) * np.linalg.inv(F).T
    np.testing.assert_allclose(facet_cofactor(block, x), np.broadcast_to(cofactor, (*block.weight.shape, 3, 3)),
                               atol=1e-12)  # fmt: skip


def test_conditions_that_select_nothing_are_refused(generator: np.random.Generator) -> None:
    solid = meshed(distorted_block("hex", generator))
    with pytest.raises(ValueError, match="no boundary facet"):
        facet_block(solid.basis, solid.numbers, lambda x: x[2] > 3.0)
    with pytest.raises(ValueError, match="no node of the mesh"):
        points_where(solid.basis, solid.numbers, lambda x: x[:, 2] > 3.0)


def test_points_where_finds_second_order_nodes(generator: np.random.Generator) -> None:
    kind = "hexahedra, second order"
    solid = meshed(distorted_block(kind, generator), kind)
    found = points_where(solid.basis, solid.numbers, lambda x: np.abs(x[:, 2]) < 1e-9)
    assert len(found) == 25  # 5 x 5 nodes of a face of 2 x 2 cells
