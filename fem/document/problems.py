"""Pydantic's validation errors as sentences with a place, a key and the nearest valid name."""

import re
from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from fem.document.merge import nearest
from fem.document.source import KeyPath, SourceMap
from fem.errors import Problem

_RANGE_WORDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_KIND_WORDS = {
    "float_type": "a number", "float_parsing": "a number", "finite_number": "a finite number",
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "bool_type": "true or false", "bool_parsing": "true or false", "string_type": "text",
    "list_type": "a list", "tuple_type": "a list", "dict_type": "a group of 'key: value' lines",
    "model_type": "a group of 'key: value' lines", "model_attributes_type": "a group of 'key: value' lines",
}  # fmt: skip


def problems_of(error: ValidationError, model: type[BaseModel], raw: Any, source: SourceMap) -> list[Problem]:
    """Return one `Problem` per distinct fault."""
    details = error.errors(include_url=False)
    misspelt = _misspelt_keys(details, model)
    found: dict[tuple[KeyPath, str], Problem] = {}
    for item in details:
        path = _path_in_text(item, raw)
        if item["type"] == "missing" and (item["loc"][:-1], item["loc"][-1]) in misspelt:
            continue
        if item["type"] == "too_short" and _faulty_inside(item, details):
            continue  # only too short without the items that are faulty themselves
        problem = _problem(item, path, model, source)
        found.setdefault((path, problem.message), problem)
    return list(found.values())


