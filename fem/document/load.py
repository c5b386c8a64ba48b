"""YAML 1.2 text into plain Python values with the place of each; nothing about what the keys mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fem.document.source import KeyPath, Place, key_text
from fem.errors import InputError, Problem

LARGEST_FILE: Final = 1_000_000
DEEPEST: Final = 30
MOST_VALUES: Final = 50_000
MOST_BRACKETS: Final = 200  # beyond it the parser itself becomes slow
_TAG: Final = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Layer:
    """One file's content while it is being read: value, places and what is wrong with it."""

    file: str
    value: Any = None
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def place(self, node: Node) -> Place:
        """Return the place where `node` starts."""
        mark = node.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def report(self, node: Node, path: KeyPath, message: str) -> None:
        """Note a problem at `node`."""
        place = self.place(node)
        self.problems.append(Problem(message, key_text(path), place.line, place.column, self.file))


def read_text(path: Path) -> str:
    """Return the text of `path`, or raise `InputError` for a missing, oversized or non-UTF-8 file."""
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise InputError(path, [Problem("this is a folder; name a file in it")]) from None
    except FileNotFoundError:
        raise InputError(path, [Problem(_missing_file(path))]) from None
    except OSError as error:
        raise InputError(path, [Problem(f"cannot be read: {error.strerror}")]) from None
    if len(data) > LARGEST_FILE:
        limit = f"{LARGEST_FILE // 1_000_000} MB"
        raise InputError(path, [Problem(f"the file has {len(data)} bytes; the limit is {limit}")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        sentence = f"byte 0x{data[error.start]:02x} is not UTF-8 text; save the file as UTF-8"
        raise InputError(path, [Problem(sentence, line=line, column=1)]) from None


def _missing_file(path: Path) -> str:
    import difflib

    if not path.parent.is_dir():
        return f"there is no such file, and no folder {path.parent}"
    near = difflib.get_close_matches(path.name, [item.name for item in path.parent.iterdir()], 1, 0.6)
    return "there is no such file" + (f"; did you mean {path.parent / near[0]}?" if near else "")


def load_layer(text: str, file: str) -> Layer:
    """Read YAML `text`; every problem found is raised at once as `InputError`."""
    layer = Layer(file)
    if _bracket_depth(text) > MOST_BRACKETS:
        raise InputError(file, [Problem(f"nested too deeply; the limit is {DEEPEST} levels")])
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise InputError(file, [_syntax_problem(error, file)]) from None
    except RecursionError:
        raise InputError(file, [Problem(f"nested too deeply; the limit is {DEEPEST} levels")]) from None
    except (YAMLError, ValueError) as error:
        raise InputError(file, [Problem(f"cannot be read as YAML: {str(error).splitlines()[0]}")]) from None
    if node is None:
        raise InputError(file, [Problem("the file is empty", line=1, column=1)])
    layer.values[()] = Place(file, 1, 1)
    layer.value = _convert(layer, node, ())
    if layer.problems:
        raise InputError(file, layer.problems)
    return layer


def _bracket_depth(text: str) -> int:
    opened = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        opened += 1 if bracket in "[{" else -1
        deepest = max(deepest, opened)
    return deepest


def _syntax_problem(error: MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = " ".join(str(error.problem or error).split())
    if "\\t" in said:
        said = "a tab character; indent with spaces"
    elif "mapping values are not allowed" in said:
        said = "a second ': ' on this line, or a wrong indentation; put text that contains ': ' in quotes"
    elif "but found another document" in said:
        said = "a second document starts here ('---'); a file holds one"
    return Problem(
        f"not valid YAML: {said}",
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        file=file,
    )


def _convert(layer: Layer, node: Node, path: KeyPath) -> Any:
    layer.count += 1
    if len(path) > DEEPEST:
        layer.report(node, path[:3], f"nested too deeply; the limit is {DEEPEST} levels")
        return None
    if layer.count > MOST_VALUES:
        if layer.count == MOST_VALUES + 1:
            layer.report(node, path, f"more than {MOST_VALUES} values; is an alias repeated too often?")
        return None
    if isinstance(node, MappingNode):
        return {key: _convert(layer, value, (*path, key)) for key, value in _items(layer, node, path)}
    if isinstance(node, SequenceNode):
        return [_item(layer, value, (*path, index)) for index, value in enumerate(node.value)]
    return _scalar(layer, node, path)


def _item(layer: Layer, node: Node, path: KeyPath) -> Any:
    layer.values[path] = layer.keys[path] = layer.place(node)
    return _convert(layer, node, path)


def _items(layer: Layer, node: MappingNode, path: KeyPath) -> Iterator[tuple[str, Node]]:
    seen: dict[str, Place] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            layer.report(key_node, path, "a key must be plain text")
            continue
        key = str(key_node.value)
        if key == "<<":
            layer.report(key_node, (*path, key), "merge keys are not used here; use 'extends: other.yaml'")
        elif key in seen:
            layer.report(key_node, (*path, key), f"duplicate key; first given on line {seen[key].line}")
        else:
            seen[key] = layer.place(key_node)
            layer.keys[(*path, key)] = seen[key]
            layer.values[(*path, key)] = layer.place(value_node)
            yield key, value_node


def _scalar(layer: Layer, node: Node, path: KeyPath) -> Any:
    text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("str", "timestamp"):
        return text
    digits = text.replace("_", "")
    try:
        if kind == "int":
            return int(digits, 0 if digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
        if kind == "float":
            return float(digits.lower().replace(".nan", "nan").replace(".inf", "inf"))
    except (ValueError, OverflowError):
        return text
    layer.report(node, path, f"the tag '{node.tag}' is not used here; write the plain value")
    return None
