"""The upper sacrum as one conforming mesh: S1 body, alae, articular processes, roof of the canal."""

import numpy as np

from fem.anatomy.disc_shape import NucleusPlace
from fem.anatomy.endplate_outline import outline_centroid
from fem.anatomy.vertebra_shape import EndplateContour, SacrumShape
from fem.mesh.generate.bone_growth import Growth, grow
from fem.mesh.generate.bone_topology import bone_topology
from fem.mesh.generate.sacrum_blocks import SACRUM_PLAN
from fem.mesh.generate.sacrum_cage import corner_positions
from fem.mesh.generate.vertebra import MEAN_NUCLEUS
from fem.mesh.generate.vertebra_body import body_grid
from fem.mesh.tagged_mesh import TaggedMesh


def build_sacrum(shape: SacrumShape, resolution: str, nucleus: NucleusPlace = MEAN_NUCLEUS) -> TaggedMesh:
    """Return the mesh of the upper sacrum in the frame of S1 [mm].

    Parts, surfaces and node sets are those of a vertebra, without inferior facets; the ``lower endplate`` is the cut
    face at the lower border of the second sacral vertebra.

    Parameters
    ----------
    shape : the sacrum's measures
    resolution : ``coarse``, ``standard`` or ``fine``
    nucleus : of the disc above; with it the endplate's nodes are the disc's
    """
    topology = bone_topology(SACRUM_PLAN, resolution)
    contours = (_cut_face(shape), shape.upper_endplate)
    body = body_grid(
        contours, (_concentric(contours[0], nucleus), nucleus), 0.0, topology.layout, topology.layers
    )
    facets = {"superior": shape.superior_process.facet}
    return grow(Growth(body, corner_positions(shape, body), facets, shape.cartilage_thickness), topology)


def _cut_face(shape: SacrumShape) -> EndplateContour:
    """Return the lower cut, square to the line from its middle to the endplate's."""
    axis = shape.upper_endplate.centre - shape.lower_end
    tilt = float(np.arctan2(axis[0], axis[2]))
    return EndplateContour(shape.lower_end, tilt, shape.lower_width, shape.lower_depth, notch=-1.0, dish=0.0)


def _concentric(contour: EndplateContour, nucleus: NucleusPlace) -> NucleusPlace:
    """Return a nucleus of the same share of the area whose rings are equally thick all round."""
    offset = float(np.sqrt(nucleus.area_fraction)) * outline_centroid(contour)
    return NucleusPlace(nucleus.area_fraction, offset)