def _faulty_inside(item: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    depth = len(item["loc"])
    return any(len(other["loc"]) > depth and other["loc"][:depth] == item["loc"] for other in details)


def _problem(item: ErrorDetails, path: KeyPath, model: type[BaseModel], source: SourceMap) -> Problem:
    kind, given = item["type"], item.get("input")
    if kind == "extra_forbidden":
        return source.problem(
            path, _unknown_key(str(path[-1]), field_names(model, item["loc"][:-1])), at_key=True
        )
    if kind == "missing":
        last = path[-1]
        what = f"the required key '{last}'" if isinstance(last, str) else f"item {last + 1} of the list"
        return source.problem(path[:-1], f"{what} is missing", at_key=True)
    if kind == "union_tag_not_found":
        key = _discriminator(item)
        tags = ", ".join(_tags(model, item["loc"], key))
        return source.problem(path, f"the required key '{key}' is missing; it is one of {tags}")
    if kind == "union_tag_invalid":
        names, listed = _choices(item)
        tag = str(item["ctx"]["tag"])
        sentence = f"'{tag}' is not one of {listed}{nearest(tag, names, 0.5)}"
        return source.problem((*path, _discriminator(item)), sentence)
    return source.problem(path, _sentence(item, kind, given), at_key=item["loc"][-1:] == ("[key]",))


def _sentence(item: ErrorDetails, kind: str, given: object) -> str:
    context = item.get("ctx", {})
    if kind in ("literal_error", "enum"):
        names, listed = _choices(item)
        hint = nearest(given, names, 0.5) if isinstance(given, str) else ""
        return f"{_quoted(given)} is not one of {listed}{hint}"
    if kind in _RANGE_WORDS:
        bound, words = _RANGE_WORDS[kind]
        return f"{_short(given)} is out of range; it must be {words} {context[bound]:g}"
    if kind in _KIND_WORDS:
        return f"{_quoted(given)} is not {_KIND_WORDS[kind]}"
    if kind in ("too_short", "too_long"):
        bound = (
            f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        )
        return f"has {context['actual_length']} item(s); it needs {bound}"
    return item["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _unknown_key(key: str, names: Sequence[str]) -> str:
    return f"unknown key '{key}'" + (nearest(key, names) or f"; allowed: {', '.join(names)}")


def _quoted(given: object) -> str:
    if isinstance(given, dict):
        return "a group of keys"
    if isinstance(given, (list, tuple)):
        return "a list"
    return "nothing (an empty value)" if given is None else f"'{_short(given)}'"


def _short(given: object) -> str:
    text = str(given)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _choices(item: ErrorDetails) -> tuple[list[str], str]:
    context = item.get("ctx", {})
    listed = str(context.get("expected") or context.get("expected_tags") or "")
    names = re.findall(r"'([^']*)'", listed)
    return names, ", ".join(names) or listed or "the known ones"


def _discriminator(item: ErrorDetails) -> str:
    return str(item["ctx"]["discriminator"]).strip("'")


def _path_in_text(item: ErrorDetails, raw: Any) -> KeyPath:
    """Drop from pydantic's location what is not a key of the text (the tags of unions)."""
    path: list[str | int] = []
    node, last = raw, len(item["loc"]) - 1
    for index, part in enumerate(item["loc"]):
        inside = (isinstance(node, dict) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        )
        if inside:
            node = node[part]
            path.append(part)
        elif index == last and item["type"] == "missing":
            path.append(part)
    return tuple(path)


def meant_keys(error: ValidationError, model: type[BaseModel], raw: Any) -> list[tuple[KeyPath, str]]:
    """Return (path of an unknown key, missing key beside it that it probably meant)."""
    details = error.errors(include_url=False)
    found = [(item, name) for item, _, name in _misspelt(details, model)]
    return [(_path_in_text(item, raw), str(name)) for item, name in found]


def _misspelt_keys(details: Sequence[ErrorDetails], model: type[BaseModel]) -> set[tuple[KeyPath, str | int]]:
    """Return the missing keys that an unknown key beside them probably meant."""
    return {(where, name) for _, where, name in _misspelt(details, model)}


def _misspelt(
    details: Sequence[ErrorDetails], model: type[BaseModel]
) -> Iterator[tuple[ErrorDetails, KeyPath, str | int]]:
    missing = [(item["loc"][:-1], item["loc"][-1]) for item in details if item["type"] == "missing"]
    for item in details:
        if missing and item["type"] == "extra_forbidden":
            beside, key = item["loc"][:-1], str(item["loc"][-1])
            hint = nearest(key, field_names(model, beside))
            for where, name in missing:
                if where == beside and f"'{name}'" in hint:
                    yield item, where, name


def field_names(model: type[BaseModel], loc: KeyPath) -> list[str]:
    """Return the keys allowed at pydantic location `loc` of `model` (empty where any key is)."""
    return [name for one in _models_at(model, loc) for name in _names(one)]


def _tags(model: type[BaseModel], loc: KeyPath, discriminator: str) -> list[str]:
    fields = [one.model_fields.get(discriminator) for one in _models_at(model, loc)]
    return [str(tag) for field in fields if field for tag in _literals(field.annotation)]


def _models_at(model: type[BaseModel], loc: KeyPath) -> list[type[BaseModel]]:
    at: list[Any] = [model]
    for part in loc:
        at = [inner for annotation in at for inner in _step(annotation, part)]
    return [one for annotation in at for one in _models(annotation)]


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _step(annotation: Any, part: str | int) -> Iterator[Any]:
    for one in _models(annotation):
        for name, field in one.model_fields.items():
            if part in (name, field.alias):
                yield field.annotation
            elif part in _literals(field.annotation):
                yield one
    yield from _tagged(annotation, part)
    for inner in _parts(annotation):
        if get_origin(inner) in (list, tuple, dict):
            yield get_args(inner)[-1] if get_origin(inner) is dict else get_args(inner)[0]


def _tagged(annotation: Any, tag: str | int) -> Iterator[Any]:
    """Yield the alternative of a union that bears `tag`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if any(isinstance(note, Tag) and note.tag == tag for note in arguments[1:]):
            yield arguments[0]
        arguments = arguments[:1]
    if origin in (Annotated, Union, UnionType):
        yield from (found for inner in arguments for found in _tagged(inner, tag))


def _literals(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [inner for inner in _parts(annotation) if isinstance(inner, type) and issubclass(inner, BaseModel)]


def _parts(annotation: Any) -> list[Any]:
    """Return the alternatives of an annotation, `Annotated` and unions taken apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _parts(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [inner for argument in get_args(annotation) for inner in _parts(argument)]
    return [annotation]
