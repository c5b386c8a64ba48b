"""The case file: what a user may write, with units, ranges and defaults. Nothing is derived or built here."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from fem.anatomy.vocabulary import BUNDLES, LEVELS, SIDES, VERTEBRAE
from fem.case.film_schema import FilmChoice, FilmSection
from fem.case.loads import AnyLoad, ThrustLoad
from fem.case.muscle_schema import MuscleSection, Supports
from fem.case.parameter_schema import ParameterSection
from fem.case.verification_schema import AnyProblem
from fem.document import StrictModel, nearest
from fem.quantities import PositiveTime, Quantity, Scale, Time

LevelName = Literal["L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1"]
LigamentName = Literal["ALL", "PLL", "LF", "CL", "ISL", "SSL", "ITL"]
Structure = Literal["disc", "ligaments", "facets"]
FieldName = Literal["displacement", "strain", "stress", "pressure", "contact"]
Step = Annotated[float, Quantity("dimensionless", above=0.0, high=1.0)]
WholeNumber = Annotated[int, Field(strict=True)]
#: Factor on the stiffness of a disc: without any, nothing joins the bones.
DiscScale = Annotated[float, Quantity("dimensionless", above=0.0)]
#: Growth of a rest length, as a share of it: by half, and a capsule is slack by more than its joint ever opens.
Laxity = Annotated[float, Quantity("dimensionless", low=0.0, high=0.5)]
#: Factor on the space of a joint: 0 lays the cartilage surfaces on each other, 3 is wider than any that was measured.
JointSpace = Annotated[float, Quantity("dimensionless", low=0.0, high=3.0)]


def level_range(text: str) -> tuple[str, ...]:
    """Return the levels of ``L3-S1``: ``("L3-L4", "L4-L5", "L5-S1")``; ValueError for anything else."""
    upper, dash, lower = text.replace(" ", "").partition("-")
    for name in (upper, lower):
        if not dash or name not in VERTEBRAE:
            raise ValueError(f"'{text}' is not a range of vertebrae; write upper-lower, as in L1-S1 or L4-L5")
    first, last = VERTEBRAE.index(upper), VERTEBRAE.index(lower)
    if first >= last:
        raise ValueError(f"'{text}' holds no level: {upper} must lie above {lower}, as in L1-S1")
    return LEVELS[first:last]


def cut_bundles(text: str) -> tuple[tuple[str, str | None], ...]:
    """Return the (bundle, level) pairs that ``CL L4-L5`` or ``ISL`` cuts; level None is every level."""
    words = text.split()
    level = words.pop() if words and words[-1] in LEVELS else None
    name = " ".join(words)
    hit = tuple((bundle, level) for bundle in BUNDLES if name in (bundle, bundle.split()[0]))
    if not hit:
        known = (*BUNDLES, *(f"{bundle} {level}" for bundle in BUNDLES for level in LEVELS))
        hint = nearest(text, known, 0.5) or f"; bundles: {', '.join(BUNDLES)}"
        raise ValueError(f"'{text}' is not a ligament, or a ligament and a level (ISL L4-L5){hint}")
    return hit


class Modification(StrictModel):
    """How one level differs from the rest: factors on stiffness and joint space (1 = unchanged), and laxity."""

    disc_stiffness: DiscScale = 1.0
    capsule_stiffness: Scale = 1.0
    ligament_stiffness: Scale = Field(1.0, description="all bundles but the capsule")
    ligaments: dict[LigamentName, Scale] = Field(
        default_factory=dict, description="single bundles, on top of the factors above"
    )
    capsule_laxity: Laxity = Field(0.0, description="by how much the capsule's rest length has grown")
    ligament_laxity: Laxity = Field(0.0, description="the same of all bundles but the capsule")
    joint_space: JointSpace = Field(
        1.0, description="factor on the space between the cartilage surfaces of both joints"
    )


class SpineSection(StrictModel):
    """Which anatomy, how finely meshed, and what of it is present."""

    anatomy: str = Field(description="recipe file, relative to this file")
    resolution: Literal["coarse", "standard", "fine"] = "standard"
    levels: str = Field(
        "L1-S1", description="contiguous range; the lowest vertebra is fixed", examples=["L4-L5"]
    )
    thorax: Literal["auto", "present", "absent"] = Field(
        "auto",
        description="rigid trunk above L1; auto: where muscles, loads, supports or a dynamic phase need it",
    )
    bone: Literal["rigid", "elastic"] = "rigid"
    structures: tuple[Structure, ...] = ("disc", "ligaments", "facets")
    without: tuple[str, ...] = Field(
        (), max_length=100, description="ligaments that are cut", examples=[["ISL L4-L5", "SSL"]]
    )
    modify: dict[LevelName, Modification] = Field(default_factory=dict)

    @field_validator("levels")
    @classmethod
    def _contiguous(cls, value: str) -> str:
        level_range(value)
        return value

    @field_validator("without")
    @classmethod
    def _known_bundles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            cut_bundles(text)
        return value

    @property
    def level_names(self) -> tuple[str, ...]:
        """Levels of the model, cranial to caudal."""
        return level_range(self.levels)

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Facet joints of the model, cranial to caudal, left before right."""
        return tuple(f"{level} {side}" for level in self.level_names for side in SIDES)

    @property
    def vertebra_names(self) -> tuple[str, ...]:
        """Vertebrae of the model, cranial to caudal; the last one is fixed unless it has a support."""
        return (*(level.split("-")[0] for level in self.level_names), self.level_names[-1].split("-")[1])


