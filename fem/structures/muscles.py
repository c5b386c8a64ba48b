"""Muscles between bodies: fascicles as terms, grouped by their number of path points, with names to report by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from fem.anatomy.fascicles import Fascicle, fascicles
from fem.anatomy.spine import Spine
from fem.arrays import FloatArray, frozen, frozen_index
from fem.elements.layout import LayoutBuilder
from fem.errors import ParameterError, UsageError
from fem.literature import ParameterSet
from fem.materials.muscle.activation import ActivationDynamics
from fem.materials.muscle.hill import MuscleLaw
from fem.parameters import check_parameters
from fem.structures.guarding import GuardingPlan, pre_activation
from fem.terms.cable import cable_geometry
from fem.terms.muscle import FascicleState, MuscleTerm
from fem.terms.term import Configuration


@dataclass(frozen=True, slots=True)
class MuscleModel:
    """All fascicles, in the order of the concatenated terms.

    Attributes
    ----------
    terms : one for each number of path points.
    names : such as ``MF_m4s left`` (f,); group, side : (f,) as guarding patterns name them.
    level : (f,) the joint below the highest body that the fascicle reaches.
    injury_strain : (f,) fibre strain beyond which a lengthened fascicle is flagged.
    """

    terms: tuple[MuscleTerm, ...]
    names: tuple[str, ...]
    group: tuple[str, ...]
    side: tuple[str, ...]
    level: tuple[str, ...]
    injury_strain: FloatArray

    @property
    def activation(self) -> FloatArray:
        """Activation before any reflex (f,)."""
        return np.concatenate([term.activation for term in self.terms])

    @property
    def maximum_force(self) -> FloatArray:
        """Isometric force (f,) [N]."""
        return np.concatenate([np.asarray(term.law.maximum_force) for term in self.terms])

    def slices(self) -> Iterator[tuple[MuscleTerm, slice]]:
        """Yield each term with its part of the (f,) arrays."""
        start = 0
        for term in self.terms:
            yield term, slice(start, start + len(term.points))
            start += len(term.points)

    def with_activation(self, activation: FloatArray) -> "MuscleModel":
        """Return the model with other activations (f,) before any reflex.

        Raises
        ------
        ParameterError
            When one lies outside 0 to 1.
        """
        values = np.asarray(activation, dtype=np.float64)
        if values.shape != (len(self.names),):
            raise ParameterError(f"{len(self.names)} activations are needed, {values.size} were given")
        for index in np.flatnonzero(~((values >= 0.0) & (values <= 1.0)))[:1]:
            raise ParameterError(
                f"the activation of {self.names[index]} is {values[index]:g}; it must lie between 0 and 1"
            )
        terms = tuple(replace(term, activation=frozen(values[part])) for term, part in self.slices())
        return replace(self, terms=terms)

    def holding(self, positions: FloatArray) -> "MuscleModel":
        """Return the model whose short-range stiffness holds the posture of positions (p, 3) [mm] in static phases."""
        terms = tuple(
            replace(term, posture=frozen(cable_geometry(positions[term.points], False).length))
            for term in self.terms
        )
        return replace(self, terms=terms)

    def observe(self, configuration: Configuration) -> FascicleState:
        """Return the state of all fascicles in a converged configuration."""
        states = [term.observe(configuration) for term in self.terms]
        return FascicleState(
            *(
                np.concatenate([getattr(state, item.name) for state in states])
                for item in fields(FascicleState)
            )
        )


def muscle_model(
    builder: LayoutBuilder,
    bodies: Mapping[str, int],
    spine: Spine,
    data: ParameterSet,
    plan: GuardingPlan,
) -> MuscleModel:
    """Add the paths' points to the layout and return the muscles.

    Parameters
    ----------
    bodies : body numbers of L1 to S1 (which carries the pelvis) and ``thorax``.
    data : a set like ``muscles/myotorso``.
    plan : how the person holds the spine.
    """
    found = fascicles(spine, data)
    missing = {body for fascicle in found for body in fascicle.bodies} - set(bodies)
    if missing:
        raise UsageError(
            f"muscles need bodies for {', '.join(sorted(missing))}; model L1 to S1 and give the spine a thorax"
        )
    counts = sorted({len(fascicle.bodies) for fascicle in found})
    ordered = [fascicle for count in counts for fascicle in found if len(fascicle.bodies) == count]
    names, groups, sides, levels = (
        tuple(getattr(fascicle, what) for fascicle in ordered) for what in ("name", "group", "side", "level")
    )
    activation = pre_activation(plan, names, groups, sides, levels)
    terms, start = [], 0
    for count in counts:
        part = [fascicle for fascicle in ordered if len(fascicle.bodies) == count]
        terms.append(_term(builder, bodies, part, data, activation[start : start + len(part)], plan))
        start += len(part)
    injury = np.full(len(names), data.number("law.injury_strain", "dimensionless"))
    return MuscleModel(tuple(terms), names, groups, sides, levels, frozen(injury))


def _term(
    builder: LayoutBuilder,
    bodies: Mapping[str, int],
    part: Sequence[Fascicle],
    data: ParameterSet,
    activation: FloatArray,
    plan: GuardingPlan,
) -> MuscleTerm:
    points = [
        [
            int(builder.add_carried(point[None, :], bodies[body])[0])
            for body, point in zip(f.bodies, f.points, strict=True)
        ]
        for f in part
    ]
    dynamics = ActivationDynamics(data.number("law.rise", "time"), data.number("law.fall", "time"))
    check_parameters(dynamics)
    return MuscleTerm(
        f"muscles, {len(part[0].bodies)} points",
        frozen_index(points),
        _law(part, data),
        frozen(activation),
        dynamics,
        plan.reflex,
        labels=tuple(fascicle.name for fascicle in part),
    )


def _law(part: Sequence[Fascicle], data: ParameterSet) -> MuscleLaw:
    def shared(name: str, dimension: str = "dimensionless") -> float:
        return data.number(f"law.{name}", dimension)

    steps = [np.linalg.norm(np.diff(fascicle.points, axis=0), axis=1).sum() for fascicle in part]
    law = MuscleLaw(
        maximum_force=frozen([fascicle.force for fascicle in part]),
        neutral_length=frozen(steps),
        fibre_share=frozen([data.number(f"architecture.{f.architecture}", "dimensionless") for f in part]),
        neutral_stretch=shared("neutral_stretch"),
        width=shared("force_length_width"),
        maximum_speed=shared("maximum_speed", "frequency"),
        curvature=shared("curvature"),
        eccentric_limit=shared("eccentric_limit"),
        short_range_factor=shared("short_range_factor"),
        short_range_limit=shared("short_range_limit"),
        passive_strain=shared("passive_strain"),
        passive_exponent=shared("passive_exponent"),
    )
    check_parameters(law)
    return law
