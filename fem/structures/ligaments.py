"""Ligament bundles as strands between bodies: laws, reference lengths and limits, strand by strand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fem.anatomy.spine import LigamentBundle
from fem.arrays import FloatArray, IntArray
from fem.elements.layout import LayoutBuilder
from fem.errors import ParameterError
from fem.literature import ParameterSet
from fem.materials.cable import CABLE_LAWS, DamagedCable
from fem.materials.damage import StrandDamage
from fem.materials.law import CableLaw
from fem.materials.relaxation import PronySeries, from_log_slope
from fem.parameters import check_parameters
from fem.terms.cable import CableTerm

STATES: Final = ("slack", "toe", "linear", "over limit", "failed")


@dataclass(frozen=True, slots=True)
class StrandGroup:
    """All strands that share a law.

    Attributes
    ----------
    term : the cables.
    level, bundle : names (f,); strand : number within the bundle (f,).
    reference_length : (f,) [mm] length at zero strain, to which strain refers.
    transition : (f,) strain at which the toe ends; warning, failure : (f,) strain limits.
    """

    term: CableTerm
    level: tuple[str, ...]
    bundle: tuple[str, ...]
    strand: IntArray
    reference_length: FloatArray
    transition: FloatArray
    warning: FloatArray
    failure: FloatArray

    def strains(self, positions: FloatArray) -> FloatArray:
        """Return (L − L0)/L0 (f,) at current positions (p, 3)."""
        return np.asarray((self.term.lengths(positions) - self.reference_length) / self.reference_length)

    def damaged(self, damage: StrandDamage) -> "StrandGroup":
        """Return these intact strands (f,) as damage left them; strains go on referring to the intact length."""
        return replace(self, term=replace(self.term, law=DamagedCable(self.term.law, damage)))

    def states(self, strain: FloatArray) -> list[str]:
        """Return slack, toe, linear, over limit or failed for strains (f,)."""
        edges = np.stack([np.zeros_like(strain), self.transition, self.warning, self.failure])
        level = np.select([strain <= edges[0], strain < edges[1]], [0, 1], 2)
        level = np.where(strain >= edges[2], 3, level)
        level = np.where(strain >= edges[3], 4, level)
        return [STATES[int(i)] for i in level]


@dataclass(frozen=True, slots=True)
class LigamentData:
    """The sets that ligaments take their numbers from; `scale` gives a stiffness factor by level and bundle.

    Without `relaxation` rates play no part. `laxity` gives the share by which rest lengths have grown, likewise.
    """

    ligaments: ParameterSet
    capsule: ParameterSet
    limits: ParameterSet
    scale: Callable[[str, str], float]
    relaxation: ParameterSet | None = None
    laxity: Callable[[str, str], float] | None = None

    def of(self, bundle: str) -> ParameterSet:
        """Return the set for a bundle."""
        return self.capsule if bundle.startswith("CL") else self.ligaments

    def grown_length(self, bundle: LigamentBundle) -> FloatArray:
        """Return the length (f,) [mm] of a bundle's strands in the neutral posture, as far as it has grown."""
        length: FloatArray = np.linalg.norm(bundle.end - bundle.start, axis=1)
        return length if self.laxity is None else length * (1.0 + self.laxity(bundle.level, bundle.name))


def ligament_groups(
    builder: LayoutBuilder, bodies: Mapping[str, int], bundles: Sequence[LigamentBundle], data: LigamentData
) -> tuple[StrandGroup, ...]:
    """Add the strands' ends to the layout and return the groups, one for each law."""
    by_law: dict[str, list[_Strands]] = {}
    for bundle in bundles:
        ends = np.stack(
            [
                builder.add_carried(bundle.start, bodies[bundle.upper]),
                builder.add_carried(bundle.end, bodies[bundle.lower]),
            ],
            axis=1,
        )
        strands = _Strands(bundle, ends, data.grown_length(bundle))
        by_law.setdefault(data.of(bundle.name).text(f"{bundle.name.split()[0]}.law"), []).append(strands)
    return tuple(_group(law, strands, data) for law, strands in by_law.items())


@dataclass(frozen=True, slots=True)
class _Strands:
    bundle: LigamentBundle
    points: IntArray
    length: FloatArray


def _group(law: str, strands: Sequence[_Strands], data: LigamentData) -> StrandGroup:
    if law not in _READERS:
        raise ParameterError(
            f"ligaments want the law '{law}', which is held as data but not solved yet; known: {', '.join(_READERS)}"
        )
    fields = [_READERS[law](part, data.of(part.bundle.name), data.scale) for part in strands]
    joined = {name: np.concatenate([part[name] for part in fields]) for name in fields[0]}
    transition = joined.get("transition_strain", joined.get("second_strain"))
    assert transition is not None
    counts = [len(part.length) for part in strands]
    built: CableLaw = CABLE_LAWS[law](**joined)
    check_parameters(built)
    return StrandGroup(
        CableTerm(
            f"ligaments ({law})",
            np.concatenate([part.points for part in strands]),
            built,
            relaxation=None if data.relaxation is None else _relaxation(strands, data, data.relaxation),
            labels=tuple(
                f"{part.bundle.name} {part.bundle.level}, strand {number}"
                for part, count in zip(strands, counts, strict=True)
                for number in range(count)
            ),
        ),
        tuple(np.repeat([part.bundle.level for part in strands], counts)),
        tuple(np.repeat([part.bundle.name for part in strands], counts)),
        np.concatenate([np.arange(count) for count in counts]),
        joined["reference_length"],
        transition,
        _limits(strands, data.limits, "warning_strain"),
        _limits(strands, data.limits, "failure_strain"),
    )


