"""Where the corners of a vertebra's blocks lie on its surface, from the measures of its shape (left half)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from fem.anatomy.spine import ArticularSurface
from fem.anatomy.vertebra_shape import ArticularProcess, VertebraShape
from fem.arrays import FloatArray
from fem.mesh.generate.articular import facet_point, upright
from fem.mesh.generate.vertebra_body import BodyGrid

Corners = dict[str, FloatArray]

#: Corners of an ellipse's inscribed box, as a share of its half axes.
_BOX: Final = 0.78

#: How far a process reaches at least beyond its facet, in facet heights.
_CLEARANCE: Final = 0.25

#: How close to an endplate's rim a pedicle may begin, in body heights.
_WALL_MARGIN: Final = 0.13

_NOWHERE: Final = np.zeros(3)


def corner_positions(shape: VertebraShape, body: BodyGrid) -> Corners:
    """Return the left and mid-plane corners of the blocks, name -> (3,) [mm]."""
    corners: Corners = {}
    _place_superior(shape, corners)
    _place_inferior(shape, corners)
    _place_pedicle(shape, body, corners)
    _place_pillar(shape, corners)
    _place_transverse(shape, corners)
    _place_lamina(shape, corners)
    _place_spinous(shape, corners)
    scale = shape.upper_endplate.depth
    return {name: place + scale * corner_offsets().get(name, _NOWHERE) for name, place in corners.items()}


@cache
def corner_offsets() -> Mapping[str, FloatArray]:
    """Return how far real vertebrae depart from the rules below at each corner, in endplate depths, name -> (3,)."""
    text = resources.files("fem.mesh.generate").joinpath("vertebra_corners.toml").read_text(encoding="utf-8")
    return {
        name: np.array(offset, dtype=np.float64) for name, offset in tomllib.loads(text)["offset"].items()
    }


def _place_superior(shape: VertebraShape, corners: Corners) -> None:
    process, t = shape.superior_process, shape.cartilage_thickness
    facet = upright(process.facet)
    for name, u, v in (
        ("Bm1", 0.75, -0.75),
        ("Bm2", 0.75, 0.75),
        ("Em1", -0.75, -0.75),
        ("Em2", -0.75, 0.75),
    ):
        corners[name] = facet_point(facet, u, v, t)
        behind = facet_point(facet, 0.85 * u, 0.8 * v, t + process.thickness)
        beside = corners[name] + [0.0, 1.1 * process.thickness, 0.0]
        corners[name.replace("m", "l")] = beside if name[0] == "B" else behind
    back = shape.mammillary
    corners["El1"] = 0.4 * corners["El1"] + 0.6 * (back - np.array([0.0, 0.0, 0.2 * process.thickness]))
    corners["El2"] = 0.5 * corners["El2"] + 0.5 * (back + np.array([0.0, 0.0, 0.8 * process.thickness]))
    names = ("Bm2", "Bl2", "Em2", "El2")
    middle = 0.25 * sum((corners[name] for name in names), np.zeros(3))
    top = _beyond(process, middle, 1.0)
    for name in names:
        corners["C" + name[:2]] = 0.5 * (top + middle + _rise(facet, top - middle)) + 0.75 * (
            corners[name] - middle
        )


def _place_inferior(shape: VertebraShape, corners: Corners) -> None:
    process, t = shape.inferior_process, shape.cartilage_thickness
    facet = upright(process.facet)
    for name, u, v in (("Glf", -0.75, 0.8), ("Glb", 0.75, 0.8), ("Xlf", -0.75, -0.75), ("Xlb", 0.75, -0.75)):
        corners[name] = facet_point(facet, u, v, t)
        corners[name.replace("l", "m")] = facet_point(facet, 0.85 * u, v, t + process.thickness)
    names = ("Xlf", "Xlb", "Xmf", "Xmb")
    middle = 0.25 * sum((corners[name] for name in names), np.zeros(3))
    bottom = _beyond(process, middle, -1.0)
    for name in names:
        corners["Y" + name[1:]] = bottom + 0.7 * (corners[name] - middle)


def _beyond(process: ArticularProcess, border: FloatArray, way: float) -> FloatArray:
    """Return the process' tip, kept clear of the facet's `border` (middle of its upper or lower edge) if need be."""
    control = upright(process.facet).control
    upwards = control[1, 2] - control[1, 0]
    height = float(np.linalg.norm(upwards))
    ahead = way * float((process.tip - border) @ upwards) / height
    return np.asarray(process.tip + way * max(_CLEARANCE * height - ahead, 0.0) * upwards / height)


def _rise(facet: ArticularSurface, step: FloatArray) -> FloatArray:
    """Return the part of `step` along the facet's height."""
    upwards = facet.control[1, 2] - facet.control[1, 0]
    return np.asarray(step @ upwards / (upwards @ upwards) * upwards)


