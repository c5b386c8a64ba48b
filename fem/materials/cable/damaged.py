"""A strand that was stretched too far before: its intact law on a longer reference length, weakened."""

from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray
from fem.materials.damage import StrandDamage
from fem.materials.law import CableLaw, CableResponse


@dataclass(frozen=True, slots=True)
class DamagedCable:
    """T(L) = (1 − d) T₀(L/(1 + ε_r)): the same strain of a strand that is longer gives the same tension, less d.

    Notes
    -----
    Energy (1 − d)(1 + ε_r) E₀, stiffness (1 − d)/(1 + ε_r) k₀. The damage is that of earlier times and stays as it is:
    an elastic law. Without damage it is the intact law, to the last bit.
    """

    intact: CableLaw
    damage: StrandDamage

    def respond(self, length: FloatArray) -> CableResponse:
        """Return energy, tension and stiffness for lengths (f,) [mm]."""
        longer, left = 1.0 + self.damage.unrecovered, 1.0 - self.damage.lost
        here = self.intact.respond(np.asarray(length / longer))
        return CableResponse(left * longer * here.energy, left * here.tension, left / longer * here.stiffness)
