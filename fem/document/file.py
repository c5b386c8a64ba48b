"""A text file from outside as text: only a plain one, of a bounded size, in UTF-8, without what no editor shows."""

import os
import re
import stat
from pathlib import Path
from typing import Final

from fem.errors import InputError, Problem

LARGEST_FILE: Final = 1_000_000
#: Signs that stand in no text: they end strings in other languages, or move the cursor of a terminal.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")


#: What the sentence that refuses such a file says of it.
OUTSIDE: Final = "lies outside the project folder"
#: What marks the folder of a project, besides a folder ``cases`` in which or beside which the file lies.
_MARKS: Final = ("pyproject.toml", ".git")


def project_folder(file: Path) -> Path:
    """Return the folder that a file on the command line belongs to, and that what it names must lie in.

    The nearest folder upwards of which the file lies in ``cases/``, or beside it, or that holds ``pyproject.toml`` or
    ``.git``; else the folder one works in, where the file lies inside it; else the file's own.
    """
    own = Path(os.path.abspath(file)).parent
    for folder in (own, *own.parents):
        cases = folder / "cases"
        beside = cases.is_dir() and (folder == own or own.is_relative_to(cases))
        if beside or any((folder / mark).exists() for mark in _MARKS):
            return folder
    here = Path.cwd()
    return here if own.is_relative_to(here) else own


def escape(file: Path, named: str, inside: Path | None) -> str:
    """Return the sentence that refuses `file`, which is called `named`, because it lies outside `inside`; else nothing.

    A link inside the folder counts as inside, since whoever made it had the right to; but not what lies above its end.
    """
    if inside is None:
        return ""
    try:
        plain, real = os.path.abspath(file), os.path.realpath(file)
    except ValueError:
        return ""  # no file can have this name, so there is none
    if Path(plain).is_relative_to(inside) and (
        os.path.realpath(plain) == real or Path(real).is_relative_to(os.path.realpath(inside))
    ):
        return ""
    return f"'{named}' {OUTSIDE} {inside}; copy it there, or allow it with --allow-outside"


def is_there(path: Path) -> bool:
    """Return whether there is something at `path`; never raises, whatever the name holds."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_text(path: Path) -> str:
    """Return the text of `path`.

    Raises
    ------
    InputError
        For what is missing, no plain file (a pipe would never end), too large, not UTF-8, or holds control characters.
    """
    data = _read_bytes(path)
    if len(data) > LARGEST_FILE:
        raise InputError(
            path, [Problem(f"the file has more than {LARGEST_FILE // 1_000_000} MB; that is the limit")]
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode("utf-8", "replace"))
        sentence = f"byte 0x{data[error.start]:02x} is not UTF-8 text; save the file as UTF-8"
        raise InputError(path, [Problem(sentence, line=place[0], column=place[1])]) from None
    found = _CONTROL.search(text)
    if found:
        line, column = _place(text[: found.start()])
        sentence = f"the control character U+{ord(found[0]):04X} stands here; is this a text file?"
        raise InputError(path, [Problem(sentence, line=line, column=column)])
    return text


def _read_bytes(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(path, [Problem("this is not a plain file; name one that can be read again")])
            return file.read(LARGEST_FILE + 1)
    except IsADirectoryError:
        raise InputError(path, [Problem("this is a folder; name a file in it")]) from None
    except FileNotFoundError:
        raise InputError(path, [Problem(_missing_file(path))]) from None
    except ValueError:
        raise InputError(path, [Problem("no file can have this name")]) from None
    except OSError as error:
        raise InputError(path, [Problem(f"cannot be read: {error.strerror}")]) from None


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody to write into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _place(before: str) -> tuple[int, int]:
    """Return line and column (1-based) of what follows `before`."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _missing_file(path: Path) -> str:
    import difflib

    if not path.parent.is_dir():
        return f"there is no such file, and no folder {path.parent}"
    near = difflib.get_close_matches(path.name, [item.name for item in path.parent.iterdir()], 1, 0.6)
    return "there is no such file" + (f"; did you mean {path.parent / near[0]}?" if near else "")
