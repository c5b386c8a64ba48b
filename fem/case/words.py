"""A case in words: what is modelled, what is done to it, and every number with unit and source."""

from collections.abc import Iterator
from typing import Any

from fem.case.expect import expectations
from fem.case.film_words import film_lines
from fem.case.loads import DirectedLoad, FollowerLoad, MomentLoad, RotationLoad, ThrustLoad
from fem.case.muscle_words import muscle_lines, support_lines
from fem.case.parameter_words import parameter_lines
from fem.case.read import CaseFile
from fem.case.schema import Case, Modification, Phase, SpineSection
from fem.document.write import plain_values
from fem.units import format_quantity


def case_words(case_file: CaseFile) -> str:
    """Return the whole description of a case as text."""
    case = case_file.case
    lines = [case.title, *([case.description] if case.description else []), ""]
    if case.spine is not None:
        lines += [*_model(case_file, case.spine), "", *_anatomy(case_file)]
    if case.problem is not None:
        lines += ["Problem", *(f"  {key}: {value}" for key, value in plain_values(case.problem).items())]
    lines += [*muscle_lines(case_file), *support_lines(case), *film_lines(case)]
    lines += ["", *_timeline(case_file), "", *_solution(case)]
    if case.spine is not None:
        lines += ["", *parameter_lines(case_file)]
    lines += ["", *_expected(case)]
    return "\n".join(lines) + "\n"


def _model(case_file: CaseFile, spine: SpineSection) -> Iterator[str]:
    yield "Model"
    lowest = spine.vertebra_names[-1]
    held = "is fixed" if case_file.case.fixed_body else "rests on its support"
    yield f"  levels       {', '.join(spine.level_names)} ({lowest} {held})"
    yield f"  thorax       {'a rigid body above L1' if case_file.case.has_thorax else 'absent'}"
    yield f"  bone         {spine.bone}"
    yield f"  structures   {', '.join(spine.structures)}"
    yield f"  mesh         {spine.resolution}"
    if spine.without:
        yield f"  cut          {', '.join(spine.without)}"
    for level, change in spine.modify.items():
        yield f"  {level}        {', '.join(_changes(change)) or 'unchanged'}"
    if case_file.case.target:
        yield f"  target       {case_file.case.target}"


def _changes(change: Modification) -> Iterator[str]:
    usual = plain_values(Modification())
    for key, value in plain_values(change).items():
        if value != usual[key]:
            yield f"{key} {'+' if key.endswith('laxity') else 'x'} {value}"


def _anatomy(case_file: CaseFile) -> Iterator[str]:
    from fem.anatomy.recipe import read_recipe
    from fem.case.anatomy_words import recipe_lines, recipe_sources

    if case_file.anatomy is None:
        return
    recipe = read_recipe(case_file.anatomy).model
    spine = case_file.case.spine
    yield f"Anatomy: {recipe.name} ({case_file.anatomy})"
    yield from recipe_lines(recipe, {*spine.level_names, *spine.vertebra_names} if spine else set())
    yield "  sources"
    yield from (f"    {key}: {text}" for key, text in recipe_sources(recipe).items())


def _timeline(case_file: CaseFile) -> Iterator[str]:
    case, tables = case_file.case, case_file.force_tables()
    yield "Timeline"
    if case.follower_load is not None:
        force = format_quantity(case.follower_load.value, "force")
        yield f"  follower load of {force}, reached in '{case.phases[0].name}' and held"
    for number, phase in enumerate(case.phases):
        yield f"  {phase.name} ({phase.kind}, {format_quantity(phase.duration, 'time')}){_steps(phase)}"
        yield from (
            f"    {_load(load, tables.get((number, index)))}" for index, load in enumerate(phase.loads)
        )
        if not phase.loads:
            yield "    no new load"
    if case.repeat is not None:
        yield f"  all of it {case.repeat} times, on ligaments as the time before left them"


def _steps(phase: Phase) -> str:
    return f", at least {phase.steps} steps" if phase.steps else ""


def _load(load: Any, table: Any) -> str:
    if isinstance(load, MomentLoad):
        return f"{format_quantity(load.value, 'moment', 'N m')} of {load.motion} on {load.on}"
    if isinstance(load, RotationLoad):
        return f"{load.on} turned by {format_quantity(load.value, 'angle', 'deg')} of {load.motion}"
    if isinstance(load, FollowerLoad):
        return f"follower load of {format_quantity(load.value, 'force')}"
    values = plain_values(load)
    hand = ""
    if isinstance(load, ThrustLoad):
        amount = _thrust(load, table)
        hand = f", under a hand {values['patch']} wide" if load.patch else ""
    else:
        amount = f"{values['kind']} of {values['value']}"
    where = f"{load.on}, {load.landmark or 'body centre'}" if isinstance(load, DirectedLoad) else ""
    return f"{amount} on {where} along ({', '.join(f'{part:g}' for part in values['direction'])}){hand}"


def _thrust(load: ThrustLoad, table: Any) -> str:
    if table is not None:
        first, largest = (
            format_quantity(force, "force", digits=4) for force in (table.forces[0], table.forces.max())
        )
        course = f"from {first} to {largest} in {_ms(table.time_to_peak)}, {_ms(table.duration)} in all"
        return f"thrust as measured in {load.table} ({course})"
    times = f"in {_ms(load.time_to_peak or 0.0)} and back in {_ms(load.release_time)}"
    preload = format_quantity(load.preload or 0.0, "force")
    if load.displacement is not None:
        return f"thrust of {format_quantity(load.displacement, 'length')} {times} on a preload of {preload}"
    return f"thrust from {preload} to {format_quantity(load.peak or 0.0, 'force')} {times}"


def _ms(time: float) -> str:
    return format_quantity(time, "time", "ms", 4)


def _solution(case: Case) -> Iterator[str]:
    yield "Solution"
    yield from (f"  {key.replace('_', ' ')}: {value:g}" for key, value in plain_values(case.solver).items())
    yield f"  fields written: {', '.join(case.output.fields)}"


def _expected(case: Case) -> Iterator[str]:
    yield "Expected"
    for wanted in expectations(case):
        unit = "" if wanted.unit == "1" else f" {wanted.unit}"
        span = f"{wanted.low:.8g} to {wanted.high:.8g}{unit}"
        yield f"  {wanted.quantity}: {span} [{wanted.kind}: {wanted.source}]"
    if not case.expect:
        yield "  nothing: this case is a draft"
