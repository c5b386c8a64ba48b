"""Leave out of a faulty document what is wrong, so that the rest can still be checked in the same go."""

from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fem.document.source import KeyPath, key_path
from fem.errors import Problem

ModelT = TypeVar("ModelT", bound=BaseModel)


def validate_without(raw: dict[str, Any], problems: list[Problem], model: type[ModelT]) -> ModelT | None:
    """Return `raw` validated without the keys that `problems` name, or None if that does not validate either.

    Items of lists stay: without them the numbers of the others would point at wrong lines.
    """
    pruned = deepcopy(raw)
    for problem in problems:
        _drop(pruned, key_path(problem.key))
    try:
        return model.model_validate(pruned)
    except ValidationError:
        return None


def _drop(tree: Any, path: KeyPath) -> None:
    node = tree
    for part in path[:-1]:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            return
    if path and isinstance(node, dict):
        node.pop(path[-1], None)
