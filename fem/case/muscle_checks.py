"""What only the whole case can show to be wrong with its muscles, their guarding and the supports."""

from collections.abc import Iterator
from dataclasses import replace

from fem.case.load_checks import no_thorax, outside
from fem.case.schema import Case, SpineSection
from fem.document import Document, nearest
from fem.errors import InputError, Problem, UsageError


def muscle_problems(document: Document[Case], case: Case, spine: SpineSection) -> Iterator[Problem]:
    """Yield what is wrong with the muscles of a spine."""
    if case.muscles is None:
        return
    if spine.vertebra_names != ("L1", "L2", "L3", "L4", "L5", "S1"):
        sentence = (
            f"muscles span the whole lumbar spine, but the levels are {spine.levels}; write levels: L1-S1"
        )
        yield document.problem("muscles", f"{sentence}, or leave the muscles out", at_key=True)
    elif not case.has_thorax:
        yield document.problem("spine.thorax", "muscles pull on the thorax; write thorax: auto")
    first = case.phases[0]
    if first.kind != "static" or first.loads:
        given = "is dynamic" if first.kind != "static" else "has loads"
        sentence = (
            f"muscles need a phase to settle in first, static and without loads, but '{first.name}' {given}; "
            "put {name: settle} before it"
        )
        yield document.problem(("phases", 0), sentence)
    yield from _guarding_problems(document, case)
    known = _muscle_names(case)
    for name in case.muscles.activation:
        if name not in known:
            near = (
                nearest(name, known, 0.5)
                or f"; groups: {', '.join(_groups())}, each alone or with left or right"
            )
            yield document.problem(
                ("muscles", "activation", name), f"there is no muscle '{name}'{near}", at_key=True
            )


def _groups() -> tuple[str, ...]:
    from fem.structures.guarding import GROUPS

    return GROUPS


def _muscle_names(case: Case) -> tuple[str, ...]:
    """Return what an activation may be given for: groups, groups of one side, single fascicles of one side."""
    from fem.literature import available, load
    from fem.structures.guarding import SIDES

    name = case.parameters.muscles
    data = load(name).data if name in available() else {}
    parts = (key.split(".") for key in data)
    fascicles = dict.fromkeys(part[1] for part in parts if part[0] == "fascicles")
    return (*_groups(), *(f"{muscle} {side}" for muscle in (*_groups(), *fascicles) for side in SIDES))


def _guarding_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    from fem.case.files import pattern_file
    from fem.case.guarding import pattern_document, read_pattern

    assert case.muscles is not None
    own = pattern_file(document)
    fault = document.file_fault("muscles.guarding", case.muscles.guarding, "pattern file") if own else None
    if fault is not None:
        yield fault
        return
    try:
        rules = pattern_document(own or case.muscles.guarding, document.inside).model.rules
        read_pattern(own or case.muscles.guarding, case.target)
    except UsageError as error:
        yield document.problem("muscles.guarding", str(error))
        return
    except InputError as error:
        yield from (replace(problem, file=problem.file or error.file) for problem in error.problems)
        return
    name, level = case.muscles.guarding, case.muscles.level
    if rules and level is None and ("muscles", "level") not in document.source.values:
        sentence = f"the pattern '{name}' needs a level, the activation of its leading groups, for example level: 0.15"
        yield document.problem("muscles", sentence, at_key=True)
    if not rules and level:
        sentence = f"the pattern '{name}' raises no muscle, so the level acts on nothing; leave it out"
        yield document.problem("muscles.level", sentence)


def support_problems(document: Document[Case], case: Case, spine: SpineSection) -> Iterator[Problem]:
    """Yield what is wrong with the supports of a spine."""
    lowest = spine.vertebra_names[-1]
    for index, support in enumerate(case.supports):
        path = ("supports", index)
        if support.on == "thorax" and not case.has_thorax:
            yield document.problem((*path, "on"), no_thorax(spine))
        elif support.on not in case.body_names:
            yield document.problem((*path, "on"), outside(support.on, spine.vertebra_names))
        elif support.on == lowest and not (support.translation and support.rotation):
            missing = "rotation" if support.translation else "translation"
            sentence = (
                f"the support carries {lowest} alone, which is free to float without {missing}; give it"
            )
            yield document.problem(path, sentence)
