"""A threshold in words, as a table and as one JSON document."""

from collections.abc import Iterator
from typing import Any, Final

from fem.explain.bisection import EVERYWHERE, FOUND, LIMIT, UNSOLVED, Search, Trial
from fem.explain.outcome import Outcome
from fem.explain.presentation import cells, wrapped
from fem.explain.sentences import LIMITS, listed, signed
from fem.results.grid import grid_lines
from fem.units import from_internal, readable_unit

DOCUMENT_VERSION: Final = 1
#: Probabilities whose crossing is told.
_CROSSINGS: Final = (0.5, 0.9)


def threshold_table(found: Search, title: str, target: str, width: int) -> str:
    """Return the search in a table and sentences, at most `width` columns wide."""
    head = [found.varied.name, "pops", "P", "margin", "strain", "of limit", "goes first"]
    unit = readable_unit(found.varied.dimension)
    units = [f"[{unit}]", "", "[1]", "[1]", "[%]", "[1]", ""]
    rows = [_row(found, trial) for trial in found.trials]
    note = "strain: largest of any ligament; of limit: nearest of any to its sub-failure strain (! past it, x failed)"
    begin = [f"When does {target} pop? {title}", ""]
    blocks = [
        begin,
        grid_lines(head, [units, *rows], width),
        [note, ""],
        list(threshold_sentences(found, target)),
    ]
    return "\n".join(part for block in [*blocks, ["", *LIMITS[1:]]] for part in wrapped(block, width)) + "\n"


def _row(found: Search, trial: Trial) -> list[str]:
    number = f"{from_internal(trial.value, readable_unit(found.varied.dimension)):.4g}"
    return (
        [number, "-", "-", "-", "-", "-", "not solved"]
        if trial.outcome is None
        else [number, *cells(trial.outcome)]
    )


def threshold_sentences(found: Search, target: str) -> Iterator[str]:
    """Yield the answer first, then how surely, then what it costs."""
    yield _answer(found, target)
    if not found.lines_up:
        yield _crooked(found)
    yield from _crossings(found)
    yield from _safety(found, target)
    yield from _unsolved(found)


def _answer(found: Search, target: str) -> str:
    varied, name = found.varied, found.varied.name
    how = "by its best estimate" if found.criterion == "best" else f"with a probability of {found.criterion}"
    if found.enough is not None and found.short is not None:
        short, enough = varied.written(found.short), varied.written(found.enough)
        what = {1: "the least that pops it", -1: "the most that still pops it", 0: "where it begins to pop"}
        turned = varied.towards * (found.enough - found.short) < 0
        lies = "the answer changes" if turned else what[varied.towards]
        broken = "" if found.ended == FOUND else f", not narrowed further because {found.ended}"
        return f"{name}: {lies} {how}{' ' if turned else ' lies '}between {short} (no pop) and {enough} (pop){broken}."
    tried = [trial.value for trial in found.trials]
    span = f"from {varied.written(min(tried))} to {varied.written(max(tried))}"
    if found.ended == LIMIT:
        return f"{name}: {target} pops at no value that was tried, {span}; {LIMIT}: not within safe limits."
    if found.ended == UNSOLVED:
        return f"{name}: no threshold was found {span}, because {UNSOLVED}."
    if found.ended == EVERYWHERE:
        return f"{name}: {target} pops {how} at every value that was tried, {span}; widen it with --from or --to."
    return f"{name}: {target} does not pop {how} at any value that was tried, {span}."


def _crooked(found: Search) -> str:
    words = [
        f"{found.varied.written(one.value)} {signed(one.outcome.margin)}"
        for one in found.trials
        if one.outcome is not None
    ]
    return (
        "The margin does not grow all the way as expected, so this need not be the only change, and between or beyond "
        f"these values the answer may turn again: {listed(words)}."
    )


def _crossings(found: Search) -> Iterator[str]:
    """Yield between which of the values that were tried the probability passes a mark; nothing is read in between."""
    solved = [(one.value, one.outcome) for one in found.trials if one.outcome is not None]
    if not solved:
        return
    for mark in _CROSSINGS:
        above = [number for number, (_, one) in enumerate(solved) if one.probability >= mark]
        if not above:
            best = max(solved, key=lambda pair: pair[1].probability)
            yield (
                f"Its probability stays below {mark:g} at all values that were tried "
                f"(at most {best[1].probability:.2f}, at {found.varied.written(best[0])})."
            )
        elif above[0] == 0:
            yield f"Its probability is {mark:g} or more already at {found.varied.written(solved[0][0])}."
        else:
            one, other = solved[above[0] - 1][0], solved[above[0]][0]
            yield (
                f"Its probability passes {mark:g} between {found.varied.written(one)} and "
                f"{found.varied.written(other)}."
            )


def _safety(found: Search, target: str) -> Iterator[str]:
    """Yield whether a ligament fails before the target pops, and what the pop costs."""
    fails, enough = found.fails_at, found.enough
    order = [trial.value for trial in found.trials]
    if fails is not None:
        broken = listed(found.at(fails).failed)
        at = found.varied.written(fails)
        if enough is None or order.index(fails) <= order.index(enough):
            yield f"Not within safe limits: at {at}, before or as the target pops, past its failure strain: {broken}."
        else:
            yield f"Beyond the threshold, at {at}, past its failure strain: {broken}."
    if enough is not None:
        yield _cost(found.at(enough), found.varied.written(enough), target)


def _cost(one: Outcome, value: str, target: str) -> str:
    before = one.before(target)
    joints = (
        f"{listed(before)} {'goes' if len(before) == 1 else 'go'} before it"
        if before
        else "no joint goes before it"
    )
    if one.largest is None or one.nearest is None:
        return f"At {value} {joints}."
    over = f"; past their sub-failure strain: {listed(one.over)}" if one.over else ""
    return (
        f"At {value} (margin {signed(one.margin)}) the largest ligament strain is {100 * one.largest.strain:.0f} % "
        f"({one.largest.place}), the nearest to its sub-failure strain {one.nearest.place} at "
        f"{one.nearest.limit_fraction:.2f} of it{over}; {joints}."
    )


def _unsolved(found: Search) -> Iterator[str]:
    for trial in found.trials:
        if trial.outcome is None:
            yield f"Not solved at {found.varied.written(trial.value)}: {trial.message}."


def threshold_document(found: Search, case: str, title: str, target: str) -> dict[str, Any]:
    """Return the search as a JSON document; values in the unit that it names."""
    unit = readable_unit(found.varied.dimension)

    def out(value: float | None) -> float | None:
        return None if value is None else from_internal(value, unit)

    return {
        "version": DOCUMENT_VERSION,
        "case": case,
        "title": title,
        "target": target,
        "vary": found.varied.name,
        "keys": list(found.varied.parts),
        "unit": unit,
        "criterion": found.criterion,
        "ended": found.ended,
        "no_pop": out(found.short),
        "pop": out(found.enough),
        "lines_up": found.lines_up,
        "fails_at": out(found.fails_at),
        "runs": [_trial(trial, out(trial.value)) for trial in found.trials],
        "sentences": list(threshold_sentences(found, target)),
        "limits": list(LIMITS[1:]),
    }


def _trial(trial: Trial, value: float | None) -> dict[str, Any]:
    found = {"message": trial.message} if trial.outcome is None else trial.outcome.entry()
    return {"value": value, "solved": trial.outcome is not None, **found}
