"""The words of a case for a motion, and the columns of a level's rotation that hold it. No arithmetic."""

from typing import Final

#: Columns of a level's rotation, about its three axes.
ANGLES: Final = ("flexion_deg", "lateral_bending_deg", "axial_rotation_deg")
#: Motion as a case says it -> column of the rotation, and the sign that makes it positive.
ANGLE_OF_MOTION: Final = {
    "flexion": ("flexion_deg", 1.0),
    "extension": ("flexion_deg", -1.0),
    "lateral bending left": ("lateral_bending_deg", 1.0),
    "lateral bending right": ("lateral_bending_deg", -1.0),
    "axial rotation left": ("axial_rotation_deg", 1.0),
    "axial rotation right": ("axial_rotation_deg", -1.0),
}
