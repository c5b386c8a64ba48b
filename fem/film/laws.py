"""What a film is made of: fluid, cartilage under it, recess round it, and when it cavitates."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.parameters import Parameter, check_parameters

#: One number for all joints, or one for each (k,).
Each = float | FloatArray


@dataclass(frozen=True, slots=True)
class CrossFluid:
    """Shear-thinning fluid: μ = μ∞ + (μ0 − μ∞)/(1 + (λ γ̇)ⁿ), with γ̇ the local shear rate of the film.

    Notes
    -----
    γ̇² = (|u|/h)² + (β 6|q|/h²)² from the sliding speed u and the flow q per width: 6|q|/h² is the shear rate at the
    wall of a Newtonian parabola. At the share β of it a thinning fluid has the viscosity that gives the right flow
    (the method of the representative viscosity); for a power law μ ~ γ̇^(N−1) exactly β^(N−1) = ((2N + 1)/3N)^N.
    """

    rest: Annotated[Each, Parameter("MPa s", "viscosity at rest μ0", low=0.0, open_low=True)]
    thinned: Annotated[Each, Parameter("MPa s", "viscosity at high shear rates μ∞", low=0.0, open_low=True)]
    time: Annotated[Each, Parameter("s", "reciprocal of the shear rate where thinning begins λ", low=0.0)] = (
        0.0
    )
    exponent: Annotated[Each, Parameter("1", "how fast it thins n", low=0.0, high=1.0, open_low=True)] = 1.0
    representative: Annotated[
        Each, Parameter("1", "share of the wall's shear rate that counts β", low=0.0)
    ] = 1.0

    def viscosity(self, rate: FloatArray) -> FloatArray:
        """Return μ [MPa s] at shear rates [1/s]."""
        return np.asarray(
            self.thinned + (self.rest - self.thinned) / (1.0 + (self.time * rate) ** self.exponent)
        )


def newtonian(viscosity: Each) -> CrossFluid:
    """Return a fluid of constant viscosity [MPa s]."""
    return CrossFluid(viscosity, viscosity)


@dataclass(frozen=True, slots=True)
class SoftLayer:
    """Two cartilage layers and the roughness between them: film thickness and total pressure at a node.

    Notes
    -----
    The layers yield by d(p) = t (1 − exp(−p/M)), which is (t/M) p for small p: the inverse of the contact law
    p = −M ln(1 − d/t) of `fem.materials.surface.CartilageLayers`, and like it continued by its tangent parabola where
    d > `limit` t. The signed gap g counts from where the rough surfaces touch, and they never come closer:
    h = h_a + ⟨g + d(p)⟩, with ⟨s⟩ = max(s, 0) rounded off over ± h_a/2. What the film does not carry at h = h_a, the
    contact does: p + p_c is the pressure that compresses the layers by h − h_a − g. Both are eliminated node by node.
    """

    modulus: Annotated[Each, Parameter("MPa", "confined modulus of cartilage M", low=0.0, open_low=True)] = (
        1e12
    )
    thickness: Annotated[
        Each, Parameter("mm", "thickness of both layers together t", low=0.0, open_low=True)
    ] = 1.0
    asperity: Annotated[
        Each, Parameter("mm", "film left between surfaces that touch h_a", low=0.0, open_low=True)
    ] = 1e-3
    limit: Annotated[
        Each,
        Parameter("1", "share of the thickness up to which the logarithm holds", 0.0, 1.0, open_high=True),
    ] = 0.9


@dataclass(frozen=True, slots=True)
class Recess:
    """The rest of the joint's fluid, in the folds of the capsule: pressure from the volume that is left.

    Notes
    -----
    With x = V/V0: p = (V0/C) [(x − 1) − ε (1/x + x − 2)] + q, slope 1/C at rest for every ε and a barrier as x → 0,
    where the capsule lies on bone. The capsule creeps: q' = −q/τ + (c/C) V'. Fluid seeps in at −(C/T) p. A bubble of
    gas takes p_abs V_gas = G out of the volume (Boyle); what is left of an earlier pop thus keeps the pressure up.
    Volume as a function of pressure is in closed form (a quadratic in x).
    """

    volume: Annotated[Each, Parameter("mm^3", "fluid volume at rest V0", low=0.0, open_low=True)]
    compliance: Annotated[Each, Parameter("mm^3/MPa", "compliance at rest C", low=0.0, open_low=True)]
    sharpness: Annotated[Each, Parameter("1", "size of the barrier ε", 0.0, 0.5, open_low=True)] = 0.05
    creep_share: Annotated[Each, Parameter("1", "stiffness that creeps away, as a share c", low=0.0)] = 0.0
    creep_time: Annotated[Each, Parameter("s", "time of creep τ", low=0.0, open_low=True)] = 1.0
    inflow_rate: Annotated[Each, Parameter("1/s", "reciprocal of the time of inflow 1/T", low=0.0)] = 0.0
    gas: Annotated[
        Each, Parameter("mJ", "pressure times volume of the gas left by an earlier pop G", low=0.0)
    ] = 0.0


@dataclass(frozen=True, slots=True)
class OpenRim:
    """A reservoir of constant pressure round the film, instead of a recess."""

    pressure: Annotated[Each, Parameter("MPa", "pressure above ambient")] = 0.0


@dataclass(frozen=True, slots=True)
class Cavitation:
    """When the fluid gives way. Pressures are absolute here, above ambient everywhere else.

    Notes
    -----
    A film without a cavity holds down to `nucleation`; from then on the joint's pressure stays at or above `cavity`
    (Jakobsson, Floberg and Olsson: p ≥ p_cav, θ ≤ 1, (p − p_cav)(1 − θ) = 0). With `conserving` off the pressure is
    merely held at or above `cavity` and the fluid that was never there is forgotten: the control of the tests.
    """

    ambient: Annotated[Each, Parameter("MPa", "ambient pressure", low=0.0)]
    cavity: Annotated[Each, Parameter("MPa", "pressure in the cavity")]
    nucleation: Annotated[Each, Parameter("MPa", "pressure at which a cavity forms")]
    conserving: bool = True


@dataclass(frozen=True, slots=True)
class FilmLaws:
    """All laws of a film; every constant is one number, or one for each joint (k,)."""

    fluid: CrossFluid
    cavitation: Cavitation
    recess: Recess | OpenRim
    layer: SoftLayer = SoftLayer()

    def __post_init__(self) -> None:
        for law in (self.fluid, self.cavitation, self.recess, self.layer):
            check_parameters(law)
