"""What drives the spine in a case: its thrusts, and the loads that grow in dynamic phases."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fem.case.loads import AnyLoad, FollowerLoad, ThrustLoad
from fem.case.schema import Case
from fem.case.timeline import load_name
from fem.units import format_quantity, from_internal, readable_unit

#: Kind of a load that ramps -> dimension of its value.
_DIMENSIONS: Final = {"moment": "moment", "force": "force", "rotation": "angle", "displacement": "length"}


@dataclass(frozen=True, slots=True)
class Push:
    """One mention of a load that drives the spine in a dynamic phase.

    Attributes
    ----------
    phase, index : numbers of the phase and of the load in it.
    load : as the case has it.
    held : value at which the load was held before it moved in time, in internal units; 0 for a thrust.
    """

    phase: int
    index: int
    load: AnyLoad
    held: float = 0.0

    @property
    def key(self) -> str:
        """Key of the load in the case."""
        return f"phases[{self.phase}].loads[{self.index}]"

    @property
    def size_key(self) -> str | None:
        """Key of what says how hard it pushes; None for a measured table."""
        if isinstance(self.load, ThrustLoad):
            if self.load.table is not None:
                return None
            return f"{self.key}.{'peak' if self.load.peak is not None else 'displacement'}"
        return f"{self.key}.value"

    @property
    def size(self) -> float:
        """How hard it pushes, in internal units of `dimension`; 0 for a measured table."""
        if isinstance(self.load, ThrustLoad):
            return self.load.peak or self.load.displacement or 0.0
        return float(self.load.value)

    @property
    def dimension(self) -> str:
        """Dimension of `size`."""
        if isinstance(self.load, ThrustLoad):
            return "length" if self.load.displacement is not None else "force"
        return _DIMENSIONS[self.load.kind]


def pushes_of(case: Case) -> tuple[Push, ...]:
    """Return what drives the spine, in the order of the timeline; loads that are let go of do not."""
    return tuple(push for push in moving_loads(case) if isinstance(push.load, ThrustLoad) or _grows(push))


def moving_loads(case: Case) -> Iterator[Push]:
    """Yield every load of the dynamic phases but follower loads, whether it grows or is let go of."""
    held: dict[str, float] = {}
    for number, phase in enumerate(case.phases):
        for index, load in enumerate(phase.loads):
            if isinstance(load, FollowerLoad):
                continue
            if isinstance(load, ThrustLoad):
                yield Push(number, index, load)
            elif phase.kind == "dynamic":
                yield Push(number, index, load, held.get(load_name(load), 0.0))
            else:
                held[load_name(load)] = load.value


def written(value: float, dimension: str) -> str:
    """Return a quantity as text for a case file, in the unit in which people read it."""
    return format_quantity(value, dimension, readable_unit(dimension), digits=12)


def in_words(value: float, dimension: str) -> str:
    """Return a quantity as text for people, with three digits."""
    if dimension == "time" and value < 1.0:
        return format_quantity(value, dimension, "ms", digits=3)
    unit = readable_unit(dimension)
    number = from_internal(value, unit)
    text = f"{number:.0f}" if abs(number) >= 100.0 else f"{number:.3g}"
    return text if unit == "1" else f"{text} {unit}"


def _grows(push: Push) -> bool:
    return abs(push.size) > abs(push.held) or push.size * push.held < 0.0
