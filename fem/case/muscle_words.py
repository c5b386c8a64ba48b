"""Muscles, their guarding and the supports of a case, in words."""

from collections.abc import Iterator
from textwrap import wrap

from fem.case.read import CaseFile
from fem.case.schema import Case
from fem.structures.guarding import GuardingPlan, Reflex
from fem.units import format_quantity

_WIDTH = 100


def muscle_lines(case_file: CaseFile) -> Iterator[str]:
    """Yield how the muscles guard; nothing without muscles."""
    plan, muscles = case_file.guarding(), case_file.case.muscles
    if plan is None or muscles is None:
        return
    pattern = plan.pattern
    yield ""
    yield "Muscles"
    yield f"  guarding     {pattern.name}, level {plan.level:g}  [{pattern.kind}: {pattern.source}]"
    yield from (f"               {line}" for line in wrap(pattern.note, _WIDTH))
    yield f"  tone         {pattern.tone:g} in every fascicle that nothing below raises"
    yield from _rules(plan)
    yield from (f"  set          {name}: {value:g}" for name, value in plan.overrides.items())
    yield f"  reflex       {_reflex(plan.reflex)}"
    balance = "antagonists keep the relaxed posture" if muscles.balance else "none: the tone moves the spine"
    yield f"  balance      {balance}"


def _rules(plan: GuardingPlan) -> Iterator[str]:
    for rule in plan.pattern.rules:
        where = " and ".join(rule.sides)
        if rule.levels is not None:
            where += f", {', '.join(rule.levels)}"
        value = f"{plan.level * rule.share:g} (share {rule.share:g})"
        yield f"  activation   {value}: {', '.join(rule.groups)}; {where}"


def _reflex(reflex: Reflex | None) -> str:
    if reflex is None:
        return "none"
    delay, duration = (format_quantity(time, "time", "ms", 4) for time in (reflex.delay, reflex.duration))
    drive = f"{reflex.gain:g} per unit fibre strain beyond {reflex.threshold:g}"
    return f"{drive}, {delay} after the stretch, for {duration}"


def support_lines(case: Case) -> Iterator[str]:
    """Yield the springs that support the model from outside."""
    if case.supports:
        yield ""
        yield "Supports"
    for support in case.supports:
        translation = format_quantity(support.translation, "stiffness")
        rotation = format_quantity(support.rotation, "angular stiffness", "N m/deg", 4)
        damping = format_quantity(support.damping, "time", "ms", 4)
        yield f"  {support.on:<12} {translation}, {rotation}, damped over {damping}"
