"""One number of one result: ``flexion: levels.{L1-L2,L2-L3}.flexion_deg at moment 1/3``.

Before the colon stands the name of the run, with a minus where the number counts negative, then a dotted path as in
the summary. Braces add up what they list, a star takes the largest of all that fit. ``at PHASE`` and ``at PHASE 1/3``
read the tables at the end of a phase or where that share of its loads acts; ``largest`` takes the largest size over
all steps; without either the summary is read.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import product
from typing import Any, Final

from fem.compare.values import summary_values, unit_of
from fem.errors import ParameterError, UsageError
from fem.results.quantities import TABLES
from fem.results.salvage import OpenedResult
from fem.units import to_internal, unit_named

_FORM: Final = re.compile(
    r"(?P<sign>-?)(?P<run>\w+): (?P<path>\w+\..+?\.\w+)"
    r"(?: at (?P<phase>[\w.]+)(?: (?P<share>\d+/\d+))?| (?P<largest>largest))?"
)
_BRACES: Final = re.compile(r"\{([^}]*)\}")
#: How near a step must lie to a share of the loads.
_SAME_SHARE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Term:
    """Where a number stands: run, path with braces and stars, and what of the run (phase, share, largest); its sign."""

    text: str
    run: str
    path: str
    phase: str = ""
    share: Fraction | None = None
    largest: bool = False
    sign: float = 1.0

    @property
    def section(self) -> str:
        """Return the first part of the path: the section of the summary, or the table."""
        return self.path.partition(".")[0]

    @property
    def unit(self) -> str:
        """Return the unit in which results hold the number."""
        return unit_of(self.section, self.path.rpartition(".")[2])


class MissingValueError(UsageError):
    """A number is not there, or is none; the message says which and why."""


def read_term(text: str) -> Term:
    """Return the term that a text of the form above means."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ParameterError(
            f"'{text}' is no term; write 'run: section.place.name', 'at PHASE' or 'largest' after"
        )
    if found["phase"] or found["largest"]:
        section = found["path"].partition(".")[0]
        if section not in TABLES:
            raise ParameterError(f"'{text}': there is no table {section}; tables are {', '.join(TABLES)}")
    share = Fraction(found["share"]) if found["share"] else None
    return Term(
        text,
        found["run"],
        found["path"],
        found["phase"] or "",
        share,
        bool(found["largest"]),
        -1.0 if found["sign"] else 1.0,
    )


def value_of(term: Term, result: OpenedResult) -> float:
    """Return the number that a term means, in internal units.

    Raises
    ------
    MissingValueError
        When nothing fits, or anything that fits is no finite number.
    """
    if result.status != "complete":
        raise MissingValueError(f"the run is {result.status}, not complete")
    total = 0.0
    for path in _expanded(term.path):
        found = [value for own, value in _entries(term, result) if fnmatchcase(own, path)]
        if not found:
            raise MissingValueError(f"the result holds no {path}{_when(term)}")
        numbers = [_number(value, path) for value in found]
        total += max(map(abs, numbers)) if term.largest else max(numbers)
    return term.sign * to_internal(total, term.unit, unit_named(term.unit).dimension)


def _entries(term: Term, result: OpenedResult) -> Iterator[tuple[str, Any]]:
    if not term.phase and not term.largest:
        for path, value in summary_values({term.section: result.summary.get(term.section)}).items():
            yield path, value.value
        return
    if not result.has_table(term.section):
        raise MissingValueError(f"the result holds no {term.section}.csv")
    rows: Iterator[Mapping[str, Any]] = iter(result.table(term.section))
    step = None if term.largest else _step(term, result)
    layout = TABLES[term.section]
    for row in rows:
        if step is None or row["step"] == step:
            place = ".".join(str(row[key]) for key in layout.keys)
            for quantity in layout.values:
                if quantity.name in row:
                    yield f"{term.section}.{place}.{quantity.name}", row[quantity.name]


def _step(term: Term, result: OpenedResult) -> Any:
    """Return the number of the last step of a phase, or of the one at which a share of its loads acts."""
    if not result.has_table("history"):
        raise MissingValueError("the result holds no history.csv")
    for row in reversed(result.table("history")):
        near = term.share is None or abs(float(row["load_fraction"]) - float(term.share)) <= _SAME_SHARE
        if row["phase"] == term.phase and near:
            return row["step"]
    share = "" if term.share is None else f"{term.share} of the loads of "
    raise MissingValueError(f"no step lies at {share}the phase {term.phase}")


def _number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MissingValueError(f"{path} is '{value}', no number")
    if not math.isfinite(value):
        raise MissingValueError(f"{path} is {value}")
    return float(value)


def _expanded(path: str) -> Iterator[str]:
    """Yield every path that braces stand for."""
    parts = _BRACES.split(path)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    for chosen in product(*choices):
        yield "".join(chosen)


def _when(term: Term) -> str:
    return f" at the end of {term.phase}" if term.phase else ""
