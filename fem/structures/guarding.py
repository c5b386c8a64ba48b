"""How a person holds the spine: which muscles are active before a thrust, and how they answer a stretch.

Plain data without heavy imports; a case file or a pattern file fills it, `fem.structures.muscles` uses it.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.errors import ParameterError
from fem.materials.muscle.reflex import Reflex
from fem.parameters import check_parameters

GROUPS: Final = (
    "multifidus",
    "longissimus lumborum",
    "longissimus thoracis",
    "iliocostalis",
    "quadratus lumborum",
    "psoas",
    "rectus abdominis",
    "external oblique",
    "internal oblique",
)
SIDES: Final = ("left", "right")
#: Level of a fascicle: the joint below the highest vertebra it reaches; T12-L1 where that is the thorax.
MUSCLE_LEVELS: Final = ("T12-L1", "L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")


@dataclass(frozen=True, slots=True)
class GuardRule:
    """Fascicles of some groups, sides and levels, and their share (0 to 1) of the guarding level.

    `levels` are of `MUSCLE_LEVELS`; None means all. Where rules overlap the largest share holds.
    """

    groups: tuple[str, ...]
    sides: tuple[str, ...]
    levels: tuple[str, ...] | None
    share: float


@dataclass(frozen=True, slots=True)
class GuardingPattern:
    """A way of guarding.

    Attributes
    ----------
    name : as a case writes it.
    source : key in ``sources.toml``, or ``judgement``.
    kind : how the numbers came about, see `fem.literature.datum.KINDS`.
    note : in words, for people.
    rules : who takes part.
    tone : activation (0 to 1) of every fascicle that no rule raises above it.
    reflex : the answer to a stretch, or None.
    """

    name: str
    source: str
    kind: str
    note: str
    rules: tuple[GuardRule, ...]
    tone: float
    reflex: Reflex | None = None


@dataclass(frozen=True, slots=True)
class GuardingPlan:
    """A pattern at a guarding level (0 to 1), the reflex that acts, and activations that replace the pattern's.

    `reflex` is what acts, None for none: whoever makes the plan decides whether the pattern's own holds.
    `overrides` has keys ``multifidus`` (both sides), ``multifidus left`` or a fascicle's own name with its side; the
    narrower key wins.
    """

    pattern: GuardingPattern
    level: float
    reflex: Reflex | None = None
    overrides: Mapping[str, float] = field(default_factory=dict)


def pre_activation(
    plan: GuardingPlan,
    names: Sequence[str],
    groups: Sequence[str],
    sides: Sequence[str],
    levels: Sequence[str],
) -> FloatArray:
    """Return the activation (f,) before any reflex: tone, raised by the rules, replaced by the overrides.

    Raises
    ------
    ParameterError
        For a share, level or activation outside 0 to 1, or an override or a rule that names no fascicle's group.
    """
    pattern = plan.pattern
    check_plan(
        plan, (*names, *(f"{group} {side}" for group, side in zip(groups, sides, strict=True)), *groups)
    )
    activation = np.full(len(names), pattern.tone)
    for rule in pattern.rules:
        chosen = [
            group in rule.groups and side in rule.sides and (rule.levels is None or level in rule.levels)
            for group, side, level in zip(groups, sides, levels, strict=True)
        ]
        activation[chosen] = np.maximum(activation[chosen], plan.level * rule.share)
    for keys in (groups, [f"{g} {s}" for g, s in zip(groups, sides, strict=True)], names):
        for index, key in enumerate(keys):
            activation[index] = plan.overrides.get(key, activation[index])
    return frozen(activation)


def check_plan(plan: GuardingPlan, known: Sequence[str]) -> None:
    """Check every fraction and name of a plan; `known` are the keys that overrides may have."""
    pattern = plan.pattern
    if plan.reflex is not None:
        check_parameters(plan.reflex)
    fractions = {"tone": pattern.tone, "guarding level": plan.level}
    fractions |= {f"share of {', '.join(rule.groups)}": rule.share for rule in pattern.rules}
    fractions |= {f"activation of '{name}'": value for name, value in plan.overrides.items()}
    for what, value in fractions.items():
        if not 0.0 <= value <= 1.0:
            raise ParameterError(
                f"guarding pattern '{pattern.name}': the {what} is {value:g}; it must lie between 0 and 1"
            )
    for rule in pattern.rules:
        _check_names(pattern.name, "muscle group", rule.groups, GROUPS)
        _check_names(pattern.name, "side", rule.sides, SIDES)
        _check_names(pattern.name, "level", rule.levels or (), MUSCLE_LEVELS)
    _check_names(pattern.name, "muscle", tuple(plan.overrides), tuple(dict.fromkeys(known)))


def _check_names(pattern: str, what: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known[:12])}"
            raise ParameterError(f"guarding pattern '{pattern}': there is no {what} '{name}'; {hint}")


__all__ = [
    "GROUPS",
    "MUSCLE_LEVELS",
    "SIDES",
    "GuardRule",
    "GuardingPattern",
    "GuardingPlan",
    "Reflex",
    "check_plan",
    "pre_activation",
]
