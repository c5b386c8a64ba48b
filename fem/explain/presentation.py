"""An explanation for the screen and as one JSON document."""

import textwrap
from collections.abc import Sequence
from typing import Any, Final

from fem.explain.judgement import Judgement, Run
from fem.explain.outcome import Outcome
from fem.explain.sentences import LIMITS, sentences, signed
from fem.results.grid import grid_lines

DOCUMENT_VERSION: Final = 1
_HEAD: Final = ("", "pops", "P", "margin", "strain", "of limit", "goes first")
_UNITS: Final = ("", "", "[1]", "[1]", "[%]", "[1]", "")
#: Verdict -> word in the narrow column of a table.
SHORT: Final = {"cavitates": "yes", "does not cavitate": "no", "undetermined": "open"}


def explanation_table(told: Judgement, width: int) -> str:
    """Return the explanation in a table and sentences, at most `width` columns wide."""
    table = grid_lines(_HEAD, [_UNITS, *[row(run) for run in runs_of(told)]], width)
    note = "strain: largest of any ligament; of limit: nearest of any to its sub-failure strain (! past it, x failed)"
    head = [f"What keeps {told.target} from popping? {told.title}", ""]
    blocks = [head, table, [note, ""], sentences(told), ["", *LIMITS]]
    return "\n".join(part for block in blocks for part in wrapped(block, width)) + "\n"


def wrapped(lines: Sequence[str], width: int) -> list[str]:
    """Return lines broken at `width`; those that fit stay as they are."""
    return [
        part
        for line in lines
        for part in ([line] if len(line) <= width else textwrap.wrap(line, width, subsequent_indent="  "))
    ]


def runs_of(told: Judgement) -> list[Run]:
    """Return every run: the case as it is, counterfactuals by how near they come, those that were not solved."""
    return [told.base, *[one.run for one in told.changes], *told.unsolved]


def row(run: Run) -> list[str]:
    """Return the cells of one run."""
    one, words = run.outcome, run.change.words
    if one is None:
        return [words, "-", "-", "-", "-", "-", "not solved"]
    return [words, *cells(one)]


def cells(one: Outcome) -> list[str]:
    """Return verdict, probability, margin, strain, fraction of the limit and the joint that goes first."""
    strain = "-" if one.largest is None else f"{100 * one.largest.strain:.1f}"
    near = "-" if one.nearest is None else f"{one.nearest.limit_fraction:.2f}"
    mark = "x" if one.failed else "!" if one.over else ""
    first = one.order[0] if one.order else "none"
    return [SHORT[one.verdict], f"{one.probability:.2f}", signed(one.margin), strain, near + mark, first]


def explanation_document(told: Judgement, case: str) -> dict[str, Any]:
    """Return the explanation as a JSON document."""
    effects = {one.change.name: {"effect": one.effect, "moves": one.moves} for one in told.changes}
    return {
        "version": DOCUMENT_VERSION,
        "case": case,
        "title": told.title,
        "target": told.target,
        "barriers": list(told.barriers),
        "sufficient": list(told.sufficient),
        "runs": [{**run_entry(run), **effects.get(run.change.name, {})} for run in runs_of(told)],
        "left_out": [
            {"name": one.name, "barrier": one.barrier, "reason": one.reason} for one in told.left_out
        ],
        "sentences": list(sentences(told)),
        "limits": list(LIMITS),
    }


def run_entry(run: Run) -> dict[str, Any]:
    """Return one run as a mapping of plain values."""
    found = {"message": run.message} if run.outcome is None else run.outcome.entry()
    return {
        "name": run.change.name,
        "barrier": run.change.barrier or None,
        "change": run.change.words,
        "overrides": list(run.change.overrides),
        "folder": str(run.folder),
        "solved": run.outcome is not None,
        **found,
    }
