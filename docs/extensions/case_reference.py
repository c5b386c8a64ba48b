"""The page of all keys of a case file, from its JSON schema."""

import json
import re
from collections.abc import Mapping
from typing import Any

from marks import code, page, plain, prose, table

Schema = Mapping[str, Any]


def case_keys() -> str:
    """Return the page of all keys of a case file, from its JSON schema."""
    from fem.case.schema import Case

    schema = Case.model_json_schema()
    parts = ["## Case", plain(schema.get("description", "")), _keys(schema)]
    for name, definition in sorted(schema["$defs"].items(), key=lambda entry: _title(entry[0])):
        parts += [f"## {_title(name)}", prose(definition.get("description", "")), _keys(definition)]
    opening = (
        "Every key that a case file may hold. A key without a default must be given, unless the page of the "
        "[case files](../cases.md) says what stands in for it. `facetgap schema` prints the same for editors."
    )
    return page("Case keys", opening, (part for part in parts if part))


def _title(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).split()
    return " ".join(words[:-1] if words[-1] == "Section" else words).capitalize()


def _keys(schema: Schema) -> str:
    required = set(schema.get("required", ()))
    rows = []
    for key, entry in schema.get("properties", {}).items():
        needed = "**needed**" if key in required else _default(entry)
        said = entry.get("description", "")
        rows.append((code(key), _written(entry), needed, plain("" if said.endswith("with a unit") else said)))
    return table(("key", "written as", "default", "meaning"), rows)


def _default(entry: Schema) -> str:
    value = entry.get("default")
    if value in (None, "", [], {}) or isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return ", ".join(code(one) for one in value if isinstance(one, str))
    if isinstance(value, float):
        return code(f"{value:g} {_unit(entry)}".strip())
    return code(json.dumps(value).strip('"'))


def _unit(entry: Schema) -> str:
    """Return the internal unit of a quantity, the first that its pattern allows; none for a bare number."""
    units = re.search(r"\((?P<units>[^()?]+)\)\\s\*\$$", entry.get("pattern", ""))
    return units["units"].split("|")[0] if units else ""


def _written(entry: Schema) -> str:
    if "$ref" in entry:
        name = _title(entry["$ref"].rsplit("/", 1)[-1])
        return f"[{name}](#{name.lower().replace(' ', '-')})"
    for key in ("anyOf", "oneOf"):
        if key in entry:
            known = [_written(part) for part in entry[key] if part.get("type") != "null"]
            return " or ".join(dict.fromkeys(known))
    if "const" in entry:
        return code(entry["const"])
    if "enum" in entry:
        return ", ".join(code(value) for value in entry["enum"])
    return _written_type(entry)


def _written_type(entry: Schema) -> str:
    kind = entry.get("type")
    if "pattern" in entry and entry.get("examples"):
        return f"quantity, {code(entry['examples'][0])}"
    if kind == "array":
        if "prefixItems" in entry:
            return "[" + ", ".join(_written(part) for part in entry["prefixItems"]) + "]"
        return f"list of {_written(entry.get('items', {}))}"
    if kind == "object":
        inner = entry.get("additionalProperties")
        return f"keys with {_written(inner)}" if isinstance(inner, dict) else "keys"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true, false"}.get(
        str(kind), ""
    )
