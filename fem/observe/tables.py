"""The rows that a converged state gives to each result table (columns: `fem.results.quantities.TABLES`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from fem.arrays import FloatArray
from fem.case.problem import Problem
from fem.elements.layout import State, positions
from fem.errors import NonFiniteError
from fem.observe.film import film_table
from fem.observe.kinematics import level_motion
from fem.observe.muscles import muscles_table
from fem.results.record import Table
from fem.structures.discs import DiscModel
from fem.structures.facets import FacetModel
from fem.structures.ligaments import STATES, StrandGroup
from fem.terms.contact import SurfaceState

History = Mapping[str, FloatArray]
#: The history of a state that no step in time led to.
NOTHING: Final[History] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settled:
    """The state before any load: what changes refer to."""

    state: State
    gap_mean: FloatArray
    pressure: FloatArray
    height: FloatArray


def settle(problem: Problem, state: State) -> Settled:
    """Return the reference of all changes, taken at `state`."""
    x = positions(problem.model.layout, state)
    discs, facets = problem.model.discs, problem.model.facets
    return Settled(
        state,
        np.zeros(0) if facets is None else gap_means(facets, facets.term.surface_state(x)),
        np.array([nucleus_pressure(disc, x) for disc in discs]),
        np.array([_height(disc, x) for disc in discs]),
    )


def tables(
    problem: Problem, settled: Settled, state: State, earlier: FloatArray | None = None
) -> dict[str, Table]:
    """Return table name -> columns for a converged state, whose history is the one adopted there.

    `earlier` (joints,) [mm] holds the mean gaps of the converged state before, from which opening speeds are counted.
    """
    x, muscles = positions(problem.model.layout, state), problem.model.muscles
    found: dict[str, Table] = {
        "levels": levels_table(problem, settled, state),
        "discs": discs_table(problem, settled, x),
    }
    if problem.model.strands:
        found["ligaments"] = ligaments_table(problem, x, state.time, state.history)
        found["strands"] = strands_table(problem, x, state.time, state.history)
    if problem.model.facets is not None:
        found["facets"] = facets_table(problem, settled, x, earlier, state.elapsed)
    if problem.model.film is not None:
        found["film"] = film_table(problem, problem.model.film, state, found["facets"])
    if muscles is not None:
        found["muscles"] = muscles_table(muscles, problem.system.configuration(state))
    return found


def levels_table(problem: Problem, settled: Settled, state: State) -> Table:
    """Return angles [deg] and shifts [mm] of each level, and of the whole span where there are several."""
    names = list(problem.levels)
    if len(names) > 1:
        names.append(f"{names[0].split('-')[0]}-{names[-1].split('-')[1]}")
    motions = [level_motion(problem.model, name, settled.state, state) for name in names]
    angles = np.degrees([angle for angle, _ in motions])
    shifts = np.array([shift for _, shift in motions])
    return {
        "level": names,
        "flexion_deg": list(angles[:, 0]),
        "lateral_bending_deg": list(angles[:, 1]),
        "axial_rotation_deg": list(angles[:, 2]),
        "translation_x_mm": list(shifts[:, 0]),
        "translation_y_mm": list(shifts[:, 1]),
        "translation_z_mm": list(shifts[:, 2]),
    }


def discs_table(problem: Problem, settled: Settled, x: FloatArray) -> Table:
    """Return nucleus pressure [MPa] and height change [mm] of each disc at positions (p, 3)."""
    discs = problem.model.discs
    pressure = np.array([nucleus_pressure(disc, x) for disc in discs])
    height = np.array([_height(disc, x) for disc in discs])
    return {
        "level": list(problem.levels),
        "pressure_MPa": list(pressure),
        "pressure_rise_MPa": list(pressure - settled.pressure),
        "height_change_mm": list(height - settled.height),
    }


def nucleus_pressure(disc: DiscModel, x: FloatArray) -> float:
    """Return the volume mean of the hydrostatic pressure [MPa] in the nucleus, compression positive."""
    volume = disc.nucleus.block.weight.sum(axis=1)
    return -float(np.average(disc.nucleus.mean_pressure(x), weights=volume))


def _height(disc: DiscModel, x: FloatArray) -> float:
    top, bottom = (
        x[disc.points[disc.mesh.nodes[f"{end} endplate"]]].mean(axis=0) for end in ("upper", "lower")
    )
    return float(np.linalg.norm(top - bottom))


def ligaments_table(problem: Problem, x: FloatArray, time: float, history: History = NOTHING) -> Table:
    """Return strain, force and state of each bundle; its state is that of its most strained strand.

    With the `history` adopted there forces hold what relaxes; without it they are those of the static laws.
    """
    columns: dict[str, list[str | float | int]] = {
        name: []
        for name in (
            *("level", "bundle", "peak_strain", "mean_strain", "force_N"),
            *("reference_length_mm", "limit_fraction", "state"),
        )
    }
    for group in problem.model.strands:
        strain, force = group.strains(x), group.term.tensions(x, time, history)
        states = [STATES.index(state) for state in group.states(strain)]
        for (level, bundle), rows in bundle_rows(group).items():
            columns["level"].append(level)
            columns["bundle"].append(bundle)
            columns["peak_strain"].append(float(strain[rows].max()))
            columns["mean_strain"].append(float(strain[rows].mean()))
            columns["force_N"].append(float(force[rows].sum()))
            columns["reference_length_mm"].append(float(group.reference_length[rows].mean()))
            columns["limit_fraction"].append(float(np.maximum(strain[rows] / group.warning[rows], 0.0).max()))
            columns["state"].append(STATES[max(states[row] for row in rows)])
    return columns


def strands_table(problem: Problem, x: FloatArray, time: float, history: History = NOTHING) -> Table:
    """Return strain, force (see `ligaments_table`) and lengths of each strand."""
    columns: dict[str, list[str | float | int]] = {
        name: []
        for name in (
            "level",
            "bundle",
            "strand",
            "strain",
            "force_N",
            "length_mm",
            "reference_length_mm",
            "state",
        )
    }
    for group in problem.model.strands:
        strain = group.strains(x)
        columns["level"] += list(group.level)
        columns["bundle"] += list(group.bundle)
        columns["strand"] += [int(number) for number in group.strand]
        columns["strain"] += [float(value) for value in strain]
        columns["force_N"] += [float(value) for value in group.term.tensions(x, time, history)]
        columns["length_mm"] += [float(value) for value in group.term.lengths(x)]
        columns["reference_length_mm"] += [float(value) for value in group.reference_length]
        columns["state"] += list(group.states(strain))
    return columns


def bundle_rows(group: StrandGroup) -> dict[tuple[str, str], list[int]]:
    """Return (level, bundle) -> its rows in the group, in order."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(group.level, group.bundle, strict=True)):
        rows.setdefault(key, []).append(row)
    return rows


