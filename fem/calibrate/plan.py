"""A calibration plan as it is written: what is free, within which bounds, and what it is fitted to."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from fem.document import Place, SourceMap, StrictModel
from fem.document.problems import problems_of
from fem.errors import InputError, Problem

#: A number, or a quantity with its unit.
Written = str | float


class FreeSection(StrictModel):
    """A free parameter: the numbers of a set that it moves, how, from where, and within which bounds."""

    name: str
    part: Literal["disc", "ligaments", "capsule", "cartilage"] = "disc"
    keys: tuple[str, ...] = Field(min_length=1)
    change: Literal["value", "factor", "shift"] = "factor"
    start: Written
    low: Written
    high: Written
    why: str


class CurveSection(StrictModel):
    """A measured curve, or a single datum at the experiment's one moment, and the case that is to reproduce it."""

    case: str
    experiment: str
    group: str = Field(description="group of the curve; of a single datum what it is called in tables")
    quantity: Literal["rotation", "pressure_rise"]
    datum: str = Field("", description="name of a single datum; without it the group holds a curve")
    weights: tuple[float, ...] = Field(min_length=1)


class StageSection(StrictModel):
    """Parameters that are fitted together; those of earlier stages stay as they were fitted."""

    title: str
    parameters: tuple[FreeSection, ...] = Field(min_length=1)
    data: tuple[CurveSection, ...] = Field(min_length=1)


class SetSection(StrictModel):
    """A set that comes out: its name, the set that it starts from, what it may be used for, what it was fitted to."""

    name: str
    start: str
    scope: str
    against: str


class FitSection(StrictModel):
    """How the least squares are done."""

    resolution: Literal["coarse", "standard", "fine"] = "coarse"
    check: Literal["coarse", "standard", "fine"] = "standard"
    difference: float = Field(
        2e-3, gt=0.0, lt=0.1, description="step of the differences, as a share of the bounds"
    )
    tolerance: float = Field(
        2e-3, gt=0.0, lt=1.0, description="change of the sum of squares that ends the fit"
    )
    anchor: float = Field(
        0.1,
        ge=0.0,
        description="residual of a parameter a whole range from its start: what data do not tell stays",
    )
    rounds: int = Field(12, ge=1, description="how often, at most, the slopes are found anew by differences")
    steps: int = Field(7, ge=2, description="trial points of a round; between them slopes are only updated")
    digits: int = Field(3, ge=1, le=12, description="significant digits that the parameters are rounded to")


class Plan(StrictModel):
    """The whole plan."""

    version: Literal[1]
    title: str
    sets: dict[str, SetSection]
    fit: FitSection = Field(default_factory=FitSection)
    stages: tuple[StageSection, ...] = Field(min_length=1)


def parse_plan(path: Path) -> Plan:
    """Return the plan in the TOML file `path`, its words checked.

    Raises
    ------
    InputError
        With everything that is wrong with its keys and values.
    """
    table = _table(path)
    source = SourceMap({}, {(): Place(str(path))})
    try:
        return Plan.model_validate(table)
    except ValidationError as error:
        raise InputError(path, problems_of(error, Plan, table, source)) from None


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(path, [Problem(f"cannot be read ({error.strerror})")]) from None
    except UnicodeDecodeError:
        raise InputError(path, [Problem("is not text in UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(path, [Problem(f"is not TOML: {error}")]) from None
