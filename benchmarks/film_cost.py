"""What ten synovial films cost on top of the same case without them.

    python benchmarks/film_cost.py [--resolution standard]

Runs `cases/manipulation/thrust_l45_fast.yaml` with and without film in one process, after a coarse run that compiles,
and prints wall and processor time, steps and Newton iterations of both. Bar: at most 30 % on top, draws of the band and
the moments of inception (which take steps of their own) included.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from fem.benchmark.bars import Bar
from fem.case.build import build_mesh
from fem.case.read import read_case
from fem.results.read import read_result, read_table
from fem.runner import RunRequest, run_case

CASE = Path(__file__).resolve().parents[1] / "cases" / "manipulation" / "thrust_l45_fast.yaml"
MOST = 0.30


def seconds(resolution: str, film: bool) -> tuple[float, float]:
    """Run the case; return wall and processor seconds, and print what it took."""
    overrides = (f"spine.resolution={resolution}", *(() if film else ("film=none",)))
    build_mesh(read_case(CASE, overrides))
    with tempfile.TemporaryDirectory() as folder:
        wall, processor = time.perf_counter(), time.process_time()
        outcome = run_case(RunRequest(CASE, overrides, Path(folder) / "result"))
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        steps = len(read_table(outcome.folder, "history")) - 1
        iterations = read_result(outcome.folder).summary["newton"]["iterations"]
    print(
        f"{resolution}, {'with film' if film else 'without'}: {wall:.1f} s of wall time, {processor:.1f} s of "
        f"processor time, {steps} steps, {iterations} iterations; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return wall, processor


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
    bar = Bar("ten films on top of the same case without", with_film[0] / without[0] - 1.0, MOST, "")
    print(bar.line())
    print(f"in processor time: {with_film[1] / without[1] - 1.0:.2f}")
    return 0 if bar.met else 1


if __name__ == "__main__":
    raise SystemExit(main())
