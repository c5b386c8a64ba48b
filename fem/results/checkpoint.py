"""``checkpoint.npz``: what a run needs to go on where it stopped, to the same answer. Whole or not there."""

import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fem.errors import UsageError
from fem.results.atomic import write_bytes

CHECKPOINT_FILE: Final = "checkpoint.npz"
#: Layout of the file; another one is refused.
_VERSION: Final = 2
#: Marks an array in the document: its number in the file, and whether it must not be written to.
_ARRAY, _FROZEN = "array number", "read only"

AnyArray = NDArray[Any]
#: Nested mappings and lists of numbers, texts and arrays.
Memory = Mapping[str, Any]


class Spacing:
    """How often checkpoints are written: seldom enough to cost less than a hundredth of the time, by the wall clock.

    Parameters
    ----------
    least : [s] between the end of one and the beginning of the next, at least.
    """

    least = 2.0
    share = 0.01

    def __init__(self) -> None:
        self._ended, self._cost = time.monotonic(), 0.0

    def due(self) -> bool:
        """Whether enough time has passed since the last one."""
        return time.monotonic() - self._ended >= max(self.least, self._cost / self.share)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Time the writing of one."""
        began = time.monotonic()
        yield
        self._ended = time.monotonic()
        self._cost = self._ended - began


def write_checkpoint(folder: Path, inputs: str, memory: Memory) -> Path:
    """Write `CHECKPOINT_FILE` into a result folder; until it is whole the one before stays.

    Parameters
    ----------
    inputs : hash of everything that decides the result (`fem.results.provenance.input_hash`).
    memory : arrays that occur in it more than once are written once.
    """
    arrays: list[AnyArray] = []
    document = {"version": _VERSION, "inputs": inputs, "memory": _plain(memory, arrays, {})}
    buffer = io.BytesIO()
    held = {f"a{number}": array for number, array in enumerate(arrays)}
    np.savez(buffer, allow_pickle=False, document=np.array(json.dumps(document)), **held)
    return write_bytes(folder / CHECKPOINT_FILE, buffer.getvalue())


def read_checkpoint(folder: Path, inputs: str) -> dict[str, Any] | None:
    """Return the memory that a run left, None where it left none: it was stopped before it got so far.

    Raises
    ------
    UsageError
        When the file is damaged, or belongs to other inputs or another version of facetgap.
    """
    file = folder / CHECKPOINT_FILE
    if not file.is_file():
        return None
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as held:
            document = json.loads(str(held["document"]))
            arrays = [held[f"a{number}"] for number in range(len(held.files) - 1)]
        version, made_of, memory = (document[key] for key in ("version", "inputs", "memory"))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"{file} is cut off or damaged ({error}); solve the case from the start, with facetgap run"
        ) from error
    if version != _VERSION or made_of != inputs:
        raise UsageError(
            f"{file} was left by a run of other inputs or by another facetgap; solve the case from the start, "
            "with facetgap run"
        )
    restored: dict[str, Any] = _restored(memory, arrays)
    return restored


def _plain(value: Any, arrays: list[AnyArray], known: dict[int, int]) -> Any:
    """Return `value` as JSON can hold it; its arrays go to `arrays`, `known` is id -> number there."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item, arrays, known) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        if id(value) not in known:
            known[id(value)] = len(arrays)
            arrays.append(value)
        return {_ARRAY: known[id(value)], _FROZEN: not value.flags.writeable}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item, arrays, known) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"a checkpoint cannot hold a {type(value).__name__}")


def _restored(value: Any, arrays: Sequence[AnyArray]) -> Any:
    if isinstance(value, dict) and _ARRAY in value:
        array = arrays[value[_ARRAY]]
        if value[_FROZEN]:
            array.setflags(write=False)
        return array
    if isinstance(value, dict):
        return {key: _restored(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item, arrays) for item in value]
    return value
