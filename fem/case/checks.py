"""What the schema cannot see: names that must exist elsewhere in the case, the literature or the anatomy."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fem.anatomy.vocabulary import SIDES
from fem.case.expect import expectation, unit_of_quantity
from fem.case.loads import AnyLoad, DirectedLoad, MomentLoad, RotationLoad, ThrustLoad
from fem.case.schema import Case, SpineSection, cut_bundles
from fem.document import Document, KeyPath, nearest
from fem.errors import ParameterError, Problem, UsageError
from fem.units import QuantityError

if TYPE_CHECKING:
    from fem.anatomy.spine import Spine


def anatomy_file(document: Document[Case]) -> Path | None:
    """Return the recipe that a case names, relative to the file that says so; None without a spine."""
    spine = document.model.spine
    return document.file_at("spine.anatomy", spine.anatomy) if spine else None


def semantic_problems(document: Document[Case]) -> Iterator[Problem]:
    """Yield every fault that needs more than one key, or another file, to be seen."""
    case = document.model
    if case.spine is not None:
        yield from _spine_problems(document, case.spine, anatomy_file(document))
        yield from _load_problems(document, case, case.spine)
        yield from _target_problems(document, case, case.spine)
    yield from _phase_problems(document, case)
    yield from _parameter_problems(document, case)
    yield from _expect_problems(document, case)


def _spine_problems(document: Document[Case], spine: SpineSection, anatomy: Path | None) -> Iterator[Problem]:
    if anatomy is not None and not anatomy.is_file():
        yield document.problem("spine.anatomy", f"there is no recipe file '{spine.anatomy}' ({anatomy})")
    if spine.bone == "elastic":
        yield document.problem("spine.bone", "elastic bone is not solved yet; write rigid")
    if "disc" not in spine.structures:
        yield document.problem(
            "spine.structures", "the disc must be present: without it nothing joins the bones"
        )
    for level in spine.modify:
        if level not in spine.level_names:
            yield document.problem(
                ("spine", "modify", level), _outside(level, spine.level_names), at_key=True
            )
    for index, text in enumerate(spine.without):
        for cut in {level for _, level in cut_bundles(text) if level is not None}:
            if cut not in spine.level_names:
                yield document.problem(("spine", "without", index), _outside(cut, spine.level_names))


def _outside(name: str, names: tuple[str, ...]) -> str:
    return f"'{name}' is not part of this model, which holds {', '.join(names)}"


def _load_problems(document: Document[Case], case: Case, spine: SpineSection) -> Iterator[Problem]:
    for path, load in _loads(case):
        if isinstance(load, ThrustLoad):
            yield document.problem(
                (*path, "kind"), "thrusts are not solved yet; use a force in a static phase"
            )
        if isinstance(load, (MomentLoad, RotationLoad, DirectedLoad)):
            if load.on not in spine.vertebra_names:
                yield document.problem((*path, "on"), _outside(load.on, spine.vertebra_names))
            elif load.on == spine.vertebra_names[-1]:
                yield document.problem(
                    (*path, "on"), f"{load.on} is the lowest vertebra and fixed; load one above"
                )


def _loads(case: Case) -> Iterator[tuple[KeyPath, AnyLoad]]:
    for number, phase in enumerate(case.phases):
        for index, load in enumerate(phase.loads):
            yield ("phases", number, "loads", index), load


def _target_problems(document: Document[Case], case: Case, spine: SpineSection) -> Iterator[Problem]:
    joints = [f"{level} {side}" for level in spine.level_names for side in SIDES]
    if case.target is not None and case.target not in joints:
        sentence = f"'{case.target}' is not a facet joint of this model{nearest(case.target, joints)}"
        yield document.problem("target", f"{sentence} (joints: {', '.join(joints)})")


def _phase_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    for number, phase in enumerate(case.phases):
        if phase.kind == "dynamic":
            yield document.problem(
                ("phases", number, "kind"), "dynamic phases are not solved yet; write static"
            )


def _parameter_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    from fem.literature import available, load

    for part, (name, overrides) in case.parameters.sets().items():
        if name not in available():
            near = nearest(name, available(), 0.4) or f"; known: {', '.join(available())}"
            yield document.problem(("parameters", part), f"there is no parameter set '{name}'{near}")
            continue
        for key, text in overrides.items():
            try:
                load(name).overridden({key: text})
            except ParameterError as error:
                path = _existing_path(document, ("parameters", "override", part), key)
                yield document.problem(path, str(error))


def _existing_path(document: Document[Case], prefix: KeyPath, key: str) -> KeyPath:
    whole = (*prefix, key)
    return whole if whole in document.source.values else (*prefix, *key.split("."))


def _expect_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    for index, wanted in enumerate(case.expect):
        try:
            unit_of_quantity(case, wanted.quantity)
        except UsageError as error:
            yield document.problem(("expect", index, "quantity"), str(error))
            continue
        try:
            expectation(case, wanted)
        except QuantityError as error:
            yield document.problem(("expect", index, "between"), str(error))


def landmark_problems(document: Document[Case], case: Case, spine: "Spine") -> list[Problem]:
    """Return a problem for each load on a landmark that its vertebra does not have."""
    problems = []
    for path, load in _loads(case):
        landmark = load.landmark if isinstance(load, DirectedLoad) else None
        if landmark is None or not isinstance(load, DirectedLoad):
            continue
        known = sorted(spine.vertebrae[load.on].landmarks)
        if landmark not in known:
            near = nearest(landmark, known, 0.5)
            sentence = f"{load.on} has no landmark '{landmark}'{near} (landmarks: {', '.join(known)})"
            problems.append(document.problem((*path, "landmark"), sentence))
    return problems
