"""Where the corners of the sacrum's blocks lie on its surface, from the measures of its shape (left half)."""

from typing import Final

import numpy as np

from fem.anatomy.vertebra_shape import SacrumShape
from fem.arrays import FloatArray
from fem.mesh.generate.articular import facet_point, upright
from fem.mesh.generate.vertebra_body import BodyGrid

Corners = dict[str, FloatArray]

#: Lower border, middle and upper border of the ala's root, in heights of the first sacral vertebra from its centre.
_ROOT_LEVELS: Final = (-0.65, -0.05, 0.38)

#: Thickness of the lamina over the sacral canal, in depths of that canal.
_LAMINA_THICKNESS: Final = 0.4


def corner_positions(shape: SacrumShape, body: BodyGrid) -> Corners:
    """Return the left and mid-plane corners of the blocks, name -> (3,) [mm]."""
    corners: Corners = {}
    _place_process(shape, corners)
    _place_roots(shape, body, corners)
    _place_pillar(shape, body, corners)
    _place_ala(shape, corners)
    _place_roof(shape, corners)
    return corners


def _place_process(shape: SacrumShape, corners: Corners) -> None:
    process, t = shape.superior_process, shape.cartilage_thickness
    facet = upright(process.facet)
    into_bone = facet_point(facet, 0.0, 0.0, 1.0) - facet_point(facet, 0.0, 0.0)
    beside = into_bone + np.array([0.0, 1.0, 0.0])
    beside *= 0.9 * process.thickness / np.linalg.norm(beside)
    for level, v in ((1, -0.75), (2, 0.75)):
        corners[f"Bm{level}"], corners[f"Em{level}"] = (
            facet_point(facet, 0.75, v, t),
            facet_point(facet, -0.75, v, t),
        )
        corners[f"Bc{level}"] = corners[f"Bm{level}"] + beside
        corners[f"Ec{level}"] = corners[f"Em{level}"] + 0.6 * process.thickness * into_bone
    names = ("Bm", "Bc", "Em", "Ec")
    middle = 0.25 * sum((corners[name + "2"] for name in names), np.zeros(3))
    upwards = facet.control[1, 2] - facet.control[1, 0]
    height = float(np.linalg.norm(upwards))
    reach = max(float((process.tip - middle) @ upwards) / height, 0.25 * height)
    for name in names:
        corners["Y" + name] = middle + reach * upwards / height + 0.75 * (corners[name + "2"] - middle)


def _place_roots(shape: SacrumShape, body: BodyGrid, corners: Corners) -> None:
    medial = body.around_at(0.42 * shape.canal_width)
    corner = body.around_after(medial, 0.34 * shape.canal_width)
    front = body.around_after(corner, 0.5 * shape.ala_depth)
    ends = {
        "m": (medial, min(medial + 1.3, 0.5 * len(body.outer) - 0.3)),
        "c": (corner, corner),
        "l": (front, front - 1.3),
    }
    for level, share in enumerate(_ROOT_LEVELS):
        z = share * shape.body_height
        for end, (around, further) in ends.items():
            fraction = float(np.clip(body.fraction_at(around, z), 0.1, 0.88))
            beyond = float(np.clip(fraction + 0.09 * (level - 1), 0.03, 0.97))
            corners[f"R{end}{level}"] = body.wall(around, fraction)
            corners[f"WR{end}{level}"] = body.wall(further, beyond)


def _place_pillar(shape: SacrumShape, body: BodyGrid, corners: Corners) -> None:
    """The pillar stands halfway between the body and the articular process, and reaches below the facet."""
    for side in ("m", "c"):
        drop = corners[f"R{side}0"] - corners[f"R{side}1"]
        corners[f"B{side}0"] = corners[f"B{side}1"] + drop * np.array([0.6, 0.6, 1.0])
        for level in range(3):
            corners[f"F{side}{level}"] = 0.5 * (corners[f"R{side}{level}"] + corners[f"B{side}{level}"])


def _place_ala(shape: SacrumShape, corners: Corners) -> None:
    tip, depth, height = shape.ala_tip, shape.ala_depth, shape.body_height
    front = tip + np.array([0.6 * depth, -0.08 * tip[1], -0.15 * height])
    back = tip + np.array([-0.1 * depth, 0.0, -0.05 * height])
    behind = 0.5 * (back + corners["Bc2"]) + np.array([-0.1 * depth, 0.06 * tip[1], -0.1 * height])
    for name, place, depths in (
        ("Af", front, (1.25, 0.55)),
        ("Ab", back, (1.35, 0.5)),
        ("D", behind, (1.0, 0.5)),
    ):
        corners[name + "2"] = place
        corners[name + "1"] = place - np.array([0.0, 0.0, depths[1] * height])
        corners[name + "0"] = place - np.array([0.2 * depth, 0.22 * tip[1], depths[0] * height])


def _place_roof(shape: SacrumShape, corners: Corners) -> None:
    plate = shape.upper_endplate
    back = plate.centre[0] - 0.5 * plate.depth
    thickness = _LAMINA_THICKNESS * shape.canal_depth
    drop = corners["Bm0"] - corners["Bm1"]
    side = np.array([0.0, 0.6 * thickness, 0.0])
    for level, fall in ((1, np.zeros(3)), (0, drop)):
        front = np.array([back - shape.canal_depth, 0.0, shape.crest[2] + 0.3 * shape.body_height]) + fall
        front[1] = 0.0
        behind = front - np.array([thickness, 0.0, 0.0])
        corners[f"Of{level}"], corners[f"Ob{level}"] = front, behind
        corners[f"Mf{level}"], corners[f"Mb{level}"] = (
            front + side + [0.1 * thickness, 0.0, 0.0],
            behind + side,
        )
        end = shape.crest + (np.zeros(3) if level else 0.7 * fall * [1.0, 0.0, 1.0])
        corners[f"OS{level}"], corners[f"S{level}"] = end, end + 0.6 * side
