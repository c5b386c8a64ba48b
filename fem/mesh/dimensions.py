"""What was built against what the recipe asks for: sizes of endplates and heights, places and planes of facets."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fem.anatomy.facets import surface_normal, surface_point
from fem.anatomy.recipe import Outline, Recipe
from fem.anatomy.spine import ArticularSurface
from fem.arrays import FloatArray
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh


@dataclass(frozen=True, slots=True)
class Dimension:
    """One measure: of which part, what it is, as built and as asked for; `unit` is mm or deg."""

    part: str
    measure: str
    built: float
    asked: float
    unit: str = "mm"


def dimensions(mesh: SpineMesh, recipe: Recipe) -> list[Dimension]:
    """Return the measures of every body, disc and facet of `mesh`, bones first."""
    out: list[Dimension] = []
    for name, bone in mesh.bones.items():
        out += _of_bone(mesh, recipe, name, bone)
    for level, disc in mesh.discs.items():
        out += _of_disc(mesh, recipe, level, disc)
    return out


def _of_bone(mesh: SpineMesh, recipe: Recipe, name: str, bone: TaggedMesh) -> Iterator[Dimension]:
    part, axes = f"bone {name}", mesh.spine.vertebrae[name].frame.axes
    outlines = recipe.endplates.rows[name]
    for plate, outline in (("upper endplate", outlines.upper), ("lower endplate", outlines.lower)):
        if plate in bone.nodes and outline is not None:
            yield from _plate(part, plate, bone.points[bone.nodes[plate]] @ axes, outline)
    if name in recipe.bodies.rows and "lower endplate" in bone.nodes:
        asked = recipe.bodies.rows[name].height
        yield Dimension(part, "height", _distance(bone, axes), asked)
    for joint in mesh.spine.facets.values():
        for kind, surface in (("superior", joint.superior), ("inferior", joint.inferior)):
            tag = f"{kind} facet {joint.side}"
            if surface.vertebra == name and tag in bone.surfaces:
                yield from _facet(part, tag, bone, surface, joint.cartilage_thickness)


def _of_disc(mesh: SpineMesh, recipe: Recipe, level: str, disc: TaggedMesh) -> Iterator[Dimension]:
    part, axes = f"disc {level}", mesh.spine.discs[level].frame.axes
    above, below = level.split("-")
    outlines = (recipe.endplates.rows[above].lower, recipe.endplates.rows[below].upper)
    for plate, outline in zip(("upper endplate", "lower endplate"), outlines, strict=True):
        if outline is not None:
            yield from _plate(part, plate, disc.points[disc.nodes[plate]] @ axes, outline)
    row = recipe.discs.rows[level]
    yield Dimension(part, "height", _distance(disc, axes), row.height)
    tilts = [_tilt(disc.points[disc.nodes[plate]] @ axes) for plate in ("lower endplate", "upper endplate")]
    yield Dimension(part, "wedge", np.degrees(tilts[0] - tilts[1]), np.degrees(row.wedge), "deg")


def _plate(part: str, plate: str, points: FloatArray, outline: Outline) -> Iterator[Dimension]:
    yield Dimension(part, f"{plate} width", float(np.ptp(points[:, 1])), outline.width)
    front, back = _ends(points)
    yield Dimension(part, f"{plate} depth", float(np.linalg.norm(front - back)), outline.depth)


def _ends(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the front and back end (3,) of an endplate on its mid-line."""
    middle = points[np.abs(points[:, 1]) < 1e-6]
    return middle[middle[:, 0].argmax()], middle[middle[:, 0].argmin()]


def _distance(mesh: TaggedMesh, axes: FloatArray) -> float:
    """Return the distance between the middles of the two endplates, along the z of `axes`."""
    ends = [
        np.mean(_ends(mesh.points[mesh.nodes[f"{side} endplate"]] @ axes), axis=0)
        for side in ("upper", "lower")
    ]
    return float(ends[0][2] - ends[1][2])


def _tilt(points: FloatArray) -> float:
    front, back = _ends(points)
    return float(np.arctan2(back[2] - front[2], front[0] - back[0]))


def _facet(
    part: str, tag: str, bone: TaggedMesh, surface: ArticularSurface, cartilage: float
) -> Iterator[Dimension]:
    """Yield how far the bone's facet lies from its place beneath the cartilage, and how far its plane is turned."""
    corner = bone.points[bone.surfaces[tag]]
    normals = 0.5 * np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 1])
    areas = np.linalg.norm(normals, axis=1)
    centre = np.average(corner.mean(axis=1), axis=0, weights=areas)
    normal = normals.sum(axis=0) / np.linalg.norm(normals.sum(axis=0))
    origin = np.zeros(())
    asked_normal = surface_normal(surface, origin, origin)
    asked = surface_point(surface, origin, origin) - cartilage * asked_normal
    turned = np.degrees(np.arccos(np.clip(normal @ asked_normal, -1.0, 1.0)))
    yield Dimension(part, f"{tag} place", float(np.linalg.norm(centre - asked)), 0.0)
    yield Dimension(part, f"{tag} plane", float(turned), 0.0, "deg")
