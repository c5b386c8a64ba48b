"""What writing results costs, beside solving.

    python benchmarks/output.py [--case FILE] [--resolution standard] [--keep FOLDER] [--profile]

Runs a thrust at standard with the fields of every step kept, and times apart what is spent on records (tables,
energies) and on writing them (fields, tables, summary, ParaView files). Prints both per step, their share of the solve
time (bar: 10 %) and, for 50 steps, the size of the folder (bar: 200 MB). Times are those of the main thread by the
clock on the wall and, beside them, of the processor: on a machine that does something else as well neither says much.
Meshes and kernels are there before the clock starts. Reading the summary afterwards must not touch the fields.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fem.benchmark.bars import Bar
from fem.case.build import build_mesh, build_problem
from fem.case.read import CaseFile, read_case
from fem.observe import simulation
from fem.observe.observer import Observer
from fem.results.fields import FIELDS_FOLDER
from fem.results.folder import ResultFolder, claim
from fem.results.read import read_result
from fem.runner import RunRequest, run_info

ROOT = Path(__file__).resolve().parents[1]
CASE = ROOT / "cases" / "manipulation" / "thrust_l45_relaxed.yaml"
#: Steps for which the bars hold; share of the solve time, and megabytes of the folder.
STEPS, SHARE, SIZE = 50, 0.10, 200.0


@dataclass(slots=True)
class Watch:
    """Seconds on the wall and of this thread's processor that some calls took, and how many there were."""

    wall: float = 0.0
    processor: float = 0.0
    calls: int = 0

    def around(self, call: Callable[..., Any], profile: cProfile.Profile | None) -> Callable[..., Any]:
        """Return `call` with its time added up here."""

        def timed(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter(), time.thread_time()
            if profile is not None:
                profile.enable()
            try:
                return call(*arguments, **named)
            finally:
                if profile is not None:
                    profile.disable()
                self.wall += time.perf_counter() - start[0]
                self.processor += time.thread_time() - start[1]
                self.calls += 1

        return timed


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run with its watches: on records, on writing, on all of it; size of fields and of the whole folder [MB]."""

    records: Watch
    writing: Watch
    whole: Watch
    fields: float
    folder: float

    @property
    def solving(self) -> float:
        """Seconds on the wall that were spent neither on records nor on writing."""
        return self.whole.wall - self.records.wall - self.writing.wall


def measured(case: CaseFile, folder: Path, profile: cProfile.Profile | None = None) -> Outcome:
    """Solve a case into a folder and keep the time of records and writing apart."""
    records, writing, whole = Watch(), Watch(), Watch()
    originals = Observer.record, ResultFolder.add
    problem = build_problem(case, build_mesh(case))
    place = claim(folder, run_info(case, RunRequest(case.document.path)))
    assert place is not None
    Observer.record = records.around(originals[0], profile)  # type: ignore[method-assign]
    ResultFolder.add = writing.around(originals[1], profile)  # type: ignore[method-assign]
    try:
        whole.around(simulation.simulate, None)(case, problem, place, lambda text: None)
    finally:
        Observer.record, ResultFolder.add = originals  # type: ignore[method-assign]
    place.finish("complete")
    return Outcome(records, writing, whole, megabytes(folder / FIELDS_FOLDER), megabytes(folder))


def megabytes(folder: Path) -> float:
    """Return what the files of a folder hold together [MB]."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def lines(outcome: Outcome) -> list[str]:
    """Return the figures in words."""
    steps = outcome.writing.calls
    rows = {"records": outcome.records, "writing": outcome.writing, "all": outcome.whole}
    told = [
        f"{name}: {watch.wall:.2f} s on the wall, {watch.processor:.2f} s of the processor, "
        f"{1e3 * watch.wall / steps:.0f} ms a step"
        for name, watch in rows.items()
    ]
    return [f"{steps} steps", *told, f"fields {outcome.fields:.1f} MB, folder {outcome.folder:.1f} MB"]


def bars(outcome: Outcome) -> list[Bar]:
    """Return the figures that are held against a bar."""
    steps = outcome.writing.calls
    share = (outcome.records.wall + outcome.writing.wall) / outcome.solving
    size = outcome.folder * STEPS / steps
    return [
        Bar(f"share of records and writing in the time of solving, {steps} steps", share, SHARE, ""),
        Bar(f"size of a folder with {STEPS} steps", size, SIZE, " MB"),
    ]


def summary_time(folder: Path) -> tuple[float, float]:
    """Return seconds to read the summary, with the fields there and moved away."""
    took = []
    hidden = folder.with_name(f"{folder.name}_fields")
    for away in (False, True):
        if away:
            (folder / FIELDS_FOLDER).rename(hidden)
        start = time.perf_counter()
        read_result(folder)
        took.append(time.perf_counter() - start)
    hidden.rename(folder / FIELDS_FOLDER)
    return took[0], took[1]


def main() -> int:
    """Run the case and print the bars."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", type=Path, default=CASE)
    parser.add_argument("--resolution", default="standard", choices=("coarse", "standard", "fine"))
    parser.add_argument("--keep", type=Path, help="folder for the result; default: one that goes")
    parser.add_argument("--profile", action="store_true", help="print where the time of the output goes")
    options = parser.parse_args()
    case = read_case(options.case, (f"spine.resolution={options.resolution}",))
    profile = cProfile.Profile() if options.profile else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary) / "result"
        outcome = measured(case, folder, profile)
        print("\n".join(lines(outcome)))
        print("summary read in {:.4f} s, without the fields in {:.4f} s".format(*summary_time(folder)))
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(25)
    found = bars(outcome)
    print("\n".join(bar.line() for bar in found))
    return 0 if all(bar.met for bar in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
