"""One implicit step of all films at once, with what it does to the surfaces and the derivatives of that."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import BoolArray, FloatArray, IntArray, frozen
from fem.film.fluid_kernels import LAST, TORN, Fluid
from fem.film.march_kernels import step_some
from fem.film.placement import Placement, as_motion
from fem.film.state import Film, FilmLoad, FilmState, arrays_of, film_load, mesh_arrays, sealed
from fem.film.threads import share_out


@dataclass(frozen=True, slots=True)
class FilmStep:
    """A step that was tried.

    Attributes
    ----------
    state : what the films hold at its end.
    load : thickness and pressures at its end.
    iterations : (k,) of Newton, -1 where it did not converge; 0 where no fluid is.
    traction_by_gap : (k, n, n) [MPa/mm] derivative of film and contact pressure with respect to the gaps at the end of
        the step, everything before it held; None if not asked for.
    traction_by_content : (k, n, n + 1) the same with respect to what the places held before.
    """

    state: FilmState
    load: FilmLoad
    iterations: IntArray
    traction_by_gap: FloatArray | None = None
    traction_by_content: FloatArray | None = None

    @property
    def converged(self) -> BoolArray:
        """Whether the step of each joint (k,) can be used."""
        return np.asarray(self.iterations >= 0)


def film_step(
    films: Film, state: FilmState, place: Placement, duration: float, tangent: bool = False
) -> FilmStep:
    """Return the state after `duration` [s] at the end of which the surfaces are at `place`.

    A joint that has not nucleated yet is stopped at its nucleation pressure and then holds void: that is how to see
    that it is about to (`forming`). `advance` looks for the moment. Pure: nothing is changed.

    Notes
    -----
    The derivatives are exact (the flow's to the tolerance of the step) between changes of the set of torn nodes. They
    leave out how sliding and cover depend on the gap.
    """
    if not (np.isfinite(duration) and duration > 0.0):
        raise ValueError(f"a film step takes {duration} s; it needs a time above zero")
    motion = as_motion(films, state, place)
    k, n = films.mesh.joints, films.mesh.nodes
    # Copies of both: numba compiles read-only arrays apart from others.
    before, after = (Fluid(*(array.copy() for array in arrays_of(state))) for _ in range(2))
    iterations = np.zeros(k, dtype=np.int64)
    size = k if tangent else 0
    by_gap, by_content = np.zeros((size, n, n)), np.zeros((size, n, n + 1))
    settings = films.order, float(duration)
    share_out(step_some, k,
        mesh_arrays(films.mesh), films.wet, films.constants, motion, settings,
        before, after, iterations, by_gap, by_content,
    )  # fmt: skip
    new = sealed(FilmState(*after))
    load = film_load(films, new, motion.gap)
    if not tangent:
        return FilmStep(new, load, iterations)
    return FilmStep(new, load, iterations, frozen(by_gap), frozen(by_content))


def forming(before: FilmState, after: FilmState) -> BoolArray:
    """Return whether a cavity is about to form in each joint (k,) that had none."""
    return np.asarray(~before.nucleated & (after.void > 0.0).any(axis=1))


def nucleated(state: FilmState, joints: BoolArray) -> FilmState:
    """Return the state with a cavity allowed from now on in some of the joints (k,)."""

    past = np.array(state.past)
    past[joints, TORN] = 1.0
    past[joints, LAST] = 0.0
    return sealed(
        FilmState(state.pressure, state.void, state.torn, state.content, state.older, state.flow, past)
    )
