"""Film meshes against scikit-fem's forms, and the banded solver against NumPy's."""

import numpy as np
import pytest
from skfem import Basis, BilinearForm, ElementQuad1, LinearForm, MeshQuad
from skfem.helpers import dot, grad

from fem.elements.surface_block import nodal_areas, unit_disc_mesh
from fem.errors import MeshError
from fem.film.band_kernels import bordered, factorise, solve
from fem.film.laws import FilmLaws, OpenRim, newtonian
from fem.film.mesh import film_mesh
from fem.film.placement import Placement
from fem.film.state import film, initial_state
from fem.film.step import film_step
from oracles.films import ASPERITY, TENACIOUS, disc_mesh

MU = 1e-7


def test_the_step_solves_the_same_equations_as_the_forms() -> None:
    """∫ h³/12μ ∇p·∇N = −Σ A ∂h/∂t with scikit-fem's own assembly, on a disc with an uneven film."""
    flat = unit_disc_mesh(3, 16)
    disc = MeshQuad(6.5 * flat.p, flat.t, sort_t=False)
    mesh = disc_mesh(6.5)
    films = film(mesh, FilmLaws(newtonian(MU), TENACIOUS, OpenRim()))
    x = mesh.points[0]
    h = 0.2 + 0.01 * x[:, 0] + 0.005 * x[:, 1] ** 2
    instant, speed = 1e-5, 3.0 + x[:, 1]
    before = initial_state(films, h - instant * speed - ASPERITY)
    found = film_step(films, before, Placement((h - ASPERITY)[None]), instant).load.pressure[0]

    @BilinearForm
    def conduct(p, n, w):  # type: ignore[no-untyped-def]
        return w["h"] ** 3 / (12.0 * MU) * dot(grad(p), grad(n))

    @LinearForm
    def share(n, w):  # type: ignore[no-untyped-def]
        return 1.0 * n

    basis = Basis(disc, ElementQuad1(), intorder=3)
    matrix = conduct.assemble(basis, h=basis.interpolate(h)).toarray()
    inside = np.setdiff1d(np.arange(len(h)), disc.boundary_nodes())
    source = -share.assemble(basis) * speed
    expected = np.zeros(len(h))
    expected[inside] = np.linalg.solve(matrix[np.ix_(inside, inside)], source[inside])
    assert np.abs(expected).max() > 1e-4
    # The rigid layers give 1e-12 mm/MPa, against 1e-5 mm of opening: 1e-9 at these pressures.
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-8 * np.abs(expected).max())


def test_areas_are_those_of_the_surface_and_sum_to_it() -> None:
    flat = unit_disc_mesh(4, 24)
    x = flat.p.T
    surface = np.column_stack([6.5 * x, 2.0 * x[:, 0] ** 2 - x[:, 1] ** 2])
    mesh = film_mesh(flat, surface)
    np.testing.assert_allclose(mesh.area[0], nodal_areas(surface, flat.t.T), rtol=1e-12)
    assert mesh.weight.sum() == pytest.approx(mesh.area.sum(), rel=1e-13)
    assert len(mesh.rim) == 24


def test_folded_cells_and_a_film_without_a_rim_are_refused() -> None:
    flat = unit_disc_mesh(1, 8)
    points = np.column_stack([flat.p.T, np.zeros(flat.p.shape[1])])
    with pytest.raises(MeshError, match="no area"):
        film_mesh(flat, points * [1.0, 0.0, 1.0])
    with pytest.raises(MeshError, match="recess to drain to"):
        film_mesh(flat, points, np.array([], dtype=np.int64))


def test_the_bordered_band_is_solved_with_row_exchanges(generator: np.random.Generator) -> None:
    size, width = 23, 4
    matrix, full = bordered(size, width), np.zeros((size + 1, size + 1))
    for i in range(size):
        for j in range(max(0, i - width), min(size, i + width + 1)):
            full[i, j] = matrix.band[i, j - i + width] = generator.normal() * (
                i != j
            )  # zeros on the diagonal
    full[:size, size] = matrix.column[:] = generator.normal(size=size)
    full[size, :size] = matrix.row[:] = generator.normal(size=size)
    full[size, size] = matrix.corner[0] = 0.3
    right = generator.normal(size=(size + 1, 3))
    x = right.copy()
    factorise(matrix)
    assert np.any(matrix.swaps != np.arange(size))
    solve(matrix, x)
    np.testing.assert_allclose(x, np.linalg.solve(full, right), rtol=0.0, atol=1e-11)
