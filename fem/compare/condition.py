"""Conditions on differences, as `--fail-if` takes them: parsed by hand, never evaluated as code.

facets.L4-L5 left.peak_gap_mean_mm.difference > 0.1 mm
ligaments.*.peak_strain.size > 2 % and levels.L1-S1.*.size > 1 deg or facets.*.cavitation.verdict.verdict == differs
"""

import difflib
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from fem.compare.differences import NO_FLOOR, NOT_A_NUMBER, ONLY_FIRST, ONLY_SECOND, VERDICTS, Difference
from fem.errors import UsageError
from fem.units import QuantityError, from_internal, parse_quantity, unit_named

#: Ending of a path -> what it is of the difference, in the unit of the quantity; `relative` and `excess` have none.
MEASURES: Final[dict[str, Callable[[Difference], float | None]]] = {
    "difference": lambda found: found.size,
    "size": lambda found: None if found.size is None else abs(found.size),
    "relative": lambda found: found.relative,
    "excess": lambda found: found.excess,
    "first": lambda found: found.first if isinstance(found.first, float) else None,
    "second": lambda found: found.second if isinstance(found.second, float) else None,
}
_PLAIN: Final = frozenset({"relative", "excess"})
_VERDICT: Final = "verdict"
_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CLAUSE: Final = re.compile(
    r"\s*(?P<path>.+?)\.(?P<measure>\w+)\s*(?P<sign>>=|<=|==|!=|>|<)\s*(?P<limit>.+?)\s*"
)
#: Verdicts with which no number can be judged: a condition on one of them counts as met.
_UNJUDGED: Final = frozenset({NOT_A_NUMBER, ONLY_FIRST, ONLY_SECOND})
_EXAMPLE: Final = "'facets.L4-L5 left.peak_gap_mean_mm.difference > 0.1 mm'"


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison: pattern of paths, what is looked at, sign, limit as text."""

    path: str
    measure: str
    sign: str
    limit: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Clauses joined by ``and`` within groups, groups joined by ``or``."""

    text: str
    groups: tuple[tuple[Clause, ...], ...]


def read_condition(text: str) -> Condition:
    """Return a parsed condition.

    Raises
    ------
    UsageError
        When it cannot be read; says which part, and gives an example.
    """
    groups = [re.split(r"\s+and(?:\s+|$)", group) for group in re.split(r"\s+or(?:\s+|$)", text)]
    return Condition(text, tuple(tuple(_clause(part) for part in group) for group in groups))


def met(condition: Condition, differences: Sequence[Difference]) -> tuple[str, ...]:
    """Return why a condition is met, a sentence for each difference that meets it; empty when it is not.

    A quantity that one run lacks, or that is not finite, meets every condition on it: it cannot be shown to be small.

    Raises
    ------
    UsageError
        For a path that fits no quantity, or a limit without or with a wrong unit.
    """
    found: list[str] = []
    for group in condition.groups:
        reasons = [_reasons(clause, differences) for clause in group]
        if all(reasons):
            found += [sentence for own in reasons for sentence in own]
    return tuple(dict.fromkeys(found))


def _clause(text: str) -> Clause:
    match = _CLAUSE.fullmatch(text)
    if match is None:
        raise UsageError(
            f"--fail-if: cannot read '{text.strip()}'; write quantity.measure > number unit, for example {_EXAMPLE}"
        )
    clause = Clause(match["path"], match["measure"], match["sign"], match["limit"])
    known = (*MEASURES, _VERDICT)
    if clause.measure not in known:
        near = difflib.get_close_matches(clause.measure, known, 1, 0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"it is one of {', '.join(known)}"
        raise UsageError(
            f"--fail-if: '{clause.path}' must end in what is looked at, not '.{clause.measure}'; {hint}"
        )
    words = clause.sign in ("==", "!=")
    if words != (clause.measure == _VERDICT):
        raise UsageError(
            f"--fail-if: {_VERDICT} goes with == and !=, numbers with >, >=, < and <=: '{text.strip()}'"
        )
    if words and clause.limit not in VERDICTS:
        raise UsageError(f"--fail-if: '{clause.limit}' is no verdict; verdicts: {', '.join(VERDICTS)}")
    return clause


def _reasons(clause: Clause, differences: Sequence[Difference]) -> list[str]:
    fitting = [own for own in differences if fnmatchcase(own.path, clause.path)]
    if not fitting:
        near = difflib.get_close_matches(clause.path, [own.path for own in differences], 1, 0.5)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"--fail-if: no quantity fits '{clause.path}'{hint}")
    return [sentence for own in fitting if (sentence := _reason(clause, own))]


def _reason(clause: Clause, found: Difference) -> str:
    if clause.measure == _VERDICT:
        holds = (found.verdict == clause.limit) == (clause.sign == "==")
        return f"{found.path}: {found.verdict}" if holds else ""
    value = MEASURES[clause.measure](found)
    unit = "1" if clause.measure in _PLAIN else found.value.unit
    if not unit:
        raise UsageError(f"--fail-if: {found.path} is a word; ask for .{_VERDICT} == differs")
    limit = _limit(clause, unit)
    if found.verdict in _UNJUDGED or (value is None and found.verdict == NO_FLOOR):
        return f"{found.path}: {found.verdict}, so it cannot be judged"
    if value is None or not _OPERATORS[clause.sign](value, limit):
        return ""
    written = "" if unit == "1" else f" {unit}"
    return f"{found.path}.{clause.measure} is {value:.4g}{written} ({clause.sign} {clause.limit})"


def _limit(clause: Clause, unit: str) -> float:
    try:
        return from_internal(parse_quantity(clause.limit, unit_named(unit).dimension), unit)
    except QuantityError as error:
        raise UsageError(f"--fail-if: {clause.path}.{clause.measure}: {error}") from None
