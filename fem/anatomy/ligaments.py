"""Where the strands of the seven ligaments attach, from the recipe's measures on the bones' own landmarks."""

from dataclasses import dataclass

import numpy as np

from fem.anatomy.endplate_outline import rim_points
from fem.anatomy.facets import surface_normal, surface_point
from fem.anatomy.frames import MIRROR
from fem.anatomy.recipe_ligaments import CapsuleRow, FlavumRow, IntertransverseRow, Ligaments, RimRow
from fem.anatomy.spine import FacetJoint, Frame, LigamentBundle
from fem.anatomy.vertebra_shape import SacrumShape, VertebraShape
from fem.arrays import FloatArray, frozen


@dataclass(frozen=True, slots=True)
class Attachments:
    """The places on the lower bone of a level that ligaments from above reach, (3,) [mm] in its own frame.

    A lumbar vertebra and the sacrum carry them in different places; ligaments need not know which it is.
    """

    lamina_edge: FloatArray
    spinous_upper: FloatArray
    spinous_lower: FloatArray
    transverse_root: FloatArray
    transverse_tip: FloatArray


@dataclass(frozen=True, slots=True)
class LevelBones:
    """The two bones of a level: shapes in their own frames, and the frames."""

    level: str
    upper: VertebraShape
    lower: VertebraShape | SacrumShape
    upper_frame: Frame
    lower_frame: Frame

    def bundle(self, name: str, start: FloatArray, end: FloatArray) -> LigamentBundle:
        """Return a bundle from points `start` (f, 3) on the upper to `end` (f, 3) on the lower bone, both local."""
        above, below = self.upper_frame.to_global(start), self.lower_frame.to_global(end)
        return LigamentBundle(
            name, self.level, self.upper.name, self.lower.name, frozen(above), frozen(below)
        )


Strands = tuple[FloatArray, FloatArray]


def ligament_bundles(
    recipe: Ligaments, bones: LevelBones, joint: FacetJoint, lower: Attachments
) -> tuple[LigamentBundle, ...]:
    """Return the bundles of one level in the order of `vocabulary.BUNDLES`.

    Parameters
    ----------
    recipe : the recipe's ligament tables.
    bones : the level's bones.
    joint : its left facet joint, global.
    lower : attachments on the lower bone, in that bone's frame.
    """
    transverse = _intertransverse(recipe.ITL, bones.upper, lower)
    capsule = _capsule(recipe.CL, joint)
    names = (bones.level, bones.upper.name, bones.lower.name)
    return (
        bones.bundle("ALL", *_rim(recipe.ALL, bones, back=False)),
        bones.bundle("PLL", *_rim(recipe.PLL, bones, back=True)),
        bones.bundle("LF", *_flavum(recipe.LF, bones, lower)),
        LigamentBundle("CL left", *names, *(frozen(points) for points in capsule)),
        LigamentBundle("CL right", *names, *(frozen(points * MIRROR) for points in capsule)),
        bones.bundle("ISL", *_interspinous(recipe, bones.upper, lower)),
        bones.bundle("SSL", *_supraspinous(recipe, bones.upper, lower)),
        bones.bundle("ITL left", *transverse),
        bones.bundle("ITL right", *(points * MIRROR for points in transverse)),
    )


def attachments_of(bone: VertebraShape | SacrumShape, sacral_edge: FloatArray) -> Attachments:
    """Return where ligaments from above reach a bone; `sacral_edge` (3,) is the sacrum's lamina on its mid-line.

    On a vertebra the flavum ends on the middle of the lamina's upper border, half its thickness behind the canal.
    """
    if isinstance(bone, SacrumShape):
        # the ala's upper border runs level from the foot of the articular process to its tip
        foot = np.array([*bone.superior_process.tip[:2], bone.ala_tip[2]])
        return Attachments(
            lamina_edge=sacral_edge,
            spinous_upper=bone.crest,
            spinous_lower=bone.crest,
            transverse_root=foot,
            transverse_tip=bone.ala_tip,
        )
    up = np.array([0.0, 0.0, 0.5 * bone.transverse_process.height])
    return Attachments(
        lamina_edge=bone.lamina.upper_edge - np.array([0.5 * bone.lamina.thickness, 0.0, 0.0]),
        spinous_upper=bone.spinous_process.upper_corner,
        spinous_lower=bone.spinous_process.lower_corner,
        transverse_root=bone.pedicle.centre + up,
        transverse_tip=bone.transverse_process.tip + up,
    )


