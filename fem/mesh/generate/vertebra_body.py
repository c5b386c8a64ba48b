"""The vertebral body: the endplate's layout carried through layers from the lower to the upper endplate."""

from dataclasses import dataclass

import numpy as np

from fem.anatomy.disc_shape import NucleusPlace
from fem.anatomy.vertebra_shape import EndplateContour
from fem.arrays import FloatArray, IntArray
from fem.mesh.generate.endplate import EndplateLayout, endplate_surface


@dataclass(frozen=True, slots=True)
class BodyGrid:
    """Nodes of the body, layer by layer.

    Attributes
    ----------
    points : (layers + 1, n, 3) [mm]; ``points[0]`` is the lower endplate
    outer, inner : (k,) layout nodes of the rim and of the next circle inwards, counter-clockwise from anterior
    """

    points: FloatArray
    layout: EndplateLayout
    outer: IntArray
    inner: IntArray

    def wall(self, around: float, height: float) -> FloatArray:
        """Return the point (3,) on the outer wall at rim position `around` (0 … k) and `height` (0 … 1)."""
        rim = self.points[:, self.outer]
        layers, count = rim.shape[0] - 1, rim.shape[1]
        j, i = min(int(height * layers), layers - 1), int(np.floor(around))
        a, b = height * layers - j, around - i
        row = (1 - a) * rim[j] + a * rim[j + 1]
        return np.asarray((1 - b) * row[i % count] + b * row[(i + 1) % count])

    def fraction_at(self, around: float, z: float) -> float:
        """Return the height fraction at which the wall reaches `z` [mm] at rim position `around`."""
        low, high = self.wall(around, 0.0)[2], self.wall(around, 1.0)[2]
        return float((z - low) / (high - low))

    def around_at(self, lateral: float) -> float:
        """Return the rim position on the left back of the body whose lateral distance is `lateral` at mid height."""
        half = len(self.outer) // 2
        widest = int(np.argmax(self.middle_rim()[: half + 1, 1]))
        y = self.middle_rim()[widest : half + 1, 1]
        return float(np.interp(-lateral, -y, np.arange(widest, half + 1)))

    def around_after(self, around: float, distance: float) -> float:
        """Return the rim position that lies `distance` [mm] along the wall before `around` (towards anterior)."""
        rim = self.middle_rim()
        half = len(rim) // 2
        length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(rim[: half + 1], axis=0), axis=1))])
        here = np.interp(around, np.arange(half + 1), length)
        return float(np.interp(here - distance, length, np.arange(half + 1)))

    def middle_rim(self) -> FloatArray:
        """Return the rim halfway between the endplates, (k, 3)."""
        count = len(self.points)
        both = self.points[(count - 1) // 2] + self.points[count // 2]
        return np.asarray(0.5 * both[self.outer])


def body_grid(
    contours: tuple[EndplateContour, EndplateContour],
    nuclei: tuple[NucleusPlace, NucleusPlace],
    waist: float,
    layout: EndplateLayout,
    layers: int,
) -> BodyGrid:
    """Return the body between the (lower, upper) `contours`, drawn in by `waist` [mm] at mid height.

    Notes
    -----
    X(r, t) = (1 - t) X_lower + t X_upper - 4 t (1 - t) w r² e, with r the layout's radius, t the height fraction,
    w the waist and e the horizontal direction from the body's axis, its antero-posterior part halved.
    """
    lower = endplate_surface(layout, contours[0], nuclei[0], 1.0)
    upper = endplate_surface(layout, contours[1], nuclei[1], -1.0)
    t = np.linspace(0.0, 1.0, layers + 1)[:, None, None]
    points = (1.0 - t) * lower + t * upper
    axis = (1.0 - t[..., 0]) * contours[0].centre[None] + t[..., 0] * contours[1].centre[None]
    arm = points - axis[:, None, :]
    arm[..., 2] = 0.0
    length = np.maximum(np.linalg.norm(arm, axis=-1, keepdims=True), 1e-9)
    radius = np.sum(layout.points**2, axis=1)[None, :, None]
    points = points - 4.0 * t * (1.0 - t) * waist * radius * arm / length * [0.5, 1.0, 0.0]
    ring = layout.quads[: len(layout.boundary)]
    return BodyGrid(points, layout, ring[:, 0], ring[:, 3])
