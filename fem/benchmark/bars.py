"""What the timed runs are held against, and the tables that show it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from fem.benchmark.speed import SPANS, TimedRun, growth, span_overrides, timed_run
from fem.results.grid import grid_lines

#: Largest allowed: seconds and gigabytes of the whole run, assembly over linear algebra, exponent of the growth.
LONGEST, LARGEST, ASSEMBLY_SHARE, EXPONENT = 15.0, 1.5, 0.5, 1.0
#: Load steps that are enough for a ratio: the settled spine and the first share of the moment.
_STEPS: Final = 2
#: Rounds over the spines of growing length; the fastest of each counts, the others were disturbed.
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure, the most it may be, and whether it holds."""

    what: str
    value: float
    most: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the figure is within its bar; NaN is not."""
        return self.value <= self.most

    def line(self) -> str:
        """Return the bar in words."""
        verdict = "met" if self.met else "MISSED"
        return f"{self.what}: {self.value:.3g}{self.unit}, at most {self.most:.3g}{self.unit}: {verdict}"


@dataclass(frozen=True, slots=True)
class Report:
    """Timed runs by the name of the question they answer, and the bars that follow."""

    runs: dict[str, tuple[TimedRun, ...]]
    bars: tuple[Bar, ...]

    def document(self) -> dict[str, Any]:
        """Return everything as plain values."""
        runs = {
            name: [{**asdict(run), "total": run.total, "per_iteration": run.per_iteration} for run in some]
            for name, some in self.runs.items()
        }
        return {"version": 1, "runs": runs, "bars": [{**asdict(bar), "met": bar.met} for bar in self.bars]}


def warm_up(case: Path) -> None:
    """Run a small coarse case, so that compilation and imports are over."""
    timed_run(case, span_overrides(SPANS[0], "coarse"), _STEPS, with_bones=False)


def whole_run(case: Path, overrides: Sequence[str]) -> Report:
    """Time `case` from its file to its last state."""
    run = timed_run(case, overrides)
    bars = (
        Bar("time from case file to last state", run.total, LONGEST, " s"),
        Bar("peak memory", run.peak_memory, LARGEST, " GB"),
    )
    return Report({"whole run": (run,)}, bars)


def assembly_share(case: Path, overrides: Sequence[str]) -> Report:
    """Compare assembly with linear algebra over the first load steps of `case`."""
    run = timed_run(case, overrides, _STEPS, with_bones=False)
    bar = Bar("assembly over factorisation and solves", run.assembly / run.linear, ASSEMBLY_SHARE, "")
    return Report({"assembly": (run,)}, (bar,))


def level_growth(case: Path, resolution: str) -> Report:
    """Time one Newton iteration of spines of 2 to 5 levels."""
    rounds = [
        [timed_run(case, span_overrides(span, resolution), _STEPS, with_bones=False) for span in SPANS]
        for _ in range(_ROUNDS)
    ]
    runs = tuple(min(tries, key=lambda run: run.per_iteration) for tries in zip(*rounds, strict=True))
    bar = Bar("cost of an iteration grows with levels to the power", growth(runs), EXPONENT, "")
    return Report({"levels": runs}, (bar,))


def parts_table(run: TimedRun, width: int) -> list[str]:
    """Return where the time of a run went."""
    entries = {"meshing": run.mesh, "building": run.build, **run.parts}
    count = max(run.iterations, 1)
    rows = [
        [name, f"{seconds:.2f}", f"{100.0 * seconds / run.total:.0f} %", f"{1e3 * seconds / count:.1f}"]
        for name, seconds in entries.items()
    ]
    rows.append(["in all", f"{run.total:.2f}", "100 %", f"{1e3 * run.total / count:.1f}"])
    size = f"{run.levels} levels, {run.unknowns} unknowns, {run.steps} steps, {run.iterations} iterations"
    turn = f"{run.processor:.1f} s of processor time; upper vertebra turned by {run.rotation:.1f} deg"
    return [
        f"{size}, {turn}",
        *grid_lines(["part", "time [s]", "share", "per iteration [ms]"], rows, width),
    ]


def levels_table(runs: Sequence[TimedRun], width: int) -> list[str]:
    """Return the cost of an iteration against the number of levels."""
    header = ["levels", "unknowns", "iterations", "per iteration [ms]", "per level [ms]", "to one level less"]
    rows, before = [], None
    for run in runs:
        cost = 1e3 * run.per_iteration
        ratio = "" if before is None else f"{cost / before:.2f}"
        rows.append([
            str(run.levels), str(run.unknowns), str(run.iterations), f"{cost:.1f}", f"{cost / run.levels:.1f}", ratio,
        ])  # fmt: skip
        before = cost
    return grid_lines(header, rows, width)
