"""How long an explanation takes against one run: `facetgap why` may need 1.3 x (runs / cores) x one run.

    python benchmarks/why.py [--case cases/manipulation/thrust_l45_fast.yaml] [--resolution coarse] [--keep FOLDER]

Solves the case once in a process of its own that has one core to itself, as each run of `why` has, then lets `why`
solve it and its counterfactuals from nothing, one run for each core, and prints both times. With as many runs as do not
divide by the cores, one core has nothing to do at the end: part of the 1.3 goes there. A second figure, without a bar,
holds the same time against one run that has all cores. Needs a machine that does nothing else: some nine runs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CASE = ROOT / "cases" / "manipulation" / "thrust_l45_fast.yaml"
BAR = 1.3
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


def seconds(arguments: list[str], threads: int | None) -> float:
    """Return the wall-clock time of a facetgap command; `threads` for its numerical packages, None as it chooses."""
    environment = dict(os.environ)
    for name in _THREADS:
        environment.pop(name, None)
        if threads is not None:
            environment[name] = str(threads)
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "fem", *arguments], env=environment, check=True, capture_output=True
    )
    return time.perf_counter() - began


def measured(case: Path, resolution: str, folder: Path) -> bool:
    """Print the times and return whether the bar is met."""
    overrides = ["--set", f"spine.resolution={resolution}"]
    # The first run of all compiles kernels; nobody's time.
    seconds(["run", str(case), *overrides, "-o", str(folder / "warm"), "--json"], None)
    alone = seconds(["run", str(case), *overrides, "-o", str(folder / "alone"), "--json"], 1)
    wide = seconds(["run", str(case), *overrides, "-o", str(folder / "wide"), "--json"], None)
    taken = seconds(["why", str(case), *overrides, "-o", str(folder / "why"), "--json"], None)
    document = json.loads((folder / "why" / "why.json").read_text(encoding="utf-8"))
    runs, cores = len(document["runs"]), os.cpu_count() or 1
    unsolved = [run["name"] for run in document["runs"] if not run["solved"]]
    share = taken / (runs / cores * alone)
    print(
        f"{case.name}, {resolution}: {runs} runs on {cores} cores, not solved: {', '.join(unsolved) or 'none'}"
    )
    print(f"one run on one core {alone:.1f} s, on all cores {wide:.1f} s; why {taken:.1f} s")
    print(f"why / (runs / cores x one run on one core): {share:.2f}, at most {BAR:g}")
    print(f"the same against one run on all cores: {taken / (runs / cores * wide):.2f}")
    return share <= BAR


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", type=Path, default=CASE)
    parser.add_argument("--resolution", default="coarse")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="new folder for the results")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = given.keep or Path(place)
        return 0 if measured(given.case.resolve(), given.resolution, folder) else 1


if __name__ == "__main__":
    raise SystemExit(main())
