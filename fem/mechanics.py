"""What a problem without a spine needs, in one place: ``from fem import mechanics as fe`` (docs/verification.md).

Names only; each is documented where it is defined.
"""

from fem.elements.facet_block import facet_area, facet_block, traction_forces
from fem.elements.layout import LayoutBuilder, positions, reference_state
from fem.elements.mesh_points import add_mesh, points_where
from fem.elements.solid_block import scalar_basis, solid_block
from fem.elements.surface_block import SurfaceBlock, nodal_areas
from fem.materials.cable import ConstantTension, ExponentialLinear, LinearCable, ToeLinear, TrilinearWindows
from fem.materials.relaxation import PronySeries, faster_than
from fem.materials.solid import (
    CompressibleNeoHookean,
    FibreExponential,
    Hyperelastic,
    LinearElastic,
    MooneyRivlin,
    NeoHookean,
    VolumeEnergy,
    Yeoh,
)
from fem.materials.surface import CartilageLayers, LinearFoundation
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.report import Settings
from fem.solver.static import solve_static
from fem.system.check import check_derivatives, check_rigid_motion
from fem.system.motion import BodyRotation, BodyTranslation, displaced
from fem.system.system import build_system
from fem.terms.cable import CableTerm
from fem.terms.contact import ContactTerm
from fem.terms.curve import Curve, constant, ramp
from fem.terms.loads import DisplacementTerm, ForceTerm, MomentTerm
from fem.terms.pressure import PressureTerm
from fem.terms.solid import SolidTerm

__all__ = [
    "BodyRotation",
    "BodyTranslation",
    "CableTerm",
    "CartilageLayers",
    "CompressibleNeoHookean",
    "ConstantTension",
    "ContactTerm",
    "Curve",
    "DisplacementTerm",
    "ExponentialLinear",
    "FibreExponential",
    "ForceTerm",
    "Hyperelastic",
    "LayoutBuilder",
    "LinearCable",
    "LinearElastic",
    "LinearFoundation",
    "LogarithmicVolume",
    "MomentTerm",
    "MooneyRivlin",
    "NeoHookean",
    "PressureTerm",
    "PronySeries",
    "Settings",
    "SolidTerm",
    "SurfaceBlock",
    "ToeLinear",
    "TrilinearWindows",
    "VolumeEnergy",
    "Yeoh",
    "add_mesh",
    "build_system",
    "check_derivatives",
    "check_rigid_motion",
    "constant",
    "displaced",
    "facet_area",
    "facet_block",
    "faster_than",
    "nodal_areas",
    "points_where",
    "positions",
    "ramp",
    "reference_state",
    "scalar_basis",
    "solid_block",
    "solve_static",
    "traction_forces",
]
