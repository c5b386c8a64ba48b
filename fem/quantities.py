"""Quantities as pydantic field types: written with a unit, held in internal units.

Use them in the models of case files and recipes: ``value: Moment``, ``thickness: PositiveLength``.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fem.units import (
    QuantityError,
    beyond_sense,
    example_quantity,
    format_quantity,
    internal_unit,
    parse_quantity,
    quantity_pattern,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Annotation for a float field: read with `parse_quantity`, then checked against a range.

    `low` and `high` include their ends; `above` and `below` do not. All are in internal units.
    """

    dimension: str
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None

    def read(self, value: object) -> float:
        """Return `value` in internal units, or raise the error that pydantic reports."""
        try:
            number = parse_quantity(value, self.dimension)  # type: ignore[arg-type]
        except QuantityError as error:
            raise PydanticCustomError("quantity", "{sentence}", {"sentence": str(error)}) from None
        for word in self._range_faults(number):
            raise PydanticCustomError(
                "quantity_range", "{sentence}", {"sentence": f"'{value}' must be {word}"}
            )
        return number

    def _range_faults(self, number: float) -> list[str]:
        faults = []
        if self.low is not None and not number >= self.low:
            faults.append(f"{self._written(self.low)} or more")
        if self.high is not None and not number <= self.high:
            faults.append(f"{self._written(self.high)} or less")
        if self.above is not None and not number > self.above:
            faults.append(f"more than {self._written(self.above)}")
        if self.below is not None and not number < self.below:
            faults.append(f"less than {self._written(self.below)}")
        if not faults and (sense := beyond_sense(number, self.dimension, least=self.above == 0.0)):
            faults.append(sense)
        return faults

    def _written(self, bound: float) -> str:
        return format_quantity(bound, self.dimension, internal_unit(self.dimension))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        text: dict[str, Any] = {
            "type": "string",
            "pattern": quantity_pattern(self.dimension),
            "examples": [example_quantity(self.dimension)],
            "description": f"{self.dimension} with a unit",
        }
        if self.dimension != "dimensionless":
            return text
        return {"anyOf": [{"type": "number"}, text]}


Force = Annotated[float, Quantity("force")]
Length = Annotated[float, Quantity("length")]
PositiveLength = Annotated[float, Quantity("length", above=0.0)]
Area = Annotated[float, Quantity("area", above=0.0)]
Volume = Annotated[float, Quantity("volume", low=0.0)]
Time = Annotated[float, Quantity("time", low=0.0)]
PositiveTime = Annotated[float, Quantity("time", above=0.0)]
Pressure = Annotated[float, Quantity("pressure")]
Stress = Pressure
Modulus = Annotated[float, Quantity("pressure", above=0.0)]
Moment = Annotated[float, Quantity("moment")]
Stiffness = Annotated[float, Quantity("stiffness", low=0.0)]
Angle = Annotated[float, Quantity("angle")]
AngularStiffness = Annotated[float, Quantity("angular stiffness", low=0.0)]
Speed = Annotated[float, Quantity("speed")]
Viscosity = Annotated[float, Quantity("viscosity", above=0.0)]
Mass = Annotated[float, Quantity("mass", above=0.0)]
Density = Annotated[float, Quantity("density", above=0.0)]
Number = Annotated[float, Quantity("dimensionless")]
Fraction = Annotated[float, Quantity("dimensionless", low=0.0, high=1.0)]
Scale = Annotated[float, Quantity("dimensionless", low=0.0)]
