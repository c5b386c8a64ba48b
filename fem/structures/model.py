"""The passive spine as terms over one layout: which structures there are, and where to look things up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fem.anatomy.spine import Spine
from fem.anatomy.vocabulary import BUNDLES, level_vertebrae
from fem.arrays import FloatArray, IntArray, frozen_index
from fem.elements.layout import Layout, LayoutBuilder
from fem.literature import ParameterSet
from fem.mesh.tagged_mesh import SpineMesh
from fem.structures.discs import DiscModel, disc_model, number_disc
from fem.structures.facets import FacetModel, facet_model
from fem.structures.follower import follower_path
from fem.structures.ligaments import LigamentData, StrandGroup, ligament_groups
from fem.terms.term import Term


@dataclass(frozen=True, slots=True)
class LevelFactors:
    """Factors on the stiffness of one level's structures; `bundle` by ligament, on top of `ligaments`."""

    disc: float = 1.0
    capsule: float = 1.0
    ligaments: float = 1.0
    bundle: Mapping[str, float] = field(default_factory=dict)

    def of_bundle(self, name: str) -> float:
        """Return the factor of a bundle such as ``CL left``."""
        key = name.split()[0]
        return (self.capsule if key == "CL" else self.ligaments) * self.bundle.get(key, 1.0)


@dataclass(frozen=True, slots=True)
class Composition:
    """What a model is made of.

    Attributes
    ----------
    levels : cranial to caudal; the lowest vertebra is fixed.
    structures : of ``disc``, ``ligaments``, ``facets``.
    cut : (bundle, level) pairs that are left out; level None cuts the bundle everywhere.
    factors : level -> its factors.
    sets : ``disc``, ``ligaments``, ``capsule``, ``cartilage``, ``limits`` -> parameter set.
    """

    levels: tuple[str, ...]
    structures: tuple[str, ...]
    cut: tuple[tuple[str, str | None], ...]
    factors: Mapping[str, LevelFactors]
    sets: Mapping[str, ParameterSet]


@dataclass(frozen=True, slots=True)
class SpineModel:
    """The passive spine.

    Attributes
    ----------
    bodies : vertebra -> body number.
    terms : all passive terms.
    follower : (1, k) points of the follower cable.
    load_points : material point of each requested load point.
    """

    spine: Spine
    mesh: SpineMesh
    layout: Layout
    bodies: Mapping[str, int]
    discs: tuple[DiscModel, ...]
    strands: tuple[StrandGroup, ...]
    facets: FacetModel | None
    follower: IntArray
    load_points: IntArray

    @property
    def terms(self) -> tuple[Term, ...]:
        """All passive terms."""
        solids: list[Term] = [term for disc in self.discs for term in (disc.annulus, disc.nucleus)]
        cables: list[Term] = [group.term for group in self.strands]
        contact: list[Term] = [] if self.facets is None else [self.facets.term]
        return (*solids, *cables, *contact)


def build_model(
    mesh: SpineMesh, composition: Composition, load_points: Sequence[tuple[str, FloatArray]] = ()
) -> SpineModel:
    """Return the passive spine of a mesh.

    Parameters
    ----------
    mesh : anatomy with a mesh for each disc.
    composition : what takes part, and its numbers.
    load_points : (vertebra, position [mm]) of the points that loads will act on.
    """
    builder, spine = LayoutBuilder(), mesh.spine
    names = [level_vertebrae(level)[0] for level in composition.levels]
    names.append(level_vertebrae(composition.levels[-1])[1])
    bodies = {
        name: builder.add_body(name, spine.vertebrae[name].frame.origin, fixed=name == names[-1])
        for name in names
    }
    for level in composition.levels:
        upper, lower = level_vertebrae(level)
        builder.set_parent(bodies[upper], bodies[lower])
    numbers = {level: _number(builder, mesh, bodies, level) for level in composition.levels}
    strands = _strands(builder, bodies, spine, composition)
    facets = None
    if "facets" in composition.structures:
        joints = [
            spine.facets[f"{level} {side}"] for level in composition.levels for side in ("left", "right")
        ]
        facets = facet_model(builder, bodies, joints, composition.sets["cartilage"], mesh.resolution)
    follower = follower_path(builder, bodies, spine, composition.levels)
    loads = [int(builder.add_carried(position[None, :], bodies[name])[0]) for name, position in load_points]
    discs = tuple(
        disc_model(
            level,
            mesh.discs[level],
            numbers[level],
            composition.sets["disc"],
            composition.factors.get(level, LevelFactors()).disc,
        )
        for level in composition.levels
    )
    return SpineModel(
        spine, mesh, builder.build(), bodies, discs, strands, facets, follower, frozen_index(loads)
    )


def _number(builder: LayoutBuilder, mesh: SpineMesh, bodies: Mapping[str, int], level: str) -> IntArray:
    upper, lower = level_vertebrae(level)
    return number_disc(builder, mesh.discs[level], bodies[upper], bodies[lower])


def _strands(
    builder: LayoutBuilder, bodies: Mapping[str, int], spine: Spine, composition: Composition
) -> tuple[StrandGroup, ...]:
    if "ligaments" not in composition.structures:
        return ()
    cut = set(composition.cut)
    order = {name: place for place, name in enumerate(BUNDLES)}
    kept = [
        bundle
        for bundle in sorted(
            spine.ligaments, key=lambda b: (composition.levels.index(b.level), order[b.name])
        )
        if not {(bundle.name, bundle.level), (bundle.name, None)} & cut
    ]

    def scale(level: str, bundle: str) -> float:
        return composition.factors.get(level, LevelFactors()).of_bundle(bundle)

    sets = composition.sets
    return ligament_groups(
        builder, bodies, kept, LigamentData(sets["ligaments"], sets["capsule"], sets["limits"], scale)
    )
