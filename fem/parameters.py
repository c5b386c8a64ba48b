"""What a law says of its own constants: unit, meaning, legal range. Declared once, on the field itself."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from fem.errors import ParameterError
from fem.units import QuantityError, unit_named


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a law says about one field: ``Annotated[float, Parameter("MPa", "shear modulus", low=0.0)]``.

    Attributes
    ----------
    unit : str
        Unit of the table in which the field is held; it must be the internal one of its dimension.
    meaning : str
        Words for reference pages and messages.
    low, high : float
        Legal range in `unit`, ends included.
    open_low, open_high : bool
        Whether that end itself is not legal, as where the law divides by it.
    """

    unit: str
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def __post_init__(self) -> None:
        if unit_named(self.unit).factor != 1.0:
            raise QuantityError(f"parameter '{self.meaning}': declare it in internal units, not {self.unit}")

    @property
    def dimension(self) -> str:
        """Dimension of the unit."""
        return unit_named(self.unit).dimension

    @property
    def range_text(self) -> str:
        """The legal range as an interval with its unit; a round bracket excludes its end."""
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"{left}{self.low:g}, {self.high:g}{right} {self.unit}"

    def allows(self, values: Any) -> Any:
        """Return, for each of `values`, whether it is finite and legal."""
        import numpy as np

        above = values > self.low if self.open_low else values >= self.low
        below = values < self.high if self.open_high else values <= self.high
        return above & below & np.isfinite(values)


def parameters_of(law: type) -> Mapping[str, Parameter]:
    """Return field name -> `Parameter` of the annotated fields of a dataclass, in declaration order."""
    hints = get_type_hints(law, include_extras=True)
    declared: dict[str, Parameter] = {}
    for item in fields(law):
        for note in getattr(hints[item.name], "__metadata__", ()):
            if isinstance(note, Parameter):
                declared[item.name] = note
    return declared


def check_parameters(law: Any) -> None:
    """Check every declared parameter of a law (a number or an array) against its legal range.

    Raises
    ------
    ParameterError
        Naming law, parameter, value and range.
    """
    import numpy as np

    name = type(law).__name__
    for key, parameter in parameters_of(type(law)).items():
        values = np.asarray(getattr(law, key), dtype=np.float64)
        legal = parameter.allows(values)
        if not legal.all():
            worst = float(values[~legal].flat[0])
            written = f"{worst:g}" if parameter.unit == "1" else f"{worst:g} {parameter.unit}"
            raise ParameterError(
                f"{name}.{key} ({parameter.meaning}) is {written}, "
                f"outside its legal range {parameter.range_text}; correct the literature set or the case's override"
            )
