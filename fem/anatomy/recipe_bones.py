"""Recipe tables of the bones behind the bodies: pedicles, laminae, processes; and of the sacrum.

Points are in the bone's own frame (origin at the body centre, x anterior, y left, z up its axis), left side only.
"""

from fem.anatomy.recipe_origin import LumbarVertebra, Origin, Point, Row
from fem.quantities import PositiveLength


class PedicleRow(Row):
    """The left pedicle at its isthmus."""

    centre: Point
    width: PositiveLength
    height: PositiveLength


class LaminaRow(Row):
    """The canal's roof on the mid-line, and the pars interarticularis."""

    upper_edge: Point
    lower_edge: Point
    isthmus: Point
    isthmus_width: PositiveLength
    thickness: PositiveLength


class ProcessRow(Row):
    """A left articular process: its free end and how thick it is behind the facet."""

    tip: Point
    thickness: PositiveLength


class TransverseRow(Row):
    """The left transverse process."""

    tip: Point
    height: PositiveLength
    thickness: PositiveLength


class SpinousRow(Row):
    """The spinous process: corners of its free border, and its width."""

    upper_corner: Point
    lower_corner: Point
    width: PositiveLength


class ArchRow(Row):
    """Everything behind one body."""

    pedicle: PedicleRow
    lamina: LaminaRow
    superior_process: ProcessRow
    inferior_process: ProcessRow
    mammillary: Point
    transverse_process: TransverseRow
    spinous_process: SpinousRow


class ArchTable(Origin):
    """The posterior elements of L1 to L5."""

    rows: dict[LumbarVertebra, ArchRow]


class Sacrum(Origin):
    """The upper sacrum, in the frame of its first vertebra; `lamina_edge` is the canal's roof on the mid-line."""

    body_height: PositiveLength
    lower_end: Point
    lower_width: PositiveLength
    lower_depth: PositiveLength
    ala_tip: Point
    ala_depth: PositiveLength
    superior_process: ProcessRow
    canal_depth: PositiveLength
    canal_width: PositiveLength
    crest: Point
    lamina_edge: Point
