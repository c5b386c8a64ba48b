"""YAML 1.2 text into plain Python values with the place of each; nothing about what the keys mean."""

import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fem.document.file import read_text
from fem.document.source import KeyPath, Place, key_text
from fem.errors import InputError, Problem

DEEPEST: Final = 30
MOST_VALUES: Final = 10_000
LONGEST_KEY: Final = 100
MOST_DIGITS: Final = 400
_TOO_DEEP: Final = f"nested too deeply; the limit is {DEEPEST} levels"
_TAG: Final = "tag:yaml.org,2002:"
_KINDS: Final = ("null", "bool", "int", "float", "str", "timestamp")

__all__ = ["Layer", "load_layer", "read_text"]


class _RefusedError(Exception):
    """Composing has reached a limit."""

    def __init__(self, message: str, mark: StringMark) -> None:
        super().__init__(message)
        self.mark = mark


class _BoundedComposer(Composer):
    """Composes a document that is neither deep nor large; gives up where it turns out to be, not at its end."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader=loader)
        self.nodes = self.level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose the next node, counting."""
        self.nodes += 1
        self.level += 1
        mark = self.parser.peek_event().start_mark
        if self.level > DEEPEST + 1:
            raise _RefusedError(_TOO_DEEP, mark)
        if self.nodes > 2 * MOST_VALUES:  # keys are nodes, too
            raise _RefusedError(f"more than {MOST_VALUES} values", mark)
        node = super().compose_node(parent, index)
        self.level -= 1
        return node


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


def load_layer(text: str, file: str) -> Layer:
    """Read YAML `text`; every problem found is raised at once as `InputError`. No tag makes an object of any kind."""
    layer = Layer(file)
    node = _composed(text, file)
    if node is None:
        raise InputError(file, [Problem("the file is empty", line=1, column=1)])
    layer.values[()] = Place(file, 1, 1)
    layer.value = _convert(layer, node, ())
    if layer.problems:
        raise InputError(file, layer.problems)
    return layer


def _composed(text: str, file: str) -> Any:
    """Return the node graph of `text`, None for an empty one."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _BoundedComposer
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor that is given twice is none of the reader's business
            return yaml.compose(text)
    except _RefusedError as refused:
        mark = refused.mark
        raise InputError(file, [Problem(str(refused), line=mark.line + 1, column=mark.column + 1)]) from None
    except MarkedYAMLError as error:
        raise InputError(file, [_syntax_problem(error, file)]) from None
    except RecursionError:
        raise InputError(file, [Problem(_TOO_DEEP)]) from None
    except (YAMLError, ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        said = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(file, [Problem(f"cannot be read as YAML: {said}")]) from None


def _syntax_problem(error: MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = " ".join(str(error.problem or error).split())
    if "\\t" in said:
        said = "a tab character; indent with spaces"
    elif "mapping values are not allowed" in said:
        said = "a second ': ' on this line, or a wrong indentation; put text that contains ': ' in quotes"
    elif "but found another document" in said:
        said = "a second document starts here ('---'); a file holds one"
    elif "<stream end>" in said or "end of stream" in said:
        said = "the file ends before a bracket or a quotation mark is closed; is it cut off?"
    elif "expected '<document start>'" in said:
        said = "the text goes on after its end; is a quotation mark or an indentation out of place?"
    return Problem(
        f"not valid YAML: {said}",
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        file=file,
    )


def _convert(layer: Layer, node: Node, path: KeyPath) -> Any:
    layer.count += 1
    if len(path) > DEEPEST:
        layer.report(node, path[:3], _TOO_DEEP)
        return None
    if layer.count > MOST_VALUES:
        if layer.count == MOST_VALUES + 1:
            layer.report(node, path[:3], f"more than {MOST_VALUES} values; is an alias repeated too often?")
        return None
    if isinstance(node, ScalarNode):
        return _scalar(layer, node, path)
    if str(node.tag) not in (f"{_TAG}map", f"{_TAG}seq"):
        layer.report(node, path, _alien(node))
        return None
    if isinstance(node, MappingNode):
        return {key: _convert(layer, value, (*path, key)) for key, value in _items(layer, node, path)}
    if isinstance(node, SequenceNode):
        return [_item(layer, value, (*path, index)) for index, value in enumerate(node.value)]
    return None


def _alien(node: Node) -> str:
    return f"the tag '{node.tag}' is not used here; write the plain value"


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
        if len(key) > LONGEST_KEY or not key.isprintable():
            layer.report(key_node, path, f"'{key}' is not a key")
        elif key == "<<":
            layer.report(key_node, (*path, key), "merge keys are not used here; use 'extends: other.yaml'")
        elif key in seen:
            layer.report(key_node, (*path, key), f"duplicate key; first given on line {seen[key].line}")
        else:
            seen[key] = layer.place(key_node)
            layer.keys[(*path, key)] = seen[key]
            layer.values[(*path, key)] = layer.place(value_node)
            yield key, value_node


def _scalar(layer: Layer, node: ScalarNode, path: KeyPath) -> Any:
    text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
    if kind not in _KINDS:
        layer.report(node, path, _alien(node))
        return None
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("int", "float"):
        return _number(text, kind)
    odd = next(
        (sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t"), ""
    )
    if odd:
        layer.report(node, path, f"the text holds the character U+{ord(odd):04X}, which cannot be printed")
    return text


def _number(text: str, kind: str) -> int | float | str:
    """Return the number, or the text where it is none that can be counted with."""
    digits = text.replace("_", "")
    if len(digits) > MOST_DIGITS:
        return text
    try:
        if kind == "float":
            return float(digits.lower().replace(".nan", "nan").replace(".inf", "inf"))
        return int(digits, 0 if digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
    except (ValueError, OverflowError):
        return text
