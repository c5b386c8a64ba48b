"""Muscles on a spine of rigid bodies: names, equilibrium, mirror image, activation, memory, observation."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fem.anatomy.assemble import assemble_spine
from fem.anatomy.recipe import read_recipe
from fem.anatomy.spine import Spine
from fem.anatomy.trunk import upper_joint
from fem.elements.layout import LayoutBuilder, State, positions, reference_state
from fem.elements.retraction import retract
from fem.errors import ParameterError, UsageError
from fem.literature import load
from fem.structures.guarding import GROUPS, GuardingPattern, GuardingPlan, GuardRule, Reflex
from fem.structures.muscles import MuscleModel, muscle_model
from fem.system.check import check_derivatives
from fem.system.system import System, build_system
from oracles.muscle_paths import RECIPE

QUIET = GuardingPattern("quiet", "judgement", "assumed", "", (), tone=0.1)
REFLEX = Reflex(delay=0.05, gain=2.0, duration=0.2, threshold=0.005)


@cache
def spine() -> Spine:
    return assemble_spine(read_recipe(RECIPE).model)


def built(plan: GuardingPlan) -> tuple[MuscleModel, System]:
    builder = LayoutBuilder()
    bodies = {
        name: builder.add_body(name, vertebra.frame.origin, fixed=name == "S1")
        for name, vertebra in spine().vertebrae.items()
    }
    bodies["thorax"] = builder.add_body("thorax", upper_joint(spine()) + np.array([0.0, 0.0, 15.0]))
    model = muscle_model(builder, bodies, spine(), load("muscles/myotorso"), plan)
    return model, build_system(builder.build(), model.terms)


@cache
def quiet() -> tuple[MuscleModel, System]:
    return built(GuardingPlan(QUIET, 0.0))


def moved(system: System, size: float = 0.02) -> State:
    direction = np.random.default_rng(3).normal(size=system.layout.dof_count) * size
    return retract(system.layout, reference_state(system.layout), direction, {})


def test_names_follow_the_terms() -> None:
    model, _ = quiet()
    assert len(model.names) == len(model.group) == len(model.side) == len(model.level) == 196
    assert set(model.group) == set(GROUPS)
    assert all(name.endswith(side) for name, side in zip(model.names, model.side, strict=True))
    for term, part in model.slices():
        assert len(model.names[part]) == len(term.points)
        assert term.name == f"muscles, {term.points.shape[1]} points"
    strength = dict(zip(model.names, model.maximum_force, strict=True))
    assert strength["rect_abd right"] == 297.0
    assert (model.injury_strain > 0.0).all()


def test_in_neutral_the_force_is_activation_times_strength_and_nothing_is_stretched() -> None:
    model, system = quiet()
    seen = model.observe(system.configuration(reference_state(system.layout)))
    np.testing.assert_allclose(seen.force, 0.1 * model.maximum_force, rtol=1e-9)
    np.testing.assert_allclose(seen.fibre_strain, 0.0, atol=1e-9)
    np.testing.assert_array_equal(seen.fibre_velocity, 0.0)
    np.testing.assert_array_equal(seen.passive_force, 0.0)


def test_forces_of_the_terms_and_unit_forces_agree_and_balance() -> None:
    model, system = quiet()
    state = moved(system)
    here = system.configuration(state)
    for term in model.terms:
        unit = term.unit_forces(here.positions)
        plain = replace(term, activation=np.zeros(len(term.points))).evaluate(here, False).force
        active = term.evaluate(here, False).force - plain
        np.testing.assert_allclose(-0.1 * unit, active, atol=1e-9 * np.abs(active).max())
        force = unit.reshape(*term.points.shape, 3)
        x = here.positions[term.points]
        np.testing.assert_allclose(force.sum(axis=1), 0.0, atol=1e-9)
        np.testing.assert_allclose(np.cross(x, force).sum(axis=1), 0.0, atol=1e-7)


def dynamic(model: MuscleModel, system: System) -> State:
    """A fast step after a first one that has set the memory."""
    rest = reference_state(system.layout)
    history = system.history(system.evaluate(rest, tangent=False))
    state = replace(moved(system), time=0.01, elapsed=0.01, history=history)
    history = {**history, **system.history(system.evaluate(state, tangent=False))}
    return replace(moved(system, 0.025), time=0.08, elapsed=0.07, history=history)


def test_derivatives_at_rest_and_in_a_fast_step_with_reflex() -> None:
    _, system = quiet()
    check_derivatives(system, moved(system), directions=3, conservative=False).require(1e-6)
    model, system = built(GuardingPlan(QUIET, 0.0, REFLEX))
    state = dynamic(model, system)
    check_derivatives(system, state, directions=3, conservative=False).require(1e-6)
    seen = system.history(system.evaluate(state, tangent=False))
    raised = np.concatenate([seen[f"{term.name}.activation"] for term in model.terms])
    assert raised.max() > 0.11  # the reflex acts, so it was part of what was checked


def test_activation_changes_force_and_tangent() -> None:
    model, system = quiet()
    state = moved(system)
    stronger = model.with_activation(np.full(196, 0.5))
    first, second = (
        t.evaluate(system.configuration(state), True) for t in (model.terms[0], stronger.terms[0])
    )
    assert first.stiffness is not None
    assert second.stiffness is not None
    assert np.abs(second.stiffness - first.stiffness).max() > 0.1 * np.abs(first.stiffness).max()
    np.testing.assert_array_equal(stronger.activation, 0.5)
    np.testing.assert_array_equal(model.activation, 0.1)


def test_what_is_observed_after_a_step_is_what_acted_in_it() -> None:
    model, system = built(GuardingPlan(QUIET, 0.0, REFLEX))
    state = dynamic(model, system)
    at = system.evaluate(state, tangent=False)
    kept = replace(state, history={**state.history, **system.history(at)})
    seen = model.observe(system.configuration(kept))
    assert np.abs(seen.fibre_velocity).max() > 0.0
    for term, part in model.slices():
        # Tension: the force on a path's end, whose gradient is a unit vector.
        force = at.contributions[term.name].force.reshape(*term.points.shape, 3)[:, 0]
        np.testing.assert_allclose(np.linalg.norm(force, axis=1), seen.force[part], rtol=1e-9)


def test_swapping_sides_mirrors_the_load() -> None:
    def one_sided(side: str) -> tuple[MuscleModel, System]:
        rule = GuardRule(("multifidus", "iliocostalis"), (side,), None, 1.0)
        return built(GuardingPlan(replace(QUIET, rules=(rule,)), 0.4))

    residuals = []
    for side in ("left", "right"):
        _, system = one_sided(side)
        residuals.append(
            system.evaluate(reference_state(system.layout), tangent=False).residual.reshape(-1, 2, 3)
        )
    left, right = residuals
    force, spin = np.array([1.0, -1.0, 1.0]), np.array([-1.0, 1.0, -1.0])
    mirrored = np.stack([right[:, 0] * force, right[:, 1] * spin], axis=1)
    np.testing.assert_allclose(left, mirrored, atol=1e-9 * np.abs(left).max())
    assert np.abs(left - right).max() > 0.1 * np.abs(left).max()


def test_extensors_extend_and_flexors_flex() -> None:
    """The moment about L4-L5 of the pull on everything above has the sign that the group's name says."""
    model, system = quiet()
    place = positions(system.layout, reference_state(system.layout))
    centre = spine().discs["L4-L5"].frame.origin
    above = [system.layout.body_number(name) for name in ("L1", "L2", "L3", "L4", "thorax")]
    flexion = dict.fromkeys(GROUPS, 0.0)
    for term, part in model.slices():
        force = term.unit_forces(place).reshape(*term.points.shape, 3)
        counts = np.isin(system.layout.body[term.points], above)
        moment = np.cross(place[term.points] - centre, force)[..., 1]
        for group, value in zip(model.group[part], (moment * counts).sum(axis=1), strict=True):
            flexion[group] += value
    for group in (
        "multifidus",
        "longissimus lumborum",
        "longissimus thoracis",
        "iliocostalis",
        "quadratus lumborum",
    ):
        assert flexion[group] < 0.0, group
    for group in ("psoas", "rectus abdominis", "external oblique", "internal oblique"):
        assert flexion[group] > 0.0, group


def test_wrong_activations_and_a_missing_thorax_are_refused() -> None:
    model, _ = quiet()
    with pytest.raises(ParameterError, match=r"activation of \S+ left is 1.5"):
        model.with_activation(np.where(np.arange(196) == 4, 1.5, 0.1))
    with pytest.raises(ParameterError, match="196 activations are needed, 3 were given"):
        model.with_activation(np.zeros(3))
    builder = LayoutBuilder()
    bodies = {name: builder.add_body(name, v.frame.origin) for name, v in spine().vertebrae.items()}
    with pytest.raises(UsageError, match="bodies for thorax"):
        muscle_model(builder, bodies, spine(), load("muscles/myotorso"), GuardingPlan(QUIET, 0.0))
