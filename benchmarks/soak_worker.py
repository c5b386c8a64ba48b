"""One process that runs many soak cases in sequence: each case as the command line runs it, then held to its bars."""

import ctypes
import gc
import io
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from soak_cases import ranges, write_case

_MEGA = 2**20
_CODES = {0: "converged", 2: "refused", 3: "not converged"}


def serve(pipe: Connection, keep: str | None) -> None:
    """Answer each seed that comes through the pipe with its record; end on None."""
    bars = ranges()["bars"]
    while (seed := pipe.recv()) is not None:
        pipe.send(run_seed(seed, bars, Path(keep) if keep else None))


def run_seed(seed: int, bars: Mapping[str, float], keep: Path | None = None) -> dict[str, Any]:
    """Draw, solve and judge the case of a seed; its folder is kept below `keep` unless all is well."""
    folder = Path(tempfile.mkdtemp(prefix=f"soak-{seed}-"))
    _forget_peak()
    begin, cpu = time.perf_counter(), time.process_time()
    case = write_case(seed, folder)
    shape = json.loads(case.read_text(encoding="utf-8"))
    with _watched() as watches:
        code, said = _facetgap("run", str(case), "-o", str(folder / "result"))
    entry: dict[str, Any] = {
        "seed": seed,
        "outcome": _CODES.get(code, "bug"),
        "exit": code,
        "levels": shape["spine"]["levels"],
        "dynamic": any(phase.get("kind") == "dynamic" for phase in shape["phases"]),
        "film": "film" in shape,
        "muscles": shape.get("muscles", {}).get("guarding", ""),
    }
    if code:
        entry["message"] = said.strip()[-1500:]
    entry["broken"] = _judged(folder / "result", code, bars, watches)
    entry |= _figures(folder / "result", watches)
    entry |= {
        "wall_s": time.perf_counter() - begin,
        "cpu_s": time.process_time() - cpu,
        "peak_MB": _status("VmHWM"),
    }
    if keep is not None and (code not in (0, 2) or entry["broken"]):
        shutil.copytree(folder, keep / str(seed), dirs_exist_ok=True)
    shutil.rmtree(folder)
    gc.collect()
    _give_back()
    return {**entry, "rss_MB": _status("VmRSS")}


def _facetgap(*words: str) -> tuple[int, str]:
    """Return exit code and what the command said on stderr."""
    from fem.cli.main import main

    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        code = main(words)
    return code, said.getvalue()


@contextmanager
def _watched() -> Iterator[list[Any]]:
    """Let a `Watch` see every step that a simulation is handed, and draw less for verdicts; else nothing is changed."""
    from soak_checks import Watch

    import fem.observe.simulation as simulation
    from fem.observe.verdict import VerdictSettings

    real_march: Callable[..., Iterator[Any]] = simulation.march
    real_observer, real_cavitation = simulation.Observer, simulation.cavitation
    settings = VerdictSettings(draws=ranges()["verdict"]["draws"])
    watches: list[Any] = []

    def observer(problem: Any, *given: Any) -> Any:
        watches.append(Watch(problem))
        return real_observer(problem, *given)

    def march(*given: Any) -> Iterator[Any]:
        for step in real_march(*given):
            watches[-1].see(step)
            yield step

    def cavitation(motion: Any) -> Any:
        return real_cavitation(motion, settings)

    simulation.march, simulation.Observer = march, observer  # type: ignore[assignment,misc]
    simulation.cavitation = cavitation  # type: ignore[assignment]
    try:
        yield watches
    finally:
        simulation.march, simulation.Observer = real_march, real_observer  # type: ignore[misc]
        simulation.cavitation = real_cavitation


def _judged(folder: Path, code: int, bars: Mapping[str, float], watches: list[Any]) -> list[str]:
    from soak_checks import broken, opens

    if code == 2:
        return ["a refused case left a result folder"] if folder.exists() else []
    if code not in _CODES:
        return [f"exit code {code}"]
    try:
        faults = opens(folder) if code == 3 else []
        return faults or broken(folder, bars, watches[-1] if watches else None)
    except Exception as error:  # a result that cannot be judged is broken
        return [f"the result cannot be judged: {type(error).__name__}: {error}"]


def _figures(folder: Path, watches: list[Any]) -> dict[str, Any]:
    """Return what is counted of a run."""
    out: dict[str, Any] = {}
    if watches:
        watch = watches[-1]
        out |= {"unbalanced": watch.unbalanced, "equilibrium": watch.equilibrium, "squeezed": watch.squeezed}
    if (folder / "summary.json").is_file():
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        log = (folder / "log.txt").read_text(encoding="utf-8")
        out |= {
            "dof": summary.get("dof"),
            "steps": run["steps"],
            "iterations": summary.get("newton", {}).get("iterations"),
            "energy_error": summary.get("energy", {}).get("balance_error"),
            "failed_solves": len(re.findall(r"iterations, (?!converged)", log)),
            "recovery": summary.get("recovery", {}),
            "warnings": run.get("warnings", []),
        }
    return out


def _give_back() -> None:
    """Let the allocator return what nobody holds: what it keeps between cases of other sizes is not the program's."""
    with suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _forget_peak() -> None:
    """Let the peak of resident memory count from here."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        print("the peak memory of single cases cannot be told here", file=sys.stderr)


def _status(name: str) -> float:
    """Return a size [MB] from /proc/self/status."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return round(int(found.group(1)) * 1024 / _MEGA, 1) if found else 0.0
