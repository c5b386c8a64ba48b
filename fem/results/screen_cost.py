"""What a run prints of its cost to the tissue: repetitions, and limits that were passed."""

import textwrap
from collections.abc import Mapping
from typing import Any, Final

from fem.results.grid import entry_table
from fem.results.risks import ADVICE, LISTED

_FLEXIBILITY_COLUMNS: Final = tuple(
    (f"{name}_{moment}_deg", f"{head} {moment}", "[deg]", 2)
    for name, head in (
        ("flexion_extension", "fl-ext"),
        ("lateral_bending", "lat.b"),
        ("axial_rotation", "ax.rot"),
    )
    for moment in ("before", "after")
)
#: So many limits that were passed are shown; the summary holds all.
_RISKS_SHOWN: Final = 6


def repetition_lines(summary: Mapping[str, Any], width: int) -> list[str]:
    """Return how far the spine moved before and after the repetitions of a case, and what they left."""
    totals = summary.get("repetitions")
    if totals is None:
        return []
    title = f"# Range of motion before and after {totals['done']} of {totals['asked']} repetitions"
    lines = entry_table(title, summary.get("flexibility", {}), _FLEXIBILITY_COLUMNS, width)
    torn = f"; {totals['torn_strands']} strands torn" if totals["torn_strands"] else ""
    notes = [f"unrecovered elongation of a strand up to {totals['elongation_mm']:.2f} mm{torn}"]
    if "range_of_motion_rise" in totals:
        rises = (100 * totals[f"{name}_rise"] + 0.0 for name in ("range_of_motion", "neutral_zone"))
        notes.append("largest rise: range of motion {:+.1f} %, neutral zone {:+.1f} %".format(*rises))
    wrapped = [part for note in notes for part in textwrap.wrap(note, width, subsequent_indent="  ")]
    return [*(lines or [title]), *wrapped]


def risk_lines(summary: Mapping[str, Any], width: int) -> list[str]:
    """Return the limits that were passed, or the nearest one, and where advice is to be had."""
    if "risks" not in summary:
        return []
    entries = summary["risks"]
    failed = {
        entry["structure"] for entry in entries if entry["fraction"] >= 1.0 and entry["kind"] == "failure"
    }
    passed = [
        entry
        for entry in entries
        if entry["fraction"] >= 1.0 and (entry["kind"] != "sub-failure" or entry["structure"] not in failed)
    ]
    shown = passed[:_RISKS_SHOWN] or entries[:1]
    lines = [line for entry in shown for line in textwrap.wrap(_risk(entry), width, subsequent_indent="  ")]
    if not entries:
        lines = [f"nothing came to {100 * LISTED:.0f} % of its limit"]
    if len(passed) > len(shown):
        lines.append(f"and {len(passed) - len(shown)} more: summary.json, risks")
    return ["# Tissue limits", *lines, *textwrap.wrap(ADVICE, width)]


def _risk(entry: Mapping[str, Any]) -> str:
    sure = "" if entry["confidence"] is None else f", confidence {entry['confidence']:g}"
    word = "PAST" if entry["fraction"] >= 1.0 else "near"
    return (
        f"{word} {entry['kind']}: {entry['structure']}, strain {100 * entry['value']:.0f} % of "
        f"{100 * entry['limit']:.0f} % ({entry['basis']}: {entry['source']}{sure})"
    )
