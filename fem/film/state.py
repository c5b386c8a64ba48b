"""Films of k joints: meshes and laws together, and what they hold at one instant."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from fem.arrays import BoolArray, FloatArray, frozen, require_finite
from fem.film.constants import OPEN, constants
from fem.film.fluid_kernels import CAPSULE, CREEP, TORN
from fem.film.laws import FilmLaws
from fem.film.mesh import FilmMesh
from fem.film.state_kernels import node_values, recess_at_rest


@dataclass(frozen=True, slots=True)
class Film:
    """The films of k joints on one mesh topology.

    Attributes
    ----------
    mesh, laws : see there.
    constants : (k, ·) what the compiled kernels read.
    wet : (k,) whether the joint holds fluid at all; a dry one has contact only.
    order : 1 backward Euler, 2 BDF2 with variable steps.
    """

    mesh: FilmMesh
    laws: FilmLaws
    constants: FloatArray
    wet: BoolArray
    order: int = 1

    @property
    def joints(self) -> int:
        """Number of joints k."""
        return self.mesh.joints


def film(mesh: FilmMesh, laws: FilmLaws, wet: BoolArray | None = None, order: int = 1) -> Film:
    """Return the films of all joints of a mesh; all hold fluid unless `wet` (k,) says otherwise."""
    if order not in (1, 2):
        raise ValueError(f"order is {order}; 1 (backward Euler) or 2 (BDF2) is possible")
    has_fluid = np.ones(mesh.joints, dtype=bool) if wet is None else np.array(wet, dtype=bool)
    has_fluid.setflags(write=False)
    return Film(mesh, laws, constants(laws, mesh.joints), has_fluid, order)


@dataclass(frozen=True, slots=True)
class FilmState:
    """What the films hold at one instant: n nodes, then (last) the recess. Pressures are above ambient.

    Attributes
    ----------
    pressure : (k, n + 1) [MPa] film pressure; that of the rim is the recess's.
    void : (k, n + 1) [mm; mm³] empty part v = (1 − θ) h of the film thickness, and empty volume of the recess.
    torn : (k, n + 1) whether the place holds void.
    content : (k, n + 1) [mm; mm³] fluid per area h − v, and in the recess. Round an open rim: what flowed out.
    older : (k, n + 1) the same one step before.
    flow : (k, e, q, 2) [mm²/s] flow per width at the quadrature points.
    past : (k, 4) last step [s] (0 after a restart), volume inside the capsule [mm³], creeping part of the recess
        pressure [MPa], 1 once a cavity has formed.
    """

    pressure: FloatArray
    void: FloatArray
    torn: BoolArray
    content: FloatArray
    older: FloatArray
    flow: FloatArray
    past: FloatArray

    @property
    def nucleated(self) -> BoolArray:
        """Whether each joint (k,) has formed a cavity."""
        return np.asarray(self.past[:, TORN] > 0.0)

    @property
    def recess_pressure(self) -> FloatArray:
        """Pressure of each recess (k,) [MPa] above ambient."""
        return self.pressure[:, -1]


def sealed(state: FilmState) -> FilmState:
    """Return the state, its arrays made read-only."""
    for item in fields(state):
        getattr(state, item.name).setflags(write=False)
    return state


def initial_state(films: Film, gap: FloatArray) -> FilmState:
    """Return the films at rest: full, at ambient pressure, with the recess at equilibrium.

    Parameters
    ----------
    gap : (k, n) or (n,) [mm] signed gap between the surfaces, counted from where they touch.
    """
    mesh = films.mesh
    k, n = mesh.joints, mesh.nodes
    gaps = require_finite(np.broadcast_to(np.asarray(gap, dtype=np.float64), (k, n)), "the initial gap")
    pressure, content, past = np.zeros((k, n + 1)), np.zeros((k, n + 1)), np.zeros((k, 4))
    for joint in range(k):
        content[joint, :n] = node_values(films.constants[joint], gaps[joint], pressure[joint])[0]
        if films.constants[joint, OPEN] == 0.0:
            content[joint, n], past[joint, CAPSULE], past[joint, CREEP] = recess_at_rest(
                films.constants[joint]
            )
    void, torn = np.zeros((k, n + 1)), np.zeros((k, n + 1), dtype=bool)
    flow = np.zeros((k, len(mesh.quads), mesh.shape.shape[1], 2))
    return sealed(FilmState(pressure, void, torn, content, content.copy(), flow, past))


def arrays_of(state: FilmState) -> tuple[Any, ...]:
    """Return the arrays of a state in the order in which the kernels take them."""
    return tuple(getattr(state, item.name) for item in fields(state))


def mesh_arrays(mesh: FilmMesh) -> tuple[Any, ...]:
    """Return the arrays of a mesh in the order in which the kernels take them."""
    return (
        mesh.quads, mesh.shape, mesh.gradient, mesh.frame, mesh.weight, mesh.area, mesh.number, mesh.width,
    )  # fmt: skip


def fluid_volume(films: Film, state: FilmState) -> FloatArray:
    """Return the fluid (k,) [mm³] in film and recess together (round an open rim: with what flowed out)."""
    inside = np.sum(films.mesh.area * state.content[:, :-1], axis=1)
    return np.asarray(inside + state.content[:, -1])


def cavity_volume(films: Film, state: FilmState) -> FloatArray:
    """Return the void (k,) [mm³] in film and recess together."""
    return np.asarray(np.sum(films.mesh.area * state.void[:, :-1], axis=1) + state.void[:, -1])


@dataclass(frozen=True, slots=True)
class FilmLoad:
    """What the films do to the surfaces, all (k, n).

    Attributes
    ----------
    thickness : [mm] h; fraction : share θ of it that is fluid.
    pressure : [MPa] of the film above ambient; contact : [MPa] carried by surfaces that touch.
    """

    thickness: FloatArray
    pressure: FloatArray
    contact: FloatArray
    fraction: FloatArray

    @property
    def traction(self) -> FloatArray:
        """Film and contact pressure together (k, n) [MPa], along the normals."""
        return self.pressure + self.contact


def film_load(films: Film, state: FilmState, gap: FloatArray) -> FilmLoad:
    """Return thickness and pressures at gaps (k, n) [mm]."""
    mesh = films.mesh
    gaps = np.broadcast_to(np.asarray(gap, dtype=np.float64), (mesh.joints, mesh.nodes))
    h, total = np.empty(gaps.shape), np.empty(gaps.shape)
    for joint in range(mesh.joints):
        h[joint], total[joint] = node_values(films.constants[joint], gaps[joint], state.pressure[joint])
    pressure = state.pressure[:, :-1]
    void = np.where(films.wet[:, None], state.void[:, :-1], h)
    return FilmLoad(frozen(h), frozen(pressure), frozen(total - pressure), frozen(1.0 - void / h))


def resultant(films: Film, traction: FloatArray, normals: FloatArray) -> FloatArray:
    """Return the force (k, 3) [N] of tractions (k, n) along unit normals (k, n, 3)."""
    return np.asarray(np.einsum("kn,kn,kni->ki", films.mesh.area, traction, normals))