def _rim(row: RimRow, bones: LevelBones, back: bool) -> Strands:
    angle = np.linspace(row.half_spread, -row.half_spread, row.strands)
    angle = np.pi - angle if back else angle
    above = rim_points(bones.upper.lower_endplate, angle)
    return above, rim_points(bones.lower.upper_endplate, angle)


def _flavum(row: FlavumRow, bones: LevelBones, lower: Attachments) -> Strands:
    """Strands on an arch from pars to pars above, and from facet to facet below."""
    lamina = bones.upper.lamina
    above = _along(lamina.upper_edge, lamina.lower_edge, row.roof)
    above_side = lamina.isthmus + np.array([0.5 * lamina.thickness, -0.5 * lamina.isthmus_width, 0.0])
    below_side = surface_point(bones.lower.superior_process.facet, np.ones(()), np.zeros(()))
    across = np.linspace(1.0, -1.0, row.strands)
    return _fan(above, above_side, across), _fan(lower.lamina_edge, below_side, across)


def _fan(middle: FloatArray, side: FloatArray, across: FloatArray) -> FloatArray:
    """Return points (f, 3) on an arch with its crown at `middle`, through `side` on the left at `across` = 1."""
    reach = side - middle
    points = middle + (across**2)[:, None] * reach
    points[:, 1] = across * reach[1]
    return points


def _capsule(row: CapsuleRow, joint: FacetJoint) -> Strands:
    """Strands around the left joint's rim, from behind the inferior surface to behind the superior one.

    Seen on the superior facet they arrive `obliquity` further down the rim than they left, at front and back
    alike, so that the bundle does not wind round the joint.
    """
    start = 2.0 * np.pi * (np.arange(row.strands) + 0.5) / row.strands
    end = start - row.obliquity * np.cos(start)
    centre = np.zeros(())
    inward = [-row.reach * surface_normal(s, centre, centre) for s in (joint.inferior, joint.superior)]
    # the inferior surface looks the other way, so its width runs backwards
    above = surface_point(joint.inferior, -row.margin * np.cos(start), row.margin * np.sin(start))
    below = surface_point(joint.superior, row.margin * np.cos(end), row.margin * np.sin(end))
    return above + inward[0], below + inward[1]


def _interspinous(recipe: Ligaments, upper: VertebraShape, lower: Attachments) -> Strands:
    share = np.linspace(recipe.ISL.front, recipe.ISL.back, recipe.ISL.strands)[:, None]
    above = _along(upper.lamina.lower_edge, upper.spinous_process.lower_corner, share)
    return above, _along(lower.lamina_edge, lower.spinous_upper, share)


def _supraspinous(recipe: Ligaments, upper: VertebraShape, lower: Attachments) -> Strands:
    process = upper.spinous_process
    above = _along(process.upper_corner, process.lower_corner, recipe.SSL.upper)
    below = _along(lower.spinous_upper, lower.spinous_lower, recipe.SSL.lower)
    return above[None], below[None]


def _intertransverse(row: IntertransverseRow, upper: VertebraShape, lower: Attachments) -> Strands:
    """Strands from the lower border above to the place equally far to the side on the upper border below."""
    process = upper.transverse_process
    down = np.array([0.0, 0.0, -0.5 * process.height])
    share = np.linspace(row.inner, row.outer, row.strands)
    above = _along(upper.pedicle.centre, process.tip, share[:, None]) + down
    root, tip = lower.transverse_root, lower.transverse_tip
    reached = np.clip((above[:, 1] - root[1]) / (tip[1] - root[1]), 0.0, 1.0)
    return above, _along(root, tip, reached[:, None])


def _along(start: FloatArray, end: FloatArray, share: FloatArray | float) -> FloatArray:
    """Return the point at `share` of the way."""
    point: FloatArray = start + share * (end - start)
    return point
