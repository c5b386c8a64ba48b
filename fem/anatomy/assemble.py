"""The spine from a recipe: the whole anatomy, or a contiguous part of it."""

from dataclasses import dataclass

import numpy as np

from fem.anatomy.facets import facet_joint
from fem.anatomy.landmarks import sacrum_landmarks, vertebra_landmarks
from fem.anatomy.ligaments import LevelBones, attachments_of, ligament_bundles
from fem.anatomy.placement import Placement, place_spine
from fem.anatomy.recipe import Recipe
from fem.anatomy.shapes import sacrum_shape, vertebra_shape
from fem.anatomy.spine import DiscSpace, FacetJoint, LigamentBundle, Spine, Vertebra
from fem.anatomy.vertebra_shape import SacrumShape, VertebraShape
from fem.anatomy.vocabulary import LEVELS, SIDES, VERTEBRAE, level_vertebrae
from fem.errors import UsageError


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What both the assembly and the mesher start from: recipe, placement, the shapes of the bones in them."""

    recipe: Recipe
    placement: Placement
    vertebrae: dict[str, VertebraShape]
    sacrum: SacrumShape

    def bone(self, name: str) -> VertebraShape | SacrumShape:
        """Return the shape of a bone by name."""
        return self.sacrum if name == "S1" else self.vertebrae[name]


def draw_blueprint(recipe: Recipe) -> Blueprint:
    """Place the spine of `recipe` and shape its bones."""
    placement = place_spine(recipe)
    vertebrae = {name: vertebra_shape(recipe, placement, name) for name in VERTEBRAE if name != "S1"}
    return Blueprint(recipe, placement, vertebrae, sacrum_shape(recipe, placement))


def assemble_spine(recipe: Recipe, levels: tuple[str, str] = ("L1", "S1")) -> Spine:
    """Return the anatomy in its neutral posture, in global coordinates.

    Parameters
    ----------
    recipe : validated measures.
    levels : first and last vertebra, for example ``("L4", "S1")``.

    Raises
    ------
    UsageError
        When the two vertebrae do not span a part of the spine.
    """
    return spine_of(draw_blueprint(recipe), vertebrae_between(*levels))


def vertebrae_between(first: str, last: str) -> tuple[str, ...]:
    """Return the vertebrae from `first` down to `last`, both included.

    Raises
    ------
    UsageError
        When there is no such stretch of at least two vertebrae.
    """
    if first not in VERTEBRAE or last not in VERTEBRAE or VERTEBRAE.index(first) >= VERTEBRAE.index(last):
        raise UsageError(
            f"'{first}-{last}' is no part of the spine; name an upper and a lower one of {', '.join(VERTEBRAE)}"
        )
    return VERTEBRAE[VERTEBRAE.index(first) : VERTEBRAE.index(last) + 1]


def spine_of(blueprint: Blueprint, vertebrae: tuple[str, ...]) -> Spine:
    """Return the anatomy of some neighbouring `vertebrae`."""
    placement, recipe = blueprint.placement, blueprint.recipe
    levels = [level for level in LEVELS if set(level_vertebrae(level)) <= set(vertebrae)]
    joints = [
        facet_joint(level, side, recipe.facets, placement.discs[level]) for level in levels for side in SIDES
    ]
    facets = {joint.name: joint for joint in joints}
    return Spine(
        name=recipe.name,
        vertebrae={name: _vertebra(blueprint, name) for name in vertebrae},
        discs={
            level: DiscSpace(level, placement.discs[level], recipe.discs.rows[level].height)
            for level in levels
        },
        facets=facets,
        ligaments=tuple(
            bundle for level in levels for bundle in _bundles(blueprint, facets[f"{level} left"])
        ),
    )


def _vertebra(blueprint: Blueprint, name: str) -> Vertebra:
    frame = blueprint.placement.vertebrae[name]
    shape = blueprint.bone(name)
    local = sacrum_landmarks(shape) if isinstance(shape, SacrumShape) else vertebra_landmarks(shape)
    return Vertebra(name, frame, {place: frame.to_global(point) for place, point in local.items()})


def _bundles(blueprint: Blueprint, joint: FacetJoint) -> tuple[LigamentBundle, ...]:
    above, below = level_vertebrae(joint.level)
    lower = blueprint.bone(below)
    frames = blueprint.placement.vertebrae
    bones = LevelBones(joint.level, blueprint.vertebrae[above], lower, frames[above], frames[below])
    sacral_edge = np.array(blueprint.recipe.sacrum.lamina_edge)
    return ligament_bundles(blueprint.recipe.ligaments, bones, joint, attachments_of(lower, sacral_edge))
