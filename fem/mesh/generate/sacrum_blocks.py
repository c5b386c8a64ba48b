"""The blocks of the upper sacrum behind and beside its body: which corner joins which, on the left half.

Corner names. Levels 0, 1, 2 from below; ``m``, ``c``, ``l``: medial, corner, lateral (front).

=====  ==========================================================================================
R      root on the body's wall (m c l)
F B    front and back of the articular pillar (m c)
A D    ala: its lateral face (A f|b), its corner behind the pillar (D)
E Y    superior articular process: its posterior border, its crest (Y by the corner below)
M O    lamina beside the median crest and on the mid-plane (f|b, 0 1)
S      tip of the first tubercle of the median crest (S on the side; OS on the mid-plane)
=====  ==========================================================================================
"""

from typing import Final

from fem.mesh.generate.blocks import Block
from fem.mesh.generate.bone_plan import BonePlan, Fineness


def _block(name: str, corners: str, *splits: str) -> Block:
    first, second, third = splits
    return Block(name, tuple(corners.split()), (first, second, third))


def _storey(low: int, height: str) -> tuple[Block, ...]:
    a, b = low, low + 1
    return (
        _block(f"pedicle {a}", f"Rc{a} Rm{a} Rm{b} Rc{b} Fc{a} Fm{a} Fm{b} Fc{b}", "width", height, "neck"),
        _block(f"ala {a}", f"Rl{a} Rc{a} Rc{b} Rl{b} Af{a} Ab{a} Ab{b} Af{b}", "wing", height, "lateral"),
        _block(f"wedge {a}", f"Rc{a} Ab{a} D{a} Fc{a} Rc{b} Ab{b} D{b} Fc{b}", "lateral", "neck", height),
        _block(f"pillar {a}", f"Fc{a} Fm{a} Fm{b} Fc{b} Bc{a} Bm{a} Bm{b} Bc{b}", "width", height, "arch"),
    )


_BLOCKS: Final = (
    *_storey(0, "low"),
    *_storey(1, "high"),
    _block("superior", "Bc1 Bm1 Bm2 Bc2 Ec1 Em1 Em2 Ec2", "width", "high", "superior"),
    _block("crest", "Bc2 Ec2 Em2 Bm2 YBc YEc YEm YBm", "superior", "width", "cap"),
    _block("lamina", "Bm0 Fm0 Fm1 Bm1 Mb0 Mf0 Mf1 Mb1", "arch", "low", "lamina"),
    _block("ridge", "Mb0 Mf0 Mf1 Mb1 Ob0 Of0 Of1 Ob1", "arch", "low", "ridge"),
    _block("tubercle", "Mb0 Ob0 Ob1 Mb1 S0 OS0 OS1 S1", "ridge", "low", "tubercle"),
)

_FAMILIES: Final = (
    "width", "wing", "low", "high", "neck", "lateral", "arch", "superior", "cap", "lamina", "ridge", "tubercle",
)  # fmt: skip


def _counts(*cells: int) -> dict[str, int]:
    return dict(zip(_FAMILIES, cells, strict=True))


SACRUM_PLAN: Final = BonePlan(
    blocks=_BLOCKS,
    roots=(("ala 0", "pedicle 0"), ("ala 1", "pedicle 1")),
    loop=("Rl0", "Rc0", "Rm0", "Rm1", "Rm2", "Rc2", "Rl2", "Rl1"),
    facets={"superior": ("superior", 3)},
    fineness={
        "coarse": Fineness(_counts(2, 3, 3, 2, 1, 4, 2, 3, 1, 2, 1, 2), layers=8, above=1, canal=2),
        "standard": Fineness(_counts(3, 4, 5, 3, 2, 6, 2, 4, 1, 3, 1, 3), layers=12, above=1, canal=3),
        "fine": Fineness(_counts(4, 7, 6, 4, 2, 9, 3, 6, 2, 5, 2, 5), layers=16, above=2, canal=4),
    },
)
