"""A calibration as one JSON document."""

from typing import Any

from fem.calibrate.free import Free
from fem.calibrate.outcome import Outcome, Point, StageOutcome
from fem.results.provenance import program_version
from fem.units import from_internal

#: Data that are named as pulling most on a parameter.
_NAMED = 4


def calibration_document(outcome: Outcome) -> dict[str, Any]:
    """Return everything that a calibration came to; numbers in the units that stand beside them."""
    plan = outcome.plan
    return {
        "version": 1,
        "plan": str(plan.path),
        "title": plan.plan.title,
        "facetgap": program_version(),
        "fingerprint": plan.fingerprint,
        "fitted_on": plan.fit.resolution,
        "checked_on": plan.fit.check,
        "anchor": plan.fit.anchor,
        "sets": {part: section.name for part, section in plan.plan.sets.items()},
        "stages": [_stage(stage) for stage in outcome.stages],
    }


def _stage(stage: StageOutcome) -> dict[str, Any]:
    start, fitted = stage.squares
    return {
        "title": stage.title,
        "sum_of_squares": {"start": start, "fitted": fitted},
        "parameters": [
            {
                **_parameter(parameter),
                "value": parameter.written(float(stage.numbers[index])),
                "at_bound": stage.at_bound[index] or None,
                "standard_error": parameter.written(
                    float(stage.uncertainty[index]) * (parameter.high - parameter.low)
                ),
                "pulls": _pulls(stage, index),
            }
            for index, parameter in enumerate(stage.parameters)
        ],
        "data": [_point(point) for point in stage.points],
        "sensitivity": {
            "what": "change of the computed datum as a share of the measured one, for the parameter's whole range",
            "data": [point.label for point in stage.points],
            "parameters": [parameter.name for parameter in stage.parameters],
            "values": stage.sensitivity,
        },
    }


def _parameter(parameter: Free) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "set": parameter.part,
        "data": list(parameter.names),
        "change": parameter.change,
        "unit": parameter.unit,
        "start": parameter.written(parameter.start),
        "low": parameter.written(parameter.low),
        "high": parameter.written(parameter.high),
        "why": parameter.why,
    }


def _point(point: Point) -> dict[str, Any]:
    unit = point.measured.unit
    numbers = {
        "measured": point.measured.value, "start": point.start, "fitted": point.fitted, "check": point.check,
    }  # fmt: skip
    return {
        "datum": point.label,
        "case": point.case,
        "experiment": point.experiment,
        "moment_Nm": point.moment / 1e3,
        "unit": unit,
        **{key: from_internal(number, unit) for key, number in numbers.items()},
        "ratio": point.fitted / point.measured.value,
        "weight": point.weight,
        "residual": point.residual,
    }


def _pulls(stage: StageOutcome, index: int) -> list[dict[str, Any]]:
    """Return the data that pull most on a parameter, the strongest first."""
    share = stage.pulls[:, index]
    first = sorted(range(len(share)), key=lambda row: -abs(share[row]))[:_NAMED]
    return [{"datum": stage.points[row].label, "share": float(share[row])} for row in first]
