"""Many random but legal cases at coarse: does every one converge or fail cleanly, and keep what must hold?

    python benchmarks/soak.py --count 1000 [--first 0] [--results FILE] [--keep FOLDER] [--minutes N] [--report]

Case n is drawn with seed n from the ranges of soak_ranges.toml (soak_cases.py) and run in a process of its own that
runs one case after the other: its memory is bounded, its processor time per case limited, and it is replaced when it
dies. What must hold is in soak_checks.py. Each case leaves one line of JSON in FILE; seeds that have a line are not run
again, so a soak can be stopped at any time. `--minutes` starts no further case after so much processor time;
`--report` only prints the figures of the lines that are there. Returns 1 when a bar is missed.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from soak_report import bars_missed, report

_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


class Worker:
    """The process that runs cases; a new one is begun when it has died or was stopped."""

    def __init__(self, memory_gb: float, keep: Path | None) -> None:
        self._memory, self._keep = memory_gb * 2**30, str(keep) if keep else None
        self._process: Any = None
        self._pipe: Connection | None = None
        self.generation = 0

    def run(self, seed: int, limit: float) -> dict[str, Any]:
        """Return the record of a seed; it says so if the process died, or used more than `limit` [s] of a core."""
        if self._process is None or not self._process.is_alive():
            self._begin()
        assert self._pipe is not None
        self._pipe.send(seed)
        start, begin = _cpu(self._process.pid), time.monotonic()
        while not self._pipe.poll(1.0):
            used = _cpu(self._process.pid) - start
            stop = self._overrun(used, limit, time.monotonic() - begin)
            if stop and self._process.is_alive():
                self.stop()
                return {"seed": seed, "outcome": stop, "broken": [stop], "cpu_s": used}
        try:
            return {**self._pipe.recv(), "process": self._process.pid}
        except EOFError:
            self._process.join()
            what = f"the process died (exit code {self._process.exitcode})"
            return {"seed": seed, "outcome": "died", "broken": [what]}

    def _overrun(self, used: float, limit: float, waited: float) -> str:
        """Return of what a case takes more than it may; nothing if it is within its bounds."""
        if used > limit or waited > 20.0 * limit:
            return "too long"
        return "too much memory" if _resident(self._process.pid) > self._memory else ""

    def stop(self) -> None:
        """Put an end to the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def end(self) -> None:
        """Let the process end."""
        if self._process is not None and self._process.is_alive() and self._pipe is not None:
            self._pipe.send(None)
            self._process.join()

    def _begin(self) -> None:
        from soak_worker import serve

        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._keep), daemon=True)
        self._process.start()
        theirs.close()
        self.generation += 1


def _cpu(pid: int) -> float:
    """Return the processor time [s] that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    """Return the memory [bytes] that a process has in use."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )
    except (OSError, IndexError):
        return 0


def read_lines(file: Path) -> dict[int, dict[str, Any]]:
    """Return seed -> record of the lines that are whole."""
    found: dict[int, dict[str, Any]] = {}
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue  # cut off when the soak was killed: that seed is run again
            found[record["seed"]] = record
    return found


def soak(options: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """Run what has no line yet; return all records."""
    done = read_lines(options.results)
    worker = Worker(options.memory, options.keep)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    if options.results.is_file() and not options.results.read_bytes().endswith(b"\n"):
        with options.results.open("a", encoding="utf-8") as file:
            file.write("\n")  # after a line that was cut off
    spent = 0.0
    try:
        for seed in range(options.first, options.first + options.count):
            if seed in done or spent > 60.0 * options.minutes:
                continue
            record = worker.run(seed, options.limit)
            spent += record.get("cpu_s", options.limit)
            done[seed] = record
            with options.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            print(_line(record), file=sys.stderr, flush=True)
    except BaseException:
        worker.stop()  # the case in hand is run again another time
        raise
    worker.end()
    return done


def _line(record: Mapping[str, Any]) -> str:
    words = [
        str(record["seed"]),
        record["outcome"],
        f"{record.get('cpu_s', 0.0):.1f} s",
        record.get("levels", ""),
    ]
    return "  ".join([*words, *record["broken"]])


def main() -> int:
    """Run the soak and print its figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--results", type=Path, default=Path("soak.jsonl"), help="file of records, added to")
    parser.add_argument(
        "--keep", type=Path, help="folder for cases and results that are not as they should be"
    )
    parser.add_argument("--minutes", type=float, default=float("inf"), help="processor time to spend")
    parser.add_argument("--limit", type=float, default=600.0, help="processor time [s] of one case")
    parser.add_argument(
        "--memory", type=float, default=2.0, help="memory [GB] of the process that runs cases"
    )
    parser.add_argument("--report", action="store_true", help="run nothing")
    options = parser.parse_args()
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    records = list((read_lines(options.results) if options.report else soak(options)).values())
    print("\n".join(report(records)))
    return 1 if bars_missed(records) else 0


if __name__ == "__main__":
    raise SystemExit(main())
