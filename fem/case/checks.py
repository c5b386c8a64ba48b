"""What the schema cannot see: names that must exist elsewhere in the case, the literature or the anatomy."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fem.case.expect import expectation, unit_of_quantity
from fem.case.film_checks import film_problems
from fem.case.load_checks import load_problems, loads_of, no_thorax, outside
from fem.case.loads import DirectedLoad
from fem.case.muscle_checks import muscle_problems, support_problems
from fem.case.schema import Case, SpineSection, cut_bundles
from fem.document import Document, KeyPath, nearest
from fem.errors import ParameterError, Problem, UsageError
from fem.units import QuantityError

if TYPE_CHECKING:
    from fem.anatomy.spine import Spine


def semantic_problems(document: Document[Case]) -> Iterator[Problem]:
    """Yield every fault that needs more than one key, or another file, to be seen."""
    case = document.model
    if case.spine is not None:
        yield from _spine_problems(document, case.spine)
        yield from load_problems(document, case, case.spine)
        yield from _target_problems(document, case, case.spine)
        yield from muscle_problems(document, case, case.spine)
        yield from support_problems(document, case, case.spine)
        yield from film_problems(document, case, case.spine)
    else:
        yield from _problem_problems(document, case)
    yield from _phase_problems(document, case)
    yield from _parameter_problems(document, case)
    yield from _expect_problems(document, case)


def _spine_problems(document: Document[Case], spine: SpineSection) -> Iterator[Problem]:
    fault = document.file_fault("spine.anatomy", spine.anatomy, "recipe file")
    if fault is not None:
        yield fault
    if spine.bone == "elastic":
        yield document.problem("spine.bone", "elastic bone is not solved yet; write rigid")
    if "disc" not in spine.structures:
        yield document.problem(
            "spine.structures", "the disc must be present: without it nothing joins the bones"
        )
    if document.model.repeat is not None and "ligaments" not in spine.structures:
        yield document.problem(
            "repeat", "a spine without ligaments has nothing that repeating it could stretch", at_key=True
        )
    for level in spine.modify:
        if level not in spine.level_names:
            yield document.problem(("spine", "modify", level), outside(level, spine.level_names), at_key=True)
    for index, text in enumerate(spine.without):
        for cut in {level for _, level in cut_bundles(text) if level is not None}:
            if cut not in spine.level_names:
                yield document.problem(("spine", "without", index), outside(cut, spine.level_names))
    if spine.thorax == "present" and "L1" not in spine.vertebra_names:
        yield document.problem("spine.thorax", no_thorax(spine))


def _phase_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, phase in enumerate(case.phases):
        if phase.name in first:
            sentence = f"two phases share the name '{phase.name}' (the first is phases[{first[phase.name]}])"
            yield document.problem(("phases", number, "name"), f"{sentence}; each needs its own")
        first.setdefault(phase.name, number)


def _problem_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    """Yield what a closed-form problem cannot have."""
    for key in ("muscles", "supports", "film", "repeat"):
        if getattr(case, key) not in (None, (), "none"):
            yield document.problem(
                key, f"a closed-form problem has no {key}; they belong to a spine", at_key=True
            )
    for number, phase in enumerate(case.phases):
        if phase.kind == "dynamic":
            yield document.problem(
                ("phases", number, "kind"), "a closed-form problem is static; write static"
            )


def _target_problems(document: Document[Case], case: Case, spine: SpineSection) -> Iterator[Problem]:
    joints = spine.joint_names
    if case.target is not None and case.target not in joints:
        sentence = f"'{case.target}' is not a facet joint of this model{nearest(case.target, joints)}"
        yield document.problem("target", f"{sentence} (joints: {', '.join(joints)})")


def _parameter_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    from fem.literature import available, load

    parameters = case.parameters
    given = (parameters.model_fields_set | parameters.override.model_fields_set) - {"override"}
    for part, (name, overrides) in (parameters.sets(tuple(given)) | case.parameter_sets()).items():
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
    """Return a problem for each load on a landmark that its body does not have."""
    from fem.case.places import landmarks_of

    problems = []
    for path, load in loads_of(case):
        landmark = load.landmark if isinstance(load, DirectedLoad) else None
        if landmark is None or not isinstance(load, DirectedLoad):
            continue
        known = sorted(landmarks_of(spine, load.on))
        if landmark not in known:
            near = nearest(landmark, known, 0.5)
            sentence = f"{load.on} has no landmark '{landmark}'{near} (landmarks: {', '.join(known)})"
            problems.append(document.problem((*path, "landmark"), sentence))
    return problems
