"""Kills runs at random moments, opens what they leave, goes on with it, and compares with runs that nobody stopped.

    python benchmarks/kill.py [--kills 120] [--seed 1] [--only bend film] [--keep FOLDER]

The cases are in benchmarks/kill_cases: static phases, a motion in time, joints with film, a repeated case; `--only
guarded` is a spine with muscles and a reflex, half a minute each. Each is solved once undisturbed. Then runs of it get
SIGKILL after a random share of the processor's time that the whole took, every other one with a checkpoint after each
step instead of every few seconds, and now and then once more while they go on. What is left must open (`facetgap show`
and `info`); `facetgap resume` must reach the same files: tables, summary, fields, motion of the films. Bars: at least a
hundred kills, nothing that cannot be opened or gone on with, no number that differs by more than 1e-10 of itself.
"""

import argparse
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from same_result import differences

from fem.benchmark.bars import Bar
from fem.cli.main import main as facetgap
from fem.results.checkpoint import CHECKPOINT_FILE, Spacing

CASES = Path(__file__).resolve().parent / "kill_cases"
#: Case -> its share of the kills, by how long one takes.
SHARES = {"bend": 0.35, "thrust": 0.35, "film": 0.15, "repeat": 0.15, "guarded": 0.0}
KILLS, CLOSE = 100, 1e-10
#: Share of the kills at any moment of the process, its start included; share of the resumed runs that are killed too.
_EARLY, _AGAIN = 0.1, 0.25


@dataclass(frozen=True, slots=True)
class Whole:
    """A run that nobody stopped: its folder, seconds of the processor until that was there, and in all."""

    folder: Path
    start: float
    total: float


@dataclass(slots=True)
class Tally:
    """What the kills of one case came to."""

    kills: int = 0
    broken: int = 0
    worst: float = 0.0
    place: str = "nowhere"
    left: Counter[str] = field(default_factory=Counter)


def command(*arguments: str | Path, eager: bool = False) -> list[str]:
    """Return the command line of a child that runs facetgap; an eager one keeps a checkpoint after each step."""
    program = [sys.executable, __file__, "--eager"] if eager else [sys.executable, "-m", "fem"]
    return [*program, *(str(argument) for argument in arguments)]


def processor_time(number: int) -> float:
    """Return the seconds of the processor that a process has taken."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("inf")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def solved(case: Path, folder: Path) -> Whole:
    """Solve a case undisturbed."""
    begun, start, spent = (folder / "run.json"), 0.0, 0.0
    with started(command("run", case, "-o", folder)) as process:
        while process.poll() is None:
            spent = min(processor_time(process.pid), 1e9) or spent
            start = start or (spent if begun.exists() else 0.0)
            time.sleep(0.005)
    if process.returncode not in (0, 4):
        raise RuntimeError(f"{case} could not be solved undisturbed (exit code {process.returncode})")
    return Whole(folder, start, spent)


def started(line: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a child that says nothing."""
    root = str(Path(__file__).resolve().parents[1])
    paths = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        line,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def killed(line: Sequence[str], after: float) -> bool:
    """Kill a child after so many seconds of its processor's time; False when it ended before."""
    with started(line) as process:
        while process.poll() is None and processor_time(process.pid) < after:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def left_behind(folder: Path) -> str:
    """Return what a killed run left, in words."""
    if not folder.exists():
        return "nothing"
    if not (folder / "run.json").is_file():
        return "an empty folder"
    status = json.loads((folder / "run.json").read_text())["status"]
    if status != "running":
        return f"a result that is {status}"
    return "a checkpoint" if (folder / CHECKPOINT_FILE).is_file() else "steps without a checkpoint"


