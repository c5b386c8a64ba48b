"""The blocks of a vertebra's posterior elements: which corner joins which, on the left half.

Corner names. A digit is the level, 0 lowest on the pedicle and the pillar. ``m``/``l`` medial/lateral, ``f``/``b``
front/back.

=====  =========================================================================================
R N F  pedicle: root on the body, narrowest section, front of the articular pillar (m|l, 0 1 2)
B      back of the pillar (m|l, 0 1 2)
E C    superior articular process: its posterior border, its crest (E m|l 1 2; C by the corner below)
T U    transverse process: middle section, tip (f|b, 0 1)
K      pars interarticularis, narrowest (m|l, f|b)
G X Y  inferior articular process: upper and lower border of the facet, tip (m|l, f|b)
M O    lamina beside the spinous process and on the mid-plane (f|b, level 0 uppermost … 3)
S V    spinous process: middle section, free border (S, V on the side; OS, OV on the mid-plane; 0 … 3)
=====  =========================================================================================
"""

from typing import Final

from fem.mesh.generate.blocks import Block
from fem.mesh.generate.bone_plan import BonePlan, Fineness


def _corners(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _pedicle() -> list[Block]:
    blocks = []
    for lower, upper, height in ((0, 1, "pillar low"), (1, 2, "pillar high")):
        sections = ("R", "N", "F", "B")
        for start, end, length in zip(sections, sections[1:], ("root", "neck", "arch"), strict=False):
            near = f"{start}l{lower} {start}m{lower} {start}m{upper} {start}l{upper}"
            far = f"{end}l{lower} {end}m{lower} {end}m{upper} {end}l{upper}"
            name = f"{start}{end}{lower}"
            blocks.append(Block(name, _corners(f"{near} {far}"), ("width", height, length)))
    return blocks


def _processes() -> list[Block]:
    return [
        Block("superior", _corners("Bl1 Bm1 Bm2 Bl2 El1 Em1 Em2 El2"), ("width", "pillar high", "superior")),
        Block("crest", _corners("Bl2 El2 Em2 Bm2 CBl CEl CEm CBm"), ("superior", "width", "cap")),
        Block(
            "transverse", _corners("Bl0 Bl1 Fl1 Fl0 Tb0 Tb1 Tf1 Tf0"), ("pillar low", "arch", "transverse")
        ),
        Block("tip", _corners("Tb0 Tb1 Tf1 Tf0 Ub0 Ub1 Uf1 Uf0"), ("pillar low", "arch", "tip")),
        Block("pars", _corners("Bl0 Fl0 Fm0 Bm0 Klb Klf Kmf Kmb"), ("arch", "width", "pars")),
        Block("shoulder", _corners("Klb Klf Kmf Kmb Glb Glf Gmf Gmb"), ("arch", "width", "shoulder")),
        Block("inferior", _corners("Glb Glf Gmf Gmb Xlb Xlf Xmf Xmb"), ("arch", "width", "inferior")),
        Block("foot", _corners("Xlb Xlf Xmf Xmb Ylb Ylf Ymf Ymb"), ("arch", "width", "cap")),
    ]


def _lamina() -> list[Block]:
    side = (("Fm1", "Bm1"), ("Fm0", "Bm0"), ("Kmf", "Kmb"), ("Gmf", "Gmb"))
    blocks = []
    for level, height in enumerate(("pillar low", "pars", "shoulder")):
        columns = (side, _column("M"), _column("O"))
        for start, end, width in zip(columns, columns[1:], ("lamina", "ridge"), strict=False):
            (front, back), (front_below, back_below) = start[level], start[level + 1]
            (to_front, to_back), (to_front_below, to_back_below) = end[level], end[level + 1]
            corners = (back_below, front_below, front, back, to_back_below, to_front_below, to_front, to_back)
            blocks.append(Block(f"lamina {width} {level}", corners, ("arch", height, width)))
    return blocks


def _spinous() -> list[Block]:
    blocks = []
    sections = (("Mb", "Ob"), ("S", "OS"), ("V", "OV"))
    for level, height in enumerate(("pillar low", "pars", "shoulder")):
        below = level + 1
        for start, end, length in zip(sections, sections[1:], ("spine", "spine end"), strict=False):
            near = (
                start[0] + str(below),
                start[1] + str(below),
                start[1] + str(level),
                start[0] + str(level),
            )
            far = (end[0] + str(below), end[1] + str(below), end[1] + str(level), end[0] + str(level))
            blocks.append(Block(f"{length} {level}", (*near, *far), ("ridge", height, length)))
    return blocks


def _column(letter: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{letter}f{level}", f"{letter}b{level}") for level in range(4))


_FAMILIES: Final = (
    "width", "pillar low", "pillar high", "root", "neck", "arch", "superior", "cap", "transverse", "tip", "pars",
    "shoulder", "inferior", "lamina", "ridge", "spine", "spine end",
)  # fmt: skip


def _counts(*cells: int) -> dict[str, int]:
    return dict(zip(_FAMILIES, cells, strict=True))


VERTEBRA_PLAN: Final = BonePlan(
    blocks=(*_pedicle(), *_processes(), *_lamina(), *_spinous()),
    roots=(("RN0",), ("RN1",)),
    loop=("Rl0", "Rm0", "Rm1", "Rm2", "Rl2", "Rl1"),
    facets={"superior": ("superior", 3), "inferior": ("inferior", 4)},
    fineness={
        "coarse": Fineness(
            _counts(2, 2, 2, 1, 1, 2, 3, 1, 2, 3, 1, 1, 3, 1, 1, 2, 2), layers=7, above=1, canal=2
        ),
        "standard": Fineness(
            _counts(3, 3, 3, 1, 2, 3, 4, 1, 3, 4, 2, 1, 4, 2, 1, 3, 4), layers=10, above=1, canal=2
        ),
        "fine": Fineness(
            _counts(4, 4, 4, 2, 2, 4, 6, 2, 4, 6, 2, 2, 6, 3, 2, 4, 6), layers=14, above=2, canal=3
        ),
    },
)
