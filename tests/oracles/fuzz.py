"""Reads damaged files of every kind and holds the program to its word: read or refused, soon, in little memory."""

import random
import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from oracles.damage import damaged

ROOT = Path(__file__).parents[2]
LONGEST_LINE = 1600  # characters of a message with its place: ten lines of a wide screen
MOST_LINES = 101
_HOST = """version: 1
title: A case around a damaged file
spine: {anatomy: ../meshes/lumbar.yaml, levels: L1-S1}
target: L4-L5 left
muscles: {guarding: MUSCLES, level: 0.1}
phases:
  - {name: settle}
  - {name: preload, kind: static}
  - name: push
    kind: dynamic
    duration: 2 s
    loads: [{kind: thrust, on: L4, landmark: mammillary process right, direction: [1, 0, 0], THRUST}]
"""
_PUSH = "peak: 400 N, time_to_peak: 150 ms"
_TABLE = "# measured\ntime_ms,force_N\n" + "".join(f"{10 * n},{80 + 25 * n - n * n}\n" for n in range(26))
Read = Callable[[Path], None]


class _TooLongError(BaseException):
    """One input took longer than it may."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: texts to damage, each with the place where the damaged one is put, and what reads it there."""

    texts: Callable[[], list[tuple[str, str]]]
    read: Read


@dataclass
class Report:
    """What became of the inputs of one kind."""

    kind: str
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    messages: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    memory_before: float = 0.0
    memory_after: float = 0.0
    memory_peak: float = 0.0
    failures: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the report in one line."""
        return (
            f"{self.kind}: {self.inputs} inputs in {self.seconds:.0f} s, {self.accepted} accepted, {self.refused} "
            f"refused with {self.messages} messages, slowest {self.slowest:.2f} s, memory {self.memory_before:.0f} -> "
            f"{self.memory_after:.0f} MB (peak {self.memory_peak:.0f}), {len(self.failures)} failures"
        )

    def document(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return dict(vars(self))


def _texts(place: str, *patterns: str) -> Callable[[], list[tuple[str, str]]]:
    """Return what lists the files of the project that fit, with `place` or, without one, their own folder."""

    def listed() -> list[tuple[str, str]]:
        paths = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
        own = {path: str(path.parent.relative_to(ROOT) / "damaged.yaml") for path in paths}
        return [(path.read_text(), place or own[path]) for path in paths]

    return listed


def _read_case(path: Path) -> None:
    from fem.case.anatomy import checked_spine
    from fem.case.read import read_case
    from fem.document import project_folder

    checked_spine(read_case(path, (), project_folder(path)))


def _read_recipe(path: Path) -> None:
    from fem.anatomy.assemble import assemble_spine
    from fem.anatomy.recipe import read_recipe

    assemble_spine(read_recipe(path, path.parent).model)


def _read_within(old: str, new: str) -> Read:
    """Return what reads a file through a case that names it."""
    host = _HOST.replace(old, new).replace("THRUST", _PUSH)
    host = host.replace("{guarding: MUSCLES, level: 0.1}", "{guarding: relaxed}")

    def read(path: Path) -> None:
        case = path.with_name("host.yaml")
        case.write_text(host)
        _read_case(case)

    return read


def _read_data(path: Path) -> None:
    from fem.document.file import read_text
    from fem.literature import load_sources
    from fem.literature.read import parse_set

    parse_set("damaged", read_text(path), load_sources())


KINDS: Mapping[str, Kind] = {
    "case": Kind(_texts("", "cases/*.yaml", "cases/*/*.yaml"), _read_case),
    "recipe": Kind(_texts("meshes/damaged.yaml", "meshes/*.yaml"), _read_recipe),
    "pattern": Kind(
        _texts("cases/damaged.yaml", "fem/literature/guarding/*.yaml"),
        _read_within("MUSCLES", "damaged.yaml"),
    ),
    "table": Kind(lambda: [(_TABLE, "cases/damaged.csv")], _read_within("THRUST", "table: damaged.csv")),
    "data": Kind(_texts("data.toml", "fem/literature/*.toml", "fem/literature/disc/*.toml"), _read_data),
}


def fuzz(
    kind: str,
    count: int,
    seed: int,
    first: int = 0,
    patience: float = 30.0,
    failures: Path | None = None,
    say: Callable[[str], None] | None = None,
) -> Report:
    """Read `count` damaged files of a kind; keep the input of each failure in the folder `failures`."""
    found, report = KINDS[kind], Report(kind)
    texts = found.texts()
    with TemporaryDirectory() as name:
        folder = Path(name)
        _furnish(folder)
        for text, place in texts:  # undamaged ones are read, and what is loaded once is loaded
            _attempt(found, folder / place, text.encode(), patience, report)
        assert 2 * report.accepted > len(texts), f"most good files were refused: {kind}"
        report = Report(kind, memory_before=_memory())
        began = time.monotonic()
        for number in range(first, first + count):
            draw = random.Random(f"{kind} {seed} {number}")
            text, place = draw.choice(texts)
            data = damaged(draw, text)
            fault = _attempt(found, folder / place, data, patience, report)
            if fault:
                report.failures.append(f"{number}: {fault.splitlines()[-1]}")
                _keep(failures, f"{kind}_{seed}_{number}", data, fault)
            report.seconds, report.memory_after, report.memory_peak = (
                time.monotonic() - began,
                _memory(),
                _peak(),
            )
            if say is not None and report.inputs % 1000 == 0:
                say(report.line())
    return report


def _furnish(folder: Path) -> None:
    """Make the folder a project with the shipped cases and recipes."""
    for path in (*(ROOT / "cases").rglob("*.*"), *(ROOT / "meshes").glob("*.yaml")):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            target.write_bytes(path.read_bytes())


def _attempt(kind: Kind, path: Path, data: bytes, patience: float, report: Report) -> str:
    """Read one input; return what is wrong with how it was taken, or nothing."""
    from fem.errors import FacetgapError

    path.write_bytes(data)
    report.inputs += 1
    began = time.process_time()
    try:
        with _watchdog(patience), warnings.catch_warnings():
            warnings.simplefilter("error")
            kind.read(path)
        report.accepted += 1
        return ""
    except FacetgapError as error:
        report.refused += 1
        lines = error.lines() if hasattr(error, "lines") else str(error).splitlines()
        report.messages += len(lines)
        return _unreadable(lines)
    except _TooLongError:
        return f"took more than {patience:g} s"
    except Exception:
        return traceback.format_exc()
    finally:
        report.slowest = max(report.slowest, time.process_time() - began)


def _unreadable(lines: list[str]) -> str:
    if not lines or not all(lines):
        return "an empty message"
    if len(lines) > MOST_LINES or max(map(len, lines)) > LONGEST_LINE:
        return f"{len(lines)} lines of up to {max(map(len, lines))} characters"
    return (
        ""
        if all(line.isprintable() for line in lines)
        else "a message that a terminal would not print as it is"
    )


class _watchdog:  # noqa: N801 - it is used as a word
    """Raises in the main thread when time is up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self.bark)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.0)

    @staticmethod
    def bark(number: int, frame: FrameType | None) -> None:
        raise _TooLongError


def _keep(folder: Path | None, name: str, data: bytes, fault: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        (folder / f"{name}.txt").write_text(fault, encoding="utf-8", errors="backslashreplace")


def _memory() -> float:
    """Return the resident memory of this process [MB]; its peak where the system does not tell."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return _peak()
    return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20


def _peak() -> float:
    """Return the largest resident memory of this process so far [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
