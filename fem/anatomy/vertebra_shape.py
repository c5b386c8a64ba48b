"""Shape measures of a vertebra and of the sacrum: what a person measures on a bone, and the mesh is grown from.

Everything is in the bone's local frame: origin at the body centre, x anterior, y left, z up along the mean of the
two endplate normals. Bones are mirror-symmetric about y = 0, so paired parts are described on the left (y > 0) only.
"""

from dataclasses import dataclass

from fem.anatomy.spine import ArticularSurface
from fem.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class EndplateContour:
    """One endplate: a kidney-shaped outline in a tilted plane.

    Attributes
    ----------
    centre : (3,) [mm], middle of the outline (half depth on the mid-sagittal line)
    tilt : [rad], sagittal tilt of the upward normal, + = tips forward
    width, depth : lateral and antero-posterior size of the outline [mm]
    notch : how far the posterior border is drawn in on the mid-sagittal line, against its two corners [mm]
    dish : depth of the endplate's concavity at its centre, into the body [mm]
    """

    centre: FloatArray
    tilt: float
    width: float
    depth: float
    notch: float
    dish: float


@dataclass(frozen=True, slots=True)
class Pedicle:
    """The left pedicle at its isthmus: `centre` (3,), `width` (medio-lateral) and `height` [mm]."""

    centre: FloatArray
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Lamina:
    """The roof of the canal.

    Attributes
    ----------
    upper_edge, lower_edge : (3,) [mm], ends of the canal's roof on the mid-sagittal line
    isthmus : (3,) [mm], centre of the left pars interarticularis, halfway between the two articular processes
    isthmus_width : medio-lateral size of the pars [mm]
    thickness : of lamina and pars [mm]
    """

    upper_edge: FloatArray
    lower_edge: FloatArray
    isthmus: FloatArray
    isthmus_width: float
    thickness: float


@dataclass(frozen=True, slots=True)
class ArticularProcess:
    """A left articular process.

    Attributes
    ----------
    facet : the cartilage surface; bone lies one cartilage thickness beneath it
    tip : (3,) [mm], the free end (highest point of a superior process, lowest of an inferior one)
    thickness : behind the facet, along its normal [mm]
    """

    facet: ArticularSurface
    tip: FloatArray
    thickness: float


@dataclass(frozen=True, slots=True)
class TransverseProcess:
    """The left transverse process (costal process): `tip` (3,), `height` and `thickness` near the tip [mm]."""

    tip: FloatArray
    height: float
    thickness: float


@dataclass(frozen=True, slots=True)
class SpinousProcess:
    """The spinous process: upper and lower corner of its free (posterior) border (3,), and `width` [mm]."""

    upper_corner: FloatArray
    lower_corner: FloatArray
    width: float


@dataclass(frozen=True, slots=True)
class VertebraShape:
    """A lumbar vertebra; `waist` is how far the body's wall is drawn in at mid height [mm].

    `mammillary` (3,) is the tip of the left mammillary process, on the back of the superior articular process.
    """

    name: str
    upper_endplate: EndplateContour
    lower_endplate: EndplateContour
    waist: float
    pedicle: Pedicle
    lamina: Lamina
    superior_process: ArticularProcess
    inferior_process: ArticularProcess
    mammillary: FloatArray
    transverse_process: TransverseProcess
    spinous_process: SpinousProcess
    cartilage_thickness: float


@dataclass(frozen=True, slots=True)
class SacrumShape:
    """The upper sacrum, in the frame of its first vertebra (origin at the centre of the S1 body, z up its endplate).

    Attributes
    ----------
    name : ``S1``
    upper_endplate : the S1 endplate
    body_height : of the first sacral vertebra, along z [mm]
    lower_end : (3,) [mm], middle of the lower cut face (lower border of the second sacral vertebra)
    lower_width, lower_depth : size of that cut face [mm]
    ala_tip : (3,) [mm], most lateral point of the left ala's upper border
    ala_depth : antero-posterior size of the ala at its lateral (auricular) face [mm]
    superior_process : the left superior articular process of S1
    canal_depth, canal_width : the sacral canal at its upper opening [mm]
    crest : (3,) [mm], tip of the first spinous tubercle on the median sacral crest
    cartilage_thickness : of one articular layer [mm]
    """

    name: str
    upper_endplate: EndplateContour
    body_height: float
    lower_end: FloatArray
    lower_width: float
    lower_depth: float
    ala_tip: FloatArray
    ala_depth: float
    superior_process: ArticularProcess
    canal_depth: float
    canal_width: float
    crest: FloatArray
    cartilage_thickness: float
