"""Pelvis and thorax about a lumbar spine: the frames they hang on, and their named places."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from fem.anatomy.frames import MIRROR
from fem.anatomy.spine import Frame, Spine, Vertebra
from fem.arrays import FloatArray, frozen
from fem.errors import UsageError
from fem.literature import ParameterSet

#: Body -> the vertebra whose axes and size it shares.
_HOST: Final = {"thorax": "L1"}
_AXES: Final = ("ahead", "outwards", "up")


def upper_joint(spine: Spine) -> FloatArray:
    """Return the centre (3,) [mm] of the T12-L1 disc: beyond L1 by half the height of the L1-L2 disc.

    Notes
    -----
    As far behind the middle of the endplate's outline as the centre of L1-L2 lies behind the middle of its own.
    """
    above, disc = host(spine, "L1"), spine.discs["L1-L2"]
    faces = above.landmarks["lower endplate"], host(spine, "L2").landmarks["upper endplate"]
    ahead = float((disc.frame.origin - 0.5 * (faces[0] + faces[1])) @ disc.frame.axes[:, 0])
    axes = above.frame.axes
    return frozen(above.landmarks["upper endplate"] + 0.5 * disc.height * axes[:, 2] + ahead * axes[:, 0])


def host(spine: Spine, body: str) -> Vertebra:
    """Return the vertebra whose axes and size `body` shares: itself, or L1 for the thorax.

    Raises
    ------
    UsageError
        When the spine has no such vertebra.
    """
    name = _HOST.get(body, body)
    if name not in spine.vertebrae:
        raise UsageError(
            f"muscles and trunk need the vertebra {name}, but the spine has {', '.join(spine.vertebrae)}; "
            "model L1 to S1"
        )
    return spine.vertebrae[name]


def body_size(spine: Spine, body: str) -> float:
    """Return the width [mm] of the upper endplate of `body` (S1 for the pelvis, L1 for the thorax)."""
    marks = host(spine, body).landmarks
    return float(np.linalg.norm(marks["upper endplate side left"] - marks["upper endplate side right"]))


def trunk_frame(spine: Spine, body: str) -> Frame:
    """Return the frame of ``S1`` (the pelvis, at the L5-S1 disc's centre) or ``thorax`` (at that of T12-L1)."""
    origin = upper_joint(spine) if body == "thorax" else spine.discs["L5-S1"].frame.origin
    return Frame(origin, host(spine, body).frame.axes)


def trunk_landmarks(spine: Spine, data: ParameterSet) -> Mapping[str, Mapping[str, FloatArray]]:
    """Return ``S1`` (the pelvis) and ``thorax`` -> landmark -> (3,) global point [mm], in the neutral posture.

    Paired landmarks end in ``left`` or ``right``; those on the mid-line have neither.
    """
    return {
        body: _landmarks(spine, body, part, data) for body, part in (("S1", "pelvis"), ("thorax", "thorax"))
    }


def _landmarks(spine: Spine, body: str, part: str, data: ParameterSet) -> dict[str, FloatArray]:
    frame, size = trunk_frame(spine, body), body_size(spine, body)
    names = dict.fromkeys(key.split(".")[1] for key in data.data if key.startswith(f"{part}."))
    marks: dict[str, FloatArray] = {}
    for name in names:
        left = size * np.array([data.number(f"{part}.{name}.{axis}", "dimensionless") for axis in _AXES])
        if left[1] == 0.0:
            marks[name] = frozen(frame.to_global(left))
        else:
            marks[f"{name} left"] = frozen(frame.to_global(left))
            marks[f"{name} right"] = frozen(frame.to_global(left * MIRROR))
    return marks