def _limits(strands: Sequence[_Strands], limits: ParameterSet, name: str) -> FloatArray:
    return np.concatenate(
        [np.full(len(s.length), limits.number(f"{s.bundle.name.split()[0]}.{name}")) for s in strands]
    )


def _relaxation(strands: Sequence[_Strands], data: LigamentData, relaxation: ParameterSet) -> PronySeries:
    """Return each strand's branches (f, b), of the capsule only, and its Kelvin damping (f, 1)."""
    capsule = capsule_series(relaxation) if any(s.bundle.name.startswith("CL") for s in strands) else None
    shares, damping = [], []
    for part in strands:
        own = data.of(part.bundle.name)
        time = (own if own.has("damping.time") else relaxation).number("damping.time", "time")
        damping.append(np.full((len(part.length), 1), time))
        if capsule is not None:
            relaxes = part.bundle.name.startswith("CL")
            shares.append(np.tile(capsule.share * relaxes, (len(part.length), 1)))
    joined = np.concatenate(damping)
    none = np.zeros((len(joined), 0))
    series = (
        PronySeries(none, none, joined)
        if capsule is None
        else PronySeries(np.concatenate(shares), capsule.time, joined)
    )
    check_parameters(series)
    return series


def capsule_series(relaxation: ParameterSet) -> PronySeries:
    """Return the branches (b,) of the facet capsule: its measured slope of ln stress over ln time at one strain."""
    intercept, gradient = relaxation.number("CL.slope"), relaxation.number("CL.slope_by_strain")
    slope = -(intercept + gradient * relaxation.number("CL.strain"))
    series = from_log_slope(
        slope, relaxation.number("CL.shortest", "time"), relaxation.number("CL.horizon", "time")
    )
    check_parameters(series)
    return series


_Fields = dict[str, FloatArray]
_Scale = Callable[[str, str], float]


class _Reader:
    """Looks up one bundle's numbers, per level where the set has them per level, spread over its strands."""

    def __init__(self, strands: _Strands, data: ParameterSet, scale: _Scale) -> None:
        bundle = strands.bundle
        self.key, self.level, self.data = bundle.name.split()[0], bundle.level, data
        self.scale = scale(bundle.level, bundle.name)
        self.strands, self.count = strands, len(strands.length)

    def number(self, name: str) -> float:
        """Return ``KEY.name.LEVEL`` if there is one, else ``KEY.name``."""
        per_level = f"{self.key}.{name}.{self.level}"
        return self.data.number(per_level if self.data.has(per_level) else f"{self.key}.{name}")

    def field(self, value: float) -> FloatArray:
        """Return `value` once for each strand."""
        return np.full(self.count, value)

    def reference_length(self) -> FloatArray:
        """Return L0 = L (1 + reference strain), the neutral length where no reference strain is given."""
        name = f"{self.key}.reference_strain"
        return self.strands.length * (1.0 + (self.number("reference_strain") if self.data.has(name) else 0.0))


def _toe_linear(strands: _Strands, data: ParameterSet, scale: _Scale) -> _Fields:
    read = _Reader(strands, data, scale)
    share = read.number("strands") / read.count  # the set's stiffness is for one of its own strands
    return {
        "reference_length": read.reference_length(),
        "stiffness": read.field(read.scale * share * read.number("stiffness")),
        "transition_strain": read.field(read.number("transition_strain")),
    }


def _exponential_linear(strands: _Strands, data: ParameterSet, scale: _Scale) -> _Fields:
    read = _Reader(strands, data, scale)
    return {
        "reference_length": read.reference_length(),
        "area": read.field(read.number("cross_section") / read.count),
        "initial_modulus": read.field(read.scale * read.number("initial_modulus")),
        "exponent": read.field(read.number("exponent")),
        "transition_strain": read.field(read.number("transition_strain")),
    }


def _trilinear_windows(strands: _Strands, data: ParameterSet, scale: _Scale) -> _Fields:
    read = _Reader(strands, data, scale)
    stiffness = list(data.series(f"{read.key}.stiffness").values())
    ends = list(data.series(f"{read.key}.window_end").values())
    names = ("first_stiffness", "second_stiffness", "third_stiffness")
    fields = {n: read.field(read.scale * k / read.count) for n, k in zip(names, stiffness, strict=True)}
    return {
        "reference_length": read.reference_length(),
        **fields,
        "first_strain": read.field(ends[0]),
        "second_strain": read.field(ends[1]),
    }


_READERS: Final = {
    "toe_linear": _toe_linear,
    "exponential_linear": _exponential_linear,
    "trilinear_windows": _trilinear_windows,
}
