"""∫ p δg over facing surfaces: frictionless contact on curved patches with large sliding."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.elements.patch import gaps
from fem.elements.patch_kernels import rim_weights, surface_forces
from fem.elements.surface_block import SurfaceBlock
from fem.materials.law import SurfaceLaw
from fem.terms.term import Configuration, Contribution, no_bodies


@dataclass(frozen=True, slots=True)
class SurfaceState:
    """What the surface points see: gap (s,) [mm], normal (s, 3), pressure (s,) [MPa], force share (s,) [N].

    `coordinate` (s, 2) is the place on the facing patch; `overlap` (s,) is 1 over the facing outline, 0 beyond it.
    """

    gap: FloatArray
    coordinate: FloatArray
    normal: FloatArray
    overlap: FloatArray
    pressure: FloatArray
    force: FloatArray


@dataclass(frozen=True, slots=True)
class ContactTerm:
    """Contact of surface points with biquadratic patches through an elastic layer.

    Parameters
    ----------
    name : unique name.
    block : surface points, their areas and the control points of the patches they face.
    law : pressure between the surfaces as a function of the gap.
    margin : how far (in patch coordinates) beyond the outline u² + v² = 1 the facing surface fades out.
    labels : to which joint each point belongs; may be left out.

    Notes
    -----
    Π = Σ A W(u, v) ψ(g). The fade W keeps force and stiffness continuous where a point slides off the facing surface.
    The synovial film of a facet adds its pressure at the same points and along the same normals.
    """

    name: str
    block: SurfaceBlock
    law: SurfaceLaw
    margin: float
    labels: tuple[str, ...] = ()

    @property
    def points(self) -> IntArray:
        """Surface point and control points, (s, 10)."""
        return self.block.points

    @property
    def bodies(self) -> IntArray:
        """No bodies, (s, 0)."""
        return no_bodies(self.block.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return energy, force (s, 30) and stiffness (s, 30, 30)."""
        nodes = configuration.positions[self.block.points]
        points, control = np.ascontiguousarray(nodes[:, 0]), np.ascontiguousarray(nodes[:, 1:])
        state = self.surface_state(configuration.positions)
        law = self.law.respond(state.gap)
        response = np.stack([law.energy, -law.pressure, law.stiffness], axis=-1)
        count = len(points)
        force = np.empty((count, 30))
        stiffness = np.empty((count if tangent else 0, 30, 30))
        surface_forces(points, control, self.block.area, response, self.margin, force, stiffness)
        energy = float(np.sum(self.block.area * state.overlap * law.energy))
        return Contribution(energy, force, stiffness if tangent else None)

    def surface_state(self, positions: FloatArray) -> SurfaceState:
        """Return gaps, normals and pressures at current positions (p, 3)."""
        nodes = positions[self.block.points]
        count = len(nodes)
        gap, coordinate, normal = np.empty(count), np.empty((count, 2)), np.empty((count, 3))
        gaps(np.ascontiguousarray(nodes[:, 0]), np.ascontiguousarray(nodes[:, 1:]), gap, coordinate, normal)
        overlap = np.empty(count)
        rim_weights(coordinate, self.margin, overlap)
        overlap[~np.isfinite(gap)] = 0.0
        pressure = self.law.respond(gap).pressure * overlap
        return SurfaceState(gap, coordinate, normal, overlap, pressure, pressure * self.block.area)
