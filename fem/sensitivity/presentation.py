"""What moves each answer: for the screen, as one JSON document, and as a table of rows."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fem.results.grid import grid_lines
from fem.results.tables import Cell
from fem.sensitivity.analysis import Analysis, Answer
from fem.sensitivity.design import LEVELS
from fem.sensitivity.effects import Effect
from fem.sensitivity.inputs import Input
from fem.sensitivity.outputs import REPLAYED
from fem.sensitivity.study import Study

DOCUMENT_VERSION: Final = 1
_HEAD: Final = ("input", "range", "mu*", "±95 %", "mu", "sigma", "steps")
TURNS: Final = "turns it"
CSV_HEADER: Final = (
    "output", "unit", "rank", "input", "meaning", "range", "kind", "source", "mu_star", "mu_star_interval", "mu",
    "sigma", "steps", "turns",
)  # fmt: skip
NOTE: Final = (
    "mu*: mean size of the change of the answer over an input's whole range, wherever the others stand; ±95 %: by "
    "bootstrap; mu: the same with sign; sigma: how much it differs with the others, that is interaction or curvature; "
    "turns it: in how many steps the verdict by the best estimate changes."
)


def effects_table(told: Analysis, most: int, width: int) -> str:
    """Return the `most` largest effects on each answer, at most `width` columns wide."""
    lines = [f"{told.study.case_file.name}: {counts(told)}"]
    for answer in told.answers:
        lines += ["", *textwrap.wrap(title(answer), width)]
        lines += grid_lines(_head(answer), [_row(told, answer, one) for one in answer.effects[:most]], width)
    lines += ["", *textwrap.wrap(NOTE, width)]
    for sentence in remarks(told):
        lines += textwrap.wrap(sentence, width, subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def counts(told: Analysis) -> str:
    """Return how much the answers rest on."""
    replayed = f" and {told.replays} replays of the film" if told.replays else ""
    varied = f"{len(told.study.inputs)} inputs of the spine"
    films = f" and {len(told.study.films)} of the film" if told.study.films else ""
    runs = told.runs - len(told.failed)  # both count folders: two points may share a run
    of = "" if runs == told.runs else f" of {told.runs}"
    return f"{varied}{films}; {told.trajectories} Morris trajectories, {runs}{of} runs{replayed}"


def title(answer: Answer) -> str:
    """Return what an answer is, and between what it lay."""
    return f"{answer.output.meaning} ({answer.output.name}), {between(answer)} in this design"


def between(answer: Answer) -> str:
    """Return the least and the largest value of an answer."""
    unit = "" if answer.output.unit == "1" else f" {answer.output.unit}"
    return f"{answer.low:.3g} to {answer.high:.3g}{unit}"


def remarks(told: Analysis) -> Iterator[str]:
    """Yield what was left out, and why."""
    for why in dict.fromkeys(told.failed.values()):
        folders = [folder for folder, said in told.failed.items() if said == why]
        more = f" and {len(folders) - 1} more" if len(folders) > 1 else ""
        yield f"left out: run {Path(folders[0]).name}{more}: {why}"
    yield from (f"{name}: no run holds it" for name in told.nowhere)
    for answer in told.answers:
        lost = answer.asked - answer.known
        if lost:
            told_of = f"{lost} of {answer.asked} values could not be had"
            yield f"{answer.output.name}: {told_of}; steps that touch them are left out"
        if answer.at_ends:
            stuck = f"{answer.at_ends} of {answer.known} values lie at an end of the scale"
            yield f"{answer.output.name}: {stuck}, where a change of an input shows only once it leaves it"
        seen = {one.number for one in answer.effects}
        varied = range(len(told.inputs) if answer.output.name in REPLAYED else len(told.study.inputs))
        few = [told.inputs[number].name for number in varied if number not in seen]
        if few:
            yield f"{answer.output.name}: no step says anything about {', '.join(few)}"


def markdown_rows(told: Analysis, answer: Answer, most: int) -> list[str]:
    """Return the largest effects on an answer as the lines of a table of a page."""
    head = _head(answer)
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return [*lines, *(f"| {' | '.join(_row(told, answer, one))} |" for one in answer.effects[:most])]


def effect_rows(told: Analysis) -> list[tuple[Cell, ...]]:
    """Return every effect on every answer, below `CSV_HEADER`."""
    return [
        (answer.output.name, answer.output.unit, rank, *_of(told.inputs[one.number]), one.mu_star, _cell(one.interval),
         one.mu, _cell(one.sigma), one.steps, one.turns if answer.output.name in REPLAYED else "")
        for answer in told.answers
        for rank, one in enumerate(answer.effects, 1)
    ]  # fmt: skip


def effects_document(told: Analysis) -> dict[str, Any]:
    """Return everything as a JSON document."""
    return {
        "version": DOCUMENT_VERSION,
        "case": str(told.study.path),
        "plan": told.study.plan,
        "method": "Morris",
        "levels": LEVELS,
        "trajectories": told.trajectories,
        "runs": told.runs,
        "replays": told.replays,
        "seed": told.seed,
        "inputs": [_input_entry(one) for one in told.inputs],
        "outputs": [_answer_entry(told, answer) for answer in told.answers],
        "failed": [{"folder": folder, "message": why} for folder, why in told.failed.items()],
        "remarks": list(remarks(told)),
    }


def _answer_entry(told: Analysis, answer: Answer) -> dict[str, Any]:
    found = [
        {
            "input": told.inputs[one.number].name,
            "mu_star": one.mu_star,
            "mu_star_interval": one.interval,
            "mu": one.mu,
            "sigma": one.sigma,
            "steps": one.steps,
            **({"turns": one.turns} if answer.output.name in REPLAYED else {}),
        }
        for one in answer.effects
    ]
    return {
        "name": answer.output.name,
        "unit": answer.output.unit,
        "meaning": answer.output.meaning,
        "lowest": answer.low,
        "highest": answer.high,
        "known": answer.known,
        "asked": answer.asked,
        "at_ends": answer.at_ends,
        "effects": found,
    }


def _input_entry(one: Input) -> dict[str, Any]:
    return {
        "name": one.name,
        "meaning": one.meaning,
        "range": one.range_text,
        "kind": one.kind,
        "source": one.source,
        "note": one.note,
        "keys": [part.key for part in one.parts],
        "of_film": one.band is not None,
    }


def _of(one: Input) -> tuple[str, str, str, str, str]:
    return one.name, one.meaning, one.range_text, one.kind, one.source


def _cell(value: float | None) -> Cell:
    return "" if value is None else value


def _head(answer: Answer) -> list[str]:
    return [*_HEAD[:-1], TURNS] if answer.output.name in REPLAYED else list(_HEAD)


def _row(told: Analysis, answer: Answer, one: Effect) -> list[str]:
    named = told.inputs[one.number]
    interval, sigma = ("-" if value is None else f"{value:.2g}" for value in (one.interval, one.sigma))
    numbers = [f"{one.mu_star:.3g}", interval, f"{one.mu:+.3g}", sigma]
    steps = f"{one.turns} of {one.steps}" if answer.output.name in REPLAYED else str(one.steps)
    first, *more = named.range_text.split("; ")
    return [named.meaning, f"{first} …" if more else first, *numbers, steps]


def plan_lines(study: Study, runs: int, ready: int) -> Iterator[str]:
    """Yield what a study varies, from where to where and who says so, and how many runs it takes."""
    yield f"{study.case_file.name}: {study.plan}"
    for one in (*study.inputs, *study.films):
        yield f"  {one.meaning}: {one.range_text}  [{one.kind}: {one.source}]"
        yield from (f"    {part.key}" for part in one.parts)
    yield f"{runs} runs, {ready} of them up to date"
