"""Clinical angles and shifts of one vertebra on another, since the settled state."""

import numpy as np

from fem.anatomy.vocabulary import level_vertebrae
from fem.arrays import FloatArray
from fem.elements.layout import State
from fem.structures.model import SpineModel
from fem.tensors import rotation_vector


def level_motion(model: SpineModel, level: str, settled: State, now: State) -> tuple[FloatArray, FloatArray]:
    """Return flexion, left lateral bending and left axial rotation (3,) [rad], and the shift (3,) [mm].

    Notes
    -----
    The rotation of the upper vertebra relative to the lower one since the settled state, as a rotation vector in the
    axes of the disc (z along its normal); the span of several levels uses the global axes. The shift is that of the
    upper body's centre in the same axes.
    """
    upper, lower = (model.bodies[name] for name in level_vertebrae(level))
    axes = model.spine.discs[level].frame.axes if level in model.spine.discs else np.eye(3)
    before, after = _relative(settled, upper, lower), _relative(now, upper, lower)
    turn = rotation_vector(after[0] @ before[0].T) @ axes
    return np.array([turn[1], -turn[0], turn[2]]), (after[1] - before[1]) @ axes


def _relative(state: State, upper: int, lower: int) -> tuple[FloatArray, FloatArray]:
    """Return rotation and position of one body as seen from another, turned back to the neutral posture."""
    back = state.rotations[lower].T
    return back @ state.rotations[upper], back @ (state.origins[upper] - state.origins[lower])
