"""What one run came to: its verdict on the target, other joints, ligament strain. Taken from its summary."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fem.errors import UsageError
from fem.results.motions import ANGLES

#: State of a ligament past its failure strain, as `fem.structures.ligaments.STATES` calls it.
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class Strain:
    """Largest strain of one bundle over a run: place, strain [1], fraction of its sub-failure strain, state."""

    level: str
    bundle: str
    strain: float
    limit_fraction: float
    state: str

    @property
    def place(self) -> str:
        """Bundle and level in words."""
        return f"{self.bundle} at {self.level}"

    def entry(self) -> dict[str, Any]:
        """Return the strain under the names of the summary."""
        return {
            "level": self.level,
            "bundle": self.bundle,
            "peak_strain": self.strain,
            "limit_fraction": self.limit_fraction,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run says of its target, and what it did elsewhere.

    Attributes
    ----------
    verdict, probability, margin, pops : of the target, as `fem.results.quantities.CAVITATION` explains them.
    time : [s] of inception in the target, None without.
    gapping : [mm] largest rise of the target's mean gap since step 0, positioning included.
    order : joints that pop with the default inputs, the first to do so first.
    margins, chances : joint -> margin, and probability.
    openings : joint -> largest rise [mm] of its mean gap since its dynamic phase began.
    largest : bundle with the largest strain; nearest : bundle nearest to its sub-failure strain, or farthest past it.
    over, failed : bundles past their sub-failure strain, and past their failure strain.
    turns : level -> its largest rotation [deg] since step 0 about each of `AXES`, with the sign it had then.
    since_rest : the target's margin with its positioning counted; None where nothing was positioned.
    positioned : [mm] how far positioning alone had opened the target, by its largest openings since then and before.
    risks : the summary's flags of limits that the run reached or passed.
    """

    verdict: str
    probability: float
    margin: float
    pops: bool
    time: float | None = None
    gapping: float | None = None
    order: tuple[str, ...] = ()
    margins: Mapping[str, float] = field(default_factory=dict)
    chances: Mapping[str, float] = field(default_factory=dict)
    openings: Mapping[str, float] = field(default_factory=dict)
    largest: Strain | None = None
    nearest: Strain | None = None
    over: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    turns: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    since_rest: float | None = None
    positioned: float | None = None
    risks: tuple[Mapping[str, Any], ...] = ()

    def before(self, target: str) -> tuple[str, ...]:
        """Return the joints that pop before the target; all that pop if it does not."""
        return self.order[: self.order.index(target)] if target in self.order else self.order

    def entry(self) -> dict[str, Any]:
        """Return the outcome as a mapping of plain values."""
        return {
            "verdict": self.verdict,
            "probability": self.probability,
            "margin": self.margin,
            "pops": self.pops,
            **({} if self.since_rest is None else {"margin_since_rest": self.since_rest}),
            **({} if self.time is None else {"time_s": self.time}),
            "mri_gapping_mm": self.gapping,
            "order_of_cavitation": list(self.order),
            "margins": dict(self.margins),
            "probabilities": dict(self.chances),
            "peak_separation_mm": dict(self.openings),
            "largest_strain": None if self.largest is None else self.largest.entry(),
            "nearest_to_limit": None if self.nearest is None else self.nearest.entry(),
            "over_limit": list(self.over),
            "failed": list(self.failed),
            "largest_rotation": {
                level: dict(zip(ANGLES, angles, strict=True)) for level, angles in self.turns.items()
            },
            "limits_passed": [dict(risk) for risk in self.risks],
        }


def outcome(summary: Mapping[str, Any], target: str, levels: Sequence[Mapping[str, str]] = ()) -> Outcome:
    """Return what a run came to.

    Parameters
    ----------
    summary : the run's ``summary.json``.
    levels : rows of its table ``levels``, for the largest rotation of each level.

    Raises
    ------
    UsageError
        When the summary holds no verdict on the target.
    """
    joints = {
        name: entry["cavitation"]
        for name, entry in summary.get("facets", {}).items()
        if "cavitation" in entry
    }
    if target not in joints:
        raise UsageError(f"the run ended without a verdict on {target}; run it again with --force")
    told, strains = joints[target], list(strains_of(summary))
    return Outcome(
        told["verdict"],
        told["probability"],
        told["margin"],
        told["pops"],
        told.get("time_s"),
        told.get("mri_gapping_mm"),
        tuple(summary.get("order_of_cavitation", ())),
        {name: entry["margin"] for name, entry in joints.items()},
        {name: entry["probability"] for name, entry in joints.items()},
        {name: entry["peak_separation_mm"] for name, entry in joints.items()},
        max(strains, key=lambda one: one.strain, default=None),
        max(strains, key=lambda one: one.limit_fraction, default=None),
        tuple(one.place for one in strains if one.limit_fraction > 1.0),
        tuple(one.place for one in strains if one.state == FAILED),
        largest_turns(levels),
        told.get("margin_since_rest"),
        told["mri_gapping_mm"] - told["peak_separation_mm"] if "mri_gapping_mm" in told else None,
        tuple(risk for risk in summary.get("risks", ()) if risk["fraction"] >= 1.0),
    )


def strains_of(summary: Mapping[str, Any]) -> Iterator[Strain]:
    """Yield the largest strain of every bundle over the run."""
    for level, bundles in summary.get("ligaments", {}).items():
        for bundle, entry in bundles.items():
            fraction = entry.get("limit_fraction", 0.0)
            yield Strain(level, bundle, entry["peak_strain"], fraction, entry["state"])


def largest_turns(rows: Sequence[Mapping[str, str]]) -> dict[str, tuple[float, ...]]:
    """Return level -> the largest rotation [deg] of the upper on the lower vertebra since step 0 about each axis."""
    first: dict[str, tuple[float, ...]] = {}
    turns: dict[str, tuple[float, ...]] = {}
    for row in rows:
        angles, level = tuple(float(row[name]) for name in ANGLES), row["level"]
        start = first.setdefault(level, angles)
        turned = tuple(angle - at for angle, at in zip(angles, start, strict=True))
        before = turns.get(level, turned)
        turns[level] = tuple(max(pair, key=abs) for pair in zip(before, turned, strict=True))
    return turns


#: Axes of a level's rotation in words, in the order of the table's columns.
AXES: Final = ("flexion", "lateral bending", "axial rotation")
