"""One document out of a file, the files it extends and overrides from the command line."""

import difflib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fem.document.file import escape, is_there
from fem.document.load import Layer, load_layer, read_text
from fem.document.source import KeyPath, Place, key_path, key_text
from fem.errors import InputError, Problem

#: Files that may extend each other in a row.
LONGEST_CHAIN: Final = 20


def load_merged(path: Path, inside: Path | None = None, above: tuple[Path, ...] = ()) -> Layer:
    """Read `path` and, beneath it, the file that its ``extends:`` names.

    Mappings merge key by key; anything else (lists too) is replaced whole. With `inside`, a base outside that folder
    is not read.
    """
    layer = load_layer(read_text(path), str(path))
    if not isinstance(layer.value, dict):
        given = "a list" if isinstance(layer.value, list) else "one value"
        raise InputError(
            path, [Problem(f"the file must hold 'key: value' lines, not {given}", line=1, column=1)]
        )
    if "extends" not in layer.value:
        return layer
    place = layer.values[("extends",)]
    base = _base_path(layer, path, (*above, _real(path)), place)
    if sentence := escape(base, layer.value["extends"], inside):
        raise _extends_error(place, sentence)
    if not is_there(base):
        raise _extends_error(place, f"'{layer.value['extends']}' names a file that does not exist ({base})")
    below = load_merged(base, inside, (*above, _real(path)))
    del layer.value["extends"]
    return _merge(below, layer)


def _real(path: Path) -> Path:
    """Return the path without links; a link to itself stays as it is."""
    return Path(os.path.realpath(path))


def _base_path(layer: Layer, path: Path, chain: tuple[Path, ...], place: Place) -> Path:
    named = layer.value["extends"]
    if not isinstance(named, str) or not named:
        raise _extends_error(place, "must name one file, relative to this one")
    base = path.parent / named
    if len(chain) > LONGEST_CHAIN:
        raise _extends_error(place, f"more than {LONGEST_CHAIN} files extend each other in a row")
    if _real(base) in chain:
        files = " -> ".join(item.name for item in (*chain, _real(base)))
        raise _extends_error(place, f"the files extend each other in a circle: {files}")
    return base


def _extends_error(place: Place, sentence: str) -> InputError:
    return InputError(place.file, [Problem(sentence, "extends", place.line, place.column, place.file)])


def _merge(below: Layer, above: Layer) -> Layer:
    merged = Layer(above.file, keys=dict(below.keys), values=dict(below.values))
    merged.value = _merge_values(below.value, above.value, (), merged)
    merged.keys.update(above.keys)
    merged.values.update(above.values)
    return merged


def _merge_values(below: Any, above: Any, path: KeyPath, merged: Layer) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        out = dict(below)
        for key, value in above.items():
            out[key] = _merge_values(below[key], value, (*path, key), merged) if key in below else value
        return out
    _forget(merged, path)
    return above


def _forget(layer: Layer, path: KeyPath) -> None:
    for table in (layer.keys, layer.values):
        for known in [item for item in table if item[: len(path)] == path and item]:
            del table[known]


def apply_overrides(layer: Layer, overrides: Sequence[str]) -> None:
    """Change `layer` by ``key.sub[0]=value`` texts (the value is read as YAML), in their order."""
    problems: list[Problem] = []
    for text in overrides:
        try:
            _apply_override(layer, text)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(layer.file, problems)


def _apply_override(layer: Layer, text: str) -> None:
    file = f"--set {text}"
    key, equals, value_text = text.partition("=")
    path = key_path(key.strip())
    if not equals or not path or key_text(path) != key.strip():
        raise InputError(
            file, [Problem("write it as key=value, for example phases[0].duration=2 s", file=file)]
        )
    value = load_layer(value_text, file).value if value_text.strip() else None
    _assign(layer.value, path, value, file)
    _forget(layer, path)
    for known in _all_paths(value, path):
        layer.keys[known] = layer.values[known] = Place(file)


def _assign(tree: Any, path: KeyPath, value: Any, file: str) -> None:
    node = tree
    for depth, part in enumerate(path[:-1]):
        _require_step(node, path, depth, file)
        if isinstance(part, str) and node.get(part) is None:
            node[part] = {}
        node = node[part]
    _require_step(node, path, len(path) - 1, file)
    node[path[-1]] = value


def _require_step(node: Any, path: KeyPath, depth: int, file: str) -> None:
    part, here = path[depth], key_text(path[:depth]) or "the document"
    if isinstance(part, int):
        length = len(node) if isinstance(node, list) else None
        if length is None:
            raise InputError(file, [Problem(f"{here} is not a list", key_text(path), file=file)])
        if part >= length:
            sentence = f"{here} has {length} item(s), numbered from 0; there is no item {part}"
            raise InputError(file, [Problem(sentence, key_text(path), file=file)])
    elif not isinstance(node, dict):
        given = (
            "a list; write the number of an item, as in loads[0]"
            if isinstance(node, list)
            else "a single value"
        )
        raise InputError(file, [Problem(f"{here} is {given}", key_text(path), file=file)])


def _all_paths(value: Any, path: KeyPath) -> list[KeyPath]:
    paths = [path]
    children: Mapping[Any, Any] = {}
    if isinstance(value, dict):
        children = value
    elif isinstance(value, list):
        children = dict(enumerate(value))
    for key, child in children.items():
        paths += _all_paths(child, (*path, key))
    return paths


def nearest(word: str, names: Sequence[str], cutoff: float = 0.6) -> str:
    """Return ``; did you mean 'x'?`` for the name nearest to `word`, or nothing."""
    found = difflib.get_close_matches(word, list(names), 1, cutoff)
    return f"; did you mean '{found[0]}'?" if found else ""
