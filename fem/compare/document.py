"""A comparison as files: one JSON document, and a long CSV table with a row for each difference."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any, Final

from fem.compare.comparison import Comparison, noise_sentences
from fem.compare.differences import Difference, Pair

COLUMNS: Final = (
    *("section", "place", "quantity", "unit", "aligned", "first_result", "second_result"),
    *("first", "second", "difference", "relative", "noise", "noise_origin", "verdict"),
)
VERSION: Final = 1


def comparison_document(
    comparison: Comparison, fail_if: str | None = None, reasons: Sequence[str] = ()
) -> dict[str, Any]:
    """Return everything that was compared as plain values; what is not finite is null, its verdict says so."""
    return {
        "version": VERSION,
        "aligned": comparison.alignment,
        "aligned_in_words": comparison.aligned,
        "results": [
            {
                "label": subject.label,
                "folder": str(subject.result.path),
                "name": subject.result.name,
                "status": subject.result.status,
                "resolution": subject.resolution or None,
                "time_s": subject.moment.time,
                "companions": {c.kind: str(c.result.path) for c in subject.companions},
            }
            for subject in comparison.subjects
        ],
        "noise": noise_sentences(comparison),
        "remarks": list(comparison.remarks),
        "pairs": [_pair_entry(comparison, pair) for pair in comparison.pairs],
        "fail_if": None
        if fail_if is None
        else {"condition": fail_if, "met": bool(reasons), "by": list(reasons)},
    }


def comparison_csv(comparison: Comparison) -> str:
    """Return one row a difference, under `COLUMNS`; empty where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for pair in comparison.pairs:
        names = [comparison.subjects[number].label for number in (pair.first, pair.second)]
        for found in pair.differences:
            value = found.value
            who = [value.section, value.place, value.name, value.unit, comparison.alignment, *names]
            numbers = [found.first, found.second, found.size, found.relative, found.floor.size]
            writer.writerow([*who, *[_cell(number) for number in numbers], found.floor.origin, found.verdict])
    return text.getvalue()


def _pair_entry(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    return {
        "first": comparison.subjects[pair.first].label,
        "second": comparison.subjects[pair.second].label,
        "counts": pair.counts(),
        "differences": {found.path: _entry(found) for found in pair.differences},
    }


def _entry(found: Difference) -> dict[str, Any]:
    return {
        "unit": found.value.unit,
        "first": _finite(found.first),
        "second": _finite(found.second),
        "difference": found.size,
        "relative": found.relative,
        "noise": found.floor.size,
        "noise_origin": found.floor.origin,
        "verdict": found.verdict,
    }


def _finite(value: float | str | None) -> float | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.9g}"
