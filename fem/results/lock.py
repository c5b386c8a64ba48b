"""One run at a time in a result folder: a lock on the folder itself, which the system lets go when its holder dies."""

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl

#: Folders that this process holds, (device, number) -> descriptor.
_held: dict[tuple[int, int], int] = {}


def take(folder: Path) -> bool:
    """Take a folder for this process; False when another process has it.

    Notes
    -----
    The lock leaves no file behind and nothing to tidy up after a killed run. Where folders cannot be locked (Windows,
    some network drives) the answer is True: then only what ``run.json`` says of its process tells.
    """
    if sys.platform == "win32":
        return True
    key = _key(folder)
    if key in _held:
        return True
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return False
    except OSError:
        os.close(handle)
        return True
    _held[key] = handle
    return True


def leave(folder: Path) -> None:
    """Let others have the folder. Safe to call twice."""
    try:
        handle = _held.pop(_key(folder), None)
    except FileNotFoundError:  # somebody removed it meanwhile
        return
    if handle is not None:
        os.close(handle)


def _key(folder: Path) -> tuple[int, int]:
    found = os.stat(folder)
    return found.st_dev, found.st_ino
