"""Strict text documents: YAML 1.2 in, a validated model out, every fault with line, column and key.

A case and an anatomy recipe are documents. `read_document` reads the file, lays it over the file it
``extends:``, applies overrides, validates, and raises one `InputError` with everything that is wrong. The
`Document` it returns remembers where each value stands, so that a later check can point at the line::

    document = read_document(path, Recipe)
    raise document.error(document.problem("loads[0].landmark", "there is no landmark 'tip' on L4"))
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fem.document.file import escape, is_there, project_folder
from fem.document.merge import apply_overrides, load_merged, nearest
from fem.document.problems import meant_keys, problems_of
from fem.document.prune import validate_without
from fem.document.source import KeyPath, Place, SourceMap, key_path, key_text
from fem.errors import InputError, Problem

__all__ = [
    "Document",
    "KeyPath",
    "Place",
    "SourceMap",
    "StrictModel",
    "key_path",
    "key_text",
    "nearest",
    "project_folder",
    "read_document",
]

ModelT = TypeVar("ModelT", bound=BaseModel)


class StrictModel(BaseModel):
    """A group of keys: unknown keys are errors, numbers are finite, the validated object is frozen."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        populate_by_name=True,
        defer_build=True,  # only the outermost model of a document is ever compiled: faster to import
    )


@dataclass(frozen=True, slots=True)
class Document(Generic[ModelT]):
    """A validated document.

    Attributes
    ----------
    path : the file that was asked for.
    model : the validated content.
    raw : the same as plain values, after ``extends`` and overrides, before defaults.
    source : where each key and value stands.
    inside : folder in which the files that it names must lie; None: anywhere.
    """

    path: Path
    model: ModelT
    raw: dict[str, Any]
    source: SourceMap
    inside: Path | None = None

    def problem(self, path: str | KeyPath, message: str, at_key: bool = False) -> Problem:
        """Return a `Problem` at the value of `path` (``loads[0].landmark``), or at its key."""
        return self.source.problem(path, message, at_key)

    def error(self, *problems: Problem) -> InputError:
        """Return the error that carries `problems` of this document."""
        return InputError(self.path, problems)

    def file_at(self, path: str | KeyPath, name: str) -> Path:
        """Return file `name`, which the value at `path` gives, relative to the file that says it."""
        place = self.source.value(key_path(path))
        return Path(name) if place.line is None else Path(place.file).parent / name

    def file_fault(self, path: str | KeyPath, name: str, what: str) -> Problem | None:
        """Return what is wrong with the file `name` at `path`, a `what`: outside, or not there; None if it may be read.

        A name that was given on the command line may lie anywhere.
        """
        file = self.file_at(path, name)
        given = self.source.value(key_path(path)).line is None
        sentence = "" if given else escape(file, name, self.inside)
        if not sentence and not is_there(file):
            sentence = f"there is no {what} '{name}' ({file})"
        return self.problem(path, sentence) if sentence else None


def read_document(
    path: Path | str,
    model: type[ModelT],
    overrides: Sequence[str] = (),
    check: Callable[[Document[ModelT]], Iterable[Problem]] | None = None,
    inside: Path | None = None,
) -> Document[ModelT]:
    """Read, merge and validate the document `path`.

    Parameters
    ----------
    path : file to read.
    model : pydantic model of its content; `StrictModel` forbids unknown keys.
    overrides : texts such as ``phases[0].duration=2 s``, applied last.
    check : yields what only the whole document can show to be wrong; where the schema finds faults already,
        it is asked about the rest, so that one reading reports as much as possible.
    inside : folder in which the files that the document names must lie (see `project_folder`); None: anywhere.

    Raises
    ------
    InputError
        With every problem found, in the order of the text.
    """
    path = Path(path)
    layer = load_merged(path, inside)
    apply_overrides(layer, overrides)
    source = SourceMap(layer.keys, layer.values)
    problems: list[Problem] = []
    valid: ModelT | None
    try:
        valid = model.model_validate(layer.value)
    except ValidationError as error:
        problems = problems_of(error, model, layer.value, source)
        meant = meant_keys(error, model, layer.value)
        valid = validate_without(layer.value, problems, model, meant)
    document = Document(path, valid, layer.value, source, inside) if valid is not None else None
    if document is not None and check is not None:
        problems += check(document)
    if problems or document is None:
        raise InputError(path, sorted(problems, key=_in_text_order))
    return document


def _in_text_order(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line or 0, problem.column or 0
