"""A calibration as tables of a Markdown page, and as text for the screen."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from fem.calibrate.outcome import Outcome, Point, StageOutcome
from fem.errors import UsageError
from fem.units import from_internal

#: Data that are named as pulling most on a parameter.
_NAMED = 3


#: Lines of a page between which its tables stand.
BEGIN: Final = "<!-- calibration: begin -->"
END: Final = "<!-- calibration: end -->"


def with_tables(text: str, tables: str) -> str:
    """Return the text of a page with `tables` between its two marks.

    Raises
    ------
    UsageError
        Where the page does not have both marks, in order.
    """
    head, first, rest = text.partition(BEGIN)
    _, last, tail = rest.partition(END)
    if not (first and last):
        raise UsageError(
            f"the page has no place for the tables; write the lines '{BEGIN}' and '{END}' into it"
        )
    return f"{head}{BEGIN}\n\n{tables}\n{END}{tail}"


def calibration_page(outcome: Outcome) -> str:
    """Return the tables of a calibration as Markdown."""
    lines: list[str] = []
    for stage in outcome.stages:
        lines += [f"### {stage.title}", ""]
        for part in (
            _squares(outcome, stage),
            _parameters(stage),
            _data(outcome, stage),
            _sensitivity(stage),
        ):
            lines += [*part, ""]
    return "\n".join(lines).rstrip() + "\n"


def _squares(outcome: Outcome, stage: StageOutcome) -> list[str]:
    start, fitted = stage.squares
    fit = outcome.plan.fit
    return [
        f"Weighted sum of squares {start:.3f} with the start, {fitted:.3f} fitted, on the {fit.resolution} mesh; "
        f"anchor {fit.anchor:g}."
    ]


def _parameters(stage: StageOutcome) -> Iterator[str]:
    yield "| parameter | start | bounds | fitted | ± | pulled most by |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for index, parameter in enumerate(stage.parameters):
        unit = "" if parameter.unit == "1" else f" {parameter.unit}"
        span = parameter.written(parameter.high - parameter.low)
        end = stage.at_bound[index]
        error = "at its bound" if end else f"{stage.uncertainty[index] * span:.2g}"
        cells = (
            parameter.name,
            f"{parameter.written(parameter.start):.4g}{unit}",
            f"{parameter.written(parameter.low):.4g} to {parameter.written(parameter.high):.4g}",
            f"**{parameter.written(float(stage.numbers[index])):.4g}**",
            error,
            "; ".join(_pullers(stage, index)),
        )
        yield f"| {' | '.join(cells)} |"


def _pullers(stage: StageOutcome, index: int) -> Iterator[str]:
    share = stage.pulls[:, index]
    for row in sorted(range(len(share)), key=lambda row: -abs(share[row]))[:_NAMED]:
        yield f"{stage.points[row].label} ({100.0 * share[row]:+.0f} %)"


def _data(outcome: Outcome, stage: StageOutcome) -> Iterator[str]:
    check = outcome.plan.fit.check
    yield f"| datum | measured | start | fitted | fitted / measured | {check} mesh | weight |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for point in stage.points:
        unit = point.measured.unit
        measured, start, fitted, checked = (
            f"{from_internal(number, unit):.3g}"
            for number in (point.measured.value, point.start, point.fitted, point.check)
        )
        ratio = f"{point.fitted / point.measured.value:.2f}"
        cells = (point.label, f"{measured} {unit}", start, fitted, ratio, checked, f"{point.weight:g}")
        yield f"| {' | '.join(cells)} |"


def _sensitivity(stage: StageOutcome) -> Iterator[str]:
    """Yield the sensitivities of rotation and pressure rise, root mean square over the data of each group."""
    groups = _groups(stage.points)
    yield "Sensitivity: change in per cent of the measured value for a tenth of the parameter's range, mean of the"
    yield "weighted data of a curve."
    yield ""
    yield f"| parameter | {' | '.join(groups)} |"
    yield f"| --- |{' --- |' * len(groups)}"
    weights = np.array([point.weight for point in stage.points])
    for index, parameter in enumerate(stage.parameters):
        cells = [
            f"{10.0 * np.average(stage.sensitivity[rows, index], weights=weights[rows]):+.1f}"
            for rows in groups.values()
        ]
        yield f"| {parameter.name} | {' | '.join(cells)} |"


def _groups(points: Sequence[Point]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for row, point in enumerate(points):
        if point.weight > 0.0:
            name = f"{point.group.replace('_', ' ')}, {point.quantity.replace('_', ' ')}"
            groups.setdefault(name, []).append(row)
    return groups


def screen_table(outcome: Outcome) -> str:
    """Return what the screen shows: parameters, then computed over measured."""
    lines = [outcome.plan.plan.title]
    for stage in outcome.stages:
        start, fitted = stage.squares
        lines += ["", f"{stage.title}: weighted sum of squares {start:.3f} -> {fitted:.3f}", ""]
        lines.append(f"  {'parameter':32} {'start':>9} {'low':>9} {'high':>9} {'fitted':>9}  unit")
        for index, parameter in enumerate(stage.parameters):
            numbers = (parameter.start, parameter.low, parameter.high, float(stage.numbers[index]))
            written = " ".join(f"{parameter.written(number):9.4g}" for number in numbers)
            end = f"  at its {stage.at_bound[index]} bound" if stage.at_bound[index] else ""
            lines.append(f"  {parameter.name:32} {written}  {parameter.unit}{end}")
        lines += ["", f"  {'datum':42} {'measured':>9} {'start':>9} {'fitted':>9} {'ratio':>6} {'check':>9}"]
        for point in stage.points:
            unit = point.measured.unit
            told = (point.measured.value, point.start, point.fitted)
            written = " ".join(f"{from_internal(number, unit):9.3g}" for number in told)
            ratio = point.fitted / point.measured.value
            lines.append(
                f"  {point.label:42} {written} {ratio:6.2f} {from_internal(point.check, unit):9.3g}  {unit}"
            )
    return "\n".join(lines) + "\n"
