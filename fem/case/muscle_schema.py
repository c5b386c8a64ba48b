"""How muscles hold the spine, and what supports it from outside, as written in a case file."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from fem.case.loads import BodyName
from fem.document import StrictModel
from fem.quantities import AngularStiffness, Number, Quantity, Scale, Stiffness, Time


def _activation(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise ValueError(
            f"an activation lies between 0 (no drive) and 1 (every fibre fully driven); {value:g} does not"
        )
    return value


Activation = Annotated[Number, AfterValidator(_activation)]


class ReflexSection(StrictModel):
    """Extra drive in answer to stretch; what is left out comes from the data set ``guarding/reflex``."""

    delay: Time | None = Field(None, description="from the stretch to the first new drive")
    gain: Scale | None = Field(None, description="activation per unit fibre strain beyond the threshold")
    duration: Annotated[float, Quantity("time", above=0.0)] | None = Field(
        None, description="how long it lasts after it began"
    )
    threshold: Scale | None = Field(None, description="fibre strain since the phase began that sets it off")


def _reflex_tag(value: Any) -> str:
    return "reflex" if isinstance(value, (ReflexSection, Mapping)) else "none"


ReflexChoice = Annotated[
    Annotated[ReflexSection, Tag("reflex")] | Annotated[Literal["none"], Tag("none")],
    Discriminator(_reflex_tag),
]


class MuscleSection(StrictModel):
    """Muscles, and how strongly they guard."""

    guarding: str = Field(
        "relaxed",
        description="pattern by name (relaxed, bilateral …), or a pattern file relative to this one",
    )
    level: Activation | None = Field(
        None, description="activation of the groups to which the pattern gives the full share"
    )
    reflex: ReflexChoice | None = Field(None, description="default: as the pattern says")
    activation: dict[str, Activation] = Field(
        default_factory=dict,
        description="single groups, on top of the pattern; a group, a group and side, or a fascicle",
        examples=[{"multifidus left": 0.3}],
    )
    balance: bool = Field(True, description="let antagonists keep the posture that the relaxed spine has")


class SupportSection(StrictModel):
    """Springs with damping from a body to the ground: a table, a hand that holds."""

    on: BodyName = Field(description="supported body; the lowest vertebra then rests on the springs alone")
    translation: Stiffness = Field(0.0, description="in each direction")
    rotation: AngularStiffness = Field(0.0, description="about each axis")
    damping: Time = Field(0.0, description="damping over stiffness; acts in dynamic phases")

    @model_validator(mode="after")
    def _holds_something(self) -> "SupportSection":
        if not (self.translation or self.rotation):
            raise ValueError("a support without stiffness holds nothing; give translation, rotation or both")
        return self


def one_support_each(value: tuple[SupportSection, ...]) -> tuple[SupportSection, ...]:
    """Return `value` if no body is named twice; ValueError otherwise."""
    names = [support.on for support in value]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{twice[0]} has more than one support; add their stiffnesses to one")
    return value


Supports = Annotated[tuple[SupportSection, ...], AfterValidator(one_support_each)]