def _place_pedicle(shape: VertebraShape, body: BodyGrid, corners: Corners) -> None:
    pedicle = shape.pedicle
    x, y, z = pedicle.centre
    w, h = 0.5 * pedicle.width, 0.5 * pedicle.height
    rows = (z - _BOX * h, z, z + _BOX * h)
    for level, height in enumerate(rows):
        side = 1.0 if level == 1 else _BOX
        corners[f"Nm{level}"] = np.array([x, y - side * w, height])
        corners[f"Nl{level}"] = np.array([x, y + side * w, height])
    inner = body.around_at(y - w)
    outer = body.around_after(inner, 2.2 * w)
    next_inner, next_outer = body.around_at(y - 1.7 * w), body.around_after(inner, 3.2 * w)
    for level, height in enumerate((z - 0.95 * h, z, z + 0.95 * h)):
        for end, around, further in (("m", inner, next_inner), ("l", outer, next_outer)):
            fraction = float(np.clip(body.fraction_at(around, height), _WALL_MARGIN, 1.0 - _WALL_MARGIN))
            beyond = float(np.clip(fraction + 0.15 * (level - 1), 0.02, 0.98))
            corners[f"R{end}{level}"] = body.wall(around, fraction)
            corners[f"WR{end}{level}"] = body.wall(further, beyond)


def _place_pillar(shape: VertebraShape, corners: Corners) -> None:
    pedicle, lamina = shape.pedicle, shape.lamina
    x, y, z = pedicle.centre
    w, h = 0.5 * pedicle.width, 0.5 * pedicle.height
    depth = 0.45 * (x - corners["Bm1"][0])
    roof = lamina.upper_edge[2]
    corners["Fm2"] = np.array([x - depth, y - 0.7 * w, z + 0.85 * h])
    corners["Fl2"] = np.array([x - depth, y + 0.9 * w, z + 0.85 * h])
    corners["Fm1"] = np.array([x - depth, y - w, roof])
    corners["Fl1"] = np.array([x - depth, y + 1.1 * w, z + 0.3 * h])
    corners["Fm0"] = np.array([x - depth, y - 0.6 * w, z - 0.9 * h])
    corners["Fl0"] = np.array([x - depth, y + 0.8 * w, z - 0.8 * h])
    back = lamina.isthmus[0] - 0.5 * lamina.thickness
    corners["Bm0"] = np.array([back, y - 0.5 * w, z - 0.8 * h])
    corners["Bl0"] = np.array([back + 1.0, y + 0.9 * w, z - 0.6 * h])
    half_width, half_depth = 0.5 * lamina.isthmus_width, 0.5 * lamina.thickness
    for name, side, front in (("Kmf", -1, 1), ("Kmb", -1, -1), ("Klf", 1, 1), ("Klb", 1, -1)):
        corners[name] = lamina.isthmus + np.array([front * half_depth, side * half_width, 0.0]) * _BOX


def _place_transverse(shape: VertebraShape, corners: Corners) -> None:
    process = shape.transverse_process
    root = 0.25 * sum((corners[name] for name in ("Fl0", "Fl1", "Bl0", "Bl1")), np.zeros(3))
    for letter, fraction, grow in (("T", 0.42, 1.3), ("U", 1.0, 0.8)):
        centre = root + fraction * (process.tip - root)
        for depth, front in (("f", 1.0), ("b", -1.0)):
            for level, up in ((0, -1.0), (1, 1.0)):
                offset = np.array([0.5 * front * process.thickness, 0.0, 0.5 * up * process.height])
                corners[f"{letter}{depth}{level}"] = centre + _BOX * grow * offset


def _place_lamina(shape: VertebraShape, corners: Corners) -> None:
    lamina, spine = shape.lamina, shape.spinous_process
    drop = lamina.lower_edge - lamina.upper_edge
    for level, fraction in enumerate((0.0, 0.4, 0.65, 1.0)):
        front = lamina.upper_edge + fraction * drop
        back = front - np.array([lamina.thickness, 0.0, 0.0])
        side = np.array([0.0, 0.5 * spine.width, 0.0])
        corners[f"Of{level}"], corners[f"Ob{level}"] = front, back
        corners[f"Mf{level}"] = front + side + np.array([0.12 * lamina.thickness, 0.0, 0.0])
        corners[f"Mb{level}"] = back + side


def _place_spinous(shape: VertebraShape, corners: Corners) -> None:
    spine = shape.spinous_process
    side = np.array([0.0, 0.5 * spine.width, 0.0])
    for level, fraction in enumerate((0.0, 0.4, 0.65, 1.0)):
        end = spine.upper_corner + fraction * (spine.lower_corner - spine.upper_corner)
        half = 0.45 * corners[f"Ob{level}"] + 0.55 * end
        corners[f"OV{level}"], corners[f"OS{level}"] = end, half
        full = 1.0 if level in (1, 2) else 0.7
        corners[f"V{level}"], corners[f"S{level}"] = end + full * side, half + 0.6 * side
