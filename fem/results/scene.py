"""The ParaView scene ``view.py`` that lies beside a result, and the colour ranges pictures share."""

import math
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from fem.results.moment import remarks, shown_joint, telling_time
from fem.results.record import Part

SCENE_FILE: Final = "view.py"
STRAIN_TITLE: Final = "ligament strain [1] relative to reference length"
GAP_TITLE: Final = "facet gap [mm], negative in contact"
ACTIVATION_TITLE: Final = "muscle activation [1]"
FORCE_TITLE: Final = "muscle force [N]"

#: (share of the range, colour). Strain: pale is none, dark is much. Gap: red is contact, blue is open.
STRAIN_COLOURS: Final = (
    (0.0, "#d9d9d9"),
    (0.15, "#fed976"),
    (0.4, "#fd8d3c"),
    (0.7, "#d7301f"),
    (1.0, "#67000d"),
)
GAP_COLOURS: Final = (
    (0.0, "#b2182b"),
    (0.25, "#f4a582"),
    (0.5, "#f7f7f7"),
    (0.75, "#6baed6"),
    (1.0, "#08306b"),
)

#: Ranges before anything is known: strain [1], gap [mm], activation [1].
_FIRST_STRAIN: Final = 0.1
_FIRST_GAP: Final = 1.0
_FIRST_ACTIVATION: Final = 1.0


def scene_text(folder: Path, title: str, summary: Mapping[str, Any], parts: Sequence[Part]) -> str:
    """Return the scene script of a result: same look each time, colour ranges fixed from the summary."""
    template = resources.files("fem.results").joinpath("templates/view.py.txt").read_text(encoding="utf-8")
    joint, joints = shown_joint(summary) or "", _joint_names(parts)
    drawn = {part.name for part in parts}
    values = {
        "@JOINT@": repr(joint if joint in joints else ""),
        "@JOINT_NUMBER@": repr(joints.index(joint) if joint in joints else -1),
        "@TELLING_TIME@": repr(telling_time(summary)),
        "@REMARKS@": repr(remarks(summary)),
        "@ONLY_MUSCLES@": repr(drawn == {"muscles"}),
        "@STRAIN_COLOURS@": repr(list(STRAIN_COLOURS)),
        "@GAP_COLOURS@": repr(list(GAP_COLOURS)),
        "@FOLDER@": repr(str(folder.resolve())),
        "@TITLE@": repr(title),
        "@PARTS@": repr([part.name for part in parts]),
        "@STRAIN_TITLE@": repr(STRAIN_TITLE),
        "@STRAIN_LIMIT@": repr(strain_limit(summary)),
        "@GAP_TITLE@": repr(GAP_TITLE),
        "@GAP_LIMIT@": repr(gap_limit(summary)),
        "@ACTIVATION_TITLE@": repr(ACTIVATION_TITLE),
        "@ACTIVATION_LIMIT@": repr(activation_limit(summary)),
        "@FORCE_TITLE@": repr(FORCE_TITLE),
    }
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template


def _joint_names(parts: Sequence[Part]) -> tuple[str, ...]:
    return next((tuple(part.field_data["joint_names"]) for part in parts if part.name == "facets"), ())


def strain_limit(summary: Mapping[str, Any]) -> float:
    """Return the upper end of the strain colours: the run's largest strain, rounded up."""
    peaks = [
        entry["peak_strain"] for level in summary.get("ligaments", {}).values() for entry in level.values()
    ]
    return rounded_up(max(peaks, default=0.0), _FIRST_STRAIN)


def gap_limit(summary: Mapping[str, Any]) -> float:
    """Return the end [mm] of the gap colours on either side of zero."""
    gaps = [
        abs(entry[key])
        for entry in summary.get("facets", {}).values()
        for key in ("gap_min_mm", "gap_mean_mm", "peak_gap_mean_mm")
        if key in entry
    ]
    return rounded_up(max(gaps, default=0.0), _FIRST_GAP)


def activation_limit(summary: Mapping[str, Any]) -> float:
    """Return the upper end of the activation colours: the run's largest activation, rounded up."""
    peaks = [entry["activation"] for entry in summary.get("muscles", {}).values()]
    return rounded_up(max(peaks, default=0.0), _FIRST_ACTIVATION)


def rounded_up(value: float, otherwise: float) -> float:
    """Return `value` rounded up to 1, 1.5, 2, 3, 5, 7.5 times a power of ten; `otherwise` if not positive."""
    if value <= 0.0:
        return otherwise
    decade = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0)
    return float(f"{next(step for step in steps if step * decade >= value * (1 - 1e-9)) * decade:.6g}")
