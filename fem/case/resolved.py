"""The case as it will be run: every default filled in, quantities written with units, readable again."""

from io import StringIO
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from fem.case.read import CaseFile
from fem.quantities import Quantity
from fem.units import format_quantity, readable_unit


def resolved_settings(case_file: CaseFile) -> dict[str, Any]:
    """Return the whole case as nested plain values, defaults included, quantities as text with units."""
    settings: dict[str, Any] = _plain_model(case_file.case)
    settings.pop("extends", None)
    if case_file.anatomy is not None:
        settings["spine"]["anatomy"] = str(case_file.anatomy)
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


def _plain_model(model: BaseModel) -> dict[str, Any]:
    out = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if value is None:
            continue
        quantity = next((note for note in field.metadata if isinstance(note, Quantity)), None)
        out[name] = _plain(value, quantity or _quantity_in(field.annotation))
    return out


def _plain(value: Any, quantity: Quantity | None) -> Any:
    if isinstance(value, BaseModel):
        return _plain_model(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner, quantity) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, quantity) for inner in value]
    if isinstance(value, float) and quantity is not None and quantity.dimension != "dimensionless":
        return format_quantity(value, quantity.dimension, readable_unit(quantity.dimension), digits=12)
    return value


def _quantity_in(annotation: Any) -> Quantity | None:
    if get_origin(annotation) is Annotated:
        for note in get_args(annotation)[1:]:
            if isinstance(note, Quantity):
                return note
    for inner in get_args(annotation):
        found = _quantity_in(inner)
        if found is not None:
            return found
    return None
