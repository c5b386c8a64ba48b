"""The follower load: one cable of given tension through every disc, so that its pull follows the curve."""

from collections.abc import Mapping, Sequence

import numpy as np

from fem.anatomy.spine import Spine
from fem.arrays import IntArray
from fem.elements.layout import LayoutBuilder


def follower_path(
    builder: LayoutBuilder, bodies: Mapping[str, int], spine: Spine, levels: Sequence[str]
) -> IntArray:
    """Add the cable's guides to the layout and return its points (1, k), cranial to caudal.

    Notes
    -----
    Each disc is crossed along its own axis: one guide on the lower face of the vertebra above, one on the upper face
    of the vertebra below. Between its two guides a vertebra carries the pull inside itself, so each disc is pressed
    by a force of constant size along its axis, whatever the posture (Patwardhan et al. 1999, Spine 24:1003).
    """
    numbers = []
    for level in levels:
        disc = spine.discs[level]
        upper, lower = level.split("-")
        half = 0.5 * disc.height * disc.frame.axes[:, 2]
        numbers.append(builder.add_carried((disc.frame.origin + half)[None, :], bodies[upper]))
        numbers.append(builder.add_carried((disc.frame.origin - half)[None, :], bodies[lower]))
    return np.concatenate(numbers)[None, :]
