"""Multi-block lattices: named corners, hexahedral blocks between them, split into cells that match across faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.arrays import FloatArray, IntArray

#: Outward corners of a block's six faces, in VTK numbering.
FACES: Final = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 4, 7, 3), (1, 2, 6, 5), (0, 1, 5, 4), (3, 7, 6, 2))

_MIRROR: Final = (1, 0, 3, 2, 5, 4, 7, 6)


@dataclass(frozen=True, slots=True)
class Block:
    """A hexahedral block: `corners` (8 names, VTK order) and `splits`, the names of its cell counts.

    The counts run along corners 0→1, 0→3 and 0→4.
    """

    name: str
    corners: tuple[str, ...]
    splits: tuple[str, str, str]

    def mirrored(self) -> "Block":
        """Return the block across y = 0: each name goes to its mirror image, the order stays right-handed."""
        corners = tuple(mirror_name(self.corners[i]) for i in _MIRROR)
        return Block(mirror_name(self.name), corners, self.splits)


def mirror_name(name: str) -> str:
    """Return the right-hand name of a left-hand one; names that start with ``O`` lie on the mid-plane."""
    return name if name.startswith("O") else name + "*"


@dataclass(frozen=True, slots=True)
class BlockFace:
    """A block face on the outside: corner names (4, outward) and `grid` of nodes, [u, v] from 0→1 and 0→3."""

    block: str
    side: int
    corners: tuple[str, ...]
    grid: IntArray


@dataclass(frozen=True, slots=True)
class Lattice:
    """Nodes and cells of a set of blocks.

    Attributes
    ----------
    corner_names : corners, in the order of the columns of `weights`
    weights : (n, corners), trilinear weights of each node
    cells : (e, 8) VTK order
    block_nodes : block name -> (na + 1, nb + 1, nc + 1) nodes
    outside : the block faces that no second block shares
    """

    corner_names: tuple[str, ...]
    weights: FloatArray
    cells: IntArray
    block_nodes: Mapping[str, IntArray]
    outside: tuple[BlockFace, ...]


def with_mirror_images(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return `blocks` (left half) followed by their mirror images."""
    return (*blocks, *(block.mirrored() for block in blocks))


def build_lattice(blocks: Sequence[Block], counts: Mapping[str, int]) -> Lattice:
    """Split `blocks` by `counts` and join the nodes that they share."""
    names = tuple(sorted({name for block in blocks for name in block.corners}))
    column = {name: i for i, name in enumerate(names)}
    parts, shapes = [], []
    for block in blocks:
        weights, shape = _block_weights([counts[split] for split in block.splits])
        spread = np.zeros((len(weights), len(names)))
        spread[:, [column[name] for name in block.corners]] = weights
        parts.append(spread)
        shapes.append(shape)
    everything = np.vstack(parts)
    # two nodes are one where their weights agree; a fixed random projection makes that a comparison of numbers
    key = everything @ np.random.default_rng(1).random(len(names))
    _, first, node = np.unique(np.round(key, 9), return_index=True, return_inverse=True)
    starts = np.cumsum([0, *(len(part) for part in parts)])
    block_nodes = {
        block.name: node[a:b].reshape(shape)
        for block, a, b, shape in zip(blocks, starts[:-1], starts[1:], shapes, strict=True)
    }
    cells = np.vstack([grid_cells(block_nodes[block.name]) for block in blocks])
    return Lattice(names, everything[first], cells, block_nodes, _outside(blocks, block_nodes))


def grid_cells(nodes: IntArray) -> IntArray:
    """Return the cells (e, 8) of a structured grid of nodes (na + 1, nb + 1, nc + 1)."""
    a, b = slice(None, -1), slice(1, None)
    order = [(a, a, a), (b, a, a), (b, b, a), (a, b, a), (a, a, b), (b, a, b), (b, b, b), (a, b, b)]
    return np.stack([nodes[index] for index in order], axis=-1).reshape(-1, 8)


def grid_quads(grid: IntArray) -> IntArray:
    """Return the quadrilaterals (q, 4) of a face grid of nodes, in its own orientation."""
    return np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=-1).reshape(-1, 4)


def _block_weights(splits: Sequence[int]) -> tuple[FloatArray, tuple[int, ...]]:
    axes = [np.linspace(0.0, 1.0, n + 1) for n in splits]
    a, b, c = (grid.ravel() for grid in np.meshgrid(*axes, indexing="ij"))
    low = {0: 1 - a, 1: a}, {0: 1 - b, 1: b}, {0: 1 - c, 1: c}
    corner = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
    weights = np.stack([low[0][i] * low[1][j] * low[2][k] for i, j, k in corner], axis=-1)
    return weights, tuple(n + 1 for n in splits)


def _outside(blocks: Sequence[Block], block_nodes: Mapping[str, IntArray]) -> tuple[BlockFace, ...]:
    found: dict[tuple[str, ...], list[BlockFace]] = {}
    for block in blocks:
        nodes = block_nodes[block.name]
        grids = [nodes[:, :, 0].T, nodes[:, :, -1], nodes[0].T, nodes[-1], nodes[:, 0], nodes[:, -1].T]
        for side, (face, grid) in enumerate(zip(FACES, grids, strict=True)):
            corners = tuple(block.corners[i] for i in face)
            found.setdefault(tuple(sorted(corners)), []).append(BlockFace(block.name, side, corners, grid))
    return tuple(faces[0] for faces in found.values() if len(faces) == 1)
