"""What only the whole case can show to be wrong with its loads: where they act, when, and beside which others."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from fem.case.files import table_files
from fem.case.loads import AnyLoad, FollowerLoad, ThrustLoad
from fem.case.schema import Case, Phase, SpineSection
from fem.document import Document, KeyPath
from fem.errors import InputError, Problem
from fem.units import format_quantity

if TYPE_CHECKING:
    from fem.case.force_table import ForceTable


def load_problems(document: Document[Case], case: Case, spine: SpineSection) -> Iterator[Problem]:
    """Yield what is wrong with the loads of a spine."""
    for path, load in loads_of(case):
        if not isinstance(load, FollowerLoad) and (sentence := body_fault(case, spine, load.on)):
            yield document.problem((*path, "on"), sentence)
    yield from _repeated(document, case)
    yield from _thrust_problems(document, case)


def loads_of(case: Case) -> Iterator[tuple[KeyPath, AnyLoad]]:
    """Yield every load with its key."""
    for number, phase in enumerate(case.phases):
        for index, load in enumerate(phase.loads):
            yield ("phases", number, "loads", index), load


def outside(name: str, names: tuple[str, ...]) -> str:
    """Return the sentence that something is not part of the model."""
    return f"'{name}' is not part of this model, which holds {', '.join(names)}"


def no_thorax(spine: SpineSection) -> str:
    """Return the sentence that says why there is no thorax."""
    if "L1" not in spine.vertebra_names:
        return f"the thorax stands on L1, which is not part of this model ({', '.join(spine.vertebra_names)})"
    return "the thorax is absent from this case; write spine.thorax: auto"


def body_fault(case: Case, spine: SpineSection, body: str) -> str:
    """Return why a load cannot act on `body`, or nothing."""
    if body == "thorax" and not case.has_thorax:
        return no_thorax(spine)
    if body not in case.body_names:
        return outside(body, spine.vertebra_names)
    if body == case.fixed_body:
        return f"{body} is the lowest vertebra and fixed; load one above, or let a support carry it"
    return ""


def _repeated(document: Document[Case], case: Case) -> Iterator[Problem]:
    for number, phase in enumerate(case.phases):
        seen: list[tuple[object, ...]] = []
        for index, load in enumerate(phase.loads):
            same = tuple(
                getattr(load, key, None) for key in ("kind", "on", "motion", "landmark", "direction")
            )
            if same in seen:
                first = seen.index(same)
                sentence = (
                    f"phase '{phase.name}' names this load twice (the first is loads[{first}]); add them up"
                )
                yield document.problem(("phases", number, "loads", index), sentence)
            seen.append(same)


def _thrust_problems(document: Document[Case], case: Case) -> Iterator[Problem]:
    tables, faults = _read_tables(document)
    yield from faults
    before: dict[tuple[object, ...], float] = {}
    for number, phase in enumerate(case.phases):
        held: dict[tuple[object, ...], float] = {}
        for index, load in enumerate(phase.loads):
            if not isinstance(load, ThrustLoad):
                continue
            path, table = ("phases", number, "loads", index), tables.get((number, index))
            if load.table is not None and table is None:
                continue  # its faults have been yielded
            preload = float(table.forces[0]) if table is not None else load.preload or 0.0
            place = (load.on, load.landmark, load.direction, load.patch)
            held[place] = preload
            yield from _phase_faults(document, path, phase, load)
            yield from _course_faults(document, path, phase, load, table)
            if preload and number == 0:
                sentence = (
                    "the preload is reached over the phase before, but this is the first; put one before it"
                )
                yield document.problem((*path, "table" if table is not None else "preload"), sentence)
            elif before.get(place, preload) != preload:
                sentence = (
                    "this thrust follows another without a phase between, so both need the same preload"
                )
                yield document.problem((*path, "table" if table is not None else "preload"), sentence)
        before = held


def _phase_faults(
    document: Document[Case], path: KeyPath, phase: Phase, load: ThrustLoad
) -> Iterator[Problem]:
    if phase.kind == "static":
        sentence = (
            f"a thrust needs a dynamic phase, and '{phase.name}' is static; give the phase kind: dynamic, "
            "or use a force here"
        )
        yield document.problem((*path, "kind"), sentence)


def _course_faults(
    document: Document[Case], path: KeyPath, phase: Phase, load: ThrustLoad, table: "ForceTable | None"
) -> Iterator[Problem]:
    limit = phase.duration * (1.0 + 1e-9)
    length = f"phase '{phase.name}' ({_ms(phase.duration)})"
    if table is not None:
        if table.duration > limit:
            sentence = (
                f"the table runs for {_ms(table.duration)}, beyond the end of {length}; lengthen the phase"
            )
            yield document.problem((*path, "table"), sentence)
        return
    rise = load.time_to_peak or 0.0
    if rise > limit:
        sentence = (
            f"the peak at {_ms(rise)} lies after the end of {length}; lengthen the phase or push faster"
        )
        yield document.problem((*path, "time_to_peak"), sentence)
    elif rise + load.release_time > limit:
        key = "time_to_peak" if load.release is None else "release"
        end = _ms(rise + load.release_time)
        sentence = (
            f"the release ends at {end}, after the end of {length}; lengthen the phase or shorten the release"
        )
        yield document.problem((*path, key), sentence)


def _ms(time: float) -> str:
    return format_quantity(time, "time", "ms", 4)


def _read_tables(
    document: Document[Case],
) -> tuple[dict[tuple[int, int], "ForceTable"], list[Problem]]:
    tables: dict[tuple[int, int], ForceTable] = {}
    problems: list[Problem] = []
    for (number, index), path in table_files(document).items():
        from fem.case.force_table import read_force_table  # only here: it imports NumPy

        load = document.model.phases[number].loads[index]
        assert isinstance(load, ThrustLoad)
        fault = document.file_fault(
            ("phases", number, "loads", index, "table"), load.table or "", "force table"
        )
        if fault is not None:
            problems.append(fault)
            continue
        try:
            tables[number, index] = read_force_table(path)
        except InputError as error:
            problems += [replace(problem, file=problem.file or error.file) for problem in error.problems]
    return tables, problems
