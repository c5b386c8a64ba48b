"""∫ P : δF over the cells of a solid, compressible or with mean dilatation, elastic or relaxing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fem.arrays import FloatArray, IntArray, require_finite
from fem.elements.solid_block import SolidBlock
from fem.elements.solid_kernels import deformation, internal_force, stiffness
from fem.errors import ElementInvertedError
from fem.materials.law import SolidLaw, VolumetricLaw
from fem.materials.relaxation import PronySeries, with_overstress
from fem.tensors import cofactors
from fem.terms.term import Configuration, Contribution, no_bodies


class _Viscous(NamedTuple):
    """How a step turns stress P and tangent A into ``factor P + F H`` and ``factor A + I ⊗ H``, H = `held`."""

    factor: float
    held: FloatArray
    stress: FloatArray
    memory: Mapping[str, FloatArray] | None = None
    lost: float = 0.0


@dataclass(frozen=True, slots=True)
class SolidTerm:
    """A solid in total Lagrangian form.

    Parameters
    ----------
    name : unique name.
    block : cells.
    law : stress; its isochoric part only, if `volume` is given.
    volume : energy of the mean volume ratio θ = v/V of each cell, or None for a pointwise law.
    relaxation : branches of overstress on the law's stress, or None where rates play no part.
    labels : where each cell is, in words; may be left out.

    Notes
    -----
    Mean dilatation (Q1P0; Simo, Taylor & Pister 1985, CMAME 51:177): Π = Σ_q w ψ + Σ_e V U(v/V). The cell pressure
    p is kept as an unknown of its own in the tangent, ``K = ∫ ∇N (A + p ∂cof F/∂F) ∇N + U''/V G Gᵀ``, G = ∂v/∂x, and
    renewed after each solve by ``p = U' + U''/V G·Δx``: full Newton on (x, p), which stays quadratic where the
    eliminated form takes many iterations or diverges.

    With `relaxation` the law's second Piola–Kirchhoff stress S becomes (1 + δ) S + H during a step in time (see
    `PronySeries`), its tangent (1 + δ) A + I ⊗ H. History ``<name>, overstress`` (e, q, 2 + b, 6): see
    `PronySeries.at_rest`. Without history, or with no time elapsed, the law acts alone and what is returned is at
    rest here. The energy is the law's; all work of the overstress counts as lost, so a step may get some of it back.
    """

    name: str
    block: SolidBlock
    law: SolidLaw
    volume: VolumetricLaw | None = None
    relaxation: PronySeries | None = None
    labels: tuple[str, ...] = ()

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
        size = block.weight.sum(axis=1)
        pressure, modulus, stored = self._volumetric(J, size)
        retained = self._retained(configuration, F) if tangent else None
        response = self.law.respond(F, block.fibres, tangent and retained is None)
        require_finite(response.pk1, f"stress in {self.name}")
        energy = float(np.sum(block.weight * response.energy)) + stored
        viscous = self._viscous(configuration, F, response.pk1)
        force, dilatation = self._force(F, viscous.stress, pressure)
        if not tangent:
            return Contribution(energy, force, history=viscous.memory, lost=viscous.lost)
        predicted = None
        if retained is not None:
            response = self.law.linearise(F, block.fibres, retained)
            linear = response.pk1
            if len(viscous.held):
                linear = with_overstress(F, linear, viscous.factor, viscous.held)
            predicted, _ = self._force(F, linear, pressure)
        kept = configuration.internal.get(self.name, pressure)
        matrix = np.empty((len(size), force.shape[1], force.shape[1]))
        stiffness(
            block.gradient, block.weight, F, response.tangent, kept, dilatation, modulus,
            viscous.factor, viscous.held, matrix,
        )  # fmt: skip
        return Contribution(
            energy, force, matrix, predicted=predicted, history=viscous.memory, lost=viscous.lost
        )

    def renew(self, configuration: Configuration, step: FloatArray) -> Mapping[str, FloatArray]:
        """Return the cell pressures and fibre strains to retain after the points moved by `step` (p, 3)."""
        block, out = self.block, {}
        F, J = deformation(configuration.positions[block.points], block.gradient)
        change, _ = deformation(step[block.points], block.gradient)
        if self.volume is not None:
            size = block.weight.sum(axis=1)
            pressure, modulus, _ = self._volumetric(J, size)
            slope = np.einsum("eqij,eqij->eq", cofactors(F), change)
            out[self.name] = pressure + modulus * np.sum(block.weight * slope, axis=1)
        retained = self._retained(configuration, F)
        if retained is not None:
            out[self._fibres] = self.law.renew(F, block.fibres, retained, change)
        return out

    def mean_pressure(self, positions: FloatArray) -> FloatArray:
        """Return U' (e,) [MPa] of each cell, positive in tension; zero for a pointwise law."""
        _, J = deformation(positions[self.block.points], self.block.gradient)
        return self._volumetric(J, self.block.weight.sum(axis=1))[0]

    def volume_ratio(self, positions: FloatArray) -> FloatArray:
        """Return θ = v/V (e,) of each cell at current positions (p, 3)."""
        _, J = deformation(positions[self.block.points], self.block.gradient)
        return np.asarray(np.sum(self.block.weight * J, axis=1) / self.block.weight.sum(axis=1))

    @property
    def _fibres(self) -> str:
        return f"{self.name}, fibres"

    @property
    def _overstress(self) -> str:
        return f"{self.name}, overstress"

    def _viscous(self, configuration: Configuration, F: FloatArray, pk1: FloatArray) -> _Viscous:
        """Return what relaxation makes of the law's stress pk1 (e, q, 3, 3); nothing, if time stands still."""
        none = np.empty((0, F.shape[1], 6))
        if self.relaxation is None:
            return _Viscous(1.0, none, pk1)
        past = configuration.history.get(self._overstress)
        if past is None or configuration.elapsed == 0.0:
            return _Viscous(1.0, none, pk1, {self._overstress: self.relaxation.at_rest(F, pk1)})
        step = self.relaxation.overstress(F, pk1, self.block.weight, past, configuration.elapsed)
        memory = {self._overstress: step.memory}
        return _Viscous(step.factor, step.held, step.pk1, memory, float(step.lost.sum()))

    def _retained(self, configuration: Configuration, F: FloatArray) -> FloatArray | None:
        """Return the fibre strains to linearise about: those kept from the last solve, or those of F."""
        kept = configuration.internal.get(self._fibres)
        return self.law.retain(F, self.block.fibres) if kept is None else kept

    def _force(self, F: FloatArray, pk1: FloatArray, pressure: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return nodal forces (e, 3a) and the gradient of the cells' volumes (e, 3a)."""
        block = self.block
        shape = (len(block.points), 3 * block.points.shape[1])
        force, dilatation = np.empty(shape), np.empty(shape)
        internal_force(block.gradient, block.weight, F, pk1, pressure, force, dilatation)
        return force, dilatation

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
        order = np.argsort(smallest, kind="stable")
        bad = order[~(smallest[order] > 0.0)]  # the worst first
        if len(bad):
            raise ElementInvertedError(self.name, [int(c) for c in bad], float(smallest.min()))