def facets_table(
    problem: Problem,
    settled: Settled,
    x: FloatArray,
    earlier: FloatArray | None = None,
    elapsed: float = 0.0,
) -> Table:
    """Return gap [mm], contact force [N] and area [mm²] of each joint.

    The opening speed is the change since the mean gaps `earlier` (joints,) [mm] over the time `elapsed` [s] since
    then; without either it is 0.
    """
    facets = problem.model.facets
    assert facets is not None
    surface = facets.term.surface_state(x)
    area, pressed = facets.term.block.area, surface.pressure > 0.0
    rows = [facets.rows(joint) for joint in range(len(facets.names))]
    means = gap_means(facets, surface)
    still = earlier is None or elapsed == 0.0
    return {
        "joint": list(facets.names),
        "gap_min_mm": [float(surface.gap[r].min()) for r in rows],
        "gap_mean_mm": list(means),
        "gap_mean_change_mm": list(means - settled.gap_mean),
        "opening_speed_mm_s": list(
            np.zeros_like(means) if still else (means - np.asarray(earlier)) / elapsed
        ),
        "contact_force_N": [_resultant(surface, r) for r in rows],
        "contact_area_mm2": [float(np.sum(area[r] * pressed[r])) for r in rows],
        "contact_pressure_max_MPa": [float(surface.pressure[r].max()) for r in rows],
    }


def _resultant(state: SurfaceState, rows: slice) -> float:
    return float(np.linalg.norm(np.sum(state.force[rows, None] * state.normal[rows], axis=0)))


def gap_means(facets: FacetModel, surface: SurfaceState) -> FloatArray:
    """Return the area mean of the gap of each joint [mm], over the film points that face the other surface."""
    area, means = facets.term.block.area, []
    for joint, name in enumerate(facets.names):
        rows = facets.rows(joint)
        seen = np.isfinite(surface.gap[rows])
        if not seen.any():
            raise NonFiniteError(f"the gap of {name}, whose surfaces no longer face each other,")
        means.append(float(np.average(surface.gap[rows][seen], weights=area[rows][seen])))
    return np.array(means)
