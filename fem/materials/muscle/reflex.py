"""The stretch reflex: what a guarding pattern says of it. No heavy imports: case files name these numbers."""

from dataclasses import dataclass
from typing import Annotated

from fem.parameters import Parameter


@dataclass(frozen=True, slots=True)
class Reflex:
    """Excitation on top of the base: gain x (fibre strain `delay` ago − threshold), for `duration` after it began.

    Notes
    -----
    Strain counts from the start of the dynamic phase. The sum of base and reflex is limited to 1; the reflex of a
    fascicle may begin again once its duration is over and its stretch has fallen below the threshold.
    """

    delay: Annotated[float, Parameter("s", "time from stretch to excitation", low=0.0)]
    gain: Annotated[float, Parameter("1", "excitation per unit fibre strain", low=0.0)]
    duration: Annotated[float, Parameter("s", "how long the reflex lasts", low=0.0, open_low=True)]
    threshold: Annotated[float, Parameter("1", "fibre strain below which nothing happens", low=0.0)]
