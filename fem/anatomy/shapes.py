"""From recipe and placement to the shapes that bone meshes grow from, each in its bone's own frame."""

import numpy as np

from fem.anatomy.facets import facet_joint
from fem.anatomy.frames import surface_in_frame
from fem.anatomy.placement import Placement, contour_in_frame
from fem.anatomy.recipe import Recipe
from fem.anatomy.recipe_bones import ArchRow, ProcessRow
from fem.anatomy.spine import ArticularSurface
from fem.anatomy.vertebra_shape import (
    ArticularProcess,
    Lamina,
    Pedicle,
    SacrumShape,
    SpinousProcess,
    TransverseProcess,
    VertebraShape,
)
from fem.anatomy.vocabulary import LEVELS, level_vertebrae
from fem.arrays import frozen

_LEVEL_BELOW = {level_vertebrae(level)[0]: level for level in LEVELS}
_LEVEL_ABOVE = {level_vertebrae(level)[1]: level for level in LEVELS}


def vertebra_shape(recipe: Recipe, placement: Placement, name: str) -> VertebraShape:
    """Return the shape of a lumbar vertebra, in its own frame."""
    frame = placement.vertebrae[name]
    arch, plates = recipe.arches.rows[name], recipe.endplates.rows[name]
    assert plates.lower is not None  # only S1 has no lower endplate
    lamina = arch.lamina
    return VertebraShape(
        name=name,
        upper_endplate=contour_in_frame(plates.upper, placement.upper[name], frame),
        lower_endplate=contour_in_frame(plates.lower, placement.lower[name], frame),
        waist=recipe.bodies.rows[name].waist,
        pedicle=Pedicle(frozen(arch.pedicle.centre), arch.pedicle.width, arch.pedicle.height),
        lamina=Lamina(
            frozen(lamina.upper_edge),
            frozen(lamina.lower_edge),
            frozen(lamina.isthmus),
            lamina.isthmus_width,
            lamina.thickness,
        ),
        superior_process=_process(arch.superior_process, superior_facet(recipe, placement, name)),
        inferior_process=_process(arch.inferior_process, _inferior_facet(recipe, placement, name)),
        mammillary=frozen(arch.mammillary),
        transverse_process=_transverse(arch),
        spinous_process=_spinous(arch),
        cartilage_thickness=recipe.facets.cartilage_thickness,
    )


def sacrum_shape(recipe: Recipe, placement: Placement) -> SacrumShape:
    """Return the shape of the upper sacrum, in the frame of its first vertebra."""
    sacrum = recipe.sacrum
    return SacrumShape(
        name="S1",
        upper_endplate=contour_in_frame(
            recipe.endplates.rows["S1"].upper, placement.upper["S1"], placement.vertebrae["S1"]
        ),
        body_height=sacrum.body_height,
        lower_end=frozen(sacrum.lower_end),
        lower_width=sacrum.lower_width,
        lower_depth=sacrum.lower_depth,
        ala_tip=frozen(sacrum.ala_tip),
        ala_depth=sacrum.ala_depth,
        superior_process=_process(sacrum.superior_process, superior_facet(recipe, placement, "S1")),
        canal_depth=sacrum.canal_depth,
        canal_width=sacrum.canal_width,
        crest=frozen(sacrum.crest),
        cartilage_thickness=recipe.facets.cartilage_thickness,
    )


def superior_facet(recipe: Recipe, placement: Placement, name: str) -> ArticularSurface:
    """Return the left superior articular surface of a vertebra, in its own frame.

    L1 carries one towards T12, which is not modelled: it takes the joint of L1-L2 moved up by one vertebra.
    """
    level = _LEVEL_ABOVE.get(name)
    if level is None:
        below = placement.vertebrae["L2"]
        borrowed = facet_joint("L1-L2", "left", recipe.facets, placement.discs["L1-L2"]).superior
        return ArticularSurface(name, frozen(below.to_local(borrowed.control)))
    joint = facet_joint(level, "left", recipe.facets, placement.discs[level])
    return surface_in_frame(joint.superior, placement.vertebrae[name])


def _inferior_facet(recipe: Recipe, placement: Placement, name: str) -> ArticularSurface:
    level = _LEVEL_BELOW[name]
    joint = facet_joint(level, "left", recipe.facets, placement.discs[level])
    return surface_in_frame(joint.inferior, placement.vertebrae[name])


def _process(row: ProcessRow, facet: ArticularSurface) -> ArticularProcess:
    return ArticularProcess(facet, frozen(row.tip), row.thickness)


def _transverse(arch: ArchRow) -> TransverseProcess:
    row = arch.transverse_process
    return TransverseProcess(frozen(row.tip), row.height, row.thickness)


def _spinous(arch: ArchRow) -> SpinousProcess:
    row = arch.spinous_process
    return SpinousProcess(frozen(np.array(row.upper_corner)), frozen(np.array(row.lower_corner)), row.width)
