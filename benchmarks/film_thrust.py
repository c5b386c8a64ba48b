"""Thrusts at the whole spine, told as the film's margin: duration, reflex, guarding, force. Tables of docs/film.md.

    python benchmarks/film_thrust.py --keep FOLDER [--only duration guarding force] [--resolution coarse] [--write]

Solves cases/manipulation/thrust_l45_fast.yaml without its film (the joints are dry, so that the spine alone decides how
they move) up to a little after the peak, with one thing changed at a time, and replays the film of the target over what
was recorded. Motions are kept in FOLDER and taken from there when the script runs again. About half an hour.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from film_pages import put_tables, write_csv

from fem.case.build import build_mesh, build_problem
from fem.case.read import read_case
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


def duration() -> Iterator[tuple[str, float, float, tuple[str, ...]]]:
    """Yield (what, value, rise [s], overrides) of thrusts of one force and other durations."""
    kinds = {"relaxed": RELAXED, "relaxed, reflex": REFLEX, "guarded": GUARDED, "guarded, reflex": BOTH}
    for rise in (0.05, 0.12, 0.5, 2.0, 10.0):
        for name, muscles in kinds.items():
            yield name, rise, rise, (*muscles, *timed(rise))


def guarding() -> Iterator[tuple[str, float, float, tuple[str, ...]]]:
    """Yield thrusts of 120 ms against more and more guarding."""
    for level in (0.0, 0.05, 0.1, 0.15, 0.2):
        muscles = RELAXED if level == 0.0 else (f"muscles={{guarding: bilateral, level: {level:g}}}",)
        yield "bilateral guarding", level, 0.12, (*muscles, *timed(0.12))


def force() -> Iterator[tuple[str, float, float, tuple[str, ...]]]:
    """Yield thrusts of 120 ms and other peaks."""
    for peak in (200.0, 300.0, 400.0, 500.0, 600.0):
        yield "peak [N]", peak, 0.12, (*RELAXED, *timed(0.12), f"{THRUST}.loads[0].peak={peak:g} N")


STUDIES = {"thrust_durations": duration, "guarding": guarding, "force": force}


def moved(rise: float, overrides: tuple[str, ...], resolution: str) -> FilmMotion:
    """Return how the joints moved up to a little after the peak."""
    case_file = read_case(CASE, ("film=none", f"spine.resolution={resolution}", *overrides))
    problem = build_problem(case_file, build_mesh(case_file))
    solver = LinearSolver(problem.system.pattern)
    recorder = MotionRecorder(problem)
    state, problem = settled(case_file, problem, solver, lambda *_: None, lambda _: None)
    recorder.add(state)
    end = problem.phases[2].start + (1.0 + AFTER) * rise
    for step in march(problem.system, solver, state, problem.phases[1:3]):
        recorder.add(step.state)
        if step.state.time > end:
            break
    motion = recorder.motion()
    assert motion is not None
    return motion


def told(motion: FilmMotion, joint: str) -> Row:
    """Return opening, margin and outcome of one joint with the default inputs."""
    one = side_by_side(motion, joint, 1)
    films = one.films()
    followed = follow(films, whole_path(one), 5e-5)
    does = popped(followed, films, one.inputs.criteria)
    event = followed.events[0]
    assert event is not None
    area = films.mesh.area[0]
    mean = np.sum(np.nan_to_num(one.gap[:, 0]) * area, axis=1) / area.sum()
    begun, moment = event.inception, float("nan")
    if begun is not None:
        moment = float(np.interp(begun.time, one.times, mean) - mean[0])
    return {
        "gap_before_mm": float(mean[0]),
        "opening_mm": float(mean.max() - mean[0]),
        "speed_mm_s": float(np.max(np.diff(mean) / np.diff(one.times))),
        "opening_at_inception_mm": moment,
        "largest_cavity_mm3": event.peak_volume,
        "margin": float(margin(one, does, VerdictSettings())[0]),
        "pops": bool(does[0]),
    }


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
        for what, value, rise, overrides in STUDIES[name]():
            folder = given.keep / f"{given.resolution} {name} {what} {value:g}".replace(" ", "_")
            if not folder.is_dir():
                motion = moved(rise, overrides, given.resolution)
                folder.mkdir(parents=True)
                write_motion(folder, motion)
            rows.append({"input": what, "value": value, **told(read_motion(folder), given.joint)})
            print(rows[-1], flush=True)
        print("\n".join(put_tables(PAGE if given.write else None, name, rows)), flush=True)
        if given.write:
            write_csv(TABLES / f"{name}.csv", rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