class FollowerSection(StrictModel):
    """A compressive load along the spine, reached in the first phase and held to the end."""

    value: Annotated[float, Quantity("force", low=0.0)]


class Phase(StrictModel):
    """A stretch of the timeline."""

    name: str = Field(min_length=1)
    kind: Literal["static", "dynamic"] = Field(
        "static", description="static: long-term equilibrium; dynamic: with masses, viscosity and reflexes"
    )
    duration: PositiveTime = 1.0
    loads: tuple[AnyLoad, ...] = Field((), max_length=100)
    curve: Literal["ramp"] = Field("ramp", description="how the loads reach their values over the phase")
    steps: Annotated[WholeNumber, Field(ge=1, le=100_000)] | None = Field(
        None, description="at least so many load steps"
    )


class SolverSection(StrictModel):
    """When a step counts as solved, and how long steps may be (as fractions of a phase)."""

    tolerance: Annotated[float, Quantity("dimensionless", above=0.0, high=1e-2)] = Field(
        1e-8, description="unbalanced force over the largest force in the model"
    )
    first_step: Step = 0.25
    largest_step: Step = 1.0
    smallest_step: Step = 1e-3
    iterations: Annotated[WholeNumber, Field(ge=2, le=200)] = 20

    @model_validator(mode="after")
    def _in_order(self) -> "SolverSection":
        if not self.smallest_step <= self.first_step <= self.largest_step:
            raise ValueError("the steps must satisfy smallest_step <= first_step <= largest_step")
        return self


class OutputSection(StrictModel):
    """What is written besides the tables."""

    every: Time | None = Field(None, description="time between written fields; without it every load step")
    fields: tuple[FieldName, ...] = ("displacement", "strain", "stress")


