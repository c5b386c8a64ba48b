"""The composition root: case, recipe, literature and mesh become a problem. No arithmetic of its own."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fem.anatomy.recipe import read_recipe
from fem.anatomy.vocabulary import MOTIONS
from fem.arrays import FloatArray, IntArray
from fem.case.loads import DirectedLoad, FollowerLoad, MomentLoad, RotationLoad, ThrustLoad
from fem.case.places import place_of
from fem.case.problem import Problem
from fem.case.read import CaseFile
from fem.case.schema import Case, Modification, SpineSection, cut_bundles
from fem.case.timeline import TimedLoad, timed_loads
from fem.literature import ParameterSet
from fem.materials.cable import ConstantTension
from fem.mesh.build import build_spine_mesh
from fem.mesh.tagged_mesh import SpineMesh
from fem.structures.film import FilmPlan
from fem.structures.hand import HandPatch, hand_data, hand_force, hand_patch, hand_push
from fem.structures.model import Composition, LevelFactors, SpineModel, build_model
from fem.structures.trunk import Support
from fem.system.system import build_system
from fem.terms.cable import CableTerm
from fem.terms.loads import DisplacementTerm, MomentTerm, RotationTerm
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


def build_problem(
    case_file: CaseFile, mesh: SpineMesh, other: Mapping[str, ParameterSet] | None = None
) -> Problem:
    """Return the problem of a case on its mesh, with `other` parameter sets (structure -> set) in place of its own."""
    sets = {**case_file.parameter_sets(), **(other or {})}
    tables = case_file.force_tables()
    loads = timed_loads(case_file.case, tables)
    patches = {
        load.name: _patch(mesh, case_file, sets, load.load)
        for load in loads
        if isinstance(load.load, DirectedLoad)
    }
    places = [place for patch in patches.values() for place in patch.places]
    model = build_model(mesh, _composition(case_file, sets), places)
    terms, used = [], 0
    for load in loads:
        patch = patches.get(load.name)
        count = 0 if patch is None else len(patch.places)
        points = model.load_points[used : used + count]
        terms.append(_load_term(load, model) if patch is None else _push(load, model, points, patch, sets))
        used += count
    system = build_system(model.layout, (*model.terms, *terms))
    names = tuple(load.name for load in loads)
    return Problem(model, system, case_file.phase_spans(), names, sets)


def build_specimen(case_file: CaseFile, mesh: SpineMesh, sets: Mapping[str, ParameterSet]) -> SpineModel:
    """Return the spine of a case as a specimen for flexibility tests: without thorax, muscles, film and supports."""
    alone = replace(
        _composition(case_file, sets), thorax=False, dynamic=False, supports=(), guarding=None, film=None
    )
    return build_model(mesh, alone)


def _spine_section(case_file: CaseFile) -> SpineSection:
    if case_file.case.spine is None:
        raise ValueError("the case names a closed-form problem, not a spine")
    return case_file.case.spine


def _composition(case_file: CaseFile, sets: Mapping[str, ParameterSet]) -> Composition:
    spine, case = _spine_section(case_file), case_file.case
    return Composition(
        levels=spine.level_names,
        structures=spine.structures,
        cut=tuple(cut for text in spine.without for cut in cut_bundles(text)),
        factors={level: _factors(modification) for level, modification in spine.modify.items()},
        sets=sets,
        thorax=case.has_thorax,
        dynamic=case.dynamic,
        supports=tuple(Support(s.on, s.translation, s.rotation, s.damping) for s in case.supports),
        guarding=case_file.guarding(),
        film=_film(case_file.case),
    )


def _film(case: Case) -> FilmPlan | None:
    section = case.film_section
    if section is None or case.spine is None:
        return None
    ages = {joint: section.since_last_pop(joint) for joint in case.spine.joint_names}
    return FilmPlan({joint: age for joint, age in ages.items() if age is not None}, section.thickness)


def _factors(modification: Modification) -> LevelFactors:
    return LevelFactors(
        disc=modification.disc_stiffness,
        capsule=modification.capsule_stiffness,
        ligaments=modification.ligament_stiffness,
        bundle={str(name): factor for name, factor in modification.ligaments.items()},
        capsule_laxity=modification.capsule_laxity,
        ligament_laxity=modification.ligament_laxity,
        joint_space=modification.joint_space,
    )


def _patch(
    mesh: SpineMesh, case_file: CaseFile, sets: Mapping[str, ParameterSet], load: DirectedLoad
) -> HandPatch:
    """Return the points a directed load acts on: its landmark, or what a hand over it covers."""
    place = place_of(mesh.spine, load, sets)
    direction = np.array(load.direction) / np.linalg.norm(load.direction)
    if not isinstance(load, ThrustLoad) or load.patch is None:
        return HandPatch(direction, (load.on,), np.asarray(place)[None, :], np.ones(1))
    hand = hand_data(sets["hand"], load.patch)
    names = [name for name in _spine_section(case_file).vertebra_names if name != case_file.case.fixed_body]
    return hand_patch(mesh.bones, names, (load.on, place), direction, hand)


def _load_term(timed: TimedLoad, model: SpineModel) -> Term:
    load = timed.load
    if isinstance(load, FollowerLoad):
        return CableTerm(timed.name, model.follower, ConstantTension(1.0), timed.curve)
    if isinstance(load, MomentLoad):
        return MomentTerm(timed.name, model.bodies[load.on], np.array(MOTIONS[load.motion]), timed.curve)
    if isinstance(load, RotationLoad):
        axis = np.array(MOTIONS[load.motion])
        return RotationTerm(timed.name, model.bodies[load.on], axis, 1.0, timed.curve)
    raise ValueError(f"{timed.name} acts at points")


def _push(
    timed: TimedLoad,
    model: SpineModel,
    points: IntArray,
    patch: HandPatch,
    sets: Mapping[str, ParameterSet],
) -> Term:
    """Return a load that acts at points: a prescribed displacement, the travel of a hand, or a force."""
    if timed.load.kind == "displacement":
        start: FloatArray = model.layout.reference[points]
        return DisplacementTerm(timed.name, points[:, None], start, patch.direction, 1.0, timed.curve)
    if timed.begins is not None:
        hand = hand_data(sets["hand"])
        return hand_push(timed.name, points, patch, hand, timed.curve, timed.begins)
    return hand_force(timed.name, points, patch, timed.curve)
