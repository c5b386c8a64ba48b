"""What a case may put on the spine: the kinds of load, as written in a case file."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from fem.document import StrictModel
from fem.quantities import Angle, Force, Length, Moment, Number, PositiveTime, Quantity

VertebraName = Literal["L1", "L2", "L3", "L4", "L5", "S1"]
MotionName = Literal[
    "flexion",
    "extension",
    "lateral bending right",
    "lateral bending left",
    "axial rotation left",
    "axial rotation right",
]
Direction = Annotated[
    tuple[Number, Number, Number], Field(description="x anterior, y left, z up; any length but zero")
]


class Load(StrictModel):
    """A load ramps to its value over its phase and is held afterwards.

    A later phase that names the same load (kind, vertebra, motion or landmark) ramps it to its new value.
    """


class DirectedLoad(Load):
    """A load at a point of a vertebra along a direction fixed in space."""

    on: VertebraName = Field(description="vertebra that carries the load")
    landmark: str | None = Field(None, description="point of application; without it the body centre")
    direction: Direction

    @field_validator("direction")
    @classmethod
    def _points_somewhere(cls, value: tuple[float, float, float]) -> tuple[float, float, float]:
        if not any(value):
            raise ValueError("the direction has no length; give at least one number other than 0")
        return value


class MomentLoad(Load):
    """A pure moment about an anatomical axis of the fixed frame."""

    kind: Literal["moment"]
    on: VertebraName = Field(description="vertebra that carries the load")
    motion: MotionName
    value: Moment


class ForceLoad(DirectedLoad):
    """A force of constant direction at a landmark."""

    kind: Literal["force"]
    value: Force


class RotationLoad(Load):
    """A prescribed rotation about an anatomical axis; the vertebra's other motions stay free."""

    kind: Literal["rotation"]
    on: VertebraName = Field(description="vertebra that is turned")
    motion: MotionName
    value: Angle


class DisplacementLoad(DirectedLoad):
    """A prescribed displacement of a landmark along a direction; across it the point stays free."""

    kind: Literal["displacement"]
    value: Length


class FollowerLoad(Load):
    """A compressive load that follows the curve of the spine through the vertebral body centres."""

    kind: Literal["follower"]
    value: Annotated[float, Quantity("force", low=0.0)]


class ThrustLoad(DirectedLoad):
    """A half-sine thrust at a landmark, for dynamic phases."""

    kind: Literal["thrust"]
    preload: Force = 0.0
    peak: Force
    time_to_peak: PositiveTime


AnyLoad = Annotated[
    MomentLoad | ForceLoad | RotationLoad | DisplacementLoad | FollowerLoad | ThrustLoad,
    Field(discriminator="kind"),
]
