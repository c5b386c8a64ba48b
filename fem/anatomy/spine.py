"""The assembled anatomy: who is where, in one neutral posture. Pure geometry, no mechanics."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Frame:
    """A right-handed frame: `origin` (3,) [mm], `axes` (3, 3) whose columns are x anterior, y left, z up."""

    origin: FloatArray
    axes: FloatArray

    def to_global(self, local: FloatArray) -> FloatArray:
        """Map points (..., 3) [mm] from this frame to the global one."""
        return np.asarray(local) @ self.axes.T + self.origin

    def to_local(self, points: FloatArray) -> FloatArray:
        """Map global points (..., 3) [mm] into this frame."""
        return (np.asarray(points) - self.origin) @ self.axes


@dataclass(frozen=True, slots=True)
class ArticularSurface:
    """A curved articular (cartilage) surface: a biquadratic patch through nine points.

    `control` (3, 3, 3) [mm]: ``control[i, j]`` is the point at ``u = i - 1, v = j - 1``; u runs across the facet
    (its width), v along it (its height). The normal dX/du x dX/dv points *out of the bone that carries it*, so
    the normals of the two partners face each other. The articular outline is the ellipse u² + v² <= 1.
    """

    vertebra: str
    control: FloatArray


@dataclass(frozen=True, slots=True)
class FacetJoint:
    """One facet joint, for example ``L4-L5 left``.

    `superior` is the superior articular surface of the *lower* vertebra and carries the film mesh; `inferior`
    the inferior articular surface of the *upper* vertebra. Both are cartilage surfaces; bone lies
    `cartilage_thickness` [mm] (of each layer) beneath them.
    """

    name: str
    level: str
    side: str
    superior: ArticularSurface
    inferior: ArticularSurface
    cartilage_thickness: float


@dataclass(frozen=True, slots=True)
class LigamentBundle:
    """Strands of one ligament at one level: `start` (f, 3) on `upper`, `end` (f, 3) on `lower`, neutral, [mm].

    `upper` and `lower` name the vertebrae that carry the ends.
    """

    name: str
    level: str
    upper: str
    lower: str
    start: FloatArray
    end: FloatArray


@dataclass(frozen=True, slots=True)
class Vertebra:
    """A vertebra: its frame (origin at the body centre) and named landmarks -> (3,) global points [mm]."""

    name: str
    frame: Frame
    landmarks: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class DiscSpace:
    """A disc: its frame (origin at the disc centre, z along the disc normal) and its mid height [mm]."""

    level: str
    frame: Frame
    height: float


@dataclass(frozen=True, slots=True)
class Spine:
    """The whole anatomy, cranial to caudal, in the neutral posture; global axes x anterior, y left, z up [mm]."""

    name: str
    vertebrae: Mapping[str, Vertebra]
    discs: Mapping[str, DiscSpace]
    facets: Mapping[str, FacetJoint]
    ligaments: tuple[LigamentBundle, ...]
