"""Films of a whole model: what they are made of, where they lie, and that left and right are alike in motion."""

from functools import cache

import numpy as np
import pytest

from fem.anatomy.vocabulary import MOTIONS
from fem.case.schema import ParameterSection
from fem.elements.layout import reference_state
from fem.film.constants import GAS, RIM_PRESSURE, THICKNESS
from fem.film.state import cavity_volume, fluid_volume
from fem.gas.clock import residual_bubble
from fem.gas.inputs import gas_after_pop
from fem.literature import load
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import Settings, Step
from fem.structures.film import FilmModel, FilmPlan
from fem.structures.model import Composition, LevelFactors, SpineModel, build_model
from fem.system.system import System, build_system
from fem.terms.curve import Curve
from fem.terms.loads import MomentTerm
from oracles.spines import SETTLE, coarse_mesh

#: A turn of L4 that is there after a tenth of a second, too small for a cavity.
FAST = PhaseSpan("turn", 1.0, 1.1, Settings(first_step=0.25, largest_step=0.25), dynamic=True)
MOMENT = 1500.0
HEALTHY = FilmPlan()
#: [s] since a pop whose bubbles are still there.
AGE = 300.0


def model(plan: FilmPlan | None, space: float = 1.0) -> SpineModel:
    parts = ParameterSection().sets(("film", "gas"))
    sets = {part: load(name) for part, (name, _) in parts.items()}
    levels = ("L4-L5",)
    factors = {"L4-L5": LevelFactors(joint_space=space)}
    return build_model(
        coarse_mesh(), Composition(levels, ("disc", "ligaments", "facets"), (), factors, sets, film=plan)
    )


def films(plan: FilmPlan) -> FilmModel:
    found = model(plan).film
    assert found is not None
    return found


def loaded(spine: SpineModel, motion: str) -> System:
    curve = Curve(np.array([1.0, 1.1]), np.array([0.0, 1.0]))
    moment = MomentTerm("moment", spine.bodies["L4"], MOMENT * np.array(MOTIONS[motion]), curve)
    return build_system(spine.layout, (*spine.terms, moment))


@cache
def turned(motion: str, plan: FilmPlan | None = HEALTHY) -> tuple[SpineModel, System, tuple[Step, ...]]:
    """Return a model that settled and was then turned quickly."""
    spine = model(plan)
    system = loaded(spine, motion)
    steps = march(system, LinearSolver(system.pattern), reference_state(spine.layout), [SETTLE, FAST])
    return spine, system, tuple(steps)


def test_films_lie_where_the_facets_touch() -> None:
    spine = model(FilmPlan())
    film, facets = spine.film, spine.facets
    assert film is not None
    assert facets is not None
    assert film.names == facets.names
    assert film.term in spine.terms
    state = reference_state(spine.layout)
    here = build_system(spine.layout, spine.terms).configuration(state)
    gap, cover = film.motion(here)
    surface = facets.term.surface_state(here.positions)
    np.testing.assert_array_equal(gap.ravel(), surface.gap)
    np.testing.assert_array_equal(cover.ravel(), surface.overlap)
    np.testing.assert_allclose(film.films.mesh.area.ravel(), facets.term.block.area, rtol=1e-12)
    # The same cartilage as in the contact, fluid from the data.
    np.testing.assert_allclose(film.films.constants[:, THICKNESS], facets.term.law.thickness[:: len(gap[0])])
    assert (film.films.constants[:, GAS] == 0.0).all()
    assert (film.films.constants[:, RIM_PRESSURE] == 0.0).all()


def test_a_model_without_a_plan_is_dry() -> None:
    dry = model(None)
    assert dry.film is None
    assert not [term for term in dry.terms if term.name == "film"]


def test_thickness_is_the_mean_in_the_neutral_posture() -> None:
    spine = model(FilmPlan(thickness=0.1))
    assert spine.film is not None
    here = build_system(spine.layout, spine.terms).configuration(reference_state(spine.layout))
    gap, _ = spine.film.motion(here)
    area = spine.film.films.mesh.area
    np.testing.assert_allclose(np.sum(area * gap, axis=1) / np.sum(area, axis=1), 0.1, rtol=1e-12)


@pytest.mark.parametrize("since", [AGE, {"L4-L5 right": AGE}])
def test_an_earlier_pop_leaves_its_gas_in_the_recess(since: float | dict[str, float]) -> None:
    constants = films(FilmPlan(since_last_pop=since)).films.constants
    left = residual_bubble(AGE, gas_after_pop(load("gas")))
    assert left.volume > 0.0
    expected = left.volume * left.surroundings.pressure
    assert constants[1, GAS] == pytest.approx(expected, rel=1e-12)
    assert constants[0, GAS] == (pytest.approx(expected, rel=1e-12) if since == AGE else 0.0)


def test_films_are_at_rest_in_static_phases_and_full_of_fluid() -> None:
    spine, _, steps = turned("axial rotation left")
    assert spine.film is not None
    settled = next(step for step in reversed(steps) if step.phase == "settle")
    assert not settled.evaluation.forces["film"].any()
    state = spine.film.state(settled.state.history)
    assert (cavity_volume(spine.film.films, state) == 0.0).all()
    assert (fluid_volume(spine.film.films, state) > 100.0).all()
    assert np.abs(steps[-1].evaluation.forces["film"]).max() > 0.1


def test_films_resist_a_fast_turn() -> None:
    """Fluid takes time to follow: with it, the turn is smaller and has cost more."""
    turns = []
    for plan in (HEALTHY, None):
        spine, _, steps = turned("axial rotation left", plan)
        turn = steps[-1].state.rotations[spine.bodies["L4"]] @ steps[0].state.rotations[spine.bodies["L4"]].T
        turns.append(np.arccos(0.5 * (np.trace(turn) - 1.0)))
    assert turns[0] < 0.98 * turns[1]
    _, _, steps = turned("axial rotation left")
    assert sum(step.evaluation.contributions["film"].lost for step in steps) > 0.01


def test_left_and_right_are_mirror_images_in_motion() -> None:
    found = []
    for motion in ("axial rotation left", "axial rotation right"):
        spine, _, steps = turned(motion)
        assert spine.film is not None
        state = spine.film.state(steps[-1].state.history)
        push = steps[-1].state.history["film.push"].sum(axis=1)
        found.append(np.stack([push, state.recess_pressure, fluid_volume(spine.film.films, state)]))
    assert np.abs(found[0][0]).min() > 0.1
    # Newton ends within 1e-8 of the largest force; thin films magnify what is left.
    np.testing.assert_allclose(found[0], found[1][:, ::-1], rtol=1e-5)


def test_a_narrow_joint_holds_a_thin_film_that_nobody_need_guess() -> None:
    means = []
    for space in (1.0, 0.25):
        spine = model(HEALTHY, space)
        assert spine.film is not None
        assert spine.film.thickness_given is (space != 1.0)
        area, gap = spine.film.films.mesh.area, spine.film.term.placement(spine.layout.reference).gap
        means.append(np.sum(area * gap, axis=1) / np.sum(area, axis=1))
    np.testing.assert_allclose(means[1], 0.25 * means[0], rtol=0.02)
    given = model(FilmPlan(thickness=0.1)).film
    assert given is not None
    assert given.thickness_given
