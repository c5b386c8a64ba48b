"""Force of a muscle fascicle: active Hill curves, passive fibres, short-range stiffness; a rigid tendon in series."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.materials.law import Field
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class MuscleResponse:
    """What a fascicle does, each (f,).

    Attributes
    ----------
    tension : [N] total.
    stiffness : ∂T/∂l [N/mm] at constant velocity and activation.
    damping : ∂T/∂v [N s/mm].
    active : [N] active part per unit activation.
    passive : [N] passive part, and its energy `energy` [N mm].
    """

    tension: FloatArray
    stiffness: FloatArray
    damping: FloatArray
    active: FloatArray
    passive: FloatArray
    energy: FloatArray


@dataclass(frozen=True, slots=True)
class MuscleLaw:
    """T = F0 [a f_l(λ) f_v(w) f_s(l) + f_p(ε)] of the length l and speed v of the whole fascicle.

    Notes
    -----
    The tendon keeps its length, so with the fibre share s of the neutral length l0 and fibres that stand at the
    stretch r (in units of their optimal length) in neutral, L = s l0 / r is the optimal fibre length and::

        ε = (l − l0)/(s l0)   λ = r (1 + ε)   w = v/(L v_max)   fibre strain, stretch, relative speed
        f_l = exp(−(λ − 1)²/γ)                                   force-length
        f_v = (1 + w)/(1 − w/k)              −1 <= w <= 0        Hill's hyperbola; 0 for w < −1
        f_v = 1 + (F_e − 1) c w/(1 + c w)    w > 0               eccentric, c = (1 + 1/k)/(F_e − 1) makes it C1
        f_s = 1 + f_0 + m tanh(q (l − l_s)/(m l_s))              short-range stiffness about the length l_s
        f_p = (e^x − 1 − x)/(e^p − 1 − p),  x = p ε/ε_p          0 < ε < ε_p, straight above, 0 below

    f_s gives q F/l_s at small stretch (Bergmark 1989, Acta Orthop. Scand. Suppl. 230), bounded by ± m; it is
    reversible, and 1 where no l_s is given. f_0 is what an earlier stretch has left. f_p is the exponential of Thelen
    2003 (J. Biomech. Eng. 125:70) less its tangent at the start, so that its slope begins at zero too, and goes on
    straight above ε_p.
    """

    maximum_force: Annotated[Field, Parameter("N", "isometric force at optimal length F0", low=0.0)]
    neutral_length: Annotated[
        Field, Parameter("mm", "path length in neutral posture l0", low=0.0, open_low=True)
    ]
    fibre_share: Annotated[
        Field, Parameter("1", "fibre part of the path length s", low=0.0, high=1.0, open_low=True)
    ]
    neutral_stretch: Annotated[
        Field, Parameter("1", "fibre length in neutral over optimal r", low=0.3, high=1.7)
    ]
    width: Annotated[Field, Parameter("1", "width of the force-length curve γ", low=0.0, open_low=True)]
    maximum_speed: Annotated[
        Field, Parameter("1/s", "shortening speed without load v_max", low=0.0, open_low=True)
    ]
    curvature: Annotated[
        Field, Parameter("1", "curvature of Hill's hyperbola k = a/F0", low=0.0, open_low=True)
    ]
    eccentric_limit: Annotated[
        Field, Parameter("1", "force of fast lengthening over isometric F_e", low=1.0, open_low=True)
    ]
    short_range_factor: Annotated[Field, Parameter("1", "q of the short-range stiffness q F/l", low=0.0)]
    short_range_limit: Annotated[
        Field,
        Parameter(
            "1", "largest share of short-range force m", low=0.0, high=1.0, open_low=True, open_high=True
        ),
    ]
    passive_strain: Annotated[
        Field, Parameter("1", "fibre strain at which passive force is F0", low=0.0, open_low=True)
    ]
    passive_exponent: Annotated[
        Field, Parameter("1", "exponent of the passive curve p", low=0.0, open_low=True)
    ]

    @property
    def fibre_length(self) -> Field:
        """Fibre length in the neutral posture s l0 [mm]."""
        return self.fibre_share * self.neutral_length

    def fibre_strain(self, length: FloatArray) -> FloatArray:
        """Return ε (f,), from the neutral posture."""
        return np.asarray((length - self.neutral_length) / self.fibre_length)

    def respond(
        self,
        length: FloatArray,
        velocity: FloatArray,
        activation: FloatArray,
        reference: FloatArray | None,
        carried: Field = 0.0,
    ) -> MuscleResponse:
        """Return the response.

        Parameters
        ----------
        length, velocity : (f,) [mm], [mm/s] of the whole fascicle, positive in lengthening.
        activation : (f,) 0 to 1.
        reference : (f,) [mm] length l_s from which short-range stiffness counts, or None for none.
        carried : (f,) share f_0 of the active force that an earlier stretch has left.
        """
        optimal = self.fibre_length / self.neutral_stretch
        reach = self.neutral_stretch * (1.0 + self.fibre_strain(length)) - 1.0
        fl = np.exp(-(reach**2) / self.width)
        fl_slope = -2.0 * reach / self.width * fl / optimal
        fv, fv_slope = self._force_velocity(velocity / (optimal * self.maximum_speed))
        stretched, fs_slope = self.short_range(length, reference)
        fs = 1.0 + carried + stretched
        active = self.maximum_force * fl * fv * fs
        stiffness = self.maximum_force * fv * (fl_slope * fs + fl * fs_slope)
        damping = self.maximum_force * fl * fs * fv_slope / (optimal * self.maximum_speed)
        energy, passive, passive_slope = self._passive(length)
        return MuscleResponse(
            activation * active + passive,
            activation * stiffness + passive_slope,
            activation * damping,
            active,
            passive,
            energy,
        )

    def _force_velocity(self, w: FloatArray) -> tuple[FloatArray, FloatArray]:
        k, gain = self.curvature, self.eccentric_limit - 1.0
        slow = np.clip(w, -1.0, 0.0)
        below = 1.0 - slow / k
        c = (1.0 + 1.0 / k) / gain
        fast = 1.0 + c * np.maximum(w, 0.0)
        value = (1.0 + slow) / below + gain * (1.0 - 1.0 / fast)
        slope = np.where(w > 0.0, gain * c / fast**2, (1.0 + 1.0 / k) / below**2)
        return value, np.where(w < -1.0, 0.0, slope)

    def short_range(self, length: FloatArray, reference: FloatArray | None) -> tuple[FloatArray, FloatArray]:
        """Return m tanh(q (l − l_s)/(m l_s)) (f,) and its derivative [1/mm]; zeros without a reference."""
        if reference is None:
            return np.zeros_like(length), np.zeros_like(length)
        m, rate = self.short_range_limit, self.short_range_factor / reference
        share = np.tanh(rate * (length - reference) / m)
        return np.asarray(m * share), np.asarray(rate * (1.0 - share**2))

    def _passive(self, length: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        p, per_strain = self.passive_exponent, self.passive_exponent / self.passive_strain
        x = per_strain * np.maximum(self.fibre_strain(length), 0.0)
        curved = np.minimum(x, p)
        straight = x - curved
        unit = self.maximum_force / (np.expm1(p) - p)
        slope = np.expm1(curved)
        force = slope - curved + slope * straight
        energy = slope - curved - 0.5 * curved**2 + (slope - curved) * straight + 0.5 * slope * straight**2
        return (
            unit * energy * self.fibre_length / per_strain,
            unit * force,
            unit * slope * per_strain / self.fibre_length,
        )
