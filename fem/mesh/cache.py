"""Bone meshes remembered on disk: growing one takes a second, reading it a few milliseconds.

A file is named for everything its mesh depends on (measures, resolution, the generators' own source), so it can never
be out of date; deleting the folder only costs time.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from fem.mesh.tagged_mesh import TaggedMesh

_GROUPS = ("nodes", "surfaces", "cell_data", "point_data")


def remembered(folder: Path | None, name: str, inputs: Any, build: Callable[[], TaggedMesh]) -> TaggedMesh:
    """Return the mesh that `build` makes, read from `folder` if it was made of the same `inputs` before.

    Parameters
    ----------
    folder : where meshes are kept; None, or a folder that cannot be written, only builds.
    name : start of the file's name.
    inputs : everything the mesh depends on: dataclasses, mappings, sequences, arrays, numbers, texts.
    """
    if folder is None:
        return build()
    path = folder / f"{name}-{_fingerprint(inputs)}.npz"
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        mesh = build()
    with suppress(OSError):  # a read-only place: the mesh is built again next time
        _write(path, mesh)
    return mesh


def _fingerprint(inputs: Any) -> str:
    digest = hashlib.sha256(_generators())
    _feed(digest, inputs)
    return digest.hexdigest()[:16]


@cache
def _generators() -> bytes:
    """Return a digest of the source of everything that shapes a bone."""
    digest = hashlib.sha256()
    for package in ("fem.mesh.generate", "fem.anatomy"):
        for source in sorted(files(package).iterdir(), key=lambda entry: entry.name):
            if source.name.endswith(".py"):
                digest.update(source.read_bytes())
    return digest.digest()


def _feed(digest: Any, value: Any) -> None:
    if is_dataclass(value):
        for field in fields(value):
            digest.update(field.name.encode())
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            digest.update(str(key).encode())
            _feed(digest, item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            _feed(digest, item)
    elif isinstance(value, np.ndarray):
        digest.update(repr(value.shape).encode() + np.ascontiguousarray(value, dtype=np.float64).tobytes())
    else:
        digest.update(repr(value).encode())
    digest.update(b";")


def _write(path: Path, mesh: TaggedMesh) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        "points": mesh.points,
        "cells": mesh.cells,
        "part": mesh.part,
        "part_names": np.array(mesh.part_names),
    }
    for group in _GROUPS:
        arrays |= {f"{group}/{name}": array for name, array in getattr(mesh, group).items()}
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path) -> TaggedMesh:
    with path.open("rb") as file, np.load(file) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for array in arrays.values():
        array.setflags(write=False)
    groups = {
        group: {key.partition("/")[2]: array for key, array in arrays.items() if key.startswith(f"{group}/")}
        for group in _GROUPS
    }
    names = tuple(str(name) for name in arrays["part_names"])
    return TaggedMesh(arrays["points"], arrays["cells"], arrays["part"], names, **groups)