def said(*arguments: str | Path) -> tuple[int, str]:
    """Run facetgap here; return its exit code and what it printed."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = facetgap([str(argument) for argument in arguments])
    return code, out.getvalue()


def try_once(case: Path, whole: Whole, folder: Path, chance: random.Random, tally: Tally) -> None:
    """Kill a run of a case, perhaps twice, go on with it, and compare."""
    eager = tally.kills % 2 == 0
    earliest = 0.0 if chance.random() < _EARLY else 1.05 * whole.start
    line = command("run", case, "-o", folder, eager=eager)
    again = chance.random() < _AGAIN
    while killed(line, chance.uniform(earliest, whole.total)):
        tally.kills += 1
        left = left_behind(folder)
        tally.left[left] += 1
        if left not in ("nothing", "an empty folder") and not opens(folder):
            tally.broken += 1
        if not again or left in ("nothing", "an empty folder"):
            break
        again, line = False, command("resume", folder, eager=eager)
    code, text = taken_up(case, folder)
    if code not in (0, 4):
        tally.broken += 1
        print(f"{folder} could not be gone on with:\n{text}")
        return
    for difference, place in differences(whole.folder, folder):
        if difference > tally.worst:
            tally.worst, tally.place = difference, f"{folder.name}: {place}"


def opens(folder: Path) -> bool:
    """Whether `facetgap show` and `facetgap info` say what a folder holds."""
    codes = [said(name, folder) for name in ("show", "info")]
    for code, text in codes:
        if code:
            print(f"{folder} does not open:\n{text}")
    return not any(code for code, _ in codes)


def taken_up(case: Path, folder: Path) -> tuple[int, str]:
    """Go on with what a killed run left; where it left nothing, run the case."""
    if (folder / "run.json").is_file():
        return said("resume", folder)
    return said("run", case, "-o", folder, "--resume")


def tally_of(name: str, kills: int, seed: int, place: Path) -> Tally:
    """Kill runs of a case until so many have been hit."""
    case, chance, tally = CASES / f"{name}.yaml", random.Random(f"{name} {seed}"), Tally()
    whole = solved(case, place / name)
    number = 0
    while tally.kills < kills:
        folder = place / f"{name}_{number:03d}"
        try_once(case, whole, folder, chance, tally)
        shutil.rmtree(folder, ignore_errors=not tally.broken)
        number += 1
    left = ", ".join(f"{count} left {what}" for what, count in tally.left.most_common())
    print(
        f"{name}: {tally.kills} kills; {left}; {tally.broken} broken; worst {tally.worst:.1e} ({tally.place})"
    )
    return tally


def bars(tallies: Sequence[Tally], least: int) -> list[Bar]:
    """Return the figures that are held against a bar."""
    kills = sum(tally.kills for tally in tallies)
    return [
        Bar(f"runs that could not be killed so often, of {least}", max(0.0, least - kills), 0.0, ""),
        Bar(
            f"results that could not be opened or gone on with, of {kills}",
            sum(t.broken for t in tallies),
            0.0,
            "",
        ),
        Bar("largest difference of a number, relative to itself", max(t.worst for t in tallies), CLOSE, ""),
    ]


def eager() -> int:
    """Run facetgap with a checkpoint after every step: what is killed here is killed while it writes them, too."""
    Spacing.least, Spacing.share = 0.0, np.inf
    return facetgap(sys.argv[2:])


def main() -> int:
    """Kill runs, and print what became of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=SHARES, help="cases to kill, in equal shares")
    parser.add_argument("--keep", type=Path, help="folder for the results; default: one that goes")
    options = parser.parse_args()
    shares = dict.fromkeys(options.only, 1.0 / len(options.only)) if options.only else SHARES
    with tempfile.TemporaryDirectory() as temporary:
        place = options.keep or Path(temporary)
        tallies = [
            tally_of(name, round(share * options.kills), options.seed, place)
            for name, share in shares.items()
            if share > 0.0
        ]
    found = bars(tallies, min(KILLS, options.kills))
    print("\n".join(bar.line() for bar in found))
    return 0 if all(bar.met for bar in found) else 1


if __name__ == "__main__":
    raise SystemExit(eager() if sys.argv[1:2] == ["--eager"] else main())
