"""Dose and response over several results: what they differ in against verdict margin and strain."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes

from fem.figures.data import NothingToDrawError, ResultData
from fem.figures.drawing import GREY, Drawing, legend, panels, style
from fem.results.cavitation import CAVITATES, STAYS_SHUT
from fem.results.tables import Cell

#: What may be a dose: name and unit on the axis, in the order in which one is chosen for it.
_DOSES: Final = ("peak of the thrust [N]", "rise of the thrust [ms]", "preload [N]", "guarding level [%]")
_FACES: Final = {CAVITATES: "full", STAYS_SHUT: "none"}
_LEAST: Final = 2


def doses(one: ResultData) -> dict[str, float]:
    """Return the doses of a result that are known."""
    found: dict[str, float] = {}
    if one.thrusts:
        thrust = max(one.thrusts, key=lambda thrust: thrust.peak)
        rise = 1e3 * (thrust.time - thrust.onset)
        found = dict(zip(_DOSES[:3], (thrust.peak, rise, thrust.preload), strict=True))
    plan = one.case.guarding() if one.case is not None and one.case.case.muscles is not None else None
    if plan is not None:
        found[_DOSES[3]] = 100.0 * float(getattr(plan, "level", 0.0) or 0.0)
    return found


def draw_dose(data: Sequence[ResultData]) -> list[Drawing]:
    """Draw margin of the target's verdict and peak strain of its capsule against what the results differ in."""
    if len(data) < _LEAST:
        raise NothingToDrawError(
            "dose and response need two results or more, which differ in thrust or guarding"
        )
    given = [doses(one) for one in data]
    varied = [name for name in _DOSES if len({dose[name] for dose in given if name in dose}) > 1]
    if not varied:
        raise NothingToDrawError(f"the given results do not differ in any of: {', '.join(_DOSES)}")
    answers = [_answers(one) for one in data]
    wanted = [name for name in ("margin", "strain", "gap") if any(name in answer for answer in answers)]
    if not wanted:
        raise NothingToDrawError("the given results name no target joint, so there is no response to plot")
    return [_dose(data, given, answers, (varied, wanted))]


def _dose(
    data: Sequence[ResultData],
    given: Sequence[Mapping[str, float]],
    answers: Sequence[Mapping[str, Any]],
    chosen: tuple[list[str], list[str]],
) -> Drawing:
    (across, *others), wanted = chosen
    groups: dict[tuple[float, ...], list[int]] = {}
    for number in sorted((n for n in range(len(data)) if across in given[n]), key=lambda n: given[n][across]):
        groups.setdefault(tuple(given[number].get(name, 0.0) for name in others), []).append(number)
    figure, axes = panels(len(wanted), 34.0)
    for panel, name in zip(axes, wanted, strict=True):
        for line, (values, numbers) in enumerate(groups.items()):
            label = ", ".join(f"{other} {value:g}" for other, value in zip(others, values, strict=True))
            there = [number for number in numbers if name in answers[number]]
            panel.plot(
                [given[n][across] for n in there],
                [answers[n][name] for n in there],
                **style(line),
                label=label,
            )
            _verdicts(panel, name, [(given[n][across], answers[n]) for n in there], line)
        panel.set_ylabel(_LABELS[name])
    axes[-1].set_xlabel(across)
    if others:
        legend(axes[0])
    says = (
        f"Response to the {across.partition(' [')[0]} of {len(data)} results. Of the margin: a filled mark cavitates, "
        "an empty one does not, a half-filled one is undetermined. Strain = (length - reference length) / reference "
        "length."
    )
    header = ("result", *_DOSES, "verdict", "margin", "peak_capsule_strain", "peak_gap_mm")
    rows: list[tuple[Cell, ...]] = [
        (one.label, *(dose.get(name, "") for name in _DOSES), answer.get("verdict", ""), answer.get("margin", ""),
         answer["strain"] / 100 if "strain" in answer else "", answer.get("gap", ""))
        for one, dose, answer in zip(data, given, answers, strict=True)
    ]  # fmt: skip
    return Drawing("dose", "dose", figure, says, header, rows)


_LABELS: Final = {
    "margin": "margin of the verdict [1]",
    "strain": "peak strain of\nthe target's capsule [%]",
    "gap": "largest mean gap\nof the target [mm]",
}


def _answers(one: ResultData) -> dict[str, Any]:
    """Return verdict, margin, peak strain [%] of the capsule and largest mean gap [mm] of the target; what there is."""
    level, _, side = (one.target or "").partition(" ")
    facet = one.result.summary.get("facets", {}).get(one.target or "", {})
    capsule = one.result.summary.get("ligaments", {}).get(level, {}).get(f"CL {side}", {})
    found = {key: facet.get("cavitation", {}).get(key) for key in ("verdict", "margin")}
    found["strain"] = 100 * capsule["peak_strain"] if capsule else None
    found["gap"] = facet.get("peak_gap_mean_mm")
    return {key: value for key, value in found.items() if value is not None}


def _verdicts(panel: Axes, name: str, points: Sequence[tuple[float, Mapping[str, Any]]], line: int) -> None:
    colour = style(line)["color"]
    for across, answer in points:
        filled = _FACES.get(answer.get("verdict", ""), "left") if name == "margin" else "full"
        panel.plot([across], [answer[name]], "o", color=colour, markersize=4.0, fillstyle=filled,
                   markerfacecoloralt="white")  # fmt: skip
    if name == "margin":
        panel.axhline(0.0, color=GREY, linewidth=0.5)
