"""Muscles of a state: their table, and their paths for ParaView."""

import numpy as np

from fem.arrays import IntArray
from fem.case.problem import Problem
from fem.elements.layout import State
from fem.results.record import Part, PartFields, Table
from fem.structures.guarding import GROUPS, MUSCLE_LEVELS, SIDES
from fem.structures.muscles import MuscleModel
from fem.terms.term import Configuration

_POLY_LINE = 4


def muscles_table(muscles: MuscleModel, configuration: Configuration) -> Table:
    """Return activation, force [N], length [mm], strain and speed [1/s] of each fascicle."""
    now = muscles.observe(configuration)
    return {
        "fascicle": list(muscles.names),
        "group": list(muscles.group),
        "side": list(muscles.side),
        "level": list(muscles.level),
        "activation": list(now.activation),
        "force_N": list(now.force),
        "length_mm": list(now.length),
        "fibre_strain": list(now.fibre_strain),
        "fibre_velocity_1_s": list(now.fibre_velocity),
        "over_limit": [int(past) for past in now.fibre_strain > muscles.injury_strain],
    }


def muscle_part(problem: Problem, muscles: MuscleModel) -> Part:
    """Return the undeformed paths, one poly-line a fascicle; arrays number the entries of name tables."""
    widths = np.concatenate([np.full(len(term.points), term.points.shape[1]) for term in muscles.terms])
    points = problem.model.layout.reference[_path_points(muscles)]
    data = {
        "fascicle": np.arange(len(widths), dtype=np.int32),
        "group": np.array([GROUPS.index(name) for name in muscles.group], dtype=np.int32),
        "side": np.array([SIDES.index(name) for name in muscles.side], dtype=np.int32),
        "muscle_level": np.array([MUSCLE_LEVELS.index(name) for name in muscles.level], dtype=np.int32),
    }
    names = {
        "fascicle_names": tuple(muscles.names),
        "group_names": GROUPS,
        "side_names": SIDES,
        "muscle_level_names": MUSCLE_LEVELS,
    }
    types = np.full(len(widths), _POLY_LINE, dtype=np.uint8)
    return Part(
        "muscles",
        points,
        np.arange(len(points)),
        np.cumsum(widths),
        types,
        cell_data=data,
        field_data=names,
    )


def muscle_fields(problem: Problem, muscles: MuscleModel, state: State) -> PartFields:
    """Return the paths' displacement, and activation, force [N] and fibre strain of each fascicle."""
    configuration, rows = problem.system.configuration(state), _path_points(muscles)
    now = muscles.observe(configuration)
    shift = configuration.positions[rows] - problem.model.layout.reference[rows]
    data = {"activation": now.activation, "force": now.force, "fibre_strain": now.fibre_strain}
    return PartFields(shift, cell_data={name: values.astype(np.float32) for name, values in data.items()})


def _path_points(muscles: MuscleModel) -> IntArray:
    return np.concatenate([term.points.ravel() for term in muscles.terms])
