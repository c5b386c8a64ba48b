"""A validated document back as plain values: quantities as text with units, defaults filled in."""

from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from fem.quantities import Quantity
from fem.units import format_quantity, readable_unit


def plain_values(model: BaseModel) -> dict[str, Any]:
    """Return `model` as nested plain values that `read_document` would accept again; None is left out."""
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
        return plain_values(value)
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
