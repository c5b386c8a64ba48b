"""The compiled kernels against scikit-fem's forms: same integrals, written as the theory is."""

import numpy as np
import pytest
from skfem import Basis, BilinearForm, ElementHex1, ElementVector, LinearForm
from skfem.helpers import ddot, det, grad, identity, inv, mul, trace, transpose

from fem.elements.layout import reference_state
from fem.materials.solid import CompressibleNeoHookean, FibreExponential, Hyperelastic
from fem.materials.volumetric import LogarithmicVolume
from fem.system.system import build_system
from fem.terms.solid import SolidTerm
from oracles.meshes import ELEMENTS, distorted_block, meshed
from oracles.samples import random_rotation

MU, LAME = 0.5, 1.2


@LinearForm
def residual_form(v, w):  # type: ignore[no-untyped-def]
    F = grad(w["u"]) + identity(w["u"])
    inverse = transpose(inv(F))
    return ddot(MU * (F - inverse) + LAME * np.log(det(F)) * inverse, grad(v))


@BilinearForm
def tangent_form(u, v, w):  # type: ignore[no-untyped-def]
    F = grad(w["u"]) + identity(w["u"])
    inverse, step = inv(F), grad(u)
    turned = mul(transpose(inverse), mul(transpose(step), transpose(inverse)))
    change = (
        MU * step
        + (MU - LAME * np.log(det(F))) * turned
        + LAME * trace(mul(inverse, step)) * transpose(inverse)
    )
    return ddot(change, grad(v))


def test_same_residual_and_tangent_as_the_forms(generator: np.random.Generator) -> None:
    mesh = distorted_block("hex", generator, cells=2)
    solid = meshed(mesh)
    term = SolidTerm("block", solid.block, Hyperelastic((CompressibleNeoHookean(MU, LAME),)))
    system = build_system(solid.layout, (term,))
    start = reference_state(solid.layout)
    shift = 0.06 * generator.normal(size=start.nodes.shape)
    state = type(start)(start.nodes + shift, start.origins, start.rotations)
    here = system.evaluate(state, tangent=True)

    vector = Basis(mesh, ElementVector(ElementHex1()), intorder=3)
    u = np.zeros(vector.N)
    u[vector.nodal_dofs.T] = shift
    order = vector.nodal_dofs.T.ravel()
    displacement = vector.interpolate(u)
    expected = residual_form.assemble(vector, u=displacement)[order]
    matrix = tangent_form.assemble(vector, u=displacement)[order][:, order].toarray()
    lower = system.pattern.matrix(here.values).toarray()
    ours = lower + np.tril(lower, -1).T
    # Sums of a few hundred products of size one: rounding a few 1e-15 relative.
    np.testing.assert_allclose(here.residual, expected, rtol=0.0, atol=1e-13 * np.abs(expected).max())
    np.testing.assert_allclose(ours, matrix, rtol=0.0, atol=1e-13 * np.abs(matrix).max())


@pytest.mark.parametrize("kind", ELEMENTS)
def test_a_strained_mesh_turned_by_90_degrees(kind: str, generator: np.random.Generator) -> None:
    solid = meshed(distorted_block(kind, generator), kind)
    law = Hyperelastic((CompressibleNeoHookean(MU, LAME), FibreExponential(1.0, 5.0, 0.1)))
    fibres = np.broadcast_to(np.array([0.6, 0.0, 0.8]), (*solid.block.weight.shape, 1, 3)).copy()
    block = type(solid.block)(solid.block.points, solid.block.gradient, solid.block.weight, fibres)
    system = build_system(
        solid.layout,
        (SolidTerm("pointwise", block, law), SolidTerm("mean", block, law, LogarithmicVolume(50.0))),
    )
    start = reference_state(solid.layout)
    nodes = start.nodes + 0.02 * generator.normal(size=start.nodes.shape)
    quarter = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    for turn in (quarter, quarter.T @ quarter.T, random_rotation(generator)):
        here, turned = (
            system.evaluate(type(start)(x, start.origins, start.rotations), tangent=False)
            for x in (nodes, nodes @ turn.T)
        )
        assert here.energy > 0.0
        assert turned.energy == pytest.approx(here.energy, rel=1e-12)
        expected = here.residual.reshape(-1, 3) @ turn.T
        np.testing.assert_allclose(
            turned.residual.reshape(-1, 3), expected, rtol=0.0, atol=1e-12 * np.abs(expected).max()
        )
