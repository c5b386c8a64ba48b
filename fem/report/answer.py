"""What was asked and what came out, in words; what the model can and cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fem.figures.data import ResultData
from fem.results.cavitation import CAVITATES, STAYS_SHUT
from fem.results.moment import most_strained, shown_joint

PROFESSIONAL: Final = (
    "This is no medical advice. Pain or stiffness that lasts belongs with a professional, a physician or a "
    "physiotherapist, and so does the wish to have a joint manipulated."
)

#: Verdict -> the head of the answer, and the class that colours it (the words say it all).
_HEADS: Final = {
    CAVITATES: ("The target joint pops", "yes"),
    STAYS_SHUT: ("The target joint does not pop", "no"),
}

CAN_SAY: Final = (
    "where and when ligaments are strained in a spine of average shape under the loads of the case, and how far that "
    "is from the limits that are named here;",
    "which facet joint opens, how far and how fast, and whether the pressure in its fluid falls far enough for a "
    "cavity to form and grow, with a band over the inputs that are not well known;",
    "how an answer changes when one thing in the case is changed, everything else being the same.",
)
CANNOT_SAY: Final = (
    "what happens in one particular person: shape, stiffness and muscle activity differ, and nothing here was measured "
    "on anybody who reads it;",
    "whether something hurts, is harmful or does good;",
    "how a pop sounds: what counts as a pop is a cavity of a certain size and energy, which is a judgement;",
    "what lies outside the model: fluid inertia, gas that comes out of solution while a cavity is open, synovial "
    "folds, bone that bends (unless the case says so), nerves and vessels.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Question, head of the answer with the class that colours it, and the sentences below it."""

    question: str
    head: str
    tone: str
    sentences: tuple[str, ...]


def answer(one: ResultData) -> Answer:
    """Return what a result answers."""
    summary = one.result.summary
    told = summary.get("facets", {}).get(one.target or "", {}).get("cavitation")
    sentences = [*_strain(one), *_gap(summary)]
    status = one.result.status
    if status != "complete":
        reason = str(one.result.run.get("message", "it has not ended"))
        return Answer(_question(one), f"This run is {status}: {reason}", "open", tuple(sentences))
    if told is None:
        without = (
            "The joints hold no film in this case, so it says nothing about a pop; a case with a film and a dynamic "
            "phase does."
        )
        return Answer(_question(one), "No verdict on a pop", "open", (*sentences, without))
    head, tone = _HEADS.get(
        told["verdict"],
        ("Undetermined: within what is known, some such joints pop and others do not", "open"),
    )
    return Answer(_question(one), head, tone, (*_verdict(told), *sentences))


def _question(one: ResultData) -> str:
    described = str(one.case.case.description) if one.case is not None else ""
    asked = (
        f"Does the facet joint {one.target} pop, and what is strained?"
        if one.target
        else "What moves, and what is strained?"
    )
    return f"{described} {asked}".strip()


def _verdict(told: Mapping[str, Any]) -> list[str]:
    factor = 1.0 / (1.0 + float(told["margin"]))
    sentences = [
        f"{100 * told['probability']:.0f} % of the draws of the uncertain inputs pop (band: at least 90 % is yes, at "
        "most 10 % is no, all between is undetermined). This is a degree of belief, not a frequency in patients.",
        f"Margin {told['margin']:+.2f}: with the default inputs the joint would just pop with {factor:.2f} times "
        "this motion.",
    ]
    if "dominant_input" in told:
        sentences.append(f"What decides most, and what to measure first: {told['dominant_input']}.")
    if "time_s" in told:
        sentences.append(
            f"With the default inputs a cavity forms at {told['time_s']:.4f} s by {told['route']}, at a mean gap of "
            f"{told['gap_mm']:.2f} mm; it grows to {told['cavity_mm3']:.3g} mm³ and {told['energy_mJ']:.3g} mJ."
        )
    else:
        sentences.append(
            f"With the default inputs the pressure falls to {told['lowest_pressure_kPa']:.1f} kPa, absolute."
        )
    return sentences


def _strain(one: ResultData) -> list[str]:
    name, worst = most_strained(one.result.summary)
    if not worst:
        return []
    limit = one.limit(name.partition(" ")[2])
    beside = "" if limit is None else f"; the run warns beyond {100 * limit[0]:.0f} % ({limit[1]})"
    peak = f"{100 * worst['peak_strain']:.1f} % at {worst['time_of_peak_s']:.3f} s"
    return [f"Most strained ligament: {name}, {peak}{beside}."]


def _gap(summary: Mapping[str, Any]) -> list[str]:
    joint = shown_joint(summary)
    if joint is None:
        return []
    entry = summary["facets"][joint]
    first = entry["gap_mean_mm"] - entry["gap_mean_change_mm"]
    return [f"{joint}: mean gap {first:.2f} mm at first, {entry['peak_gap_mean_mm']:.2f} mm at most."]
