"""The anatomy recipe: a document of measures, tables with sources, from which the spine is assembled."""

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import model_validator

from fem.anatomy.recipe_bones import ArchTable, Sacrum
from fem.anatomy.recipe_ligaments import Ligaments
from fem.anatomy.recipe_origin import AnyVertebra, Distance, Level, LumbarVertebra, Origin, Row
from fem.anatomy.vocabulary import LEVELS, VERTEBRAE
from fem.document import Document, KeyPath, StrictModel, nearest, read_document
from fem.errors import Problem
from fem.quantities import Angle, Length, PositiveLength, Quantity


class SacralEndplate(Origin):
    """Where the column stands: middle of the S1 endplate and how far its normal tips forward."""

    anterior: Length
    height: Length
    tilt: Angle


class DiscRow(Row):
    """A disc: height on the mid-sagittal line, lordotic wedge, nucleus."""

    height: PositiveLength
    wedge: Angle
    nucleus_area: Annotated[float, Quantity("dimensionless", above=0.05, below=0.9)]
    nucleus_offset: Length


class DiscTable(Origin):
    """All discs, and what they share: bulge, and how far the outline's middle lies ahead of the disc centre."""

    bulge: Distance
    outline_offset: Length
    rows: dict[Level, DiscRow]


class BodyRow(Row):
    """A vertebral body: height between the endplates' middles, lordotic wedge, anterior shift, waist."""

    height: PositiveLength
    wedge: Angle
    shift: Length
    waist: Distance


class BodyTable(Origin):
    """The bodies of L1 to L5."""

    rows: dict[LumbarVertebra, BodyRow]


class Outline(StrictModel):
    """One endplate: size, posterior notch (negative = convex back), dish."""

    width: PositiveLength
    depth: PositiveLength
    notch: Length
    dish: Distance = 0.0


class EndplateRow(Row):
    """The endplates of one vertebra; S1 has no lower one."""

    upper: Outline
    lower: Outline | None = None


class EndplateTable(Origin):
    """The endplates of L1 to S1."""

    rows: dict[AnyVertebra, EndplateRow]


class FacetRow(Row):
    """The left facet joint of a level in the disc's frame; the right one is its mirror image."""

    ahead: Length
    lateral: PositiveLength
    above: Length
    angle: Annotated[float, Quantity("angle", above=0.0, below=1.57)]
    lean: Angle
    width: PositiveLength
    height: PositiveLength


class FacetTable(Origin):
    """All facet joints, and what they share."""

    curvature_radius: PositiveLength
    gap_centre: PositiveLength
    gap_rim: Distance
    cartilage_thickness: PositiveLength
    rows: dict[Level, FacetRow]

    @model_validator(mode="after")
    def _opens_at_the_centre(self) -> Self:
        if self.gap_rim > self.gap_centre:
            raise ValueError(
                "gap_rim must not be more than gap_centre: a joint space is widest at its centre"
            )
        return self


class Recipe(StrictModel):
    """Everything that is measured on the spine; see ``meshes/lumbar.yaml`` for what each number is."""

    version: Literal[1]
    name: str
    sources: dict[str, str]
    sacral_endplate: SacralEndplate
    discs: DiscTable
    bodies: BodyTable
    endplates: EndplateTable
    facets: FacetTable
    arches: ArchTable
    sacrum: Sacrum
    ligaments: Ligaments

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted: dict[str, tuple[tuple[str, ...], Container[str]]] = {
            "discs.rows": (LEVELS, self.discs.rows),
            "facets.rows": (LEVELS, self.facets.rows),
            "bodies.rows": (VERTEBRAE[:-1], self.bodies.rows),
            "arches.rows": (VERTEBRAE[:-1], self.arches.rows),
            "endplates.rows": (VERTEBRAE, self.endplates.rows),
        }
        for where, (names, rows) in wanted.items():
            missing = [name for name in names if name not in rows]
            if missing:
                raise ValueError(f"{where} has no row for {', '.join(missing)}")
        return self


def read_recipe(path: Path | str, inside: Path | None = None) -> Document[Recipe]:
    """Read and validate a recipe; with `inside`, a file that it extends must lie in that folder.

    Raises
    ------
    InputError
        With line and column of everything that is wrong.
    """
    return read_document(path, Recipe, check=_unknown_sources, inside=inside)


def _unknown_sources(document: Document[Recipe]) -> Iterator[Problem]:
    known = document.model.sources
    for where, name in _named_sources(document.raw, ()):
        if name not in known:
            near = nearest(name, list(known))
            sentence = f"'{name}' is not one of the recipe's sources: {', '.join(known)}{near}"
            yield document.problem(where, sentence)


def _named_sources(value: object, where: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield (path, key of the source) of every table and row that names one."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "source" and isinstance(item, str):
                yield (*where, key), item
            else:
                yield from _named_sources(item, (*where, key))
