"""Thrusts at the whole spine, told as the film's margin: duration, reflex, guarding, force. Tables of docs/film.md.

    python benchmarks/film_thrust.py --keep FOLDER [--only duration guarding force] [--resolution coarse] [--write]

Solves cases/manipulation/thrust_l45_fast.yaml without its film (the joints are dry, so that the spine alone decides how
they move) up to a little after the peak, with one thing changed at a time, and replays the film of the target over what
was recorded. Motions are kept in FOLDER and taken from there when the script runs again. About half an hour.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from film_pages import put_tables, write_csv

from fem.case.build import build_mesh, build_problem
from fem.case.problem import Problem
from fem.case.read import read_case
from fem.elements.layout import State
from fem.observe.film import MotionRecorder
from fem.observe.film_path import follow, whole_path
from fem.observe.refractory import side_by_side
from fem.observe.settling import settled
from fem.observe.verdict import VerdictSettings, margin, popped
from fem.results.film_motion import FilmMotion, read_motion, write_motion
from fem.solver.linear import LinearSolver
from fem.solver.march import march

ROOT = Path(__file__).resolve().parents[1]
CASE = ROOT / "cases" / "manipulation" / "thrust_l45_fast.yaml"
PAGE, TABLES = ROOT / "docs" / "film.md", ROOT / "docs" / "pictures"
THRUST = "phases[2]"
#: How long after the peak [rises of the thrust] a run goes on: the joint is widest open a little after it.
AFTER = 0.3
RELAXED = ("muscles={guarding: relaxed}",)
REFLEX = ("muscles={guarding: relaxed, reflex: {}}",)
GUARDED = ("muscles={guarding: bilateral, level: 0.2}",)
BOTH = ("muscles={guarding: bilateral, level: 0.2, reflex: {}}",)

Row = dict[str, Any]


def timed(rise: float) -> tuple[str, ...]:
    """Return what makes the thrust of the case rise within `rise` [s]."""
    return (
        f"{THRUST}.duration={2.1 * rise:.6g} s",
        f"{THRUST}.loads[0].time_to_peak={rise:.6g} s",
    )


@dataclass(frozen=True, slots=True)
class Thrust:
    """One run: what is changed in words and its value, rise [s], muscles and further overrides of the case."""

    what: str
    value: float
    rise: float
    muscles: tuple[str, ...] = RELAXED
    more: tuple[str, ...] = ()


def duration() -> Iterator[Thrust]:
    """Yield thrusts of one force and other durations."""
    kinds = {"relaxed": RELAXED, "relaxed, reflex": REFLEX, "guarded": GUARDED, "guarded, reflex": BOTH}
    for name, muscles in kinds.items():
        for rise in (0.05, 0.12, 0.5, 2.0, 10.0):
            yield Thrust(name, rise, rise, muscles)


def guarding() -> Iterator[Thrust]:
    """Yield thrusts of 120 ms against more and more guarding."""
    for level in (0.0, 0.1, 0.2, 0.3, 0.4):
        muscles = RELAXED if level == 0.0 else (f"muscles={{guarding: bilateral, level: {level:g}}}",)
        yield Thrust("bilateral guarding", level, 0.12, muscles)


def force() -> Iterator[Thrust]:
    """Yield thrusts of 120 ms and other peaks."""
    for peak in (200.0, 300.0, 400.0, 500.0, 600.0):
        yield Thrust("peak [N]", peak, 0.12, more=(f"{THRUST}.loads[0].peak={peak:g} N",))


STUDIES = {"thrust_durations": duration, "guarding": guarding, "force": force}


@cache
def positioned(muscles: tuple[str, ...], resolution: str) -> tuple[Problem, tuple[State, ...]]:
    """Return a problem with its muscles in balance, and its states from the settled spine to the end of positioning."""
    case_file = read_case(CASE, ("film=none", f"spine.resolution={resolution}", *muscles))
    problem = build_problem(case_file, build_mesh(case_file))
    solver = LinearSolver(problem.system.pattern)
    state, problem = settled(case_file, problem, solver, lambda *_: None, lambda _: None)
    steps = march(problem.system, solver, state, problem.phases[1:2])
    return problem, (state, *(step.state for step in steps))


def moved(thrust: Thrust, resolution: str) -> FilmMotion:
    """Return how the joints moved from the settled spine to a little after the peak, positioning apart."""
    first, states = positioned(thrust.muscles, resolution)
    overrides = (*thrust.muscles, *timed(thrust.rise), *thrust.more)
    case_file = read_case(CASE, ("film=none", f"spine.resolution={resolution}", *overrides))
    problem = build_problem(case_file, build_mesh(case_file))
    assert first.model.muscles is not None
    problem = problem.with_muscles(first.model.muscles)
    recorder = MotionRecorder(problem)
    for state in states:
        recorder.add(state)
    end = problem.phases[2].start + (1.0 + AFTER) * thrust.rise
    for step in march(problem.system, LinearSolver(problem.system.pattern), states[-1], problem.phases[2:3]):
        recorder.add(step.state)
        if step.state.time > end:
            break
    motion = recorder.motion()
    assert motion is not None
    return motion


def told(motion: FilmMotion, joint: str) -> Row:
    """Return opening and margin of one joint with the default inputs, by the thrust alone and since it was at rest."""
    alone, row = side_by_side(motion, joint, 1), {}
    whole = alone.since_rest()
    assert whole is not None
    for name, part in (("thrust", alone), ("since_rest", whole)):
        films = part.films()
        followed = follow(films, whole_path(part), 5e-5)
        does = popped(followed, films, part.inputs.criteria)
        event, area = followed.events[0], films.mesh.area[0]
        assert event is not None
        mean = np.sum(np.nan_to_num(part.gap[:, 0]) * area, axis=1) / area.sum()
        row |= {
            f"opening_{name}_mm": float(mean.max() - mean[0]),
            f"cavity_{name}_mm3": event.peak_volume,
            f"margin_{name}": float(margin(part, does, VerdictSettings(farthest=8.0, halvings=9))[0]),
            f"pops_{name}": bool(does[0]),
        }
        if part is alone:
            row["speed_mm_s"] = float(np.max(np.diff(mean) / np.diff(part.times)))
    return row


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, required=True, metavar="FOLDER", help="where motions are kept")
    parser.add_argument("--only", nargs="+", choices=list(STUDIES), default=list(STUDIES))
    parser.add_argument("--resolution", default="coarse")
    parser.add_argument("--joint", default="L4-L5 left")
    parser.add_argument("--write", action="store_true", help="write tables into docs/")
    given = parser.parse_args()
    for name in given.only:
        rows = []
        for thrust in STUDIES[name]():
            folder = given.keep / f"{given.resolution} {name} {thrust.what} {thrust.value:g}".replace(
                " ", "_"
            )
            if not folder.is_dir():
                motion = moved(thrust, given.resolution)
                folder.mkdir(parents=True)
                write_motion(folder, motion)
            rows.append(
                {"input": thrust.what, "value": thrust.value, **told(read_motion(folder), given.joint)}
            )
            print(rows[-1], flush=True)
        print("\n".join(put_tables(PAGE if given.write else None, name, rows)), flush=True)
        if given.write:
            write_csv(TABLES / f"{name}.csv", rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
