"""The spine as terms over one layout: which structures there are, and where to look things up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fem.anatomy.facets import spaced
from fem.anatomy.spine import FacetJoint, Spine
from fem.anatomy.vocabulary import BUNDLES, level_vertebrae
from fem.arrays import FloatArray, IntArray, frozen_index
from fem.elements.layout import Layout, LayoutBuilder
from fem.literature import ParameterSet
from fem.mesh.tagged_mesh import SpineMesh
from fem.structures.discs import DiscModel, disc_model, number_disc
from fem.structures.facets import FacetModel, facet_model
from fem.structures.film import FilmModel, FilmPlan, film_model
from fem.structures.follower import follower_path
from fem.structures.guarding import GuardingPlan
from fem.structures.ligaments import LigamentData, StrandGroup, ligament_groups
from fem.structures.muscles import MuscleModel, muscle_model
from fem.structures.trunk import GROUND, THORAX, Support, ground_body, support_terms, thorax_body, trunk_terms
from fem.terms.term import Term


@dataclass(frozen=True, slots=True)
class LevelFactors:
    """How one level differs: factors on the stiffness of its structures, growth of rest lengths, space of its joints.

    Attributes
    ----------
    bundle : factors by ligament, on top of `ligaments`.
    capsule_laxity, ligament_laxity : by what share rest lengths have grown.
    joint_space : factor on the space between the cartilage surfaces.
    """

    disc: float = 1.0
    capsule: float = 1.0
    ligaments: float = 1.0
    bundle: Mapping[str, float] = field(default_factory=dict)
    capsule_laxity: float = 0.0
    ligament_laxity: float = 0.0
    joint_space: float = 1.0

    def of_bundle(self, name: str) -> float:
        """Return the factor of a bundle such as ``CL left``."""
        key = name.split()[0]
        return (self.capsule if key == "CL" else self.ligaments) * self.bundle.get(key, 1.0)

    def laxity_of(self, name: str) -> float:
        """Return by what share the rest length of a bundle such as ``CL left`` has grown."""
        return self.capsule_laxity if name.split()[0] == "CL" else self.ligament_laxity


@dataclass(frozen=True, slots=True)
class Composition:
    """What a model is made of.

    Attributes
    ----------
    levels : cranial to caudal; the lowest vertebra is fixed.
    structures : of ``disc``, ``ligaments``, ``facets``.
    cut : (bundle, level) pairs that are left out; level None cuts the bundle everywhere.
    factors : level -> its factors.
    sets : ``disc``, ``ligaments``, ``capsule``, ``cartilage``, ``limits`` -> parameter set; ``relaxation``,
        ``trunk``, ``muscles``, ``film``, ``gas`` where the parts below ask for them.
    thorax : whether a rigid thorax stands on L1.
    dynamic : whether masses and relaxation are there, to act in dynamic phases.
    supports : springs to the ground; one under the lowest vertebra sets it free.
    guarding : how muscles hold the spine, or None for a spine without muscles.
    film : what the facet joints hold, or None for dry joints.
    """

    levels: tuple[str, ...]
    structures: tuple[str, ...]
    cut: tuple[tuple[str, str | None], ...]
    factors: Mapping[str, LevelFactors]
    sets: Mapping[str, ParameterSet]
    thorax: bool = False
    dynamic: bool = False
    supports: tuple[Support, ...] = ()
    guarding: GuardingPlan | None = None
    film: FilmPlan | None = None

    @property
    def vertebrae(self) -> tuple[str, ...]:
        """Vertebrae, cranial to caudal."""
        upper = (level_vertebrae(level)[0] for level in self.levels)
        return (*upper, level_vertebrae(self.levels[-1])[1])

    @property
    def fixed(self) -> str | None:
        """The lowest vertebra, or None where a support carries it."""
        lowest = self.vertebrae[-1]
        return None if any(support.on == lowest for support in self.supports) else lowest


@dataclass(frozen=True, slots=True)
class SpineModel:
    """The spine without loads.

    Attributes
    ----------
    bodies : vertebra (and ``thorax``, ``ground``) -> body number.
    trunk : joint of the thorax, inertia, supports.
    follower : (1, k) points of the follower cable.
    load_points : material point of each requested load point.
    muscles : None for a spine without muscles.
    film : the films of the facet joints; None for dry joints.
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
    trunk: tuple[Term, ...] = ()
    muscles: MuscleModel | None = None
    film: FilmModel | None = None

    @property
    def segments(self) -> IntArray:
        """Upper and lower body (s, 2) of each joint of the column, cranial to caudal."""
        names = [level_vertebrae(disc.level) for disc in self.discs]
        if THORAX in self.bodies:
            names.insert(0, (THORAX, names[0][0]))
        return frozen_index([[self.bodies[upper], self.bodies[lower]] for upper, lower in names])

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms but the loads."""
        solids: list[Term] = [term for disc in self.discs for term in (disc.annulus, disc.nucleus)]
        cables: list[Term] = [group.term for group in self.strands]
        contact: list[Term] = [] if self.facets is None else [self.facets.term]
        pulls: tuple[Term, ...] = () if self.muscles is None else self.muscles.terms
        film: list[Term] = [] if self.film is None else [self.film.term]
        return (*solids, *cables, *contact, *film, *self.trunk, *pulls)


def build_model(
    mesh: SpineMesh, composition: Composition, load_points: Sequence[tuple[str, FloatArray]] = ()
) -> SpineModel:
    """Return the spine of a mesh.

    Parameters
    ----------
    mesh : anatomy with a mesh for each disc.
    composition : what takes part, and its numbers.
    load_points : (vertebra, position [mm]) of the points that loads will act on.
    """
    builder, spine = LayoutBuilder(), mesh.spine
    bodies = _bodies(builder, spine, composition)
    numbers = {level: _number(builder, mesh, bodies, level) for level in composition.levels}
    strands = _strands(builder, bodies, spine, composition)
    facets = None
    if "facets" in composition.structures:
        joints = _joints(spine, composition)
        facets = facet_model(builder, bodies, joints, composition.sets["cartilage"], mesh.resolution)
        given = any(factors.joint_space != 1.0 for factors in composition.factors.values())
        facets = replace(facets, space_given=given)
    follower = follower_path(builder, bodies, spine, composition.levels)
    loads = [int(builder.add_carried(position[None, :], bodies[name])[0]) for name, position in load_points]
    muscles = None
    if composition.guarding is not None:
        muscles = muscle_model(builder, bodies, spine, composition.sets["muscles"], composition.guarding)
    trunk = _trunk(bodies, spine, composition)
    discs = tuple(_disc(mesh, composition, level, numbers[level]) for level in composition.levels)
    layout = builder.build()
    film = None
    if facets is not None and composition.film is not None:
        film = film_model(facets, layout.reference, composition.sets, composition.film, mesh.resolution)
    return SpineModel(
        spine,
        mesh,
        layout,
        bodies,
        discs,
        strands,
        facets,
        follower,
        frozen_index(loads),
        trunk,
        muscles,
        film,
    )


def _joints(spine: Spine, composition: Composition) -> list[FacetJoint]:
    """Return the facet joints, cranial to caudal, left before right, with the space that the composition gives them."""
    return [
        spaced(spine.facets[f"{level} {side}"], composition.factors.get(level, LevelFactors()).joint_space)
        for level in composition.levels
        for side in ("left", "right")
    ]


def _bodies(builder: LayoutBuilder, spine: Spine, composition: Composition) -> dict[str, int]:
    """Add vertebrae, thorax and ground, each following its lower neighbour, and return their numbers."""
    bodies = {
        name: builder.add_body(name, spine.vertebrae[name].frame.origin, fixed=name == composition.fixed)
        for name in composition.vertebrae
    }
    for level in composition.levels:
        upper, lower = level_vertebrae(level)
        builder.set_parent(bodies[upper], bodies[lower])
    if composition.thorax:
        bodies[THORAX] = thorax_body(builder, bodies, spine, composition.sets["trunk"])
    if composition.supports:
        bodies[GROUND] = ground_body(builder)
    return bodies


def _trunk(bodies: Mapping[str, int], spine: Spine, composition: Composition) -> tuple[Term, ...]:
    """Return the thorax' joint, the inertia of what moves (in dynamic models), and the supports."""
    if not (composition.thorax or composition.dynamic or composition.supports):
        return ()
    data = composition.sets["trunk"]
    moving = (
        [name for name in bodies if name not in (composition.fixed, GROUND)] if composition.dynamic else []
    )
    joint = trunk_terms(bodies, spine, data, moving)
    return (*joint, *support_terms(bodies, spine, data, composition.supports))


def _disc(mesh: SpineMesh, composition: Composition, level: str, numbers: IntArray) -> DiscModel:
    factors = composition.factors.get(level, LevelFactors())
    relaxation = composition.sets["relaxation"] if composition.dynamic else None
    return disc_model(level, mesh.discs[level], numbers, composition.sets["disc"], factors.disc, relaxation)


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

    def laxity(level: str, bundle: str) -> float:
        return composition.factors.get(level, LevelFactors()).laxity_of(bundle)

    sets = composition.sets
    relaxation = sets["relaxation"] if composition.dynamic else None
    data = LigamentData(sets["ligaments"], sets["capsule"], sets["limits"], scale, relaxation, laxity)
    return ligament_groups(builder, bodies, kept, data)
