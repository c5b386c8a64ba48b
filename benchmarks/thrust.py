"""How fast a clinician's thrust is solved, and how far its answers depend on the time step.

    python benchmarks/thrust.py [--resolution standard] [--only relaxed] [--no-time]

Runs `cases/manipulation/thrust_l45_relaxed.yaml` and `thrust_l45_guarded.yaml` as they are and with time steps of half
the length in their dynamic phases, and prints the figures beside their bars: peak gap of the target joint and peak
strain of its capsule change by at most 2 %, the energy balance closes within 1 %. Then it times both at standard, at
most 60 s for each from the case file on, with a built mesh; by then the coarse runs have compiled the kernels.
Wall time says little on a machine that does something else as well: processor time and load are printed beside it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from fem.benchmark.bars import Bar
from fem.case.build import build_mesh
from fem.case.read import read_case
from fem.results.read import read_result, read_table
from fem.runner import RunRequest, run_case

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "cases" / "manipulation"
THRUST = "thrust"
#: Seconds of wall time, relative change when the step is halved, share of the energy that is not accounted for.
LONGEST, CHANGE, BALANCE = 60.0, 0.02, 0.01

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """A solved thrust, read back from its result folder as a user would."""

    summary: Mapping[str, Any]
    tables: Mapping[str, list[Row]]
    log: str
    wall: float
    processor: float
    load: float

    @property
    def target(self) -> str:
        """The joint that the thrust is for, such as ``L4-L5 left``."""
        return str(self.summary["target"])

    def joint(self, name: str, column: str, phase: str | None = THRUST) -> list[float]:
        """Return a column of the facet table of one joint, over one phase or all of them."""
        rows = [
            row for row in self.tables["facets"] if row["joint"] == name and phase in (None, row["phase"])
        ]
        return [float(row[column]) for row in rows]

    @property
    def peak_gap(self) -> float:
        """Largest mean gap [mm] of the target during the thrust."""
        return max(self.joint(self.target, "gap_mean_mm"))

    @property
    def peak_strain(self) -> float:
        """Largest strain [1] of any strand of the target's capsule during the thrust."""
        level, side = self.target.split()
        rows = self.tables["ligaments"]
        return max(
            float(row["peak_strain"])
            for row in rows
            if (row["level"], row["bundle"], row["phase"]) == (level, f"CL {side}", THRUST)
        )

    @property
    def balance(self) -> float:
        """Energy that is not accounted for, over the most that was moved."""
        return float(self.summary["energy"]["balance_error"])


def solve(case: Path, overrides: Sequence[str] = ()) -> Run:
    """Run a case in a folder that goes when it has been read."""
    with tempfile.TemporaryDirectory() as folder:
        wall, processor = time.perf_counter(), time.process_time()
        outcome = run_case(RunRequest(case, tuple(overrides), Path(folder) / "result"))
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        place = outcome.folder
        tables = {name: read_table(place, name) for name in ("facets", "ligaments", "muscles", "history")}
        log = (place / "log.txt").read_text(encoding="utf-8")
        return Run(read_result(place).summary, tables, log, wall, processor, os.getloadavg()[0])


def halved(case: Path) -> tuple[str, ...]:
    """Return the overrides with which every dynamic phase takes steps of half the length."""
    file = read_case(case)
    return tuple(
        f"phases[{number}].steps={2 * ceil(phase.duration / phase.settings.longest_step - 1e-9)}"
        for number, phase in enumerate(file.phase_spans())
        if phase.dynamic
    )


def step_bars(name: str, resolution: str) -> list[Bar]:
    """Solve a case with its own steps and with half of them, and compare."""
    case, shape = CASES / f"thrust_l45_{name}.yaml", f"spine.resolution={resolution}"
    run = solve(case, (shape,))
    half = solve(case, (shape, *halved(case)))
    steps = [len(each.tables["history"]) - 1 for each in (run, half)]
    print(f"{name}, {resolution}: {steps[0]} steps, then {steps[1]} of half the length")
    print(f"  peak gap of {run.target}: {run.peak_gap:.4f} mm, then {half.peak_gap:.4f} mm")
    print(f"  peak strain of its capsule: {run.peak_strain:.4f}, then {half.peak_strain:.4f}")
    print(f"  energy balance: {run.balance:.4f}, then {half.balance:.4f}", flush=True)
    return [
        Bar(f"{name}: change of the peak gap", abs(run.peak_gap / half.peak_gap - 1.0), CHANGE, ""),
        Bar(
            f"{name}: change of the capsule's strain",
            abs(run.peak_strain / half.peak_strain - 1.0),
            CHANGE,
            "",
        ),
        Bar(f"{name}: energy not accounted for", run.balance, BALANCE, ""),
    ]


def time_bar(name: str) -> Bar:
    """Time a case at standard; the runs before have compiled the kernels, and the mesh is built first."""
    case, shape = CASES / f"thrust_l45_{name}.yaml", ("spine.resolution=standard",)
    build_mesh(read_case(case, shape))
    run = solve(case, shape)
    print(
        f"{name}, standard: {run.wall:.1f} s of wall time, {run.processor:.1f} s of processor time, "
        f"{run.summary['newton']['iterations']} iterations; load of the machine {run.load:.1f} on "
        f"{os.cpu_count()} cores",
        flush=True,
    )
    return Bar(f"{name}: wall time", run.wall, LONGEST, " s")


def main() -> int:
    """Run the cases and print the bars."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resolution", default="coarse", choices=("coarse", "standard", "fine"))
    parser.add_argument("--only", nargs="+", default=["relaxed", "guarded"], choices=("relaxed", "guarded"))
    parser.add_argument("--no-time", action="store_true", help="leave out the timed runs at standard")
    options = parser.parse_args()
    bars = [bar for name in options.only for bar in step_bars(name, options.resolution)]
    if not options.no_time:
        bars += [time_bar(name) for name in options.only]
    print("\n".join(bar.line() for bar in bars))
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == "__main__":
    raise SystemExit(main())
