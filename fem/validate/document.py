"""A validation as plain values: everything that the page shows, and nothing else is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fem.literature import load, load_sources
from fem.results.salvage import OpenedResult
from fem.units import from_internal
from fem.validate.bands import Bands
from fem.validate.declared import Declared, Headline, Listing
from fem.validate.judged import WORDS, Judged, judge
from fem.validate.runs import Wanted
from fem.validate.terms import MissingValueError, read_term, value_of

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Solved:
    """What was wanted, what is there (run -> result), and why runs failed (run -> sentence)."""

    wanted: tuple[Wanted, ...]
    results: Mapping[str, OpenedResult]
    failures: Mapping[str, str]


def validation_document(what: Declared, solved: Solved, bands: Bands) -> dict[str, Any]:
    """Return the whole validation as plain values."""
    judged = [judge(one, solved.results, bands.half_width(one.key)) for one in what.comparisons]
    return {
        "version": VERSION,
        "key": what.key,
        "groups": dict(what.groups),
        "comparisons": [_entry(one, bands) for one in judged],
        "counts": counts(judged),
        "levels": list(what.levels),
        "shares": [_share(row, what.levels, solved.results) for row in what.shares],
        "headlines": [_headline(one, solved.results, bands) for one in what.headlines],
        "runs": [_run(one, solved, bands) for one in solved.wanted],
        "sources": _sources(judged),
    }


def counts(judged: Iterable[Judged]) -> dict[str, dict[str, int]]:
    """Return word -> number, of what was used for fitting and of what was not."""
    found = {side: dict.fromkeys(WORDS, 0) for side in ("fitted", "not_fitted")}
    for one in judged:
        found["fitted" if one.comparison.fitted else "not_fitted"][one.word] += 1
    return found


def _entry(one: Judged, bands: Bands) -> dict[str, Any]:
    plan, datum = one.comparison, one.datum
    return {
        "key": plan.key,
        "group": plan.group,
        "what": plan.what,
        "runs": list(dict.fromkeys(term.run for term in plan.terms)),
        "unit": one.unit,
        "value": one.value,
        "half_width": None if one.value is None else one.half_width,
        "order": _order(plan.key, bands),
        "near_edge": one.near_edge,
        "published": one.published,
        "low": one.low,
        "high": one.high,
        "accepted_tolerance": plan.tolerance if one.accepted else None,
        "relation": plan.relation,
        "word": one.word,
        "off": one.off,
        "off_share": one.off_share,
        "why": one.why,
        "fitted": plan.fitted,
        "data": plan.data,
        "datum": plan.datum,
        "kind": datum.kind,
        "confidence": datum.confidence,
        "source": datum.source,
        "locator": datum.locator,
        "specimens": datum.n,
        "note": plan.note,
    }


def _order(key: str, bands: Bands) -> float | None:
    part = bands.parts.get(key, {}).get("mesh")
    return None if part is None else part.order


def _share(row: Listing, levels: Iterable[str], results: Mapping[str, OpenedResult]) -> dict[str, Any]:
    """Return each level's share of a row; None for all where one is missing."""
    try:
        sizes = [_level_size(row, level, results) for level in levels]
    except MissingValueError:
        return {"what": row.what, "shares": None, "total": None}
    total = sum(sizes)
    return {
        "what": row.what,
        "shares": [size / total for size in sizes],
        "total": from_internal(total, "deg"),
    }


def _level_size(row: Listing, level: str, results: Mapping[str, OpenedResult]) -> float:
    if row.data:
        return load(row.data).datum(row.datum.replace("LEVEL", level)).value
    term = read_term(row.term.replace("LEVEL", level))
    if term.run not in results:
        raise MissingValueError(f"the run {term.run} is missing")
    return abs(value_of(term, results[term.run]))


def headline_value(one: Headline, results: Mapping[str, OpenedResult]) -> float:
    """Return the number of a headline, in the unit of its term; MissingValueError where there is none."""
    if one.term.run not in results:
        raise MissingValueError(f"the run {one.term.run} is missing")
    return from_internal(value_of(one.term, results[one.term.run]), one.term.unit)


def _headline(one: Headline, results: Mapping[str, OpenedResult], bands: Bands) -> dict[str, Any]:
    try:
        value, why = headline_value(one, results), ""
    except MissingValueError as missing:
        value, why = None, str(missing)
    width = None if value is None else bands.half_width(one.key)
    return {
        "key": one.key, "what": one.what, "unit": one.term.unit, "value": value, "half_width": width,
        "order": _order(one.key, bands), "why": why,
    }  # fmt: skip


def _run(one: Wanted, solved: Solved, bands: Bands) -> dict[str, Any]:
    name = one.run.name
    result = solved.results.get(name)
    measured = bands.hashes.get(name)
    return {
        "name": name,
        "case": one.run.case,
        "set": list(one.request.overrides),
        "state": "complete" if result is not None else "failed" if name in solved.failures else "not run",
        "why": solved.failures.get(name, ""),
        "resolution": None if result is None else result.settings.get("spine.resolution"),
        "inputs": one.hash,
        "bands": "none"
        if measured is None
        else "of these inputs"
        if measured == one.hash
        else "of other inputs",
    }


def _sources(judged: Iterable[Judged]) -> dict[str, dict[str, str]]:
    known = load_sources()
    keys = dict.fromkeys(one.datum.source for one in judged)
    return {key: {"citation": known[key].citation(), "held": known[key].held} for key in keys}
