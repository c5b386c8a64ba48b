"""What it costs to replay a film over a recorded motion instead of solving the spine again. A table of docs/film.md.

    python benchmarks/film_band.py --keep FOLDER [--joint "L4-L5 left"] [--resolution coarse] [--write]

Verdicts replay the film with drawn inputs over the motion that the default inputs gave. Another film would have moved
the joint a little otherwise: this script solves three thrusts with films of other inputs and holds what the films did
there against the replay. It also times 200 draws of all joints. Motions are kept in FOLDER; about half an hour.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numba
import numpy as np
from film_pages import put_tables, write_csv

from fem.case.build import build_mesh, build_problem
from fem.case.read import read_case
from fem.film.replay import FilmEvents
from fem.observe.film import MotionRecorder
from fem.observe.film_draws import draw, with_inputs
from fem.observe.film_path import follow, reduced, whole_path
from fem.observe.settling import settled
from fem.observe.verdict import VerdictSettings, margin, popped
from fem.results.film_motion import FilmMotion, read_motion, write_motion
from fem.solver.linear import LinearSolver
from fem.solver.march import march

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "cases" / "manipulation"
PAGE, TABLES = ROOT / "docs" / "film.md", ROOT / "docs" / "pictures"
#: How long after the peak [rises of the thrust] a run goes on: the joint is widest open a little after it.
AFTER = 0.3
#: Bars: largest cavity off by a share of the larger of both and of what a pop needs; draws within seconds.
OFF, LIMIT = 0.15, 20.0

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Another film: what it is called, how a case asks for it, and the same as inputs of a replay (internal units)."""

    name: str
    overrides: tuple[str, ...]
    inputs: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Base:
    """A thrust: its case, how it differs from it, how long it rises [s], and the films to compare."""

    name: str
    case: str
    rise: float
    changes: Sequence[Change]
    overrides: tuple[str, ...] = field(default=())


SMALL = Change("recess 60 mm³", ("film.recess_volume=60 mm^3",), {"recess.volume": 60.0})
LARGE = Change("recess 140 mm³", ("film.recess_volume=140 mm^3",), {"recess.volume": 140.0})
TENSION = Change(
    "nucleation at −100 kPa",
    ("parameters.override.film={cavitation.nucleation_pressure: -100 kPa}",),
    {"cavitation.nucleation_pressure": -0.1},
)
THIN = Change(
    "film of 0.1 mm, 40 Pa s",
    ("film={thickness: 0.1 mm, viscosity: 40 Pa s}",),
    {"film.rest_thickness": 0.1, "fluid.rest_viscosity": 40e-6},
)
BASES = (
    Base("fast", "thrust_l45_fast.yaml", 0.12, (SMALL, LARGE, TENSION, THIN)),
    Base("slow", "thrust_l45_slow.yaml", 2.0, (SMALL, TENSION)),
    Base(
        "guarded",
        "thrust_l45_fast.yaml",
        0.12,
        (SMALL, TENSION),
        ("muscles={guarding: bilateral, level: 0.2}",),
    ),
)


def solved(base: Base, overrides: Sequence[str], resolution: str) -> FilmMotion:
    """Return the motion of a thrust with films, solved up to a little after its peak."""
    case_file = read_case(CASES / base.case, (f"spine.resolution={resolution}", *base.overrides, *overrides))
    problem = build_problem(case_file, build_mesh(case_file))
    solver = LinearSolver(problem.system.pattern)
    state, problem = settled(case_file, problem, solver, lambda *_: None, lambda _: None)
    recorder = MotionRecorder(problem)
    recorder.add(state)
    end = problem.phases[2].start + (1.0 + AFTER) * base.rise
    for step in march(problem.system, solver, state, problem.phases[1:3]):
        recorder.add(step.state)
        if step.state.time > end:
            break
    motion = recorder.motion()
    assert motion is not None
    return motion


def kept(folder: Path, base: Base, name: str, overrides: Sequence[str], resolution: str) -> FilmMotion:
    """Return a motion from the folder, solved and put there if it is not."""
    place = folder / f"{resolution} {base.name} {name}".replace(" ", "_").replace("³", "3")
    if not place.is_dir():
        motion = solved(base, overrides, resolution)
        place.mkdir(parents=True)
        write_motion(place, motion)
    return read_motion(place)


def compared(base: Base, change: Change, motions: tuple[FilmMotion, FilmMotion], joint: str) -> Row:
    """Return what the film of a joint did solved again and replayed, `motions` being that and the default one."""
    again, replayed = motions[0], with_inputs(motions[1], change.inputs)
    rows, pops = [], []
    for motion in (again, replayed):
        films = motion.films()
        followed = follow(films, whole_path(motion), 5e-5)
        does = popped(followed, films, motion.inputs.criteria)
        pops.append(does)
        number = motion.joints.index(joint)
        event = followed.events[number]
        assert event is not None
        found = margin(reduced(motion, VerdictSettings().straightness), does, VerdictSettings())
        rows.append((event, float(found[number]), bool(does[number])))
    (one, own, _), (other, its, _) = rows
    return {
        "thrust": base.name,
        "other film": change.name,
        "inception_again_s": _inception(one, again),
        "inception_replayed_s": _inception(other, replayed),
        "cavity_again_mm3": one.peak_volume,
        "cavity_replayed_mm3": other.peak_volume,
        "margin again": own,
        "margin replayed": its,
        "other joints that differ": int(np.sum(pops[0] != pops[1])) - int(rows[0][2] != rows[1][2]),
        "same verdict": rows[0][2] == rows[1][2],
    }


def _inception(event: FilmEvents, motion: FilmMotion) -> float:
    """Return when a cavity formed [s] since the dynamic phase began, NaN if none did."""
    return float("nan") if event.inception is None else event.inception.time - float(motion.times[0])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, required=True, metavar="FOLDER", help="where motions are kept")
    parser.add_argument("--joint", default="L4-L5 left")
    parser.add_argument("--resolution", default="coarse")
    parser.add_argument("--write", action="store_true", help="write the table into docs/")
    given = parser.parse_args()
    rows = []
    for base in BASES:
        default = kept(given.keep, base, "default", (), given.resolution)
        for change in base.changes:
            again = kept(given.keep, base, change.name, change.overrides, given.resolution)
            rows.append(compared(base, change, (again, default), given.joint))
            print(rows[-1], flush=True)
    print("\n".join(put_tables(PAGE if given.write else None, "band", rows)), flush=True)
    if given.write:
        write_csv(TABLES / "band.csv", rows)
    off = [
        abs(row["cavity_again_mm3"] - row["cavity_replayed_mm3"])
        / max(row["cavity_again_mm3"], row["cavity_replayed_mm3"], 5.0)
        for row in rows
    ]
    seconds = timed(kept(given.keep, BASES[0], "default", (), given.resolution))
    print(f"largest cavity off by at most {100 * max(off):.1f} % (bar {100 * OFF:.0f} %)")
    threads = numba.get_num_threads()
    print(
        f"200 draws of {len(default.joints)} joints: {seconds:.1f} s on {threads} threads (bar {LIMIT:g} s)"
    )
    return int(max(off) > OFF or seconds > LIMIT)


def timed(motion: FilmMotion) -> float:
    """Return how long 200 draws of all joints take [s]."""
    settings = VerdictSettings()
    rough = reduced(motion, settings.straightness)
    draw(rough, 1, settings.seed, settings.rough)  # kernels are compiled now
    began = time.perf_counter()
    draw(rough, 200, settings.seed, settings.rough)
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
