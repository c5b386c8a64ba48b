"""The contract of a term: everything that adds force and stiffness to the balance of virtual work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from fem.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a term sees of the world.

    Attributes
    ----------
    positions : (p, 3) [mm] current positions of all material points.
    origins, rotations : (b, 3) [mm], (b, 3, 3) poses of the bodies.
    time : [s]
    internal, history : see `fem.elements.layout.State`.
    elapsed : [s] since the last converged state, 0 where rates play no part (a static phase).
    """

    positions: FloatArray
    origins: FloatArray
    rotations: FloatArray
    time: float
    internal: Mapping[str, FloatArray] = field(default_factory=dict)
    history: Mapping[str, FloatArray] = field(default_factory=dict)
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class Constraint:
    """A scalar condition per element, ``value (e,) = 0``; the element's force holds its multiplier."""

    value: FloatArray
    gradient: FloatArray


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a term adds, element by element, over local unknowns L = 3 (points) + 6 (bodies).

    Attributes
    ----------
    energy : stored energy [N mm]; loads give their potential.
    force : (e, L) internal force [N; N mm for spins], the gradient of the energy where there is one.
    stiffness : (e, L, L) symmetric part of its derivative, or None if it was not asked for.
    asymmetric : (e, L, L) what a non-conservative load adds on top, or None.
    predicted : (e, L) force of the linearisation to which `stiffness` belongs, where it is not `force` itself.
    constraint : a condition with a multiplier, see its type.
    history : name -> what the term will remember; adopted when the step has converged. Names start with the term's.
    lost : energy [N mm] that the term has turned into heat since the last converged state.
    """

    energy: float
    force: FloatArray
    stiffness: FloatArray | None = None
    asymmetric: FloatArray | None = None
    predicted: FloatArray | None = None
    constraint: Constraint | None = None
    history: Mapping[str, FloatArray] | None = None
    lost: float = 0.0


class Term(Protocol):
    """One summand of the balance of virtual work."""

    @property
    def name(self) -> str:
        """Unique name, used in reports and errors."""
        ...

    @property
    def points(self) -> IntArray:
        """Material points (e, k) of each element: where the term may write."""
        ...

    @property
    def bodies(self) -> IntArray:
        """Bodies (e, m) whose six unknowns the element uses directly; usually (e, 0)."""
        ...

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return the contribution; pure, raises ElementInvertedError where a cell has turned inside out."""
        ...


@runtime_checkable
class CondensedTerm(Protocol):
    """A term with unknowns of its own, which it eliminates from each linear solve and renews after it."""

    def renew(self, configuration: Configuration, step: FloatArray) -> Mapping[str, FloatArray]:
        """Return the new internal unknowns (name -> array) after the points (p, 3) moved by `step`, to first order."""
        ...


@dataclass(frozen=True, slots=True)
class Switch:
    """How far a state is from a change of a term's law.

    Attributes
    ----------
    excess : share by which it is beyond the point of change, 0 at it, below 0 short of it; continuous in time. Infinite
        where it is beyond by an unknown amount.
    memory : name -> what the term remembers with the change made; empty short of it.
    minor : whether the moment of the change makes no odds.
    """

    excess: float
    memory: Mapping[str, FloatArray] = field(default_factory=dict)
    minor: bool = False


@runtime_checkable
class SwitchingTerm(Protocol):
    """A term whose law changes at moments that only the motion tells: the march lands on them."""

    def switch(
        self, before: Mapping[str, FloatArray], memory: Mapping[str, FloatArray], elapsed: float
    ) -> Switch | None:
        """Return how far the end of a step is from a change; None where none can come.

        `before` and `memory` are what is remembered at its two ends, `elapsed` [s] apart.
        """
        ...


@runtime_checkable
class PlacedTerm(Protocol):
    """A term that knows where in the anatomy its elements are."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return where each element is, in words (level, side, strand); empty where that is not known."""
        ...


def no_bodies(points: IntArray) -> IntArray:
    """Return the (e, 0) array of a term that attaches to points only."""
    return points[:, :0]
