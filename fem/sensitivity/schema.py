"""A plan of inputs as written in a file: which inputs are varied, how far, and who says so."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from fem.document import StrictModel, nearest
from fem.literature import load_sources
from fem.literature.datum import KINDS
from fem.sensitivity.outputs import OUTPUTS

JUDGEMENT: Final = "judgement"


def _as_texts(value: Any) -> Any:
    plain = isinstance(value, (list, tuple))
    return [str(item) if isinstance(item, int | float) else item for item in value] if plain else value


Ends = Annotated[tuple[str, str], BeforeValidator(_as_texts)]


class InputSection(StrictModel):
    """One input: what it moves in a case, all of it together from one end of the range to the other."""

    meaning: str = Field(min_length=1, description="in words, for tables")
    set: dict[str, Ends] = Field(
        default_factory=dict,
        description="key of the case -> its two values; * stands for every level",
        examples=[{"phases[2].loads[0].peak": ["220 N", "550 N"]}],
    )
    factor: dict[str, tuple[float, float]] = Field(
        default_factory=dict,
        description="datum of the case's sets -> factors on it; * stands for anything",
        examples=[{"disc.annulus.fibre.*.k1.*": [0.5, 1.5]}],
    )
    band: tuple[str, ...] = Field(
        (), description="data that go through their own bands", examples=[["trunk.body.mass"]]
    )
    kind: str = Field("", description="how the range came about; a band says so itself")
    source: str = Field("", description="key of a literature source, or judgement")
    note: str = Field("", description="why this range")

    @model_validator(mode="after")
    def _honest(self) -> "InputSection":
        if not (self.set or self.factor or self.band):
            raise ValueError("an input moves something: give set, factor or band")
        if not (self.set or self.factor):
            return self
        if self.kind not in KINDS:
            raise ValueError(f"the kind '{self.kind}' is not one of {', '.join(KINDS)}")
        if self.source != JUDGEMENT and self.source not in load_sources():
            near = (
                nearest(self.source, list(load_sources()), 0.5) or f"; write {JUDGEMENT} where there is none"
            )
            raise ValueError(f"the source '{self.source}' is not in fem/literature/sources.toml{near}")
        if self.source == JUDGEMENT and not (self.kind in ("assumed", "recalled") and self.note):
            raise ValueError(
                "what rests on judgement is assumed or recalled, and its note says why this range"
            )
        return self


class FilmInputs(StrictModel):
    """Which inputs of the synovial film are varied, each through the band of its data set."""

    vary: tuple[str, ...] | Literal["all"] = Field("all", description="names as in the data sets, or all")
    without: tuple[str, ...] = ()


class PlanFile(StrictModel):
    """What is varied, and what is asked of every run."""

    version: Literal[1]
    name: str = Field(min_length=1)
    note: str = Field(min_length=1, description="what the plan is for, and what it leaves out")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="keys of the case that all runs share, with their values"
    )
    inputs: dict[str, InputSection] = Field(min_length=1)
    film: FilmInputs | None = Field(None, description="replays of the film over each run's motion")
    outputs: tuple[str, ...] = Field(
        tuple(OUTPUTS), min_length=1, description=f"{', '.join(OUTPUTS)}, or a number of the summary"
    )
