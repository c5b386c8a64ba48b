"""Contracts of the laws: what a solid, a cable and a surface law take and return. All are pure functions."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

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


class SolidLaw(Protocol):
    """Stress at a point of a solid."""

    def respond(self, F: FloatArray, fibres: FloatArray) -> SolidResponse:
        """Return energy, first Piola–Kirchhoff stress and tangent for F (e, q, 3, 3), fibres (e, q, m, 3)."""
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
