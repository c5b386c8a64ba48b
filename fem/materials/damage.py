"""What stretching a ligament too far leaves behind: a strand that is longer and weaker than before."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from fem.arrays import FloatArray
from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class StrandDamage:
    """What is left of strands (f,) that were stretched before.

    Attributes
    ----------
    unrecovered : (f,) [1] share of its intact length by which a strand stays longer.
    lost : (f,) [1] share of its stiffness that is gone; 1 for a strand that is torn.
    """

    unrecovered: FloatArray
    lost: FloatArray

    @property
    def torn(self) -> FloatArray:
        """1 where a strand is torn, else 0 (f,)."""
        return np.where(self.lost >= 1.0, 1.0, 0.0)

    @property
    def none(self) -> bool:
        """Whether every strand is intact."""
        return not (self.unrecovered.any() or self.lost.any())


@dataclass(frozen=True, slots=True)
class DamageLaw:
    """Damage of a strand by its greatest strain ε so far: ε_r = s (ε − ε_s), d = D (ε − ε_s)/(ε_f − ε_s).

    Notes
    -----
    ε_s is the sub-failure strain, up to which nothing happens at all, ε_f the failure strain, from which on the strand
    is torn (d = 1); strains refer to the intact strand. That stretching beyond a threshold leaves a ligament longer at
    its preload and lowers the modulus of its linear range was measured by Provenzano et al. 2002 (J. Appl. Physiol.
    92:362) and Guo et al. 2015 (J. Biomech. Eng. 137:071011); that both grow linearly from the threshold on is assumed.
    Nothing heals: both grow with the greatest strain, which never falls.
    """

    unrecovered_share: Annotated[float, Parameter("1", "share s of the strain beyond that stays", 0.0, 1.0)]
    stiffness_loss: Annotated[float, Parameter("1", "stiffness D lost just before failure", 0.0, 1.0)]

    def after(self, peak: FloatArray, sub_failure: FloatArray, failure: FloatArray) -> StrandDamage:
        """Return the damage of strands whose greatest strain so far is `peak` (f,), with their limits (f,)."""
        beyond = np.maximum(np.minimum(peak, failure) - sub_failure, 0.0)
        room = np.maximum(failure - sub_failure, np.finfo(float).tiny)
        lost = np.where(peak >= failure, 1.0, self.stiffness_loss * beyond / room)
        return StrandDamage(self.unrecovered_share * beyond, lost)
