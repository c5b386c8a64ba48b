"""How large a quantity gets in a run: what the known shares of noise refer to."""

from collections.abc import Mapping, Sequence
from typing import Final

from fem.anatomy.vocabulary import LEVELS
from fem.compare.values import Value, summary_values
from fem.results.salvage import OpenedResult

Values = Mapping[str, Value]
#: What quantities are judged together: section and name.
Family = tuple[str, str]
#: Behind the name of a quantity of several levels together.
SPAN: Final = " of the span"
#: Tables whose largest values the summary does not hold.
_TABLES: Final = {"levels": "level", "facets": "joint", "discs": "level"}


def family(value: Value) -> Family:
    """Return which quantities are judged together: the same one at all places; a span of levels by itself."""
    span = value.section == "levels" and value.place not in LEVELS
    return value.section, f"{value.name}{SPAN}" if span else value.name


def scales_of(runs: Sequence[Values]) -> dict[Family, float]:
    """Return family -> the largest size of its numbers in any of the sets of values."""
    scales: dict[Family, float] = {}
    for values in runs:
        for value in values.values():
            if isinstance(value.value, float) and value.value == value.value:
                own = family(value)
                scales[own] = max(scales.get(own, 0.0), abs(value.value))
    return scales


def run_scales(result: OpenedResult) -> dict[Family, float]:
    """Return family -> the largest size of its numbers at any time of a run."""
    scales = scales_of([summary_values(result.summary)])
    for section, key in _TABLES.items():
        if result.has_table(section):
            for row in result.table(section):
                for name, number in row.items():
                    if isinstance(number, float) and number == number and name != key:
                        own = family(Value(section, str(row.get(key, "")), name, "", number))
                        scales[own] = max(scales.get(own, 0.0), abs(number))
    return scales
