"""The synovial film of the facet joints, as written in a case file."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, Tag

from fem.document import StrictModel
from fem.quantities import PositiveLength, Quantity, Time, Viscosity
from fem.units import format_quantity, readable_unit

JointName = Literal[
    "L1-L2 left", "L1-L2 right", "L2-L3 left", "L2-L3 right", "L3-L4 left", "L3-L4 right",
    "L4-L5 left", "L4-L5 right", "L5-S1 left", "L5-S1 right",
]  # fmt: skip

#: Key of the section -> (set, key in it, dimension) of the numbers that it replaces.
_SHORT_FOR: Final = {
    "recess_volume": (("film", "recess.volume", "volume"), ("gas", "joint.fluid_volume", "volume")),
    "viscosity": (("film", "fluid.rest_viscosity", "viscosity"),),
}


def _time_tag(value: Any) -> str:
    return "each" if isinstance(value, Mapping) else "all"


SinceLastPop = Annotated[
    Annotated[dict[JointName, Time], Tag("each")] | Annotated[Time, Tag("all")], Discriminator(_time_tag)
]


class FilmSection(StrictModel):
    """What fills the facet joints; what is left out comes from the data sets ``film`` and ``gas``."""

    minutes_since_last_pop: SinceLastPop | None = Field(
        None,
        description="one time for all joints, or one for each joint that popped; default: never, no gas is left",
        examples=["45 min", {"L4-L5 left": "45 min"}],
    )
    thickness: PositiveLength | None = Field(
        None,
        description="mean film thickness in the neutral posture; default: the joint space of the anatomy",
    )
    recess_volume: Annotated[float, Quantity("volume", above=0.0)] | None = Field(
        None, description="fluid in the folds of the capsule at rest, of each joint"
    )
    viscosity: Viscosity | None = Field(
        None, description="of the fluid at rest; it thins as the data set says"
    )

    def since_last_pop(self, joint: str) -> float | None:
        """Return the time [s] since a joint such as ``L4-L5 left`` popped; None if it never did."""
        given = self.minutes_since_last_pop
        if not isinstance(given, dict):
            return given
        return next((time for name, time in given.items() if name == joint), None)

    def replaced(self, part: str) -> dict[str, str]:
        """Return key -> text of the numbers in the set of `part` (``film``, ``gas``) that this section replaces."""
        return {
            key: format_quantity(getattr(self, name), dimension, readable_unit(dimension), digits=15)
            for name, places in _SHORT_FOR.items()
            for where, key, dimension in places
            if where == part and getattr(self, name) is not None
        }

    def said_twice(self, part: str, keys: Mapping[str, str]) -> dict[str, str]:
        """Return override -> key of this section, of overrides of the set of `part` that the section gives too."""
        return {
            key: name
            for name, places in _SHORT_FOR.items()
            for where, key, _ in places
            if where == part and key in keys and getattr(self, name) is not None
        }


def _film_tag(value: Any) -> str:
    return "film" if isinstance(value, (FilmSection, Mapping)) else "none"


FilmChoice = Annotated[
    Annotated[FilmSection, Tag("film")] | Annotated[Literal["none"], Tag("none")], Discriminator(_film_tag)
]
