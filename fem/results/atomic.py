"""Whole files or none: write beside, flush to disk, move over. JSON that never holds NaN."""

import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fem.errors import NonFiniteError


def write_text(path: Path, text: str) -> Path:
    """Write `text` as UTF-8; a reader sees the old file or the new one, never a part."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> Path:
    """Write `data`; a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def write_json(path: Path, document: Mapping[str, Any], ready: Mapping[str, str] | None = None) -> Path:
    """Write a JSON document as `write_text` does.

    Parameters
    ----------
    ready : entries that have their `entry_text` already, for what is written often and changes seldom.

    Raises
    ------
    NonFiniteError
        Naming the entry that is NaN or infinite; the file on disk is left as it was.
    """
    return write_text(path, json_text(document, ready))


def json_text(document: Mapping[str, Any], ready: Mapping[str, str] | None = None) -> str:
    """Return the document as indented JSON with a final newline; NaN and infinity are refused."""
    made = ready or {}
    entries = [made[key] if key in made else entry_text(key, value) for key, value in document.items()]
    return "{\n" + ",\n".join(entries) + "\n}\n" if entries else "{}\n"


def entry_text(key: str, value: Any) -> str:
    """Return one entry of the outermost mapping of a document, indented."""
    plain = plain_value({key: value}, "")
    return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)[2:-2]


def plain_value(value: Any, place: str) -> Any:
    """Return `value` in JSON's own types; `place` is its dotted key, used in errors."""
    if isinstance(value, Mapping):
        return {str(key): plain_value(item, f"{place}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain_value(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise NonFiniteError(what=f"result entry '{place}' ({value})")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"result entry '{place}' is a {type(value).__name__}, which JSON cannot hold")
