"""What ten synovial films cost on top of the same case without them.

    python benchmarks/film_cost.py [--resolution standard]

Runs `cases/manipulation/thrust_l45_fast.yaml` with and without film in one process, after a coarse run that compiles,
and prints wall and processor time, steps and Newton iterations of both. Two bars: coupling at most 30 % on top, the
moments of inception (which take steps of their own) included; verdicts (replays and draws, made anew over the recorded
motion) in 20 s. Coupling is judged by processor time, which other work on the machine changes less.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from fem.benchmark.bars import Bar
from fem.case.build import build_mesh
from fem.case.read import read_case
from fem.observe.verdict import cavitation
from fem.results.film_motion import read_motion
from fem.results.read import read_result, read_table
from fem.runner import RunRequest, run_case

CASE = Path(__file__).resolve().parents[1] / "cases" / "manipulation" / "thrust_l45_fast.yaml"
MOST, VERDICTS = 0.30, 20.0


def verdict_seconds(folder: Path) -> tuple[float, float]:
    """Return wall and processor seconds that the verdicts over a result's motion take."""
    motion = read_motion(folder)
    wall, processor = time.perf_counter(), time.process_time()
    cavitation(motion)
    return time.perf_counter() - wall, time.process_time() - processor


def seconds(resolution: str, film: bool) -> tuple[float, float, float]:
    """Run the case; return wall and processor seconds without the verdicts, wall seconds of these, and print all."""
    overrides = (f"spine.resolution={resolution}", *(() if film else ("film=none",)))
    build_mesh(read_case(CASE, overrides))
    with tempfile.TemporaryDirectory() as folder:
        wall, processor = time.perf_counter(), time.process_time()
        outcome = run_case(RunRequest(CASE, overrides, Path(folder) / "result"))
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        steps = len(read_table(outcome.folder, "history")) - 1
        iterations = read_result(outcome.folder).summary["newton"]["iterations"]
        verdicts = verdict_seconds(outcome.folder) if film else (0.0, 0.0)
        wall, processor = wall - verdicts[0], processor - verdicts[1]
    print(
        f"{resolution}, {'with film' if film else 'without'}: {wall:.1f} s of wall time, {processor:.1f} s of "
        f"processor time, {steps} steps, {iterations} iterations; verdicts {verdicts[0]:.1f} s; "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return wall, processor, verdicts[0]


def main() -> int:
    """Run both and print the bar."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resolution", default="standard", choices=("coarse", "standard", "fine"))
    options = parser.parse_args()
    for film in (False, True):
        seconds("coarse", film)
    without, with_film = (seconds(options.resolution, film) for film in (False, True))
    coupling = with_film[1] / without[1] - 1.0
    bars = (
        Bar("ten films on top of the same case without, processor time", coupling, MOST, ""),
        Bar("verdicts of ten joints from 200 draws, wall time", with_film[2], VERDICTS, "s"),
    )
    for bar in bars:
        print(bar.line())
    print(f"coupling in wall time: {with_film[0] / without[0] - 1.0:.2f}")
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == "__main__":
    raise SystemExit(main())
