"""Named places on a bone: where loads, ligaments and muscles act. Left ones are mirrored to the right."""

import numpy as np

from fem.anatomy.facets import surface_point
from fem.anatomy.frames import MIRROR
from fem.anatomy.spine import ArticularSurface
from fem.anatomy.vertebra_shape import EndplateContour, SacrumShape, VertebraShape
from fem.arrays import FloatArray, frozen

Landmarks = dict[str, FloatArray]


def vertebra_landmarks(shape: VertebraShape) -> Landmarks:
    """Return the landmarks of a lumbar vertebra, name -> (3,) [mm] in its own frame."""
    spine = shape.spinous_process
    middle = {
        "body centre": np.zeros(3),
        **_plate("upper endplate", shape.upper_endplate),
        **_plate("lower endplate", shape.lower_endplate),
        "lamina upper edge": shape.lamina.upper_edge,
        "lamina lower edge": shape.lamina.lower_edge,
        "spinous process": 0.5 * (spine.upper_corner + spine.lower_corner),
        "spinous process upper corner": spine.upper_corner,
        "spinous process lower corner": spine.lower_corner,
    }
    left = {
        "pedicle": shape.pedicle.centre,
        "pars": shape.lamina.isthmus,
        "lamina": 0.5 * (shape.lamina.isthmus + shape.lamina.lower_edge),
        "transverse process": shape.transverse_process.tip,
        "mammillary process": shape.mammillary,
        "accessory process": _accessory(shape),
        "body side": _body_side(shape),
        "upper endplate side": _plate_side(shape.upper_endplate),
        "lower endplate side": _plate_side(shape.lower_endplate),
        "superior articular process": shape.superior_process.tip,
        "inferior articular process": shape.inferior_process.tip,
        "superior facet": _centre(shape.superior_process.facet),
        "inferior facet": _centre(shape.inferior_process.facet),
    }
    return _with_sides(middle, left)


def sacrum_landmarks(shape: SacrumShape) -> Landmarks:
    """Return the landmarks of the sacrum, name -> (3,) [mm] in the frame of S1."""
    middle = {
        "body centre": np.zeros(3),
        **_plate("upper endplate", shape.upper_endplate),
        "median crest": shape.crest,
    }
    left = {
        "ala": shape.ala_tip,
        "upper endplate side": _plate_side(shape.upper_endplate),
        "superior articular process": shape.superior_process.tip,
        "superior facet": _centre(shape.superior_process.facet),
    }
    return _with_sides(middle, left)


def _plate(name: str, contour: EndplateContour) -> Landmarks:
    half = 0.5 * contour.depth * np.array([np.cos(contour.tilt), 0.0, -np.sin(contour.tilt)])
    return {
        name: contour.centre,
        f"{name} anterior": contour.centre + half,
        f"{name} posterior": contour.centre - half,
    }


def _plate_side(contour: EndplateContour) -> FloatArray:
    return np.asarray(contour.centre + np.array([0.0, 0.5 * contour.width, 0.0]))


def _body_side(shape: VertebraShape) -> FloatArray:
    """Return the left wall of the body at mid height, where psoas takes its origin."""
    sides = _plate_side(shape.upper_endplate), _plate_side(shape.lower_endplate)
    return np.asarray(0.5 * (sides[0] + sides[1]) - np.array([0.0, shape.waist, 0.0]))


def _accessory(shape: VertebraShape) -> FloatArray:
    """Return the back of the transverse process's root, between mammillary process and process tip."""
    root = 0.5 * (shape.pedicle.centre + shape.transverse_process.tip)
    return np.asarray(0.5 * (root + shape.mammillary))


def _centre(surface: ArticularSurface) -> FloatArray:
    return surface_point(surface, np.zeros(()), np.zeros(()))


def _with_sides(middle: Landmarks, left: Landmarks) -> Landmarks:
    sides = {f"{name} left": point for name, point in left.items()}
    sides |= {f"{name} right": point * MIRROR for name, point in left.items()}
    return {name: frozen(point) for name, point in (middle | sides).items()}
