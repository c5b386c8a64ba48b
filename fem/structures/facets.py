"""Facet joints: a film mesh on each superior facet, facing the inferior facet through two cartilage layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.anatomy.spine import FacetJoint
from fem.arrays import FloatArray, IntArray
from fem.elements.layout import LayoutBuilder
from fem.elements.surface_block import SurfaceBlock, nodal_areas, patch_points, unit_disc_mesh
from fem.literature import ParameterSet
from fem.materials.surface import CartilageLayers
from fem.parameters import check_parameters
from fem.terms.contact import ContactTerm

#: Resolution -> rings and spokes of the film mesh of a joint.
FILM_MESH: Final = {"coarse": (3, 16), "standard": (4, 24), "fine": (6, 32)}
#: Share of the cartilage thickness up to which the logarithm holds, then its tangent parabola (numerical guard).
_LIMIT: Final = 0.9
#: The facing surface fades out over this share of its half width beyond its outline (numerical, keeps forces smooth).
_MARGIN: Final = 0.25


@dataclass(frozen=True, slots=True)
class FacetModel:
    """The facet joints of a model.

    Attributes
    ----------
    names : joints in order; joint k owns film points ``start[k]:start[k + 1]``.
    points : (s, 3) [mm] reference positions of the film points; quads : (k, 4) film cells over all joints.
    term : contact at the film points.
    space_given : whether the case gives a joint another space than the anatomy.
    """

    names: tuple[str, ...]
    start: IntArray
    points: FloatArray
    quads: IntArray
    quad_joint: IntArray
    term: ContactTerm
    space_given: bool = False

    def rows(self, joint: int) -> slice:
        """Return the film points of a joint."""
        return slice(int(self.start[joint]), int(self.start[joint + 1]))


def facet_model(
    builder: LayoutBuilder,
    bodies: Mapping[str, int],
    joints: Sequence[FacetJoint],
    data: ParameterSet,
    resolution: str,
) -> FacetModel:
    """Add film and control points of `joints` to the layout and return their contact."""
    mesh = unit_disc_mesh(*FILM_MESH[resolution])
    coordinates, cells = mesh.p.T, mesh.t.T
    tables, areas, points, quads = [], [], [], []
    for number, joint in enumerate(joints):
        film = patch_points(joint.superior.control, coordinates)
        own = builder.add_carried(film, bodies[joint.superior.vertebra])
        facing = builder.add_carried(joint.inferior.control.reshape(9, 3), bodies[joint.inferior.vertebra])
        tables.append(np.column_stack([own, np.tile(facing, (len(own), 1))]))
        areas.append(nodal_areas(film, cells))
        points.append(film)
        quads.append(cells + number * len(film))
    count = len(coordinates)
    block = SurfaceBlock(
        np.concatenate(tables), np.concatenate(areas), np.repeat(np.arange(len(joints)), count)
    )
    thickness = np.repeat([2.0 * joint.cartilage_thickness for joint in joints], count)
    law = CartilageLayers(data.number("facet.confined_modulus", "stress"), thickness, _LIMIT)
    check_parameters(law)
    return FacetModel(
        tuple(joint.name for joint in joints),
        count * np.arange(len(joints) + 1),
        np.concatenate(points),
        np.concatenate(quads),
        np.repeat(np.arange(len(joints)), len(cells)),
        ContactTerm("facets", block, law, _MARGIN, tuple(joints[k].name for k in block.joint)),
    )
