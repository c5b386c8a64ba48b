"""Every number of a case, a recipe or a pattern has a dimension and a range; every text is known to be free."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from fem.anatomy.recipe import Recipe
from fem.case.guarding import PatternFile
from fem.case.schema import Case
from fem.quantities import Quantity
from fem.units import SENSIBLE, UNITS

MODELS = (Case, Recipe, PatternFile)
#: Texts that are words for people, names that are looked up elsewhere, or files; all others are one of a list.
FREE = {
    "title", "description", "note", "source", "sources", "locator", "name", "kind", "quantity", "between", "landmark",
    "extends", "anatomy", "table", "guarding", "target", "levels", "without", "activation",
    *("disc", "ligaments", "capsule", "cartilage", "limits", "relaxation", "trunk", "muscles", "hand", "film", "gas"),
    *("verdict", "damage", "flexibility"),
}  # fmt: skip

Leaf = tuple[str, Any, tuple[Any, ...]]


def leaves(annotation: Any, notes: tuple[Any, ...], name: str, seen: set[type]) -> Iterator[Leaf]:
    """Yield (name of the field, plain type, annotations) of all that may stand at a field."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from leaves(inner, (*notes, *more), name, seen)
    elif origin is Literal or annotation in (None, type(None), bool, ...):
        return
    elif origin is dict:
        yield from leaves(get_args(annotation)[1], notes, name, seen)
    elif origin is not None:
        for inner in get_args(annotation):
            yield from leaves(inner, notes, name, seen)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from fields(annotation, seen)
    else:
        yield name, annotation, notes


def fields(model: type[BaseModel], seen: set[type]) -> Iterator[Leaf]:
    if model in seen:
        return
    seen.add(model)
    assert model.model_config.get("extra") == "forbid", model
    for name, field in model.model_fields.items():
        yield from leaves(field.annotation, tuple(field.metadata), f"{model.__name__}.{name}", seen)


@pytest.mark.parametrize("model", MODELS)
def test_every_number_has_a_dimension_and_a_range(model: type[BaseModel]) -> None:
    found = list(fields(model, set()))
    assert len(found) > 8
    for name, kind, notes in found:
        if kind is float:
            (quantity,) = [note for note in notes if isinstance(note, Quantity)]
            assert quantity.dimension in SENSIBLE, name
        elif kind is int:
            flat = [inner for note in notes for inner in (note, *getattr(note, "metadata", ()))]
            assert any(isinstance(note, (Ge, Gt)) for note in flat), name
            assert any(isinstance(note, (Le, Lt)) for note in flat), name
        else:
            assert kind is str, (name, kind)
            assert name.split(".")[1] in FREE, name


def test_the_walk_sees_a_number_without_unit() -> None:
    class Loose(BaseModel):
        model_config = {"extra": "forbid"}
        speed: float
        deep: dict[str, list[float] | None]

    assert [(name, kind) for name, kind, _ in fields(Loose, set())] == [
        ("Loose.speed", float),
        ("Loose.deep", float),
    ]


def test_every_dimension_has_sensible_ends() -> None:
    assert set(SENSIBLE) == set(UNITS)
    for dimension, (low, high) in SENSIBLE.items():
        assert 0.0 < low < high, dimension
