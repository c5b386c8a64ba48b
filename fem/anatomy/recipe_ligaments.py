"""Recipe tables of the ligaments: how many strands, and where on the landmarks they attach."""

from typing import Annotated

from fem.anatomy.recipe_origin import Count, Distance, Origin
from fem.document import StrictModel
from fem.quantities import Angle, Fraction, Quantity

Spread = Annotated[float, Quantity("angle", low=0.0, high=1.57)]


class RimRow(Origin):
    """ALL, PLL: strands side by side between two endplate rims, up to `half_spread` to each side."""

    strands: Count
    half_spread: Spread


class FlavumRow(Origin):
    """LF: from the inside of the upper lamina (`roof`: 0 its upper edge, 1 its lower one) to the lower lamina."""

    strands: Count
    roof: Fraction


class CapsuleRow(Origin):
    """CL: strands around each facet's rim.

    `margin` scales the rim outwards, `reach` is how far from the joint surface a strand grips its process, and
    `obliquity` how far round the rim the strand has moved down when it arrives.
    """

    strands: Count
    margin: Annotated[float, Quantity("dimensionless", low=1.0, high=2.0)]
    reach: Distance
    obliquity: Angle


class InterspinousRow(Origin):
    """ISL: between the spinous processes' borders, from share `front` to share `back` (0 lamina, 1 free border)."""

    strands: Count
    front: Fraction
    back: Fraction


class SupraspinousRow(Origin):
    """SSL: from the free border of the upper spinous process to the lower one's (0 upper corner, 1 lower one)."""

    upper: Fraction
    lower: Fraction


class IntertransverseRow(Origin):
    """ITL: between transverse processes, from share `inner` to share `outer` of the tip's distance to the side."""

    strands: Count
    inner: Fraction
    outer: Fraction


class Ligaments(StrictModel):
    """The seven ligaments, alike at every level; left and right are mirror images."""

    ALL: RimRow
    PLL: RimRow
    LF: FlavumRow
    CL: CapsuleRow
    ISL: InterspinousRow
    SSL: SupraspinousRow
    ITL: IntertransverseRow
