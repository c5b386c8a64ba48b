"""A plan file into what a fit needs; whatever in it is wrong comes back at once, as sentences."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fem.calibrate.free import Free
from fem.calibrate.plan import CurveSection, FitSection, FreeSection, Plan, StageSection, Written, parse_plan
from fem.case.loads import MomentLoad
from fem.case.read import CaseFile, read_case
from fem.case.resolved import resolved_settings
from fem.errors import InputError, ParameterError, Problem
from fem.literature import Datum, ParameterSet, load
from fem.results.provenance import input_file, program_version
from fem.units import QuantityError, parse_quantity


@dataclass(frozen=True, slots=True)
class Curve:
    """A measured curve: at `moments` (m,) [N mm] the data (m,) of one quantity, with weights (m,)."""

    case: Path
    experiment: str
    group: str
    quantity: str
    moments: tuple[float, ...]
    data: tuple[Datum, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """Parameters that are fitted together, and the curves that they are fitted to."""

    title: str
    parameters: tuple[Free, ...]
    curves: tuple[Curve, ...]

    @property
    def cases(self) -> dict[Path, tuple[float, ...]]:
        """Case -> every moment [N mm] that is wanted of it, ascending."""
        wanted: dict[Path, set[float]] = {}
        for curve in self.curves:
            wanted.setdefault(curve.case, set()).update(curve.moments)
        return {case: tuple(sorted(moments)) for case, moments in wanted.items()}


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A checked plan.

    Attributes
    ----------
    starts : part -> the set that it starts from.
    fingerprint : of everything that decides the answer: plan, cases, anatomies, sets, version of the program.
    """

    path: Path
    plan: Plan
    starts: Mapping[str, ParameterSet]
    stages: tuple[Stage, ...]
    fingerprint: str

    @property
    def fit(self) -> FitSection:
        """How the least squares are done."""
        return self.plan.fit


def read_plan(path: Path) -> PlanFile:
    """Read and check the plan `path`.

    Raises
    ------
    InputError
        With every problem found: in the plan, or in a case that it names.
    """
    plan = parse_plan(path)
    problems: list[Problem] = []
    starts = dict(_starts(plan, problems))
    stages = tuple(_stage(path, index, stage, starts, problems) for index, stage in enumerate(plan.stages))
    _check_twice(stages, problems)
    if problems:
        raise InputError(path, problems)
    cases = {case: read_case(case) for stage in stages for case in stage.cases}
    return PlanFile(path, plan, starts, stages, _fingerprint(plan, cases))


def _starts(plan: Plan, problems: list[Problem]) -> Iterator[tuple[str, ParameterSet]]:
    for part, section in plan.sets.items():
        try:
            yield part, load(section.start)
        except ParameterError as error:
            problems.append(Problem(str(error), f"sets.{part}.start"))


def _stage(
    path: Path, index: int, stage: StageSection, starts: Mapping[str, ParameterSet], problems: list[Problem]
) -> Stage:
    parameters = [
        _free(f"stages[{index}].parameters[{number}]", section, starts, problems)
        for number, section in enumerate(stage.parameters)
    ]
    curves = [
        _curve(f"stages[{index}].data[{number}]", section, path.parent, problems)
        for number, section in enumerate(stage.data)
    ]
    return Stage(
        stage.title,
        tuple(parameter for parameter in parameters if parameter is not None),
        tuple(curve for curve in curves if curve is not None),
    )


def _free(
    key: str, section: FreeSection, starts: Mapping[str, ParameterSet], problems: list[Problem]
) -> Free | None:
    if section.part not in starts:
        sentence = f"'{section.part}' has no entry in sets; write [sets.{section.part}] with name and start"
        problems.append(Problem(sentence, f"{key}.part"))
        return None
    data = starts[section.part]
    names: list[str] = []
    for wanted in section.keys:
        hit = [name for name in data.data if name == wanted or name.startswith(f"{wanted}.")]
        names += hit
        if not hit:
            problems.append(Problem(_missing(data, wanted), f"{key}.keys"))
    if not names:
        return None
    first = data.data[names[0]]
    dimension, unit = ("dimensionless", "1") if section.change == "factor" else (first.dimension, first.unit)
    bounds = [
        _number(f"{key}.{end}", getattr(section, end), dimension, problems)
        for end in ("low", "start", "high")
    ]
    if None in bounds:
        return None
    low, start, high = (float(number) for number in bounds if number is not None)
    if not low < high or not low <= start <= high:
        problems.append(Problem(f"start {start:g} must lie between low {low:g} and high {high:g}", key))
        return None
    return Free(section.name, section.part, tuple(names), section.change, start, low, high, unit, section.why)


