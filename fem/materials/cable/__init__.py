"""Laws of cables (ligament strands, follower load, muscles), and their registry."""

from typing import Final

from fem.materials.cable.damaged import DamagedCable
from fem.materials.cable.exponential import ExponentialLinear
from fem.materials.cable.piecewise import ConstantTension, LinearCable, TrilinearWindows
from fem.materials.cable.toe_linear import ToeLinear

#: name in case and literature files -> law
CABLE_LAWS: Final[dict[str, type]] = {
    "toe_linear": ToeLinear,
    "exponential_linear": ExponentialLinear,
    "trilinear_windows": TrilinearWindows,
    "linear": LinearCable,
    "constant_tension": ConstantTension,
}

__all__ = [
    "CABLE_LAWS",
    "ConstantTension",
    "DamagedCable",
    "ExponentialLinear",
    "LinearCable",
    "ToeLinear",
    "TrilinearWindows",
]
