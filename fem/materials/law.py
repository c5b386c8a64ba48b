"""Contracts of the laws: what a solid, a cable and a surface law take and return. All are pure functions."""

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from fem.arrays import FloatArray
from fem.materials.invariants import EnergyDerivatives, SolidResponse

#: A law parameter: one number, or an array that broadcasts over cells and quadrature points, such as (e, 1).
Field = float | FloatArray


class InvariantLaw(Protocol):
    """Energy per reference volume as a function of invariants (see `fem.materials.invariants`).

    If `isochoric`, the law is written in the scalars of the volume-preserving part of F and must not depend on J.
    """

    isochoric: ClassVar[bool]

    def derivatives(self, scalars: FloatArray) -> EnergyDerivatives:
        """Return ψ and its derivatives [MPa] for scalars (e, q, 3 + m)."""
        ...


@runtime_checkable
class StiffeningLaw(Protocol):
    """An invariant law whose stress grows so fast with strains E (e, q, m) that Newton works on stress as well.

    Notes
    -----
    The fibre stresses are kept as unknowns of their own, ψ'(E_r) with retained strains E_r. The Newton system on
    displacement and stress together has the residual stress ψ'(E_r) + ψ''(E_r)(E − E_r), the geometric stiffness of
    ψ'(E_r), and after each solve renews E_r from the *linear* change of E. It is quadratic like the displacement form
    and free of its exponential overshoot (the same idea as the retained cell pressure of mean dilatation; compare
    the mixed integration points of Magisano, Leonetti & Garcea 2017, Int. J. Numer. Meth. Eng. 109:1237).
    """

    isochoric: ClassVar[bool]

    def strains(self, scalars: FloatArray) -> FloatArray:
        """Return E (e, q, m), an affine function of the scalars."""
        ...

    def linearised(
        self, scalars: FloatArray, retained: FloatArray
    ) -> tuple[EnergyDerivatives, EnergyDerivatives]:
        """Return the derivatives that give the residual stress, and those that give the tangent."""
        ...

    def renewed(self, retained: FloatArray, strains: FloatArray) -> FloatArray:
        """Return the strains (e, q, m) whose stress is the one that `retained` predicts at `strains`."""
        ...


class SolidLaw(Protocol):
    """Stress at a point of a solid; fibres are (e, q, m, 3), deformation gradients F (e, q, 3, 3)."""

    def respond(self, F: FloatArray, fibres: FloatArray, tangent: bool = True) -> SolidResponse:
        """Return energy, first Piola–Kirchhoff stress and tangent."""
        ...

    def linearise(self, F: FloatArray, fibres: FloatArray, retained: FloatArray) -> SolidResponse:
        """Return the Newton linearisation about `retained` strains (as from `retain`)."""
        ...

    def retain(self, F: FloatArray, fibres: FloatArray) -> FloatArray | None:
        """Return the strains (e, q, m) to start from, None for a law whose plain tangent serves."""
        ...

    def renew(self, F: FloatArray, fibres: FloatArray, retained: FloatArray, step: FloatArray) -> FloatArray:
        """Return the retained strains after the deformation gradient changed by `step` (e, q, 3, 3)."""
        ...


class VolumetricLaw(Protocol):
    """Energy U(θ) per reference volume of the mean volume ratio θ of a cell."""

    def energy(self, theta: FloatArray) -> FloatArray:
        """Return U (e,) [MPa]."""
        ...

    def pressure(self, theta: FloatArray) -> FloatArray:
        """Return U' (e,) [MPa]: positive in tension."""
        ...

    def modulus(self, theta: FloatArray) -> FloatArray:
        """Return U'' (e,) [MPa]."""
        ...


@dataclass(frozen=True, slots=True)
class CableResponse:
    """Energy (f,) [N mm], tension (f,) [N] and stiffness dT/dL (f,) [N/mm] of cables."""

    energy: FloatArray
    tension: FloatArray
    stiffness: FloatArray


class CableLaw(Protocol):
    """Tension of a cable as a function of its length."""

    def respond(self, length: FloatArray) -> CableResponse:
        """Return energy, tension and stiffness for lengths (f,) [mm]."""
        ...


@dataclass(frozen=True, slots=True)
class SurfaceResponse:
    """Energy per area (s,) [N/mm], pressure (s,) [MPa], and its derivative -dp/dg >= 0 (s,) [MPa/mm]."""

    energy: FloatArray
    pressure: FloatArray
    stiffness: FloatArray


class SurfaceLaw(Protocol):
    """Pressure between two surfaces as a function of the signed gap (positive = open)."""

    def respond(self, gap: FloatArray) -> SurfaceResponse:
        """Return energy, pressure and stiffness for gaps (s,) [mm]."""
        ...
