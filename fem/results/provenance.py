"""What a result rests on: inputs and their hashes, versions, machine, time. Enough to repeat a run."""

import hashlib
import json
import os
import platform
import socket
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from fem import __version__
from fem.results.atomic import plain_value
from fem.results.record import InputFile, RunInfo

#: Layout of the result folder; a reader refuses a newer one.
FORMAT_VERSION: Final = 1

_LIBRARIES: Final = ("numpy", "scipy", "scikit-fem", "numba", "rslab", "meshio", "pydantic", "ruamel.yaml")


def input_file(role: str, path: Path | str) -> InputFile:
    """Return the file's role, path and SHA-256."""
    return InputFile(role, str(path), hashlib.sha256(Path(path).read_bytes()).hexdigest())


def flat_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested settings as one mapping with dotted keys (``loads[0].value``)."""
    return dict(_flatten(plain_value(settings, ""), ""))


def fingerprint(info: RunInfo) -> dict[str, Any]:
    """Return everything that decides a result: settings, contents of the inputs, version of the program.

    The case file's text is left out: its meaning is in the settings, and a changed comment changes nothing.
    """
    files = {f"contents of {file.role} file": file.sha256 for file in info.inputs if file.role != "case"}
    return {**flat_settings(info.settings), **files, "facetgap version": program_version()}


def input_hash(info: RunInfo) -> str:
    """Return the SHA-256 of the fingerprint in canonical JSON."""
    text = json.dumps(fingerprint(info), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def first_entries(info: RunInfo) -> dict[str, Any]:
    """Return what ``run.json`` says of a run that begins."""
    return {
        "version": FORMAT_VERSION,
        "status": "running",
        "name": info.name,
        "title": info.title,
        "input_hash": input_hash(info),
        "fingerprint": fingerprint(info),
        "inputs": [{"role": file.role, "path": file.path, "sha256": file.sha256} for file in info.inputs],
        "command": list(info.command),
        "request": dict(info.request),
        "started": now(),
        "process": process(),
        "machine": machine(),
        "versions": versions(),
        "steps": 0,
    }


def differing_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ, or that only one of the two has, sorted."""
    missing = object()
    keys = sorted(set(before) | set(after))
    return [key for key in keys if before.get(key, missing) != after.get(key, missing)]


def program_version() -> str:
    """Return the version of facetgap: that of the code at hand, installed or not."""
    return __version__


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that take part in a solution."""
    found = {"facetgap": program_version(), "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def machine() -> dict[str, Any]:
    """Return what kind of machine this is."""
    return {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count() or 1}


def process() -> dict[str, Any]:
    """Return where this process runs, so that another can tell whether a running job still lives."""
    here = {"host": socket.gethostname(), "pid": os.getpid()}
    begun = process_begun(os.getpid())
    return here if begun is None else {**here, "begun": begun}


def process_begun(pid: int) -> str | None:
    """Return when a process of this machine began, in the system's own count; None where that is not told.

    Numbers of processes are given out again: with this, a new process is not taken for one that died.
    """
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {after_name.split()[19]}"
    except (OSError, IndexError):
        return None


def is_alive(recorded: Mapping[str, Any]) -> bool:
    """Return whether the recorded process is another one that still runs on this host."""
    pid = recorded.get("pid")
    if recorded.get("host") != socket.gethostname() or not isinstance(pid, int) or pid == os.getpid():
        return False
    if sys.platform == "win32":  # os.kill ends processes there
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    begun = process_begun(pid)
    return begun is None or recorded.get("begun") in (None, begun)


def is_elsewhere(recorded: Mapping[str, Any]) -> bool:
    """Return whether the recorded process ran on another host, where nobody here can tell if it lives."""
    return bool(recorded.get("host", socket.gethostname()) != socket.gethostname())


def now() -> str:
    """Return the present time, UTC, to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _flatten(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _flatten(item, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _flatten(item, f"{key}[{index}]")
    else:
        yield key, value
