"""Where a load acts: a landmark of a vertebra or of the thorax, in the neutral posture."""

from collections.abc import Mapping

from fem.anatomy.spine import Spine
from fem.anatomy.trunk import trunk_landmarks
from fem.arrays import FloatArray
from fem.case.loads import DirectedLoad
from fem.literature import ParameterSet, load
from fem.structures.trunk import THORAX, thorax_centre

#: Set with the named places of pelvis and thorax.
_LANDMARKS = "muscles/trunk_landmarks"


def landmarks_of(spine: Spine, body: str) -> Mapping[str, FloatArray]:
    """Return landmark -> (3,) [mm] of a vertebra or of the thorax."""
    return (
        trunk_landmarks(spine, load(_LANDMARKS))[THORAX]
        if body == THORAX
        else spine.vertebrae[body].landmarks
    )


def place_of(spine: Spine, load: DirectedLoad, sets: Mapping[str, ParameterSet]) -> FloatArray:
    """Return the point (3,) [mm] at which a load acts: its landmark, or the centre of its body."""
    if load.landmark is not None:
        return landmarks_of(spine, load.on)[load.landmark]
    return thorax_centre(spine, sets["trunk"]) if load.on == THORAX else spine.vertebrae[load.on].frame.origin
