"""Patch tests: a homogeneous deformation prescribed on the boundary fills the inside, whatever the mesh."""

import numpy as np
import pytest

from fem.elements.layout import positions
from fem.elements.solid_kernels import deformation
from fem.materials.law import SolidLaw, VolumetricLaw
from fem.materials.solid import CompressibleNeoHookean, Hyperelastic, LinearElastic, MooneyRivlin
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.report import Settings
from fem.solver.static import solve_static
from fem.system.motion import NodeMotion
from fem.system.system import build_system
from fem.terms.curve import ramp
from fem.terms.solid import SolidTerm
from oracles.meshes import ELEMENTS, MeshedSolid, distorted_block, meshed

kinds = pytest.mark.parametrize("kind", ELEMENTS)


def deformation_error(
    solid: MeshedSolid, law: SolidLaw, gradient: np.ndarray, volume: VolumetricLaw | None = None
) -> float:
    """Return the largest difference of F from the homogeneous one, over the size of its displacement gradient."""
    points = solid.boundary
    value = solid.layout.reference[points] @ gradient.T
    motion = NodeMotion(points, np.ones_like(value, dtype=bool), value, ramp(0.0, 1.0))
    assert len(points) < solid.layout.node_count  # something inside is left to solve for
    system = build_system(solid.layout, (SolidTerm("block", solid.block, law, volume),), (motion,))
    step = solve_static(system, Settings(tolerance=1e-12, first_step=1.0, largest_step=1.0))
    x = positions(solid.layout, step.state)[solid.block.points]
    F, _ = deformation(x, solid.block.gradient)
    return float(np.abs(F - np.eye(3) - gradient).max() / np.abs(gradient).max())


@kinds
def test_small_strain(kind: str, generator: np.random.Generator) -> None:
    """Linear problem: error of one sparse solve, 1e-10 as the classical test asks."""
    solid = meshed(distorted_block(kind, generator), kind)
    gradient = 1e-3 * generator.normal(size=(3, 3))
    assert deformation_error(solid, LinearElastic(10.0, 0.3), gradient) <= 1e-10


@kinds
def test_finite_strain(kind: str, generator: np.random.Generator) -> None:
    solid = meshed(distorted_block(kind, generator), kind)
    gradient = 0.15 * generator.normal(size=(3, 3))
    law = Hyperelastic((CompressibleNeoHookean(0.5, 1.2),))
    assert deformation_error(solid, law, gradient) <= 1e-8


@kinds
def test_finite_strain_with_mean_dilatation(kind: str, generator: np.random.Generator) -> None:
    """Every cell has the same volume ratio, so its one pressure is exact; K/μ = 1000 costs three digits."""
    solid = meshed(distorted_block(kind, generator), kind)
    gradient = 0.15 * generator.normal(size=(3, 3))
    law = Hyperelastic((MooneyRivlin(0.2, 0.05),))
    assert deformation_error(solid, law, gradient, LogarithmicVolume(500.0)) <= 1e-8


def test_a_wrong_weight_is_caught(generator: np.random.Generator) -> None:
    """One cell integrated with too large a weight is a stiffer inclusion: the patch test must see it."""
    solid = meshed(distorted_block("hex", generator))
    weight = solid.block.weight.copy()
    weight[0] *= 1.1
    block = type(solid.block)(solid.block.points, solid.block.gradient, weight, solid.block.fibres)
    wrong = MeshedSolid(solid.basis, solid.numbers, solid.layout, block)
    gradient = 1e-3 * generator.normal(size=(3, 3))
    assert not deformation_error(wrong, LinearElastic(10.0, 0.3), gradient) <= 1e-4
