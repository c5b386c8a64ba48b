"""Frames of vertebrae and discs: all stand in the mid-sagittal plane, tipped forward by an angle."""

import numpy as np

from fem.anatomy.spine import ArticularSurface, Frame
from fem.arrays import FloatArray, frozen

#: Mirror image left <-> right.
MIRROR = frozen([1.0, -1.0, 1.0])


def sagittal_axes(tilt: float) -> FloatArray:
    """Return axes (3, 3), columns x anterior, y left, z up, tipped forward by `tilt` [rad]."""
    cosine, sine = np.cos(tilt), np.sin(tilt)
    return np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])


def sagittal_frame(origin: FloatArray, tilt: float) -> Frame:
    """Return the frame at `origin` (3,) [mm] whose z axis is tipped forward by `tilt` [rad]."""
    return Frame(frozen(origin), frozen(sagittal_axes(tilt)))


def tilt_of(frame: Frame) -> float:
    """Return how far the frame's z axis tips forward [rad]."""
    return float(np.arctan2(frame.axes[0, 2], frame.axes[2, 2]))


def surface_in_frame(surface: ArticularSurface, frame: Frame) -> ArticularSurface:
    """Return an articular surface given in global coordinates in the coordinates of `frame`."""
    return ArticularSurface(surface.vertebra, frozen(frame.to_local(surface.control)))
