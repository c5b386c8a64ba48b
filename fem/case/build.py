"""The composition root: case, recipe, literature and mesh become a problem. No arithmetic of its own."""

from collections.abc import Mapping

import numpy as np

from fem.anatomy.recipe import read_recipe
from fem.anatomy.spine import Spine
from fem.anatomy.vocabulary import MOTIONS
from fem.arrays import FloatArray
from fem.case.loads import DirectedLoad, FollowerLoad, MomentLoad, RotationLoad
from fem.case.problem import Problem
from fem.case.read import CaseFile
from fem.case.schema import Modification, SpineSection, cut_bundles
from fem.case.timeline import TimedLoad, phase_spans, timed_loads
from fem.literature import ParameterSet
from fem.materials.cable import ConstantTension
from fem.mesh.build import build_spine_mesh
from fem.mesh.tagged_mesh import SpineMesh
from fem.structures.model import Composition, LevelFactors, SpineModel, build_model
from fem.system.system import build_system
from fem.terms.cable import CableTerm
from fem.terms.loads import DisplacementTerm, ForceTerm, MomentTerm, RotationTerm
from fem.terms.term import Term


def build_mesh(case_file: CaseFile) -> SpineMesh:
    """Return the mesh that the case asks for.

    Raises
    ------
    InputError, MeshError
        When the recipe is faulty, a load names an unknown landmark, or an element is inverted.
    """
    spine = _spine_section(case_file)
    assert case_file.anatomy is not None
    recipe = read_recipe(case_file.anatomy).model
    built = case_file.anatomy.parent / "built"
    mesh = build_spine_mesh(recipe, spine.resolution, spine.vertebra_names, cache=built)
    case_file.check_landmarks(mesh.spine)
    return mesh


def build_problem(case_file: CaseFile, mesh: SpineMesh) -> Problem:
    """Return the problem of a case on its mesh."""
    sets = case_file.parameter_sets()
    loads = timed_loads(case_file.case)
    places = {load.name: _place(mesh.spine, load) for load in loads if isinstance(load.load, DirectedLoad)}
    model = build_model(mesh, _composition(_spine_section(case_file), sets), list(places.values()))
    points = dict(zip(places, model.load_points, strict=True))
    terms = tuple(_load_term(load, model, int(points.get(load.name, -1))) for load in loads)
    system = build_system(model.layout, (*model.terms, *terms))
    names = tuple(load.name for load in loads)
    return Problem(model, system, phase_spans(case_file.case), names, sets)


def _spine_section(case_file: CaseFile) -> SpineSection:
    if case_file.case.spine is None:
        raise ValueError("the case names a closed-form problem, not a spine")
    return case_file.case.spine


def _composition(spine: SpineSection, sets: Mapping[str, ParameterSet]) -> Composition:
    return Composition(
        levels=spine.level_names,
        structures=spine.structures,
        cut=tuple(cut for text in spine.without for cut in cut_bundles(text)),
        factors={level: _factors(modification) for level, modification in spine.modify.items()},
        sets=sets,
    )


def _factors(modification: Modification) -> LevelFactors:
    return LevelFactors(
        disc=modification.disc_stiffness,
        capsule=modification.capsule_stiffness,
        ligaments=modification.ligament_stiffness,
        bundle={str(name): factor for name, factor in modification.ligaments.items()},
    )


def _place(spine: Spine, load: TimedLoad) -> tuple[str, FloatArray]:
    assert isinstance(load.load, DirectedLoad)
    vertebra = spine.vertebrae[load.load.on]
    if load.load.landmark is None:
        return vertebra.name, vertebra.frame.origin
    return vertebra.name, vertebra.landmarks[load.load.landmark]


def _load_term(timed: TimedLoad, model: SpineModel, point: int) -> Term:
    load = timed.load
    if isinstance(load, FollowerLoad):
        return CableTerm(timed.name, model.follower, ConstantTension(1.0), timed.curve)
    if isinstance(load, MomentLoad):
        return MomentTerm(timed.name, model.bodies[load.on], np.array(MOTIONS[load.motion]), timed.curve)
    if isinstance(load, RotationLoad):
        return RotationTerm(
            timed.name, model.bodies[load.on], np.array(MOTIONS[load.motion]), 1.0, timed.curve
        )
    direction = np.array(load.direction) / np.linalg.norm(load.direction)
    points = np.array([[point]])
    if load.kind == "displacement":
        start = model.layout.reference[points[0]]
        return DisplacementTerm(timed.name, points, start, direction, 1.0, timed.curve)
    return ForceTerm(timed.name, points, direction[None, :], timed.curve)