class ExpectSection(StrictModel):
    """What the case must show: a quantity of the summary and its range, both ends included."""

    quantity: str = Field(examples=["levels.L4-L5.flexion_deg"])
    between: tuple[str, str] = Field(examples=[["4 deg", "8 deg"]])
    kind: Literal["analytic", "published", "regression"]
    source: str = Field(min_length=1)
    note: str = ""

    @field_validator("between", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        plain = isinstance(value, (list, tuple))
        return [str(item) if isinstance(item, (int, float)) else item for item in value] if plain else value


_SETTLE = Phase(name="settle")


class Case(StrictModel):
    """A whole case file: either a `spine` under load, or a small closed-form `problem`."""

    version: Literal[1]
    title: str = Field(min_length=1)
    description: str = ""
    extends: str | None = Field(None, description="file whose keys hold where this one says nothing")
    spine: SpineSection | None = None
    problem: AnyProblem | None = None
    parameters: ParameterSection = ParameterSection()
    target: str | None = Field(None, description="facet joint of interest", examples=["L4-L5 left"])
    follower_load: FollowerSection | None = None
    phases: tuple[Phase, ...] = Field((_SETTLE,), min_length=1, max_length=200)
    repeat: Annotated[WholeNumber, Field(ge=1, le=1000)] | None = Field(
        None,
        description="run the phases so often; ligaments stay as long and as weak as the time before left them",
    )
    solver: SolverSection = SolverSection()
    output: OutputSection = OutputSection()
    expect: tuple[ExpectSection, ...] = Field((), max_length=1000)
    muscles: MuscleSection | None = None
    supports: Supports = ()
    film: FilmChoice | None = Field(
        None, description="synovial film of the facet joints; none or left out: dry contact"
    )

    @field_validator("spine", "problem", "muscles", "film", mode="before")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("is empty; give its keys or leave it out")
        return value

    @model_validator(mode="after")
    def _one_subject(self) -> "Case":
        if (self.spine is None) == (self.problem is None):
            raise ValueError("a case has either a 'spine' or a 'problem' section: give exactly one of them")
        return self

    @property
    def dynamic(self) -> bool:
        """Whether any phase runs in time."""
        return any(phase.kind == "dynamic" for phase in self.phases)

    @property
    def has_thorax(self) -> bool:
        """Whether a rigid thorax stands on L1: as the case says, or where something needs it and L1 is there."""
        if self.spine is None or self.spine.thorax != "auto":
            return self.spine is not None and self.spine.thorax == "present"
        bodies = [support.on for support in self.supports]
        bodies += [load.on for phase in self.phases for load in phase.loads if hasattr(load, "on")]
        wanted = self.muscles is not None or self.dynamic or "thorax" in bodies
        return wanted and "L1" in self.spine.vertebra_names

    @property
    def body_names(self) -> tuple[str, ...]:
        """Bodies of the model, cranial to caudal."""
        vertebrae = self.spine.vertebra_names if self.spine else ()
        return ("thorax", *vertebrae) if self.has_thorax else vertebrae

    @property
    def fixed_body(self) -> str | None:
        """The lowest vertebra, which does not move; None where a support carries it instead."""
        lowest = self.body_names[-1] if self.spine else None
        return None if any(support.on == lowest for support in self.supports) else lowest

    @property
    def film_section(self) -> FilmSection | None:
        """What the case says about the film; None for dry joints."""
        return self.film if isinstance(self.film, FilmSection) and self.spine is not None else None

    @property
    def has_film(self) -> bool:
        """Whether the facet joints hold a synovial film."""
        return self.film_section is not None

    def parameter_sets(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Return structure -> (name of its parameter set, overrides) for all that this case reads."""
        needed = {"relaxation": self.dynamic, "muscles": self.muscles is not None}
        needed["trunk"] = self.has_thorax or self.dynamic or bool(self.supports)
        thrusts = [load for phase in self.phases for load in phase.loads if isinstance(load, ThrustLoad)]
        needed["hand"] = any(thrust.patch or thrust.displacement for thrust in thrusts)
        needed |= dict.fromkeys(("film", "gas", "verdict"), self.has_film)
        needed |= dict.fromkeys(("damage", "flexibility"), self.repeat is not None)
        sets = self.parameters.sets(tuple(part for part, needs in needed.items() if needs))
        if self.film_section is not None:
            for part in ("film", "gas"):
                name, overrides = sets[part]
                sets[part] = name, {**self.film_section.replaced(part), **overrides}
        return sets
