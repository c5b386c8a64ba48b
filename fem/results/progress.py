"""Progress on stderr: one redrawn line on a terminal, else a plain line every ten seconds at most."""

import os
import shutil
import time
from collections.abc import Callable
from typing import Final, TextIO

QUIET_S: Final = 10.0
_REDRAW_S: Final = 0.1
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """Says how a run goes. Warnings are shown when they come and repeated by `close`.

    Parameters
    ----------
    stream : where to write, normally ``sys.stderr``.
    clock : seconds from any origin; tests hand in their own.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._live = is_terminal(stream)
        self._last = float("-inf")
        self._drawn = False
        self._warnings: list[str] = []

    def update(self, text: str) -> None:
        """Show the present state; shows nothing when the last was shown a moment ago."""
        now = self._clock()
        if now - self._last < (_REDRAW_S if self._live else QUIET_S):
            return
        self._last = now
        if self._live:
            columns = shutil.get_terminal_size().columns
            self._write(_CLEAR + text[: columns - 1])
            self._drawn = True
        else:
            self._write(text + "\n")

    def note(self, text: str) -> None:
        """Write a line that stays."""
        self._erase()
        self._write(text + "\n")

    def warn(self, text: str) -> None:
        """Write a warning; the same warning is kept once."""
        if text not in self._warnings:
            self._warnings.append(text)
            self.note(f"warning: {text}")

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return the warnings so far."""
        return tuple(self._warnings)

    def close(self) -> None:
        """Remove the redrawn line and repeat the warnings."""
        self._erase()
        if self._warnings:
            count = len(self._warnings)
            self.note(f"{count} warning{'s' if count > 1 else ''}:")
            for text in self._warnings:
                self.note(f"  {text}")
            self._warnings = []

    def _erase(self) -> None:
        if self._drawn:
            self._write(_CLEAR)
            self._drawn = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def is_terminal(stream: TextIO) -> bool:
    """Return whether the stream is a terminal that can redraw a line."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def wants_colour(stream: TextIO) -> bool:
    """Return whether to colour text: only on a terminal, and not where NO_COLOR is set."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")
