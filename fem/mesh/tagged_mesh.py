"""A hexahedral mesh whose cells, nodes and surfaces have names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fem.anatomy.spine import Spine
from fem.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class TaggedMesh:
    """Points, eight-node hexahedra and names.

    Attributes
    ----------
    points : (n, 3) [mm]
    cells : (e, 8), VTK order (0-3 bottom face counter-clockwise, 4-7 above). In a disc: 0→1 runs along the
        circumference (counter-clockwise from above), 0→3 inwards (towards the nucleus centre), 0→4 upwards, so that
        the frame (circumference, inwards, up) is right-handed.
    part : (e,) index into `part_names` (``annulus``, ``nucleus``, ``body``, ``posterior`` …).
    nodes : node-set name -> (k,) node numbers.
    surfaces : surface name -> (s, 4) node numbers of its quadrilaterals, outward.
    cell_data, point_data : name -> array with one row per cell or point. In a disc: cell_data ``lamella`` (0 =
        outermost ring of the annulus, -1 in the nucleus), ``lamella_depth`` (0 outer … 1 inner edge of the annulus),
        ``azimuth`` (angle about the disc axis from anterior, left positive, [rad]) and point_data ``height_fraction``
        (0 on the lower endplate, 1 on the upper one).
    """

    points: FloatArray
    cells: IntArray
    part: IntArray
    part_names: tuple[str, ...]
    nodes: Mapping[str, IntArray] = field(default_factory=dict)
    surfaces: Mapping[str, IntArray] = field(default_factory=dict)
    cell_data: Mapping[str, FloatArray] = field(default_factory=dict)
    point_data: Mapping[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpineMesh:
    """The anatomy with a mesh for each bone (``L1`` … ``S1``) and each disc (``L1-L2`` …)."""

    spine: Spine
    resolution: str
    bones: Mapping[str, TaggedMesh]
    discs: Mapping[str, TaggedMesh]
