"""Steps that Newton misses from the state before: films pressed shut, or pulled open from nothing, in one step."""

import numpy as np
import pytest

from fem.film.constants import COMPLIANCE, INFLOW_RATE
from fem.film.data import film_laws
from fem.film.fluid_kernels import Fluid
from fem.film.gradual_kernels import _gap_before
from fem.film.placement import Placement
from fem.film.state import Film, arrays_of, film, film_load, fluid_volume, initial_state
from fem.film.step import film_step, nucleated
from fem.literature import load
from oracles.films import disc_mesh

DURATION = 0.01


#: Most iterations of one solve: more were made only where a step was approached in parts.
ONE_SOLVE = 60
Shape = tuple[float, float, float]


def joint(shape: Shape) -> tuple[Film, np.ndarray]:
    """Return a film of the shipped data, and gaps (1, n): in the centre, more by a tilt, more towards the rim."""
    mesh = disc_mesh(6.5)
    films = film(mesh, film_laws(load("film"), load("cartilage")))
    return films, gaps(films, shape)


def gaps(films: Film, shape: Shape) -> np.ndarray:
    x, y = films.mesh.points[..., 0] / 6.5, films.mesh.points[..., 1] / 6.5
    return shape[0] + shape[1] * x + shape[2] * (x * x + y * y) + 0.03 * y


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((0.3, 0.05, -0.25), (0.0, 0.1, -0.25)),
        ((0.05, 0.1, -0.1), (-0.05, 0.15, -0.1)),
        ((0.0, 0.1, -0.1), (0.0, -0.1, -0.1)),
    ],
)
def test_a_large_motion_in_one_step_is_solved(before: Shape, after: Shape) -> None:
    films, start = joint(before)
    state = nucleated(initial_state(films, start), np.ones(1, dtype=bool))
    step = film_step(films, state, Placement(gaps(films, after)), DURATION, tangent=True)
    assert step.iterations[0] > ONE_SOLVE
    # It is the whole step that was solved: nothing came or went but what seeps in.
    seep = films.constants[0, INFLOW_RATE] * films.constants[0, COMPLIANCE]
    seeped = -seep * step.state.recess_pressure[0] * DURATION
    held = fluid_volume(films, step.state)[0]
    assert held == pytest.approx(fluid_volume(films, state)[0] + seeped, rel=1e-10)
    assert step.traction_by_gap is not None
    assert np.isfinite(step.traction_by_gap).all()


def test_gaps_are_known_from_what_films_hold() -> None:
    films, gap = joint((0.01, 0.02, 0.0))
    state = initial_state(films, gap)
    fluid = Fluid(*(array[0].copy() for array in arrays_of(state)))
    found = np.array([_gap_before(films.constants[0], fluid, i, g) for i, g in enumerate(gap[0])])
    np.testing.assert_allclose(found, gap[0], atol=1e-6)
    assert film_load(films, state, found[None]).thickness == pytest.approx(
        film_load(films, state, gap).thickness, abs=1e-9
    )
