"""Guarding patterns: YAML files, shipped in ``fem/literature/guarding`` or a user's own; what a case makes of one."""

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from fem.case.files import is_file_name, pattern_file
from fem.case.muscle_schema import Activation, ReflexChoice, ReflexSection
from fem.case.schema import Case
from fem.document import Document, StrictModel, nearest, read_document
from fem.errors import UsageError
from fem.literature import load, load_sources
from fem.literature.datum import KINDS
from fem.structures.guarding import GuardingPattern, GuardingPlan, GuardRule, Reflex

_FOLDER = "guarding"
#: Data set with the reflex that fills what a pattern or a case leaves out.
REFLEX_SET = "guarding/reflex"

GroupName = Literal[
    "multifidus",
    "longissimus lumborum",
    "longissimus thoracis",
    "iliocostalis",
    "quadratus lumborum",
    "psoas",
    "rectus abdominis",
    "external oblique",
    "internal oblique",
]
SideName = Literal["left", "right", "target", "opposite"]
MuscleLevel = Literal["T12-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1", "target"]


class RuleSection(StrictModel):
    """Groups of fascicles and their share of the guarding level; the largest share of all rules holds."""

    groups: tuple[GroupName, ...] = Field(min_length=1)
    sides: tuple[SideName, ...] = Field(
        ("left", "right"), min_length=1, description="target, opposite: of the case's target joint"
    )
    levels: tuple[MuscleLevel, ...] | None = Field(
        None, min_length=1, description="below the highest vertebra that the fascicle reaches; default all"
    )
    share: Activation = 1.0


class PatternFile(StrictModel):
    """A way of guarding, as written in a pattern file."""

    version: Literal[1]
    name: str = Field(min_length=1)
    source: str = Field(min_length=1, description="key of a literature source, or judgement")
    kind: str = Field(description="how the numbers came about")
    note: str = Field(min_length=1, description="what it stands for, and on what it rests")
    tone: Activation = Field(0.0, description="activation of every fascicle that no rule raises above it")
    rules: tuple[RuleSection, ...] = Field((), max_length=100)
    reflex: ReflexChoice = "none"

    @field_validator("source")
    @classmethod
    def _known(cls, value: str) -> str:
        if value != "judgement" and value not in load_sources():
            near = nearest(value, list(load_sources()), 0.7) or "; write judgement where there is none"
            raise ValueError(f"the source '{value}' is not in fem/literature/sources.toml{near}")
        return value

    @field_validator("kind")
    @classmethod
    def _honest(cls, value: str, others: ValidationInfo) -> str:
        if value not in KINDS:
            raise ValueError(
                f"the kind '{value}' is not one of {', '.join(KINDS)}{nearest(value, list(KINDS))}"
            )
        if others.data.get("source") == "judgement" and value not in ("assumed", "recalled"):
            raise ValueError(f"what rests on judgement is assumed or recalled, not {value}")
        return value

    @property
    def names_the_target(self) -> bool:
        """Whether a rule speaks of the case's target."""
        said = {word for rule in self.rules for word in (*rule.sides, *(rule.levels or ()))}
        return bool(said & {"target", "opposite"})


def shipped_patterns() -> tuple[str, ...]:
    """Return the names of the patterns that come with the package."""
    names = (entry.name for entry in files("fem.literature").joinpath(_FOLDER).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def read_pattern(name_or_path: str | Path, target: str | None = None) -> GuardingPattern:
    """Return a pattern by its name, or from a file (``.yaml``).

    Parameters
    ----------
    target : facet joint such as ``L4-L5 left``, for patterns that speak of the target's level or side.

    Raises
    ------
    UsageError
        For a name that no pattern has, with the nearest; for a pattern that needs a target where there is none.
    InputError
        For a file that is missing or faulty, with every fault at its line.
    """
    found = pattern_document(name_or_path).model
    if found.names_the_target and target is None:
        raise UsageError(
            f"the pattern '{found.name}' acts at the target; give the case a target, for example L4-L5 left"
        )
    rules = tuple(_rule(rule, target) for rule in found.rules)
    return GuardingPattern(
        found.name, found.source, found.kind, found.note, rules, found.tone, _reflex(found.reflex, None)
    )


def pattern_document(name_or_path: str | Path, inside: Path | None = None) -> Document[PatternFile]:
    """Return a pattern as it is written, with the place of each value; errors as for `read_pattern`.

    With `inside`, a file that it extends must lie in that folder.
    """
    text = str(name_or_path)
    if is_file_name(text):
        return read_document(Path(text), PatternFile, inside=inside)
    if text not in shipped_patterns():
        known = shipped_patterns()
        hint = nearest(text, known, 0.4)
        raise UsageError(
            f"there is no guarding pattern '{text}'{hint} (patterns: {', '.join(known)}; "
            "a pattern of your own is a file whose name ends in .yaml)"
        )
    return _shipped(text)


@cache
def _shipped(name: str) -> Document[PatternFile]:
    with as_file(files("fem.literature").joinpath(_FOLDER, f"{name}.yaml")) as path:
        return read_document(path, PatternFile)


def _rule(rule: RuleSection, target: str | None) -> GuardRule:
    level, _, side = (target or " ").partition(" ")
    other = {"left": "right", "right": "left"}.get(side, "")
    sides = {{"target": side, "opposite": other}.get(name, name) for name in rule.sides}
    levels = None
    if rule.levels is not None:
        levels = tuple(dict.fromkeys(level if name == "target" else name for name in rule.levels))
    return GuardRule(tuple(rule.groups), tuple(sorted(sides)), levels, rule.share)


def _reflex(chosen: ReflexSection | str | None, below: Reflex | None) -> Reflex | None:
    """Return the reflex that a section asks for; what it leaves out comes from `below`, then from the data set."""
    if not isinstance(chosen, ReflexSection):
        return None if chosen == "none" else below
    data = load(REFLEX_SET)

    def number(key: str, dimension: str) -> float:
        given = getattr(chosen, key)
        if given is not None:
            return float(given)
        return float(getattr(below, key)) if below is not None else data.number(key, dimension)

    return Reflex(
        delay=number("delay", "time"),
        gain=number("gain", "dimensionless"),
        duration=number("duration", "time"),
        threshold=number("threshold", "dimensionless"),
    )


def guarding_plan(document: Document[Case]) -> GuardingPlan | None:
    """Return how the muscles of a case guard; None without muscles.

    Raises
    ------
    UsageError, InputError
        When the pattern cannot be read; `fem.case.checks` has reported that where a case was read.
    """
    muscles = document.model.muscles
    if muscles is None:
        return None
    pattern = read_pattern(pattern_file(document) or muscles.guarding, document.model.target)
    reflex = _reflex(muscles.reflex, pattern.reflex)
    return GuardingPlan(pattern, muscles.level or 0.0, reflex, dict(muscles.activation))
