"""Risk flags: which structure came how close to which limit, and how sure that limit is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

#: Share of a limit from which on a structure is listed.
LISTED: Final = 0.5

ADVICE: Final = (
    "A model of one spine gives no medical advice; pain or stiffness that lasts belongs with a professional."
)


@dataclass(frozen=True, slots=True)
class Limit:
    """How far a structure may be stretched.

    Attributes
    ----------
    structure : in words, such as ``L4-L5 CL left``.
    place : keys that lead to its values in the summary, such as ``("ligaments", "L4-L5", "CL left")``.
    quantity : what the limit is of, as the summary calls it.
    value : [1] the limit.
    kind : ``sub-failure``, ``failure``, or ``injury`` (of muscle fibres).
    basis, source, locator, confidence : kind, source and place of the number, and how sure it is from 0 to 1.
    """

    structure: str
    place: tuple[str, ...]
    quantity: str
    value: float
    kind: str
    basis: str
    source: str
    locator: str = ""
    confidence: float | None = None


def risks(summary: Mapping[str, Any], limits: Sequence[Limit]) -> list[dict[str, Any]]:
    """Return the limits that a run came to half of or nearer, nearest first; of a repeated run its largest values."""
    found = [_risk(value, limit) for limit in limits if (value := _value(summary, limit)) is not None]
    near = [risk for risk in found if risk["fraction"] >= LISTED]
    return sorted(near, key=lambda risk: -risk["fraction"])


def _risk(value: float, limit: Limit) -> dict[str, Any]:
    return {
        "structure": limit.structure,
        "quantity": limit.quantity,
        "value": value,
        "limit": limit.value,
        "fraction": value / limit.value,
        "kind": limit.kind,
        "basis": limit.basis,
        "source": limit.source,
        "locator": limit.locator,
        "confidence": limit.confidence,
    }


def _value(summary: Mapping[str, Any], limit: Limit) -> float | None:
    """Return the largest value of the run, also of its later repetitions."""
    places = [limit.place]
    if limit.place[0] == "ligaments":
        places.append(("laxity", *limit.place[1:]))
    values = []
    for place in places:
        entry: Any = summary
        for key in place:
            entry = entry.get(key, {}) if isinstance(entry, Mapping) else {}
        if limit.quantity in entry:
            values.append(float(entry[limit.quantity]))
    return max(values, default=None)
