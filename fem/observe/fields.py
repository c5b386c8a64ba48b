"""Parts and fields for ParaView: bones, discs, ligaments, muscles and facet films of a state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fem.arrays import FloatArray, IntArray
from fem.case.problem import Problem
from fem.elements.layout import State, positions
from fem.elements.solid_kernels import deformation
from fem.observe.film import film_point_data
from fem.observe.muscles import muscle_fields, muscle_part
from fem.results.record import Part, PartFields
from fem.structures.discs import DiscModel
from fem.structures.ligaments import STATES
from fem.tensors import largest_eigenvalue

_LINE, _QUAD, _HEXAHEDRON = 3, 9, 12
Arrays = Mapping[str, NDArray[np.floating] | NDArray[np.integer]]


def parts(problem: Problem) -> tuple[Part, ...]:
    """Return the undeformed parts of a problem."""
    found = [_bone_part(problem), _disc_part(problem)]
    if problem.model.strands:
        found.append(_ligament_part(problem))
    muscles = problem.model.muscles
    if muscles is not None:
        found.append(muscle_part(problem, muscles))
    if problem.model.facets is not None:
        found.append(_facet_part(problem))
    return tuple(part for part in found if len(part.types))


def fields(
    problem: Problem, state: State, wanted: Sequence[str], speed: FloatArray | None = None
) -> dict[str, PartFields]:
    """Return the fields of every part at `state`.

    Parameters
    ----------
    wanted : the case's ``output.fields``.
    speed : (s,) [mm/s] opening speed at the film points, where it is known: of one state alone it is not.
    """
    x, model = positions(problem.model.layout, state), problem.model
    present = {
        "bone": model.mesh.bones,
        "disc": model.discs,
        "ligaments": model.strands,
        "muscles": problem.model.muscles,
        "facets": model.facets,
    }
    found = {name: _FIELDS[name](problem, state, x, wanted) for name, there in present.items() if there}
    if speed is not None and "facets" in found:
        facets = found["facets"]
        data = {**facets.point_data, "opening_speed": speed.astype(np.float32)}
        found["facets"] = replace(facets, point_data=data)
    return found


def _part(
    name: str,
    points: FloatArray,
    cells: IntArray,
    kind: int,
    data: Arrays,
    names: Mapping[str, tuple[str, ...]],
) -> Part:
    count, width = cells.shape
    return Part(
        name,
        points,
        cells.ravel(),
        width * np.arange(1, count + 1),
        np.full(count, kind, dtype=np.uint8),
        cell_data=dict(data),
        field_data=dict(names),
    )


def _bone_part(problem: Problem) -> Part:
    points, quads, owner, offset = [np.zeros((0, 3))], [np.zeros((0, 4), dtype=np.int64)], [], 0
    names = tuple(problem.model.mesh.bones)
    for number, mesh in enumerate(problem.model.mesh.bones.values()):
        skin = mesh.surfaces["outer"]
        used, local = np.unique(skin, return_inverse=True)
        points.append(mesh.points[used])
        quads.append(np.asarray(local.reshape(-1, 4) + offset))
        owner.append(np.full(len(skin), number))
        offset += len(used)
    cells = np.concatenate(quads)
    data = {"vertebra": np.concatenate([np.zeros(0, dtype=np.int64), *owner]).astype(np.int32)}
    return _part("bone", np.concatenate(points), cells, _QUAD, data, {"vertebra_names": names})


def _disc_part(problem: Problem) -> Part:
    discs, offset, cells, points = problem.model.discs, 0, [], []
    for disc in discs:
        cells.append(disc.mesh.cells + offset)
        points.append(disc.mesh.points)
        offset += len(disc.mesh.points)
    counts = [len(disc.mesh.cells) for disc in discs]
    data = {
        "level": np.repeat(np.arange(len(discs)), counts).astype(np.int32),
        "region": np.concatenate([disc.mesh.part for disc in discs]).astype(np.int32),
        "lamella": np.concatenate([disc.mesh.cell_data["lamella"] for disc in discs]).astype(np.int32),
    }
    names = {"level_names": problem.levels, "region_names": discs[0].mesh.part_names}
    return _part("disc", np.concatenate(points), np.concatenate(cells), _HEXAHEDRON, data, names)


def _ligament_part(problem: Problem) -> Part:
    reference = problem.model.layout.reference
    ends = np.concatenate([group.term.points for group in problem.model.strands])
    levels = [level for group in problem.model.strands for level in group.level]
    bundles = [bundle for group in problem.model.strands for bundle in group.bundle]
    known = tuple(dict.fromkeys(bundles))
    data = {
        "level": np.array([problem.levels.index(level) for level in levels], dtype=np.int32),
        "ligament": np.array([known.index(bundle) for bundle in bundles], dtype=np.int32),
        "strand": np.concatenate([group.strand for group in problem.model.strands]).astype(np.int32),
    }
    names = {"level_names": problem.levels, "ligament_names": known, "state_names": STATES}
    return _part(
        "ligaments", reference[ends.ravel()], np.arange(ends.size).reshape(-1, 2), _LINE, data, names
    )


def _facet_part(problem: Problem) -> Part:
    facets = problem.model.facets
    assert facets is not None
    data = {"joint": facets.quad_joint.astype(np.int32)}
    return _part("facets", facets.points, facets.quads, _QUAD, data, {"joint_names": facets.names})


def _bone_fields(problem: Problem, state: State, x: FloatArray, wanted: Sequence[str]) -> PartFields:
    moved = [np.zeros((0, 3))]
    for name, mesh in problem.model.mesh.bones.items():
        points = mesh.points[np.unique(mesh.surfaces["outer"])]
        body = problem.model.bodies[name]
        arm = points - problem.model.layout.body_origin[body]
        moved.append(state.origins[body] + arm @ state.rotations[body].T - points)
    return PartFields(np.concatenate(moved))


def _disc_fields(problem: Problem, state: State, x: FloatArray, wanted: Sequence[str]) -> PartFields:
    discs = problem.model.discs
    shift = np.concatenate([x[disc.points] - disc.mesh.points for disc in discs])
    kinds = {"strain": "strain", "stress": "stress", "pressure": "stress"}
    if not set(kinds.values()) & set(wanted):
        return PartFields(shift)
    each = [disc_cell_fields(disc, x) for disc in discs]
    joined = {name: np.concatenate([one[name] for one in each]) for name in each[0]}
    return PartFields(
        shift, cell_data={n: a.astype(np.float32) for n, a in joined.items() if kinds[n] in wanted}
    )


def disc_cell_fields(disc: DiscModel, x: FloatArray) -> dict[str, FloatArray]:
    """Return cell means (e,) of a disc at positions (p, 3), annulus and nucleus in the order of its mesh.

    strain: largest principal Green–Lagrange strain [1]; stress: von Mises stress [MPa]; pressure: hydrostatic
    pressure [MPa], compression positive.
    """
    out = {name: np.zeros(len(disc.mesh.cells)) for name in ("strain", "stress", "pressure")}
    for part, term in (("annulus", disc.annulus), ("nucleus", disc.nucleus)):
        rows = disc.mesh.part == disc.mesh.part_names.index(part)
        F, J = deformation(x[term.block.points], term.block.gradient)
        weight = term.block.weight / term.block.weight.sum(axis=1, keepdims=True)
        largest = 0.5 * (largest_eigenvalue(np.swapaxes(F, -1, -2) @ F) - 1.0)
        volumetric = term.mean_pressure(x)
        # The volumetric part is a pressure: it leaves the deviator alone, so von Mises needs the rest only.
        pk1 = term.law.respond(F, term.block.fibres, tangent=False).pk1
        cauchy = pk1 @ np.swapaxes(F, -1, -2) / J[..., None, None]
        trace = np.trace(cauchy, axis1=-2, axis2=-1)
        mises = np.sqrt(np.maximum(1.5 * np.einsum("eqij,eqij->eq", cauchy, cauchy) - 0.5 * trace**2, 0.0))
        out["strain"][rows] = np.sum(weight * largest, axis=1)
        out["stress"][rows] = np.sum(weight * mises, axis=1)
        out["pressure"][rows] = -volumetric
    return out


def _ligament_fields(problem: Problem, state: State, x: FloatArray, wanted: Sequence[str]) -> PartFields:
    ends = np.concatenate([group.term.points for group in problem.model.strands]).ravel()
    strain = [group.strains(x) for group in problem.model.strands]
    states = [s for g, e in zip(problem.model.strands, strain, strict=True) for s in g.states(e)]
    data = {
        "strain": np.concatenate(strain).astype(np.float32),
        "force": np.concatenate(
            [g.term.tensions(x, state.time, state.history) for g in problem.model.strands]
        ).astype(np.float32),
        "state": np.array([STATES.index(name) for name in states], dtype=np.int32),
    }
    return PartFields(x[ends] - problem.model.layout.reference[ends], cell_data=data)


def _muscle_fields(problem: Problem, state: State, x: FloatArray, wanted: Sequence[str]) -> PartFields:
    muscles = problem.model.muscles
    assert muscles is not None
    return muscle_fields(problem, muscles, state)


def _facet_fields(problem: Problem, state: State, x: FloatArray, wanted: Sequence[str]) -> PartFields:
    facets = problem.model.facets
    assert facets is not None
    own = facets.term.block.points[:, 0]
    surface = facets.term.surface_state(x)
    unseen = ~np.isfinite(surface.gap)
    gap = np.where(unseen, np.max(surface.gap[~unseen], initial=0.0), surface.gap)
    data = {
        "gap": gap.astype(np.float32),
        "contact_pressure": surface.pressure.astype(np.float32),
        "overlap": surface.overlap.astype(np.float32),
    }
    if problem.model.film is not None:
        more = film_point_data(problem, problem.model.film, state)
        data |= {name: values.astype(np.float32) for name, values in more.items()}
    return PartFields(x[own] - facets.points, point_data=data)


_FIELDS: Final[dict[str, Callable[[Problem, State, FloatArray, Sequence[str]], PartFields]]] = {
    "bone": _bone_fields,
    "disc": _disc_fields,
    "ligaments": _ligament_fields,
    "muscles": _muscle_fields,
    "facets": _facet_fields,
}
