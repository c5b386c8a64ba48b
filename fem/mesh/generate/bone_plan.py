"""What tells one kind of bone from another: its blocks, where they meet the body, how finely all is split."""

from collections.abc import Mapping
from dataclasses import dataclass

from fem.mesh.generate.blocks import Block


@dataclass(frozen=True, slots=True)
class Fineness:
    """Cells of one resolution.

    Attributes
    ----------
    counts : cells along each family of block edges
    layers : layers of cells in the body
    above : layers above the blocks' roots
    canal : rim nodes between the posterior mid-line and the root's medial edge
    """

    counts: Mapping[str, int]
    layers: int
    above: int
    canal: int


@dataclass(frozen=True, slots=True, eq=False)
class BonePlan:
    """A bone made of a body and blocks that grow out of its wall.

    Attributes
    ----------
    blocks : the left half
    roots : rows (from below) of blocks (from lateral to medial) whose faces 0-3 lie on the body's wall
    loop : corners around the left root
    facets : articular face -> (block, side); the face's u runs up, its v from front to back, or both reversed
    fineness : for each resolution
    """

    blocks: tuple[Block, ...]
    roots: tuple[tuple[str, ...], ...]
    loop: tuple[str, ...]
    facets: Mapping[str, tuple[str, int]]
    fineness: Mapping[str, Fineness]
