"""Stress that fades: branches of a Prony series on top of a static law, and their step in time."""

from dataclasses import dataclass, field
from math import ceil, log, log10
from typing import Annotated, NamedTuple

import numpy as np

from fem.arrays import FloatArray
from fem.errors import ParameterError
from fem.materials import relaxation_kernels as kernels
from fem.parameters import Parameter

#: Rows of a solid's memory before those of the branches: right Cauchy–Green tensor and static PK2 stress.
_BEFORE_BRANCHES = 2


class Recursion(NamedTuple):
    """``Q_{n+1} = decay Q_n + gain (S_{n+1} − S_n)`` for each branch, both (..., b)."""

    decay: FloatArray
    gain: FloatArray


class Overstress(NamedTuple):
    """What the branches of a solid add at the end of a step.

    Attributes
    ----------
    pk1 : (e, q, 3, 3) [MPa] static stress plus overstress.
    memory : (e, q, 2 + b, 6) to remember, see `PronySeries.at_rest`.
    held : (e, q, 6) [MPa] PK2 stress H of the step that does not depend on its end: P = (1 + δ) P_static + F H.
    lost : (e,) [N mm] work of the overstress over the step.
    factor : 1 + δ.
    """

    pk1: FloatArray
    memory: FloatArray
    held: FloatArray
    lost: FloatArray
    factor: float


@dataclass(frozen=True, slots=True)
class PronySeries:
    """dQ/dt + Q/τ = β dS/dt for each branch: overstress Σ Q on top of a static stress S.

    Parameters
    ----------
    share : (..., b) β, overstress of a sudden step over its static stress.
    time : (..., b) τ.
    damping : (..., 0) or (..., 1) Kelvin damping, Q = τ_d dS/dt: a branch without memory.

    Notes
    -----
    S is whatever the caller takes for it: the second Piola–Kirchhoff stress of a solid (finite linear
    viscoelasticity; Simo 1987, CMAME 60:153; Holzapfel, Nonlinear Solid Mechanics, 2000, sec. 6.10), the tension of a
    strand. The step is exact where S is linear in time:

        Q_{n+1} = e^(−Δt/τ) Q_n + β (τ/Δt)(1 − e^(−Δt/τ)) (S_{n+1} − S_n)

    so the stress of a step is (1 + δ) S_{n+1} + H, with δ the sum of the gains and H known at its beginning.
    """

    share: Annotated[FloatArray, Parameter("1", "overstress over static stress β", low=0.0)]
    time: Annotated[FloatArray, Parameter("s", "relaxation time τ", low=0.0, open_low=True)]
    damping: Annotated[FloatArray, Parameter("s", "Kelvin damping time", low=0.0)] = field(
        default_factory=lambda: np.zeros(0)
    )

    @property
    def count(self) -> int:
        """Number of branches, damping included."""
        return int(self.share.shape[-1] + self.damping.shape[-1])

    def recursion(self, elapsed: float) -> Recursion:
        """Return the factors of a step of length `elapsed` > 0 [s]."""
        share, time = np.broadcast_arrays(self.share, self.time)
        ratio = elapsed / time
        gain = share * -np.expm1(-ratio) / ratio
        kelvin = self.damping / elapsed
        return Recursion(
            np.concatenate([np.exp(-ratio), np.zeros_like(kelvin)], axis=-1),
            np.concatenate([gain, kelvin], axis=-1),
        )

    def at_rest(self, F: FloatArray, pk1: FloatArray) -> FloatArray:
        """Return the memory (e, q, 2 + b, 6) of a solid that has stayed at F (e, q, 3, 3) for ever.

        Rows: right Cauchy–Green tensor, static PK2 stress [MPa], overstress Q of each branch [MPa]; columns: entries
        11, 22, 33, 12, 23, 13 of a symmetric tensor.
        """
        memory = np.empty((*F.shape[:2], _BEFORE_BRANCHES + self.count, 6))
        kernels.at_rest(F, pk1, memory)
        return memory

    def overstress(
        self, F: FloatArray, pk1: FloatArray, weight: FloatArray, past: FloatArray, elapsed: float
    ) -> Overstress:
        """Return what the branches add `elapsed` seconds after the memory `past` (e, q, 2 + b, 6) was taken.

        Parameters
        ----------
        F, pk1 : (e, q, 3, 3) deformation gradient and static stress now [MPa].
        weight : (e, q) [mm³].
        """
        decay, gain = self.recursion(elapsed)
        fields = np.empty(F.shape), np.empty(past.shape), np.empty((*F.shape[:2], 6)), np.empty(len(F))
        kernels.overstress(F, pk1, weight, past, decay, gain, *fields)
        return Overstress(*fields, 1.0 + float(gain.sum()))


def with_overstress(F: FloatArray, pk1: FloatArray, factor: float, held: FloatArray) -> FloatArray:
    """Return ``factor P + F H`` (e, q, 3, 3) for stresses P and `held` PK2 stresses H (e, q, 6) [MPa]."""
    out = np.empty(F.shape)
    kernels.scaled(F, pk1, factor, held, out)
    return out


def faster_than(horizon: float, sudden: PronySeries) -> PronySeries:
    """Return the branches that add to a law measured `horizon` seconds after loading.

    Parameters
    ----------
    horizon : [s]; branches faster than that were relaxed when the law was measured, slower ones still carried.
    sudden : branches (b,) with shares g of the *sudden* stress, ``G(t)/G(0) = 1 − Σ g (1 − e^(−t/τ))``.

    Notes
    -----
    β = g/(1 − Σ_fast g): the measured stress is what the fast branches left.
    """
    fast = (sudden.time < horizon) & (sudden.share > 0.0)
    gone = float(sudden.share[fast].sum())
    if not gone < 1.0:
        raise ParameterError(
            f"relaxation: the branches faster than {horizon:g} s take {gone:g} of the sudden stress and leave nothing "
            "for the static law; their shares must sum to less than 1"
        )
    return PronySeries(sudden.share[fast] / (1.0 - gone), sudden.time[fast])


def from_log_slope(slope: float, shortest: float, horizon: float) -> PronySeries:
    """Return branches that relax by `slope` of the stress at `horizon` per unit of ln t, from `shortest` to `horizon`.

    Notes
    -----
    A constant slope is Fung's box of relaxation times (Fung 1993, Biomechanics, sec. 7.6); it is cut into equal
    pieces of at most a decade, each with one time in its (geometric) middle and β = slope ln(end/start).
    """
    if not 0.0 < shortest < horizon:
        raise ParameterError(
            f"relaxation: the shortest time, {shortest:g} s, must lie between 0 and the horizon, {horizon:g} s"
        )
    pieces = ceil(log10(horizon / shortest) - 1e-9)
    width = log(horizon / shortest) / pieces
    middles = shortest * np.exp(width * (np.arange(pieces) + 0.5))
    return PronySeries(np.full(pieces, slope * width), middles)
