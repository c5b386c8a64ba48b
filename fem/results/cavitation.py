"""Verdicts on cavitation as plain data, and the entries they make in the summary."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from fem.units import from_internal

#: What a verdict may say, and what the published gapping says.
CAVITATES: Final = "cavitates"
STAYS_SHUT: Final = "does not cavitate"
UNDETERMINED: Final = "undetermined"
BETWEEN: Final = "between"


@dataclass(frozen=True, slots=True)
class JointVerdict:
    """Whether one joint cavitates, in internal units; what each number means is in `fem.results.quantities.CAVITATION`.

    What is None did not happen.
    """

    joint: str
    verdict: str
    probability: float
    pops: bool
    micro_inception: bool
    margin: float
    dominant_input: str | None
    dominant_correlation: float | None
    lowest_pressure: float
    cavity: float
    cavity_share: float
    energy: float
    peak_separation: float
    mri_gapping: float
    mri_criterion: str
    mri_agrees: str
    time: float | None = None
    route: str | None = None
    gap: float | None = None
    opening_speed: float | None = None
    film: float | None = None
    jump: float | None = None
    peak_time: float | None = None
    collapse_time: float | None = None
    frequency: float | None = None
    margin_since_rest: float | None = None

    def entry(self) -> dict[str, Any]:
        """Return what is known, under the keys and in the units of the summary."""
        found = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "joint" or value is None:
                continue
            key, unit = _KEYS.get(item.name, (item.name, "1"))
            found[key] = from_internal(value, unit) if isinstance(value, float) else value
        return found


#: Field of `JointVerdict` -> key in the summary, its unit; all others keep their name and have none.
_KEYS: Final[dict[str, tuple[str, str]]] = {
    "lowest_pressure": ("lowest_pressure_kPa", "kPa"),
    "cavity": ("cavity_mm3", "mm^3"),
    "energy": ("energy_mJ", "mJ"),
    "peak_separation": ("peak_separation_mm", "mm"),
    "mri_gapping": ("mri_gapping_mm", "mm"),
    "time": ("time_s", "s"),
    "gap": ("gap_mm", "mm"),
    "opening_speed": ("opening_speed_mm_s", "mm/s"),
    "film": ("film_mm", "mm"),
    "jump": ("jump_mm", "mm"),
    "peak_time": ("peak_time_s", "s"),
    "collapse_time": ("collapse_time_s", "s"),
    "frequency": ("frequency_Hz", "Hz"),
}


@dataclass(frozen=True, slots=True)
class Cavitation:
    """The verdicts of a run.

    Attributes
    ----------
    joints : one each, in the order of the model.
    draws : how many draws of the inputs they rest on; failed : how many more could not be solved, over all joints.
    wall_s : how long the draws took.
    """

    joints: tuple[JointVerdict, ...]
    draws: int
    failed: int = 0
    wall_s: float = 0.0

    @property
    def order(self) -> tuple[str, ...]:
        """Joints that pop with the default inputs, the first to do so first."""
        popping = [joint for joint in self.joints if joint.pops and joint.time is not None]
        return tuple(joint.joint for joint in sorted(popping, key=lambda joint: joint.time or 0.0))

    def totals(self) -> dict[str, Any]:
        """Return the summary's entries that belong to no single joint."""
        first = {"first_to_cavitate": self.order[0]} if self.order else {}
        return {**first, "order_of_cavitation": list(self.order)}

    def sentences(self, target: str | None) -> tuple[str, ...]:
        """Return the verdicts in words, the target's first, for the log."""
        ordered = sorted(self.joints, key=lambda joint: joint.joint != target)
        lines = [_sentence(joint, joint.joint == target) for joint in ordered]
        count = f"verdicts from {self.draws} draws of the inputs in {self.wall_s:.1f} s"
        lost = (
            f"; {self.failed} films of {self.draws * len(self.joints)} could not be solved and do not count"
        )
        return (count + (lost if self.failed else ""), *lines)


def _sentence(joint: JointVerdict, target: bool) -> str:
    who = f"{joint.joint} (target)" if target else joint.joint
    head = f"{who}: {joint.verdict}, probability {joint.probability:.2f}, margin {joint.margin:+.2f}"
    if joint.margin_since_rest is not None:
        head += f" (since rest {joint.margin_since_rest:+.2f})"
    if joint.time is None:
        return f"{head}; lowest pressure {from_internal(joint.lowest_pressure, 'kPa'):.1f} kPa"
    return (
        f"{head}; inception at {joint.time:.4f} s by {joint.route}, "
        f"cavity of {joint.cavity:.3g} mm3, {joint.energy:.3g} mJ"
    )


def merged(summary: Mapping[str, Any], cavitation: Cavitation) -> dict[str, Any]:
    """Return the summary with the verdicts in it, those of a joint under ``facets.<joint>.cavitation``."""
    facets = {name: dict(entry) for name, entry in summary.get("facets", {}).items()}
    for joint in cavitation.joints:
        facets.setdefault(joint.joint, {})["cavitation"] = joint.entry()
    return {**summary, "facets": facets, **cavitation.totals()}
