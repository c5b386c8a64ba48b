"""Leave out of a faulty document what is wrong, so that the rest can still be checked in the same go."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fem.document.source import KeyPath, key_path
from fem.errors import Problem

ModelT = TypeVar("ModelT", bound=BaseModel)


def validate_without(
    raw: dict[str, Any],
    problems: list[Problem],
    model: type[ModelT],
    meant: Iterable[tuple[KeyPath, str]] = (),
) -> ModelT | None:
    """Return `raw` validated without the keys that `problems` name, or None if that does not validate either.

    A misspelt key in `meant` counts as the required one that it probably is. Items of lists stay: without them the
    numbers of the others would point at wrong lines.
    """
    pruned = deepcopy(raw)
    for path, name in meant:
        group = _at(pruned, path[:-1])
        if isinstance(group, dict) and path[-1] in group:
            group.setdefault(name, group[path[-1]])
    for problem in problems:
        _drop(pruned, key_path(problem.key))
    try:
        return model.model_validate(pruned)
    except ValidationError:
        return None


def _drop(tree: Any, path: KeyPath) -> None:
    node = _at(tree, path[:-1])
    if path and isinstance(node, dict):
        node.pop(path[-1], None)


def _at(tree: Any, path: KeyPath) -> Any:
    for part in path:
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            return None
    return tree
