"""Kills runs at random moments, opens what they leave, goes on with it, and compares with runs that nobody stopped.

    python benchmarks/kill.py [--kills 120] [--seed 1] [--only bend film] [--keep FOLDER]

The cases are in benchmarks/kill_cases: static phases, a motion in time, joints with film, a repeated case; `--only
guarded` is a spine with muscles and a reflex, half a minute each. Each is solved once undisturbed. Then runs of it get
SIGKILL after a random share of the processor's time that the whole took, every other one with a checkpoint after each
step instead of every few seconds; three in four are gone on with and killed again, and so on. What is left must open
(`facetgap show` and `info`); `facetgap resume` must reach the same files: tables, summary, fields, motion of the films.
Bars: at least a hundred kills, nothing that cannot be opened or gone on with, no number that differs by more than 1e-10
of itself.
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
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path

from same_result import differences

from fem.benchmark.bars import Bar
from fem.cli.main import main as facetgap
from fem.results.checkpoint import CHECKPOINT_FILE

CASES = Path(__file__).resolve().parent / "kill_cases"
#: Case -> its share of the kills, by how long one takes.
SHARES = {"bend": 0.5, "thrust": 0.3, "film": 0.1, "repeat": 0.1, "guarded": 0.0}
KILLS, CLOSE = 100, 1e-10
#: Share of the first kills that come at any moment of the process, its start included; chance that what a run left is
#: gone on with and killed again, and within which share of the time of a whole run.
_EARLY, _AGAIN, _SHORT = 0.15, 0.75, 0.5


@dataclass(slots=True)
class Whole:
    """A run that nobody stopped: its folder, seconds of the processor until that was there, and in all.

    The first run of all takes longest: `total` falls when a later one ends before it could be killed.
    """

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


class Nursery:
    """Starts runs of facetgap in processes of their own, forked from one that has imported it (nursery.py)."""

    def __init__(self) -> None:
        program = str(Path(__file__).with_name("nursery.py"))
        self._process = subprocess.Popen(
            [sys.executable, program],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear()

    def begin(self, arguments: Sequence[str], eager: bool) -> int:
        """Start a run and return the number of its process; an eager one keeps a checkpoint after each step."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"arguments": list(arguments), "eager": eager}) + "\n")
        self._process.stdin.flush()
        return int(self._hear())

    def end(self) -> int:
        """Wait for the run that was started last, and return its exit code."""
        return int(self._hear())

    def close(self) -> None:
        """End the nursery."""
        self._process.communicate()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def environment() -> dict[str, str]:
    """Return the environment in which a child finds this program."""
    root = str(Path(__file__).resolve().parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}


def processor_time(number: int) -> float:
    """Return the seconds of the processor that a process has taken; infinitely many once it has ended."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("inf")
    ended = fields[0] in "ZX"
    return float("inf") if ended else (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def solved(nursery: Nursery, case: Path, folder: Path) -> Whole:
    """Solve a case undisturbed."""
    begun, start, spent = (folder / "run.json"), 0.0, 0.0
    number = nursery.begin(("run", str(case), "-o", str(folder)), eager=False)
    while (now := processor_time(number)) < float("inf"):
        spent = now
        start = start or (spent if begun.exists() else 0.0)
        time.sleep(0.005)
    code = nursery.end()
    if code not in (0, 4):
        raise RuntimeError(f"{case} could not be solved undisturbed (exit code {code})")
    return Whole(folder, start, spent)


def killed(nursery: Nursery, arguments: Sequence[str], eager: bool, after: float) -> bool:
    """Kill a run after so many seconds of its processor's time; False when it ended before."""
    number = nursery.begin(arguments, eager)
    _kill(number, after)
    return nursery.end() == -signal.SIGKILL


def killed_early(arguments: Sequence[str], after: float) -> bool:
    """Kill the command itself, while it still imports perhaps."""
    line, silence = [sys.executable, "-m", "fem", *arguments], subprocess.DEVNULL
    with subprocess.Popen(line, env=environment(), stdout=silence, stderr=silence) as process:
        _kill(process.pid, after)
        return process.wait() == -signal.SIGKILL


def _kill(number: int, after: float) -> None:
    while processor_time(number) < after:
        time.sleep(random.uniform(0.001, 0.01))  # the count goes in hundredths of a second, kills shall not
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)


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


def try_once(
    nursery: Nursery, case: Path, whole: Whole, folder: Path, chance: random.Random, tally: Tally
) -> None:
    """Kill a run of a case, go on with it and kill it again perhaps, at last go on undisturbed and compare."""
    eager, early = tally.kills % 2 == 0, chance.random() < _EARLY
    whole_way = whole.total - whole.start
    after = whole.start + chance.uniform(0.0, whole_way)
    if early:
        hit = killed_early(_line(case, folder), chance.uniform(0.0, whole.total))
    else:
        hit = killed(nursery, _line(case, folder), eager, after)
        whole.total = whole.total if hit else max(whole.start + 0.1, after)
    while hit:
        tally.kills += 1
        left = left_behind(folder)
        tally.left[left] += 1
        if left not in ("nothing", "an empty folder") and not opens(folder):
            tally.broken += 1
        if chance.random() >= _AGAIN:
            break
        after = whole.start + chance.uniform(0.0, _SHORT * whole_way)
        hit = killed(nursery, _line(case, folder), eager, after)
    code, text = said(*_line(case, folder))
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


def _line(case: Path, folder: Path) -> tuple[str, ...]:
    """Return what to tell facetgap to go on with a run; where nothing was left, to run the case."""
    if (folder / "run.json").is_file():
        return "resume", str(folder)
    return "run", str(case), "-o", str(folder), "--resume"


def tally_of(nursery: Nursery, name: str, kills: int, seed: int, place: Path) -> Tally:
    """Kill runs of a case until so many have been hit."""
    case, chance, tally = CASES / f"{name}.yaml", random.Random(f"{name} {seed}"), Tally()
    whole = solved(nursery, case, place / name)
    number = 0
    while tally.kills < kills:
        folder = place / f"{name}_{number:03d}"
        broken = tally.broken
        try_once(nursery, case, whole, folder, chance, tally)
        if tally.broken == broken:
            shutil.rmtree(folder)
        number += 1
    left = ", ".join(f"{count} left {what}" for what, count in tally.left.most_common())
    worst = f"largest difference {tally.worst:.1e}"
    head = f"{name}: {tally.kills} kills of {number} runs"
    print(f"{head}: {left}; {tally.broken} broken; {worst} ({tally.place})", flush=True)
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
    nursery = Nursery()
    with tempfile.TemporaryDirectory() as temporary:
        place = options.keep or Path(temporary)
        tallies = [
            tally_of(nursery, name, round(share * options.kills), options.seed, place)
            for name, share in shares.items()
            if share > 0.0
        ]
    nursery.close()
    found = bars(tallies, min(KILLS, options.kills))
    print("\n".join(bar.line() for bar in found))
    return 0 if all(bar.met for bar in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
