"""Results against published experiments that ship as data: what fits a study is compared, what does not is said."""

import csv
import io
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from fem.compare.labels import labels
from fem.compare.published import Finding, cramer_2012, heuer_2007, rohlmann_2001
from fem.errors import UsageError
from fem.literature import Datum, ParameterSet, available, load, load_sources
from fem.results.grid import LEAST_WIDTH, grid_lines
from fem.results.salvage import OpenedResult
from fem.units import from_internal

#: Study -> how its numbers are found in results.
STUDIES: Final[dict[str, Callable[[Sequence[OpenedResult], ParameterSet], Iterator[Finding]]]] = {
    "cramer_2012": cramer_2012,
    "heuer_2007": heuer_2007,
    "rohlmann_2001": rohlmann_2001,
}
_FOLDER: Final = "experiments/"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One published number beside what the results give.

    Attributes
    ----------
    study, what : source key; what was measured, in words.
    result : label of the result, or of those that make the number together.
    unit : of all numbers.
    published, low, high : the study's number and its range, None where it gives none.
    computed : what the results give; None where they cannot be compared, then `why` says so.
    verdict : within, below, above, or, where no range is published, how far off in per cent; or not comparable.
    """

    study: str
    what: str
    result: str
    unit: str
    published: float | None
    low: float | None
    high: float | None
    computed: float | None
    verdict: str
    why: str
    kind: str


@dataclass(frozen=True, slots=True)
class Report:
    """All lines, and the citation of each study with what was held of it."""

    lines: tuple[Line, ...]
    citations: Mapping[str, str]


def against(results: Sequence[OpenedResult], studies: Sequence[str]) -> Report:
    """Compare results with studies.

    Raises
    ------
    UsageError
        For a study that is not shipped; known ones are listed.
    """
    names = labels([result.path for result in results])
    lines: list[Line] = []
    citations = {}
    for study in studies:
        data = _study(study)
        source = load_sources()[data.source]
        citations[study] = f"{source.citation()}. Held: {source.held}. Scope: {data.scope}"
        by_path = dict(zip((result.path for result in results), names, strict=True))
        for finding in STUDIES[study](results, data):
            lines.append(_line(study, finding, " + ".join(by_path[path] for path in finding.paths)))
    return Report(tuple(lines), citations)


def against_table(report: Report, width: int = 80) -> str:
    """Return the report in words and a table, at most `width` (not under 60) columns wide."""
    width = max(width, LEAST_WIDTH)
    lines = ["Against experiments", ""]
    rows = [line for line in report.lines if line.computed is not None]
    if rows:
        header = ["", "published", "range", "computed", "unit", ""]
        body = [
            [line.what, _text(line.published), _range(line), _text(line.computed), line.unit, line.verdict]
            for line in rows
        ]
        lines += [*grid_lines(header, body, width), ""]
        results = "; ".join(dict.fromkeys(line.result for line in rows))
        lines += _wrapped(f"computed from: {results}; between load steps straight lines are taken", width)
    for text in dict.fromkeys(
        f"not comparable: {line.result} with {line.study}: {line.why}"
        for line in report.lines
        if line.computed is None
    ):
        lines += _wrapped(text, width)
    for study, citation in report.citations.items():
        lines += _wrapped(f"{study}: {citation}", width)
    kinds = {line.study: line.kind for line in rows}
    for study, kind in kinds.items():
        if kind == "recalled":
            lines += _wrapped(f"the numbers of {study} are recalled, not read at the source", width)
    return "\n".join(lines) + "\n"


def against_document(report: Report) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "version": VERSION,
        "studies": dict(report.citations),
        "lines": [asdict(line) for line in report.lines],
    }


def against_csv(report: Report) -> str:
    """Return one row a published number."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(Line.__slots__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(line) for line in report.lines)
    return text.getvalue()


def _study(name: str) -> ParameterSet:
    if name not in STUDIES:
        known = [own.removeprefix(_FOLDER) for own in available() if own.startswith(_FOLDER)]
        raise UsageError(
            f"--against: there is no experiment '{name}' to compare with; "
            f"there are {', '.join(own for own in known if own in STUDIES)}"
        )
    return load(f"{_FOLDER}{name}")


def _line(study: str, finding: Finding, result: str) -> Line:
    datum = finding.datum
    if datum is None or finding.computed is None:
        return Line(
            study, finding.what, result, "", None, None, None, None, "not comparable", finding.why, ""
        )
    low, high = (None if end is None else from_internal(end, datum.unit) for end in (datum.low, datum.high))
    published, computed = (from_internal(value, datum.unit) for value in (datum.value, finding.computed))
    verdict = _verdict(datum, finding.computed)
    return Line(
        study, finding.what, result, datum.unit, published, low, high, computed, verdict, "", datum.kind
    )


def _verdict(datum: Datum, computed: float) -> str:
    if datum.low is not None and datum.high is not None:
        if datum.low <= computed <= datum.high:
            return "within"
        return "below" if computed < datum.low else "above" if computed > datum.high else "not a number"
    if datum.value == 0.0 or computed != computed:
        return "not a number"
    return f"{100.0 * (computed - datum.value) / abs(datum.value):+.0f} %"


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _range(line: Line) -> str:
    return "-" if line.low is None or line.high is None else f"{line.low:g} to {line.high:g}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)
