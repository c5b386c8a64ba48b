"""Where things stand in the text: key paths, places and the map from one to the other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fem.errors import Problem

KeyPath = tuple[str | int, ...]

_KEY_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def key_path(text: str | KeyPath) -> KeyPath:
    """Return ``("loads", 0, "kind")`` for ``loads[0].kind``; a tuple is returned unchanged."""
    if isinstance(text, tuple):
        return text
    return tuple(int(index) if index else name for index, name in _KEY_PART.findall(text))


def key_text(path: KeyPath) -> str:
    """Return ``loads[0].kind`` for ``("loads", 0, "kind")``."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += f".{part}" if out else part
    return out


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text file: 1-based line and column, or a file only (an override on the command line)."""

    file: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class SourceMap:
    """For every key path of a document: where its key and where its value stand.

    Attributes
    ----------
    keys, values : key path -> `Place`
        An item of a list has no key; its value stands for both.
    """

    keys: Mapping[KeyPath, Place]
    values: Mapping[KeyPath, Place]

    def value(self, path: KeyPath) -> Place:
        """Return the place of the value at `path`, or of the nearest key above that exists."""
        return self.values[path] if path in self.values else self._above(path)

    def key(self, path: KeyPath) -> Place:
        """Return the place of the key at `path`, or of the nearest key above that exists."""
        return self.keys[path] if path in self.keys else self._above(path)

    def _above(self, path: KeyPath) -> Place:
        while path:
            path = path[:-1]
            if path in self.keys:
                return self.keys[path]
        return self.values[()]

    def problem(self, path: str | KeyPath, message: str, at_key: bool = False) -> Problem:
        """Return a `Problem` that points at `path` (at its value, or at its key)."""
        path = key_path(path)
        place = self.key(path) if at_key else self.value(path)
        return Problem(
            message=message, key=key_text(path), line=place.line, column=place.column, file=place.file
        )
