"""Free parameters: how a few numbers move the data of literature sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import FloatArray
from fem.literature import ParameterSet
from fem.literature.datum import Datum
from fem.units import from_internal


@dataclass(frozen=True, slots=True)
class Free:
    """A free parameter.

    Attributes
    ----------
    part : ``disc``, ``ligaments`` …: the set whose data it moves.
    names : the data it moves.
    change : ``value`` replaces them, ``factor`` multiplies them, ``shift`` is added to them.
    start, low, high : in internal units.
    unit : in which it is written; 1 for a factor.
    """

    name: str
    part: str
    names: tuple[str, ...]
    change: str
    start: float
    low: float
    high: float
    unit: str
    why: str

    def moved(self, value: float, number: float) -> float:
        """Return what becomes of a datum's `value` when the parameter is `number`."""
        if self.change == "factor":
            return value * number
        return value + number if self.change == "shift" else number

    def written(self, number: float) -> float:
        """Return an internal `number` in the unit in which the parameter is written."""
        return from_internal(number, self.unit)


Sets = Mapping[str, ParameterSet]


def moved_sets(starts: Sets, parameters: Sequence[Free], numbers: Sequence[float]) -> dict[str, ParameterSet]:
    """Return part -> its start set with the data that the parameters move; their bands are the bounds."""
    data = {part: dict(found.data) for part, found in starts.items()}
    for parameter, number in zip(parameters, numbers, strict=True):
        for name in parameter.names:
            data[parameter.part][name] = _moved(data[parameter.part][name], parameter, float(number))
    return {part: replace(found, data=data[part], used={}) for part, found in starts.items()}


def _moved(datum: Datum, parameter: Free, number: float) -> Datum:
    low, high = sorted(parameter.moved(datum.value, end) for end in (parameter.low, parameter.high))
    value = parameter.moved(datum.value, number)
    return replace(datum, value=value, low=low, high=high, kind="calibrated", source="facetgap")


def vector(parameters: Sequence[Free], name: str) -> FloatArray:
    """Return ``start``, ``low`` or ``high`` of the parameters (p,)."""
    return np.array([getattr(parameter, name) for parameter in parameters], dtype=np.float64)
