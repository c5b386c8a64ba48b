"""The tools that bones grow with: blocks, smooth surfaces, relaxation."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from fem.arrays import FloatArray
from fem.mesh.generate import relax
from fem.mesh.generate.blocks import Block, build_lattice, with_mirror_images
from fem.mesh.generate.relax import graph_laplacian, improve_shape, smallest_scaled_jacobian, spread
from fem.mesh.generate.subdivision import smooth_surface
from fem.mesh.quality import conformity, scaled_jacobian

CUBE_FACES = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
CUBE = np.array(
    [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float
)


def grid_block(cells: int) -> tuple[np.ndarray, np.ndarray]:
    block = Block("cube", tuple("abcdefgh"), ("n", "n", "n"))
    lattice = build_lattice([block], {"n": cells})
    return lattice.weights @ CUBE, lattice.cells


def test_blocks_share_the_nodes_of_their_common_face() -> None:
    first = Block("first", tuple("abcdefgh"), ("n", "m", "k"))
    second = Block("second", ("b", "i", "j", "c", "f", "k", "l", "g"), ("n", "m", "k"))
    lattice = build_lattice([first, second], {"n": 2, "m": 3, "k": 4})
    assert len(lattice.cells) == 2 * 24
    assert len(lattice.weights) == 5 * 4 * 5
    assert len(lattice.outside) == 10
    assert conformity(lattice.cells) == (0, 0)


def test_a_mirrored_block_stays_right_handed() -> None:
    left = Block("half", tuple("abcdefgh"), ("n", "n", "n"))
    offset = np.array([0.0, 0.5, 0.0])
    place = {name: point + offset for name, point in zip("abcdefgh", CUBE, strict=True)}
    place |= {name + "*": point * [1.0, -1.0, 1.0] for name, point in place.items()}
    lattice = build_lattice(with_mirror_images([left]), {"n": 2})
    points = lattice.weights @ np.array([place[name] for name in lattice.corner_names])
    assert scaled_jacobian(points, lattice.cells) == pytest.approx(1.0)


def test_a_smooth_surface_keeps_a_plane_and_a_cube_s_symmetry() -> None:
    flat = np.array([[0, 1, 4, 3], [1, 2, 5, 4]])
    plane = np.array([[0, 0], [1, 0], [2.5, 0], [0, 1], [1, 1.5], [2.5, 1]], float) @ [
        [1.0, 0, 2.0],
        [0, 1.0, -1.0],
    ]
    points = smooth_surface(flat, 6).limit @ plane
    assert points[:, 2] == pytest.approx(2.0 * points[:, 0] - points[:, 1])
    closed = smooth_surface(CUBE_FACES, 8)
    assert np.asarray(closed.limit.sum(axis=1)) == pytest.approx(1.0)
    radius = np.linalg.norm(closed.limit @ (2.0 * CUBE - 1.0), axis=1)
    assert 1.4 < radius.min() < radius.max() < 1.65  # nearly a ball, for a cube whose corners lie at 1.73
    assert np.ptp(radius[closed.grids[:, 0, 0]]) < 1e-12


def test_a_smooth_surface_has_no_crease() -> None:
    """Across a cage edge the angle between neighbouring facets falls in proportion to their size."""
    kinks = []
    for levels in (2, 3, 4):
        surface = smooth_surface(CUBE_FACES, 8, levels)
        points = surface.limit @ CUBE
        bottom, front = points[surface.grids[0]], points[surface.grids[2]]
        middle = len(bottom) // 2
        edge = bottom[middle, 0] if np.allclose(bottom[middle, 0], front[middle, 0]) else front[middle, 0]
        one, other = bottom[1, middle] - bottom[0, middle], edge - front[middle, 1]
        cosine = abs(one @ other) / np.linalg.norm(one) / np.linalg.norm(other)
        kinks.append(np.arccos(min(cosine, 1.0)))
    assert kinks[2] < 0.7 * kinks[1] < 0.5 * kinks[0]


def test_spread_is_linear_between_two_fixed_ends() -> None:
    quads = np.array([[i, i + 1, i + 12, i + 11] for i in range(10)])
    laplacian = graph_laplacian(quads, 23)
    known = np.array([0, 11, 10, 21])
    values = np.array([[0.0, 0, 0], [0, 0, 0], [1, 2, 3], [1, 2, 3]])
    out = spread(laplacian, known, values)
    assert out[:11] == pytest.approx(np.linspace(0, 1, 11)[:, None] * [1.0, 2.0, 3.0])
    assert not out[22].any()


@pytest.mark.parametrize(
    "energy", [relax._shape_energy, partial(relax._tangle_energy, volume=np.full(8, 2.0))]
)
def test_an_energy_has_the_derivative_it_claims(
    energy: Callable[[FloatArray], tuple[float, FloatArray]], generator: np.random.Generator
) -> None:
    points, cells = grid_block(2)
    edges = relax.corner_edges(points + 0.08 * generator.standard_normal(points.shape), cells)
    slope = approx_fprime(edges.ravel(), lambda x: energy(x.reshape(edges.shape))[0], 1e-7)
    assert energy(edges)[1].ravel() == pytest.approx(slope, rel=1e-4, abs=1e-3)


def test_an_inverted_cell_is_turned_back() -> None:
    points, cells = grid_block(2)
    centre = int(np.argmin(np.linalg.norm(points - 0.5, axis=1)))
    points[centre] += [0.6, 0.1, 0.0]
    assert smallest_scaled_jacobian(points, cells).min() < -0.7
    freedom = np.zeros((len(points), 3, 3))
    freedom[centre] = np.eye(3)
    better = improve_shape(points, cells, freedom)
    assert smallest_scaled_jacobian(better, cells).min() > 0.999


def test_a_poor_corner_is_mended_and_the_rest_stays() -> None:
    points, cells = grid_block(2)
    centre = int(np.argmin(np.linalg.norm(points - 0.5, axis=1)))
    points[centre] += [0.42, 0.40, 0.38]
    assert smallest_scaled_jacobian(points, cells).min() < 0.1
    freedom = np.zeros((len(points), 3, 3))
    freedom[centre] = np.eye(3)
    better = improve_shape(points, cells, freedom)
    assert smallest_scaled_jacobian(better, cells).min() > 0.999
    fixed = np.delete(np.arange(len(points)), centre)
    assert np.array_equal(better[fixed], points[fixed])


def test_a_node_slides_only_as_its_freedom_allows() -> None:
    points, cells = grid_block(2)
    centre = int(np.argmin(np.linalg.norm(points - 0.5, axis=1)))
    points[centre] += [0.2, 0.2, 0.2]
    freedom = np.zeros((len(points), 3, 3))
    freedom[centre] = np.diag([1.0, 0.0, 1.0])
    assert improve_shape(points, cells, freedom)[centre] == pytest.approx([0.5, 0.7, 0.5], abs=1e-3)
