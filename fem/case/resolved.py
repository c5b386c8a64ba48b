"""The case as it will be run: every default filled in, quantities written with units, readable again."""

from io import StringIO
from typing import Any

from fem.case.files import pattern_file, table_files
from fem.case.read import CaseFile
from fem.document.write import plain_values


def resolved_settings(case_file: CaseFile) -> dict[str, Any]:
    """Return the whole case as nested plain values, defaults included, quantities as text with units."""
    settings: dict[str, Any] = plain_values(case_file.case)
    settings.pop("extends", None)
    if case_file.anatomy is not None:
        settings["spine"]["anatomy"] = str(case_file.anatomy)
    for (number, index), table in table_files(case_file.document).items():
        settings["phases"][number]["loads"][index]["table"] = str(table.resolve())
    pattern = pattern_file(case_file.document)
    if pattern is not None:
        settings["muscles"]["guarding"] = str(pattern.resolve())
    return settings


def resolved_text(case_file: CaseFile) -> str:
    """Return `resolved_settings` as a case file."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = StringIO()
    yaml.dump(resolved_settings(case_file), out)
    return out.getvalue()
