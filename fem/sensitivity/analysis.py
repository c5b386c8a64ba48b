"""From finished runs to effects: what moves each answer, how much, and what could not be asked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from fem.arrays import FloatArray
from fem.errors import UsageError
from fem.sensitivity.design import Design, sampled
from fem.sensitivity.effects import Effect, Step, effects
from fem.sensitivity.inputs import Input
from fem.sensitivity.outputs import REPLAYED, Output, measure
from fem.sensitivity.replays import at_an_end, margins
from fem.sensitivity.runs import PointRun
from fem.sensitivity.study import Study

#: Trajectories of the film's inputs that are drawn, one for each run; further runs begin again with the first.
_FILM_POOL: Final = 1000
REPLAYS: Final = "replays"


@dataclass(frozen=True, slots=True)
class Answer:
    """What moves one output.

    Attributes
    ----------
    effects : largest first; low, high : least and largest value over all runs and replays.
    known, asked : how many values there are, and how many were asked for.
    at_ends : how many of them are margins at an end of their scale: nothing moves those that stay there.
    """

    output: Output
    effects: tuple[Effect, ...]
    low: float
    high: float
    known: int
    asked: int
    at_ends: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """What came out of a study.

    Attributes
    ----------
    inputs : those of runs, then those of films; an `Effect` names one by its number.
    failed : folder -> why, of runs that are left out.
    nowhere : outputs that no run has.
    """

    study: Study
    trajectories: int
    runs: int
    replays: int
    seed: int
    inputs: tuple[Input, ...]
    answers: tuple[Answer, ...]
    failed: Mapping[str, str]
    nowhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Replayer:
    """Replays the film of the target over the motions of a study's runs.

    Attributes
    ----------
    films : (p, k + 1, k) trajectory of the film's inputs of each run; one point without inputs where none is varied.
    size : runs of a trajectory; they share the film at its beginning, so that only one input differs between them.
    folder : in which answers are kept.
    """

    study: Study
    films: FloatArray
    size: int
    folder: Path

    def row(self, number: int, run: PointRun) -> Mapping[str, list[float]]:
        """Return the margins over run `number`: with the film that its trajectory shares, then along its own."""
        assert self.study.target is not None
        shared = self.films[number - number % self.size][0]
        points = np.vstack([shared[None], self.films[number]])
        keep = self.folder / REPLAYS / f"{run.folder.name}.json"
        return margins(run.folder, self.study.target, self.study.films, points, keep)


def replayer(study: Study, planned: Design, folder: Path, seed: int) -> Replayer | None:
    """Return what replays films; None where no answer asks for it."""
    if not any(output.name in REPLAYED for output in study.outputs):
        return None
    runs = len(planned.points)
    if study.films:
        pool = sampled(len(study.films), _FILM_POOL, seed)
        films = np.asarray(pool[np.arange(runs) % _FILM_POOL])
    else:
        films = np.zeros((runs, 1, 0))
    return Replayer(study, films, len(planned.shares[0]), folder)


def analyse(
    study: Study,
    planned: Design,
    runs: Sequence[PointRun],
    folder: Path,
    seed: int,
    failed: Mapping[str, str],
) -> Analysis:
    """Return what the runs of a design say.

    Parameters
    ----------
    runs : of every point of the design, in its order.
    folder : of the study, in which replays are kept.
    failed : folder of a run -> why it is left out.

    Raises
    ------
    UsageError
        When not a single run is complete.
    """
    solved = [str(run.folder) not in failed for run in runs]
    if not any(solved):
        first = next(iter(failed.values()))
        raise UsageError(f"none of the {len(runs)} runs could be solved; the first said: {first}")
    films = replayer(study, planned, folder, seed)
    rows = (
        []
        if films is None
        else [_row(films, *each) for each in zip(range(len(runs)), runs, solved, strict=True)]
    )
    found: dict[str, Answer | None] = {}
    for output in study.outputs:
        if output.name in REPLAYED and films is not None:
            steps, values = _of_films(planned, films, [row[output.name] for row in rows], len(study.inputs))
        else:
            values = [_measured(run, output.name, study.target, failed) for run in runs]
            steps = _run_steps(planned, values)
        found[output.name] = _answer(output, steps, values, len(study.inputs) + len(study.films), seed)
    answers = tuple(answer for answer in found.values() if answer is not None)
    nowhere = tuple(name for name, answer in found.items() if answer is None)
    if not answers:
        raise UsageError(f"no run holds any of {', '.join(nowhere)}")
    replays = sum(len(row["margin"]) for row, there in zip(rows, solved, strict=False) if there)
    return Analysis(
        study, planned.trajectories, len({run.folder for run in runs}), replays, seed,
        (*study.inputs, *study.films), answers, failed, nowhere,
    )  # fmt: skip


def _of_films(
    planned: Design, films: Replayer, rows: Sequence[Sequence[float]], offset: int
) -> tuple[list[Step], list[float]]:
    """Return the steps of a margin, between runs and along each run's own films, and all of its values."""
    between = _run_steps(planned, [row[0] for row in rows])
    return [*between, *_film_steps(offset, films.films, rows)], [value for row in rows for value in row]


def _row(films: Replayer, number: int, run: PointRun, solved: bool) -> Mapping[str, list[float]]:
    if solved:
        return films.row(number, run)
    return dict.fromkeys(REPLAYED, [float("nan")] * (1 + len(films.films[number])))


def _answer(
    output: Output, steps: Sequence[Step], values: Sequence[float], inputs: int, seed: int
) -> Answer | None:
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return None
    ends = sum(at_an_end(value) for value in known) if output.name in REPLAYED else 0
    return Answer(output, effects(steps, inputs, seed), min(known), max(known), len(known), len(values), ends)


def _measured(run: PointRun, name: str, target: str | None, failed: Mapping[str, str]) -> float:
    return float("nan") if str(run.folder) in failed else measure(run.folder, name, target)


def _run_steps(planned: Design, values: Sequence[float]) -> list[Step]:
    size, steps = len(planned.shares[0]), []
    for number, moved in enumerate(planned.moved()):
        for place, one in enumerate(moved):
            first = number * size + place
            before, after = planned.shares[number, place : place + 2, one]
            steps.append(Step(one, float(before), float(after), values[first], values[first + 1]))
    return steps


def _film_steps(offset: int, films: FloatArray, rows: Sequence[Sequence[float]]) -> list[Step]:
    steps = []
    for row, (points, moved) in enumerate(zip(films, Design(films).moved(), strict=True)):
        own = rows[row][1:]
        for place, one in enumerate(moved):
            before, after = points[place : place + 2, one]
            steps.append(Step(offset + one, float(before), float(after), own[place], own[place + 1]))
    return steps
