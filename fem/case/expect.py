"""The `expect` entries of a case as ranges in the unit of their quantity."""

from dataclasses import dataclass

from fem.case.schema import Case, ExpectSection
from fem.case.verification_schema import REPORTED
from fem.document import nearest
from fem.errors import UsageError
from fem.units import QuantityError, from_internal, parse_quantity, unit_named


@dataclass(frozen=True, slots=True)
class ExpectedRange:
    """A quantity of the summary and its allowed range, in the unit that the quantity's name carries."""

    quantity: str
    low: float
    high: float
    unit: str
    kind: str
    source: str
    note: str


def unit_of_quantity(case: Case, name: str) -> str:
    """Return the unit of the summary quantity `name`; UsageError, with the nearest name, if there is none."""
    if case.problem is not None:
        reported = REPORTED[case.problem.kind]
        if name not in reported:
            hint = nearest(name, list(reported)) or f"; known: {', '.join(reported)}"
            raise UsageError(f"a {case.problem.kind} problem reports no quantity '{name}'{hint}")
        return reported[name]
    from fem.results.expect import known_quantity

    if name.startswith("muscles.") and case.muscles is None:
        raise UsageError(f"this case has no muscles, so the summary holds no '{name}'")
    if ".cavitation." in name and not case.has_film:
        raise UsageError(f"the joints of this case hold no film (key film), so the summary holds no '{name}'")
    if name.split(".")[0] in ("repetitions", "laxity", "flexibility") and case.repeat is None:
        raise UsageError(f"this case is not repeated (key repeat), so the summary holds no '{name}'")
    levels = case.spine.level_names if case.spine else ()
    found = known_quantity(name, levels)
    if not found:
        hint = f"; did you mean '{found.suggestion}'?" if found.suggestion else ""
        raise UsageError(f"the summary holds no quantity '{name}'{hint}")
    return found.unit


def expectation(case: Case, wanted: ExpectSection) -> ExpectedRange:
    """Return `wanted` with numbers in the unit of its quantity.

    Raises
    ------
    UsageError, QuantityError
        For an unknown quantity, a bound of another dimension, or bounds in the wrong order.
    """
    unit = unit_of_quantity(case, wanted.quantity)
    low, high = (_in_unit(text, unit) for text in wanted.between)
    if not low <= high:
        raise QuantityError(f"the lower bound {wanted.between[0]} is above {wanted.between[1]}")
    return ExpectedRange(wanted.quantity, low, high, unit, wanted.kind, wanted.source, wanted.note)


def expectations(case: Case) -> tuple[ExpectedRange, ...]:
    """Return every expectation of `case`."""
    return tuple(expectation(case, wanted) for wanted in case.expect)


def _in_unit(text: str, unit: str) -> float:
    return from_internal(parse_quantity(text, unit_named(unit).dimension), unit)
