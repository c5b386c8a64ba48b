"""Shape measures of a disc: the two endplates that hold it, its nucleus, and its place in the spine."""

from dataclasses import dataclass

from fem.anatomy.spine import Frame
from fem.anatomy.vertebra_shape import EndplateContour


@dataclass(frozen=True, slots=True)
class NucleusPlace:
    """The nucleus in its endplate.

    Attributes
    ----------
    area_fraction : share of the endplate's area, 0 to 1
    offset : x of its centroid from the middle of the outline [mm], negative = posterior
    """

    area_fraction: float
    offset: float


@dataclass(frozen=True, slots=True)
class DiscShape:
    """A disc in its own frame (origin at the disc centre, z along the disc normal).

    Attributes
    ----------
    level : for example ``L4-L5``
    frame : where the disc stands in the spine
    lower, upper : the endplates below and above, in the disc's frame
    nucleus : the nucleus, the same share of both endplates
    bulge : how far the outer annulus stands out at mid height [mm]
    """

    level: str
    frame: Frame
    lower: EndplateContour
    upper: EndplateContour
    nucleus: NucleusPlace
    bulge: float
