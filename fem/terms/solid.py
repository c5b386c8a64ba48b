"""∫ P : δF over the cells of a solid, compressible or with mean dilatation."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, IntArray, require_finite
from fem.elements.solid_block import SolidBlock
from fem.elements.solid_kernels import deformation, internal_force, stiffness
from fem.errors import ElementInvertedError
from fem.materials.law import SolidLaw, VolumetricLaw
from fem.terms.term import Configuration, Contribution, Internal, no_bodies


@dataclass(frozen=True, slots=True)
class SolidTerm:
    """A solid in total Lagrangian form.

    Parameters
    ----------
    name : unique name.
    block : cells.
    law : stress; its isochoric part only, if `volume` is given.
    volume : energy of the mean volume ratio θ = v/V of each cell, or None for a pointwise law.

    Notes
    -----
    Mean dilatation (Q1P0; Simo, Taylor & Pister 1985, CMAME 51:177): Π = Σ_q w ψ + Σ_e V U(v/V). The cell pressure
    p is kept as an unknown of its own in the tangent, ``K = ∫ ∇N (A + p ∂cof F/∂F) ∇N + U''/V G Gᵀ``, G = ∂v/∂x, and
    renewed after each solve by ``p = U' + U''/V G·Δx``: full Newton on (x, p), which stays quadratic where the
    eliminated form takes many iterations or diverges.
    """

    name: str
    block: SolidBlock
    law: SolidLaw
    volume: VolumetricLaw | None = None

    @property
    def points(self) -> IntArray:
        """Material points (e, a)."""
        return self.block.points

    @property
    def bodies(self) -> IntArray:
        """No bodies, (e, 0)."""
        return no_bodies(self.block.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return energy, force (e, 3a) and stiffness (e, 3a, 3a).

        Raises
        ------
        ElementInvertedError, NonFiniteError
            Where det F is not positive, or the law overflows.
        """
        block = self.block
        F, J = deformation(configuration.positions[block.points], block.gradient)
        self._require_positive(J)
        response = self.law.respond(F, block.fibres)
        require_finite(response.pk1, f"stress in {self.name}")
        energy = float(np.sum(block.weight * response.energy))
        size = block.weight.sum(axis=1)
        pressure, modulus, stored = self._volumetric(J, size)
        cells, local = len(size), 3 * block.points.shape[1]
        force, dilatation = np.empty((cells, local)), np.empty((cells, local))
        internal_force(block.gradient, block.weight, F, response.pk1, pressure, force, dilatation)
        internal = None
        if self.volume is not None:
            internal = Internal(pressure, (modulus)[:, None] * dilatation)
        if not tangent:
            return Contribution(energy + stored, force, internal=internal)
        retained = configuration.internal.get(self.name, pressure)
        matrix = np.empty((cells, local, local))
        stiffness(block.gradient, block.weight, F, response.tangent, retained, dilatation, modulus, matrix)
        return Contribution(energy + stored, force, matrix, internal=internal)

    def volume_ratio(self, positions: FloatArray) -> FloatArray:
        """Return θ = v/V (e,) of each cell at current positions (p, 3)."""
        _, J = deformation(positions[self.block.points], self.block.gradient)
        return np.asarray(np.sum(self.block.weight * J, axis=1) / self.block.weight.sum(axis=1))

    def _volumetric(self, J: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """Return pressure (e,), U''/V (e,) and stored volumetric energy."""
        if self.volume is None:
            return np.zeros(len(size)), np.zeros(len(size)), 0.0
        theta = np.sum(self.block.weight * J, axis=1) / size
        return (
            self.volume.pressure(theta),
            self.volume.modulus(theta) / size,
            float(np.sum(size * self.volume.energy(theta))),
        )

    def _require_positive(self, J: FloatArray) -> None:
        smallest = J.min(axis=1)
        bad = np.flatnonzero(~(smallest > 0.0))
        if len(bad):
            raise ElementInvertedError(self.name, [int(c) for c in bad], float(smallest.min()))
