"""Every check of the mesh inspector against a known value, and against a mesh spoilt on purpose."""

from dataclasses import replace

import numpy as np
import pytest

from fem.arrays import frozen, frozen_index
from fem.errors import MeshError
from fem.mesh.quality import (
    aspect_ratio,
    boundary_faces,
    cell_volume,
    conformity,
    duplicate_nodes,
    inspect,
    require_uninverted,
    scaled_jacobian,
)
from fem.mesh.tagged_mesh import TaggedMesh

CUBE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1.0]])
HEX = np.arange(8)[None]


def _block(n: int = 3) -> TaggedMesh:
    grid = np.stack(np.meshgrid(*[np.arange(n + 1.0)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    node = np.arange((n + 1) ** 3).reshape([n + 1] * 3)
    low, high = slice(None, -1), slice(1, None)
    corners = [
        node[low, low, low],
        node[high, low, low],
        node[high, high, low],
        node[low, high, low],
        node[low, low, high],
        node[high, low, high],
        node[high, high, high],
        node[low, high, high],
    ]
    cells = np.column_stack([corner.ravel() for corner in corners])
    return TaggedMesh(frozen(grid), frozen_index(cells), frozen_index(np.zeros(len(cells))), ("block",))


def test_a_block_is_sound() -> None:
    quality = inspect(_block())
    assert quality.sound
    assert quality.smallest_jacobian == pytest.approx(1.0)
    assert quality.largest_aspect == pytest.approx(1.0)
    assert quality.volume == pytest.approx(27.0)
    assert len(boundary_faces(_block().cells)) == 54


def test_sheared_cube_has_the_cosine_of_its_shear() -> None:
    for angle in (0.2, 0.7, 1.2):
        sheared = CUBE.copy()
        sheared[:, 0] += np.tan(angle) * CUBE[:, 2]
        assert scaled_jacobian(sheared, HEX)[0] == pytest.approx(np.cos(angle))
        assert cell_volume(sheared, HEX)[0] == pytest.approx(1.0)


def test_scaled_jacobian_does_not_see_size_place_or_attitude() -> None:
    rng = np.random.default_rng(3)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    bent = CUBE + 0.1 * rng.normal(size=CUBE.shape)
    moved = 7.0 * bent @ turn.T + 5.0
    assert scaled_jacobian(moved, HEX) == pytest.approx(scaled_jacobian(bent, HEX), rel=1e-12)
    assert aspect_ratio(moved, HEX) == pytest.approx(aspect_ratio(bent, HEX), rel=1e-12)


def test_aspect_ratio_of_a_brick() -> None:
    assert aspect_ratio(CUBE * [1.0, 2.0, 10.0], HEX)[0] == pytest.approx(10.0)


def test_an_inverted_cell_is_found_named_and_refused() -> None:
    block = _block()
    points = block.points.copy()
    points[block.cells[13][6]] -= 1.6
    spoilt = replace(block, points=points)
    quality = inspect(spoilt)
    assert quality.smallest_jacobian < 0.0
    assert quality.worst_cell == 13
    assert not quality.sound
    with pytest.raises(MeshError, match=r"mesh of L4: .* inverted, the worst is cell 13") as caught:
        require_uninverted(spoilt, "L4")
    assert 13 in caught.value.cells


def test_a_left_handed_cell_is_negative() -> None:
    assert scaled_jacobian(CUBE, HEX[:, [0, 3, 2, 1, 4, 7, 6, 5]])[0] == pytest.approx(-1.0)


def test_a_collapsed_cell_is_zero_and_not_a_number_error() -> None:
    assert scaled_jacobian(CUBE * [1.0, 1.0, 0.0], HEX)[0] == 0.0


@pytest.mark.parametrize("offset", [0.0, 3e-8, -4e-7])
def test_doubled_nodes_are_counted(offset: float) -> None:
    block = _block()
    points = np.vstack([block.points, block.points[5:8] + offset])
    assert duplicate_nodes(points) == 3
    quality = inspect(replace(block, points=points))
    assert (quality.duplicate_nodes, quality.unused_nodes) == (3, 3)
    assert not quality.sound


def test_an_unglued_cell_opens_the_surface() -> None:
    """A cell with nodes of its own leaves faces that lie on each other: its doubled nodes give it away."""
    block = _block()
    own = block.cells.copy()
    own[0] = len(block.points) + np.arange(8)
    points = np.vstack([block.points, block.points[block.cells[0]]])
    quality = inspect(replace(block, points=points, cells=own))
    assert quality.duplicate_nodes > 0
    assert not quality.sound


def test_a_hanging_cell_and_a_third_cell_on_a_face_are_found() -> None:
    block = _block()
    assert conformity(block.cells) == (0, 0)
    thrice = np.vstack([block.cells, block.cells[:1], block.cells[:1]])
    assert conformity(thrice)[0] > 0
    # two cells that share an edge only: four boundary faces meet there
    pair = block.cells[[0, 4]]
    assert conformity(pair) == (0, 1)
