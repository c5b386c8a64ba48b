"""Muscles of a state: their table, and their paths for ParaView."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.case.problem import Problem
from fem.elements.layout import State
from fem.results.record import Part, PartFields, Table
from fem.structures.guarding import GROUPS, MUSCLE_LEVELS, SIDES
from fem.terms.muscle import FascicleState, MuscleTerm
from fem.terms.term import Configuration

_POLY_LINE = 4


class Muscles(Protocol):
    """What is looked at of a muscle model; all sequences run over the fascicles (f,) of its terms one after another."""

    terms: Sequence[MuscleTerm]
    names: Sequence[str]
    group: Sequence[str]
    side: Sequence[str]
    level: Sequence[str]
    injury_strain: FloatArray

    def observe(self, configuration: Configuration) -> FascicleState:
        """Return the state of all fascicles where the configuration holds the history of the converged step."""
        ...


def muscles_of(problem: Problem) -> Muscles | None:
    """Return the muscles of a problem, None where it has none."""
    found: Muscles | None = getattr(problem.model, "muscles", None)
    return found


def muscles_table(muscles: Muscles, configuration: Configuration) -> Table:
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


def muscle_part(problem: Problem, muscles: Muscles) -> Part:
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


def muscle_fields(problem: Problem, muscles: Muscles, state: State) -> PartFields:
    """Return the paths' displacement, and activation, force [N] and fibre strain of each fascicle."""
    configuration, rows = problem.system.configuration(state), _path_points(muscles)
    now = muscles.observe(configuration)
    shift = configuration.positions[rows] - problem.model.layout.reference[rows]
    data = {"activation": now.activation, "force": now.force, "fibre_strain": now.fibre_strain}
    return PartFields(shift, cell_data={name: values.astype(np.float32) for name, values in data.items()})


def _path_points(muscles: Muscles) -> IntArray:
    return np.concatenate([term.points.ravel() for term in muscles.terms])
