"""A plan read and held against a case: what can be varied, from where to where."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from fem.case.read import CaseFile, read_case
from fem.document import Document, nearest, read_document
from fem.errors import InputError, Problem, UsageError
from fem.explain.pushes import written
from fem.literature import load
from fem.results.expect import known_quantity
from fem.results.verdict_inputs import DRAWN, verdict_inputs
from fem.sensitivity.inputs import Input, film_input, input_of
from fem.sensitivity.outputs import OUTPUTS, REPLAYED, Output
from fem.sensitivity.schema import PlanFile

_FOLDER: Final = "sensitivity"


@dataclass(frozen=True, slots=True)
class Study:
    """What is varied in a case.

    Attributes
    ----------
    case_file : the case with the user's overrides and the plan's settings.
    plan : name of the plan; note : what it leaves out.
    overrides : of every run, before those of the inputs.
    inputs : varied by runs; films : inputs of the film, varied by replays over the motion of each run.
    outputs : what is asked.
    """

    case_file: CaseFile
    plan: str
    note: str
    overrides: tuple[str, ...]
    inputs: tuple[Input, ...]
    films: tuple[Input, ...]
    outputs: tuple[Output, ...]

    @property
    def path(self) -> Path:
        """The case file."""
        return self.case_file.document.path

    @property
    def target(self) -> str | None:
        """Facet joint of interest."""
        return self.case_file.case.target

    def overrides_at(self, shares: tuple[float, ...]) -> tuple[str, ...]:
        """Return the overrides of the run with each input at a share of its range."""
        moved = [
            text for one, share in zip(self.inputs, shares, strict=True) for text in one.overrides(share)
        ]
        return (*self.overrides, *moved)


def shipped_plans() -> tuple[str, ...]:
    """Return the names of the plans that come with the package."""
    names = (entry.name for entry in files("fem.literature").joinpath(_FOLDER).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def read_plan(name_or_path: str) -> Document[PlanFile]:
    """Return a plan by its name, or from a file (``.yaml``).

    Raises
    ------
    UsageError
        For a name that no plan has.
    InputError
        For a file that is missing or faulty, with every fault at its line.
    """
    if name_or_path.endswith((".yaml", ".yml")):
        return read_document(Path(name_or_path), PlanFile)
    known = shipped_plans()
    if name_or_path not in known:
        hint = nearest(name_or_path, known, 0.4)
        raise UsageError(
            f"there is no plan '{name_or_path}'{hint} (plans: {', '.join(known)}; a plan of your own is a file whose "
            "name ends in .yaml)"
        )
    with as_file(files("fem.literature").joinpath(_FOLDER, f"{name_or_path}.yaml")) as path:
        return read_document(path, PlanFile)


def study(case: Path, plan: Document[PlanFile], overrides: tuple[str, ...] = ()) -> Study:
    """Return what a plan varies in a case.

    Raises
    ------
    InputError
        When the case is faulty, or the plan asks for something that it does not have; at the lines of the plan.
    """
    # A case without what it expects and with few fields: other inputs give other answers, and fields take room.
    settings = [
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in plan.model.settings.items()
    ]
    shared = (*overrides, "expect=[]", *settings)
    case_file = read_case(case, shared)
    last = written(sum(phase.duration for phase in case_file.case.phases), "time")
    shared = (*shared, f"output={{every: {last}, fields: [displacement]}}")
    sets = case_file.parameter_sets()
    inputs, problems = [], []
    for name, section in plan.model.inputs.items():
        found, faults = input_of(name, section, case_file, sets)
        inputs.append(found)
        problems += [plan.problem(place, sentence) for place, sentence in faults]
        if not faults:
            problems += _refused(case, shared, found, plan)
    films = _film_inputs(case_file, plan, inputs, problems)
    outputs = tuple(_outputs(case_file, plan, problems))
    if problems:
        raise plan.error(*problems)
    return Study(case_file, plan.model.name, plan.model.note, shared, tuple(inputs), films, outputs)


def _refused(case: Path, shared: tuple[str, ...], one: Input, plan: Document[PlanFile]) -> Iterator[Problem]:
    """Yield why the case cannot be read with an input at an end of its range."""
    for share in (0.0, 1.0):
        changes = one.overrides(share)
        try:
            read_case(case, (*shared, *changes)).parameter_sets()
        except InputError as error:
            said = error.problems[0]
            yield plan.problem(
                ("inputs", one.name),
                f"with {changes[0]} the case would be refused: {said.message}",
                at_key=True,
            )
            return


def _film_inputs(
    case_file: CaseFile, plan: Document[PlanFile], inputs: list[Input], problems: list[Problem]
) -> tuple[Input, ...]:
    wanted = plan.model.film
    if wanted is None:
        return ()
    sets = case_file.parameter_sets()
    held = {name: sets[name] if name in sets else load(name) for name in DRAWN}
    known = {band.name: band for band in verdict_inputs(held).bands}
    asked: tuple[str, ...] = tuple(known) if wanted.vary == "all" else wanted.vary
    for key, names in (("vary", asked), ("without", wanted.without)):
        for number, name in enumerate(names):
            if name not in known:
                hint = nearest(name, list(known), 0.5) or f"; it has {', '.join(known)}"
                problems.append(plan.problem(("film", key, number), f"the film has no input '{name}'{hint}"))
    moved = {part.key.partition("override.")[2].partition(".")[2] for one in inputs for part in one.parts}
    varied = [name for name in asked if name in known and name not in (*wanted.without, *moved)]
    datum = {key: held[part].datum(key) for part, keys in DRAWN.items() for key in keys}
    return tuple(film_input(datum[name], known[name]) for name in varied)


def _outputs(case_file: CaseFile, plan: Document[PlanFile], problems: list[Problem]) -> Iterator[Output]:
    spine, target = case_file.case.spine, case_file.case.target
    levels = spine.level_names if spine is not None else ()
    for number, name in enumerate(plan.model.outputs):
        place = ("outputs", number)
        if name in OUTPUTS:
            if target is None and name != "capsule_strain":
                problems.append(plan.problem(place, f"'{name}' asks for a target, and the case names none"))
            if name in REPLAYED and not case_file.case.dynamic:
                problems.append(plan.problem(place, "a margin needs a dynamic phase, and the case has none"))
            yield OUTPUTS[name]
            continue
        known = known_quantity(name, levels)
        if not known:
            near = known.suggestion or ", ".join(OUTPUTS)
            problems.append(plan.problem(place, f"a result holds no number '{name}'; did you mean {near}?"))
        yield Output(name, known.unit, name)
