"""What a case may put on the spine: the kinds of load, as written in a case file."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from fem.case.thrust_schema import ThrustTiming
from fem.document import StrictModel
from fem.quantities import Angle, Force, Length, Moment, Number, Quantity

BodyName = Literal["thorax", "L1", "L2", "L3", "L4", "L5", "S1"]
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

    A later phase that names the same load (kind, body, motion or landmark) ramps it to its new value.
    """


class DirectedLoad(Load):
    """A load at a point of a vertebra, or of the thorax, along a direction fixed in space."""

    on: BodyName = Field(description="body that carries the load")
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
    on: BodyName = Field(description="body that carries the load")
    motion: MotionName
    value: Moment


class ForceLoad(DirectedLoad):
    """A force of constant direction at a landmark."""

    kind: Literal["force"]
    value: Force


class RotationLoad(Load):
    """A prescribed rotation about an anatomical axis; the body's other motions stay free."""

    kind: Literal["rotation"]
    on: BodyName = Field(description="body that is turned")
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


class ThrustLoad(DirectedLoad, ThrustTiming):
    """A push of the hand at a landmark in a dynamic phase; it starts with its phase.

    Half a sine from the preload to the peak and back, or a measured table. The preload is reached by a ramp over the
    phase before and let go by a ramp over the phase after.
    """

    kind: Literal["thrust"]


AnyLoad = Annotated[
    MomentLoad | ForceLoad | RotationLoad | DisplacementLoad | FollowerLoad | ThrustLoad,
    Field(discriminator="kind"),
]
