"""A vertebra as one conforming mesh of hexahedra: body, pedicles, laminae and processes, grown from its shape."""

from typing import Final

from fem.anatomy.disc_shape import NucleusPlace
from fem.anatomy.vertebra_shape import VertebraShape
from fem.mesh.generate.bone_growth import Growth, grow
from fem.mesh.generate.bone_topology import bone_topology
from fem.mesh.generate.vertebra_blocks import VERTEBRA_PLAN
from fem.mesh.generate.vertebra_body import body_grid
from fem.mesh.generate.vertebra_cage import corner_positions
from fem.mesh.tagged_mesh import TaggedMesh

#: Where the nucleus lies in an endplate when no disc says otherwise.
MEAN_NUCLEUS: Final = NucleusPlace(area_fraction=0.45, offset=-2.6)


def build_vertebra(
    shape: VertebraShape,
    resolution: str,
    nuclei: tuple[NucleusPlace, NucleusPlace] = (MEAN_NUCLEUS, MEAN_NUCLEUS),
) -> TaggedMesh:
    """Return the mesh of a vertebra in its local frame [mm].

    Parts ``body`` and ``posterior``; surfaces and node sets ``upper endplate``, ``lower endplate``, ``superior facet
    left`` (and right), ``inferior facet left`` (and right) and ``outer``, the whole boundary.

    Parameters
    ----------
    shape : the vertebra's measures
    resolution : ``coarse``, ``standard`` or ``fine``
    nuclei : nucleus of the disc below and of the disc above; with them the endplates' nodes are the discs'
    """
    topology = bone_topology(VERTEBRA_PLAN, resolution)
    contours = (shape.lower_endplate, shape.upper_endplate)
    body = body_grid(contours, nuclei, shape.waist, topology.layout, topology.layers)
    facets = {"superior": shape.superior_process.facet, "inferior": shape.inferior_process.facet}
    return grow(Growth(body, corner_positions(shape, body), facets, shape.cartilage_thickness), topology)