def _missing(data: ParameterSet, key: str) -> str:
    """Return the sentence that the set itself says of a key it does not have."""
    try:
        data.overridden({key: 0.0})
    except ParameterError as error:
        return str(error)
    return f"parameter set {data.name} has no '{key}'"


def _number(key: str, text: Written, dimension: str, problems: list[Problem]) -> float | None:
    try:
        return parse_quantity(text, dimension)
    except QuantityError as error:
        problems.append(Problem(str(error), key))
        return None


def _curve(key: str, section: CurveSection, folder: Path, problems: list[Problem]) -> Curve | None:
    try:
        moments, measured = _measured(section)
    except ParameterError as error:
        problems.append(Problem(str(error), key))
        return None
    if not len(moments) == len(measured) == len(section.weights):
        sentence = f"{len(section.weights)} weights for {len(measured)} data at {len(moments)} moments"
        problems.append(Problem(sentence, f"{key}.weights"))
        return None
    case = (folder / section.case).resolve()
    why = _unsuitable(case, moments)
    if why:
        problems.append(Problem(why, f"{key}.case"))
        return None
    return Curve(
        case, section.experiment, section.group, section.quantity, moments, measured, section.weights
    )


def _measured(section: CurveSection) -> tuple[tuple[float, ...], tuple[Datum, ...]]:
    """Return the moments [N mm] and the data (m,) of a curve, or those of a single datum."""
    data = load(section.experiment)
    if section.datum:
        return (data.number("moment", "moment"),), (data.datum(section.datum),)
    group, quantity = section.group, f"{section.group}.{section.quantity}"
    moments = tuple(data.series(f"{group}.moment").values())
    return moments, tuple(data.datum(f"{quantity}.{label}") for label in data.series(quantity))


def _unsuitable(case: Path, moments: Sequence[float]) -> str:
    """Say why a case cannot reproduce a curve; nothing where it can."""
    try:
        spoken = read_case(case).case
    except InputError as error:
        return f"this case cannot be used: {error.lines()[0]}"
    loads = [load for phase in spoken.phases for load in phase.loads]
    if spoken.spine is None or len(spoken.spine.level_names) != 1:
        return "this case is not of one level; a curve is fitted on one level under one pure moment"
    before = spoken.phases[:-1]
    if len(before) > 1 or any(phase.loads for phase in before):
        return "this case is not of one loaded phase, with one that settles the spine before it at most"
    if len(loads) != 1 or not isinstance(loads[0], MomentLoad) or spoken.follower_load is not None:
        return "this case is not under one pure moment alone, as a curve needs"
    return ""


def _check_twice(stages: Sequence[Stage], problems: list[Problem]) -> None:
    """Refuse a datum that two parameters move: neither would be told from the other."""
    owners: dict[tuple[str, str], str] = {}
    for stage in stages:
        for parameter in stage.parameters:
            for name in parameter.names:
                other = owners.setdefault((parameter.part, name), parameter.name)
                if other != parameter.name:
                    sentence = (
                        f"'{name}' is moved by the parameters '{other}' and '{parameter.name}'; free it once"
                    )
                    problems.append(Problem(sentence, "stages"))


def _fingerprint(plan: Plan, cases: Mapping[Path, CaseFile]) -> str:
    """Return the SHA-256 of everything that decides the answer."""
    files = {
        str(path): sorted(input_file(role, file).sha256 for role, file in found.inputs.items())
        for path, found in cases.items()
    }
    settings = {str(path): resolved_settings(found) for path, found in cases.items()}
    everything = [plan.model_dump(mode="json"), files, settings, program_version()]
    text = json.dumps(everything, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
