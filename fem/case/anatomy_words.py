"""An anatomy recipe in words: every table with its numbers, units, source and kind."""

from collections.abc import Container, Iterator
from typing import Any

from fem.anatomy.recipe import Recipe
from fem.document.write import plain_values

_ORIGIN_KEYS = ("source", "locator", "kind", "note")


def recipe_lines(recipe: Recipe, names: Container[str]) -> Iterator[str]:
    """Yield one line per row of each table, for the levels and vertebrae in `names`.

    A line about where the numbers come from stands before them.
    """
    tables = {name: table for name, table in plain_values(recipe).items() if isinstance(table, dict)}
    for name, table in tables.items():
        if name != "sources":
            yield from _table(name.replace("_", " "), table, names, 1)


def recipe_sources(recipe: Recipe) -> dict[str, str]:
    """Return the recipe's own sources: key -> reference."""
    return {key: " ".join(text.split()) for key, text in recipe.sources.items()}


def _table(name: str, table: dict[str, Any], names: Container[str], depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{name}{_origin(table)}"
    flat = {
        key: value for key, value in table.items() if not isinstance(value, dict) and key not in _ORIGIN_KEYS
    }
    if flat:
        yield f"{indent}  {_numbers(flat)}"
    for key, value in table.items():
        if key == "origin" or not isinstance(value, dict):
            continue
        if key == "rows":
            yield from (f"{indent}  {row}: {_numbers(inner)}" for row, inner in value.items() if row in names)
        else:
            yield from _table(key.replace("_", " "), value, names, depth + 1)


def _origin(table: dict[str, Any]) -> str:
    found = table if "source" in table else table.get("origin", {})
    return f"  [{found['kind']}: {found['source']}, {found['locator']}]" if "source" in found else ""


def _numbers(row: dict[str, Any]) -> str:
    words = []
    for key, value in row.items():
        if key == "origin":
            words.append(_origin(value).strip())
        elif isinstance(value, dict):
            words.append(f"{key.replace('_', ' ')} ({_numbers(value)})")
        else:
            words.append(f"{key.replace('_', ' ')} {_short(value)}")
    return ", ".join(words)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"({', '.join(_short(item) for item in value)})"
    return f"{value:g}" if isinstance(value, float) else str(value)
