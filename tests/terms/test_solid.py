"""The solid term by itself: what it refuses, and how cell pressures follow."""

from dataclasses import replace

import numpy as np
import pytest

from fem.elements.layout import positions, reference_state
from fem.elements.retraction import linear_steps
from fem.errors import ElementInvertedError, NonFiniteError
from fem.materials.solid import Hyperelastic, MooneyRivlin
from fem.materials.volumetric import LogarithmicVolume
from fem.system.system import build_system
from fem.terms.solid import SolidTerm
from oracles.meshes import box
from oracles.orders import mesh_orders
from oracles.scenes import SCENES


def test_an_inverted_cell_is_named() -> None:
    solid = box((np.linspace(0, 2, 3), np.linspace(0, 1, 2), np.linspace(0, 1, 2)))
    term = SolidTerm("bar", solid.block, Hyperelastic((MooneyRivlin(0.2, 0.1),)))
    start = reference_state(solid.layout)
    nodes = np.where(start.nodes[:, :1] > 1.5, start.nodes * [0.2, 1.0, 1.0], start.nodes)
    system = build_system(solid.layout, (term,))
    with pytest.raises(ElementInvertedError, match="1 cell") as caught:
        system.evaluate(replace(start, nodes=nodes), tangent=False)
    assert caught.value.term == "bar"
    assert len(caught.value.cells) == 1
    assert caught.value.smallest < 0.0


def test_what_is_not_finite_is_refused() -> None:
    solid = box((np.linspace(0, 1, 2),) * 3)
    term = SolidTerm("bar", solid.block, Hyperelastic((MooneyRivlin(np.nan, 0.1),)))
    with pytest.raises(NonFiniteError, match="bar"):
        build_system(solid.layout, (term,)).evaluate(reference_state(solid.layout), tangent=False)


def test_cell_pressures_follow_to_first_order() -> None:
    """p + U''/V G·δx against U' at the new place: order 2, bodies and guided nodes included."""
    scene = SCENES["disc, mean dilatation"]()
    layout, term = scene.system.layout, scene.system.terms[0]
    assert isinstance(term, SolidTerm)
    here = scene.system.configuration(scene.state)
    direction = np.random.default_rng(2).normal(size=layout.dof_count)
    errors = []
    for size in (4e-3, 2e-3, 1e-3):
        step = linear_steps(layout, here.positions, scene.state.origins, size * direction)
        followed = term.renew(here, step)[term.name]
        errors.append(float(np.abs(followed - term.mean_pressure(here.positions + step)).max()))
    np.testing.assert_allclose(mesh_orders(errors), 2.0, atol=0.15)


def test_volume_ratio_of_a_stretched_block() -> None:
    solid = box((np.linspace(0, 1, 3),) * 3)
    law = Hyperelastic((MooneyRivlin(0.2, 0.1),))
    term = SolidTerm("block", solid.block, law, LogarithmicVolume(100.0))
    x = positions(solid.layout, reference_state(solid.layout)) * [1.1, 0.95, 1.2]
    np.testing.assert_allclose(term.volume_ratio(x), 1.1 * 0.95 * 1.2, rtol=1e-13)
    np.testing.assert_allclose(term.mean_pressure(x), 100.0 * np.log(1.254) / 1.254, rtol=1e-12)


def test_part_of_a_block() -> None:
    solid = box((np.linspace(0, 1, 3),) * 3)
    part = solid.block.part(np.array([1, 5]))
    np.testing.assert_array_equal(part.points, solid.block.points[[1, 5]])
    np.testing.assert_array_equal(part.gradient, solid.block.gradient[[1, 5]])
