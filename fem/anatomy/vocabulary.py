"""The closed vocabulary of the anatomy: vertebrae, levels, ligaments, motions."""

from typing import Final

VERTEBRAE: Final = ("L1", "L2", "L3", "L4", "L5", "S1")
LEVELS: Final = ("L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")
SIDES: Final = ("left", "right")
RESOLUTIONS: Final = ("coarse", "standard", "fine")

#: Ligament bundles of one level, in the order in which tables list them.
BUNDLES: Final = ("ALL", "PLL", "LF", "CL left", "CL right", "ISL", "SSL", "ITL left", "ITL right")

#: Motion name -> rotation axis of the *upper* body in anatomical axes (x anterior, y left, z up), right-handed.
MOTIONS: Final[dict[str, tuple[float, float, float]]] = {
    "flexion": (0.0, 1.0, 0.0),
    "extension": (0.0, -1.0, 0.0),
    "lateral bending right": (1.0, 0.0, 0.0),
    "lateral bending left": (-1.0, 0.0, 0.0),
    "axial rotation left": (0.0, 0.0, 1.0),
    "axial rotation right": (0.0, 0.0, -1.0),
}


def level_vertebrae(level: str) -> tuple[str, str]:
    """Return the (upper, lower) vertebra of a level such as ``L4-L5``."""
    upper, lower = level.split("-")
    return upper, lower
