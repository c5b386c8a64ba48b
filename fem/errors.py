"""Every error facetgap raises on purpose. Each carries attributes; the text is a sentence to act on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: Problems of one error that are printed; a file with more is wrong in kind, not in places.
MOST_LINES: Final = 100
_LONGEST_QUOTE: Final = 80
_LONGEST_MESSAGE: Final = 1200
_LONGEST_KEY: Final = 300
#: What stands in quotation marks (an apostrophe follows a letter), and a word that no text holds.
_QUOTE: Final = re.compile(r"(?<!\w)'[^']*'(?!\w)")
_WORD: Final = re.compile(r"\S{400,}")


def printable(text: str) -> str:
    """Return `text` on one line: what would move the cursor, colour the screen or cannot be written is escaped."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text
    )


def _brief(text: str) -> str:
    """Return a message in which what it quotes from the input is cut to a readable length."""
    text = _QUOTE.sub(
        lambda quote: quote[0] if len(quote[0]) <= _LONGEST_QUOTE else f"{quote[0][:_LONGEST_QUOTE]}…'", text
    )
    text = _WORD.sub(lambda word: f"{word[0][:_LONGEST_QUOTE]}…", text)
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


class FacetgapError(Exception):
    """Root of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors travel between processes, and subclasses make their text from other arguments than it.
        return _restored, (type(self), str(self), dict(self.__dict__))


def _restored(kind: type[FacetgapError], text: str, attributes: dict[str, Any]) -> FacetgapError:
    error = kind.__new__(kind, text)
    error.args = (text,)
    error.__dict__.update(attributes)
    return error


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input file: where (1-based line and column), which key, and a full sentence.

    `file` is set where it may differ from the file that was asked for (a base it extends, an override). What is
    quoted from the input is made printable and cut short.
    """

    message: str
    key: str = ""
    line: int | None = None
    column: int | None = None
    file: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", printable(_brief(self.message)))
        key = self.key if len(self.key) <= _LONGEST_KEY else f"{self.key[:_LONGEST_KEY]}…"
        object.__setattr__(self, "key", printable(key))


class InputError(FacetgapError):
    """A case, recipe or data file cannot be accepted; carries every problem found in it."""

    exit_code = 2

    def __init__(self, file: Path | str, problems: Sequence[Problem]) -> None:
        self.file = str(file)
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Return one ``file:line:column: error: key: message`` line per problem; of very many, the first ones."""
        out = []
        for problem in self.problems[:MOST_LINES]:
            place = printable(problem.file or self.file)
            if problem.line is not None:
                place += f":{problem.line}:{problem.column or 1}"
            key = f"{problem.key}: " if problem.key else ""
            out.append(f"{place}: error: {key}{problem.message}")
        left = len(self.problems) - MOST_LINES
        return (
            [*out, f"{printable(self.file)}: error: and {left} more; mend these first"] if left > 0 else out
        )


class UsageError(FacetgapError):
    """The command line asks for something that cannot be done (a missing folder, a clash of options)."""

    exit_code = 2


class StorageError(FacetgapError):
    """A result cannot be written: the disk is full, or went away."""

    exit_code = 2


class ParameterError(FacetgapError):
    """A literature datum is missing, out of its law's range, or has the wrong unit or no source."""

    exit_code = 2


class DataFileError(InputError, ParameterError):
    """A file of literature data cannot be accepted; carries every problem found in it."""


class MeshError(FacetgapError):
    """A mesh cannot be built or used."""

    exit_code = 2

    def __init__(self, message: str, cells: Sequence[int] = ()) -> None:
        self.cells = tuple(cells)
        super().__init__(message)


class ElementInvertedError(FacetgapError):
    """A cell's deformation gradient lost its positive determinant; the solver answers by a shorter step."""

    exit_code = 3

    def __init__(self, term: str, cells: Sequence[int], smallest: float) -> None:
        self.term, self.cells, self.smallest = term, tuple(cells), smallest
        super().__init__(
            f"{len(self.cells)} cell(s) of {term} turned inside out (smallest determinant {smallest:.3g}); "
            f"first cell {self.cells[0] if self.cells else '?'}"
        )


class NonFiniteError(FacetgapError):
    """A number that should be finite is not."""

    exit_code = 3

    def __init__(self, what: str, index: tuple[int, ...] = (), count: int = 1) -> None:
        self.what, self.index, self.count = what, index, count
        super().__init__(f"{what} holds {count} value(s) that are not finite, the first at index {index}")


class NotConvergedError(FacetgapError):
    """The solver gave up below its smallest step. The last good state is kept by whoever catches this."""

    exit_code = 3


class MissingToolError(FacetgapError):
    """An optional tool (PyVista, ParaView) is not installed; the message holds the install line."""

    exit_code = 5
