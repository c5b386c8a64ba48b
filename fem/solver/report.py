"""What the solver says about itself."""

from dataclasses import dataclass, field
from enum import Enum
from math import inf

from fem.elements.layout import State
from fem.errors import FacetgapError
from fem.solver.prediction import REST, Trail
from fem.system.system import Evaluation


class StopReason(Enum):
    """Why a nonlinear solve ended."""

    CONVERGED = "converged"
    TOO_MANY_ITERATIONS = "no convergence within the allowed iterations"
    STALLED = "iterations went in circles"
    DIVERGED = "the residual grew beyond all measure"
    INVERTED = "a cell turned inside out however short the step"
    NON_FINITE = "a number stopped being finite"


@dataclass(frozen=True, slots=True)
class NewtonReport:
    """One nonlinear solve.

    Attributes
    ----------
    reason : why it ended.
    norms : residual norm relative to the largest force of any term, one per evaluation.
    lengths : step length of each iteration.
    worst : the structure and unknown with the largest residual, in words.
    detail : message of an error that ended the solve, or an empty string.
    error : that error, where it is one of ours.
    """

    reason: StopReason
    norms: tuple[float, ...]
    lengths: tuple[float, ...]
    worst: str
    detail: str = ""
    error: FacetgapError | None = field(default=None, compare=False)

    @property
    def converged(self) -> bool:
        """Whether the tolerance was met."""
        return self.reason is StopReason.CONVERGED

    @property
    def iterations(self) -> int:
        """Number of linear solves."""
        return len(self.lengths)


@dataclass(frozen=True, slots=True)
class Settings:
    """Numerical settings, none of them physical.

    Attributes
    ----------
    tolerance : residual over the largest force of any term [1].
    iterations : most Newton iterations in one step.
    first_step, largest_step, smallest_step : share of a phase's duration [1].
    longest_step : [s] that a step of a dynamic phase may last.
    """

    tolerance: float = 1e-8
    iterations: int = 15
    first_step: float = 0.25
    largest_step: float = 0.5
    smallest_step: float = 1e-3
    longest_step: float = inf


@dataclass(frozen=True, slots=True)
class Step:
    """One converged step: its number, its state, the system evaluated there, and how it was reached.

    Attributes
    ----------
    share, length : of the phase: what is done, and what the next step will take.
    trail : the way here, from which a motion goes on.
    """

    number: int
    phase: str
    share: float
    state: State
    evaluation: Evaluation
    report: NewtonReport
    cutbacks: int
    length: float = 0.0
    trail: Trail = REST
