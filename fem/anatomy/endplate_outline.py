"""The kidney-shaped outline of an endplate, from its width, depth and posterior notch."""

from functools import cache
from typing import Final

import numpy as np

from fem.anatomy.vertebra_shape import EndplateContour
from fem.arrays import FloatArray

#: Third harmonic of the outline: 0 is an ellipse, more is squarer (fills 1 + 2 q of the ellipse's area).
SQUARENESS: Final = 0.02


def outline_points(contour: EndplateContour, angle: FloatArray) -> FloatArray:
    """Return points (k, 2) [mm] of an endplate's outline about its middle, by parameter `angle` (k,) [rad].

    Notes
    -----
    With t the angle from anterior, q the squareness and D, W depth and width::

        x = D/2 ((cos t - q cos 3t) / (1 - q) - f sin² t),   y = W/2 (sin t + q sin 3t) / (1 - q)

    f flattens the back and sharpens the front; it follows from the notch, which is x on the mid-line minus x
    on the posterior border a quarter of the width to the side. On the mid-line the depth is D exactly.
    """
    flattening = _flattening(contour.notch / (0.5 * contour.depth))
    x = _rounded_cosine(angle) - flattening * np.sin(angle) ** 2
    y = (np.sin(angle) + SQUARENESS * np.sin(3.0 * angle)) / (1.0 - SQUARENESS)
    return np.column_stack([0.5 * contour.depth * x, 0.5 * contour.width * y])


def tilted_axes(tilt: float) -> tuple[FloatArray, FloatArray]:
    """Return the anterior axis and the upward normal (3,) of a plane tipped forward by `tilt` [rad]."""
    cosine, sine = np.cos(tilt), np.sin(tilt)
    return np.array([cosine, 0.0, -sine]), np.array([sine, 0.0, cosine])


def outline_centroid(contour: EndplateContour) -> float:
    """Return the x of the area centroid of the outline, from its middle [mm] (negative: posterior)."""
    angle = 2.0 * np.pi * np.arange(720) / 720
    x, y = outline_points(contour, angle).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    return float(np.sum((x + np.roll(x, -1)) * cross) / (3.0 * np.sum(cross)))


def outline_area(contour: EndplateContour) -> float:
    """Return the area inside the outline [mm²]."""
    angle = 2.0 * np.pi * np.arange(720) / 720
    x, y = outline_points(contour, angle).T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _rounded_cosine(angle: FloatArray | float) -> FloatArray:
    return np.asarray((np.cos(angle) - SQUARENESS * np.cos(3.0 * np.asarray(angle))) / (1.0 - SQUARENESS))


def _flattening(relative_notch: float) -> float:
    """Return the flattening whose posterior border is drawn in by `relative_notch` half depths."""
    quarter = _quarter_width_angle()
    return float((relative_notch + 1.0 + _rounded_cosine(quarter)) / np.sin(quarter) ** 2)


@cache
def _quarter_width_angle() -> float:
    """Return the angle at which the posterior border is a quarter of the width from the mid-line."""
    angle = np.linspace(0.5 * np.pi, np.pi, 4001)
    y = (np.sin(angle) + SQUARENESS * np.sin(3.0 * angle)) / (1.0 - SQUARENESS)
    return float(np.interp(-0.5, -y, angle))


def rim_points(contour: EndplateContour, angle: FloatArray) -> FloatArray:
    """Return points (k, 3) [mm] on an endplate's rim at parameter `angle` (k,), in the frame of `contour`."""
    plane = outline_points(contour, angle)
    axis, _ = tilted_axes(contour.tilt)
    points: FloatArray = contour.centre + plane[:, :1] * axis
    points[:, 1] += plane[:, 1]
    return points
