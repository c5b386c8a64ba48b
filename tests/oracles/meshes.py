"""Small distorted meshes, and solids on them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from skfem import ElementHex1, ElementHex2, ElementTetP1, ElementTetP2, MeshHex, MeshTet

from fem.elements.layout import Layout, LayoutBuilder
from fem.elements.mesh_points import add_mesh
from fem.elements.solid_block import SolidBlock, scalar_basis, solid_block

#: name -> (element, order of the quadrature)
ELEMENTS = {
    "hexahedra, first order": (ElementHex1(), 3),
    "hexahedra, second order": (ElementHex2(), 5),
    "tetrahedra, first order": (ElementTetP1(), 1),
    "tetrahedra, second order": (ElementTetP2(), 4),
}


@dataclass(frozen=True)
class MeshedSolid:
    """Basis, point numbers and cells of a solid of its own."""

    basis: Any
    numbers: np.ndarray
    layout: Layout
    block: SolidBlock

    @property
    def boundary(self) -> np.ndarray:
        """Points on the boundary of the mesh."""
        dofs = self.basis.get_dofs(self.basis.mesh.boundary_facets()).all()
        return np.asarray(self.numbers[dofs])


def distorted_block(kind: str, generator: np.random.Generator, cells: int = 2, size: float = 2.0) -> Any:
    """Return a cube of side `size` whose inner nodes are moved at random by up to 15 % of a cell."""
    line = np.linspace(0.0, size, cells + 1)
    mesh = (MeshHex if kind.startswith("hex") else MeshTet).init_tensor(line, line, line)
    points = mesh.p.copy()
    inner = mesh.interior_nodes()
    points[:, inner] += 0.15 * size / cells * generator.uniform(-1.0, 1.0, size=(3, len(inner)))
    return type(mesh)(points, mesh.t)


def meshed(mesh: Any, kind: str = "hexahedra, first order") -> MeshedSolid:
    """Return the solid of all cells of a scikit-fem mesh."""
    basis = scalar_basis(mesh, *ELEMENTS[kind])
    builder = LayoutBuilder()
    numbers = add_mesh(builder, basis)
    return MeshedSolid(basis, numbers, builder.build(), solid_block(basis, numbers))


def box(
    lines: tuple[np.ndarray, np.ndarray, np.ndarray], kind: str = "hexahedra, first order"
) -> MeshedSolid:
    """Return the solid of a tensor-product grid of hexahedra."""
    return meshed(MeshHex.init_tensor(*lines), kind)
