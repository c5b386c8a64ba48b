"""Synovial films: one in every facet joint, between the surfaces whose contact the facets already are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.elements.surface_block import unit_disc_mesh
from fem.film.data import film_laws
from fem.film.laws import FilmLaws, Recess
from fem.film.mesh import film_mesh
from fem.film.state import Film, FilmState, film
from fem.gas.clock import residual_bubble
from fem.gas.inputs import gas_after_pop
from fem.literature import ParameterSet
from fem.materials.surface import CartilageLayers
from fem.structures.facets import FILM_MESH, FacetModel
from fem.terms.film import FilmTerm, film_state
from fem.terms.term import Configuration

#: Order of the films' backward differences in time.
_ORDER = 2


@dataclass(frozen=True, slots=True)
class FilmPlan:
    """What the joints of a case hold.

    Attributes
    ----------
    since_last_pop : [s] of all joints, or of some by name; None or not named: the joint never popped.
    thickness : [mm] mean film in the neutral posture; None for the joint space of the anatomy.
    """

    since_last_pop: Mapping[str, float] | float | None = None
    thickness: float | None = None

    def age(self, joint: str) -> float | None:
        """Return the time [s] since a joint popped, None if it never did."""
        if isinstance(self.since_last_pop, Mapping):
            return self.since_last_pop.get(joint)
        return self.since_last_pop


@dataclass(frozen=True, slots=True)
class FilmModel:
    """The films of a model.

    Attributes
    ----------
    names : joints k in order, those of the facets.
    term : what the films do to the spine in dynamic phases.
    thickness_given : whether the case says how thick films or joint spaces are, so that nobody need guess.
    ages : [s] since each joint popped, None for one that never did.
    """

    names: tuple[str, ...]
    term: FilmTerm
    thickness_given: bool = False
    ages: tuple[float | None, ...] = ()

    @property
    def films(self) -> Film:
        """Meshes and laws (`fem.film`)."""
        return self.term.films

    def state(self, history: Mapping[str, FloatArray]) -> FilmState:
        """Return what the films hold in a converged state, from its history."""
        return film_state(self.term.name, history)

    def motion(self, configuration: Configuration) -> tuple[FloatArray, FloatArray]:
        """Return gap (k, n) [mm] and cover (k, n), as the films see them; see `fem.film.placement.Placement`."""
        place = self.term.placement(configuration.positions)
        return place.gap, place.cover


def film_model(
    facets: FacetModel,
    reference: FloatArray,
    sets: Mapping[str, ParameterSet],
    plan: FilmPlan,
    resolution: str,
) -> FilmModel:
    """Return the films between the surfaces of `facets`.

    Parameters
    ----------
    reference : (p, 3) [mm] positions of all points in the neutral posture.
    sets : ``film``, ``cartilage``, and ``gas`` where a joint has popped.
    resolution : that of the facets' film points.

    Notes
    -----
    A film of another mean thickness than the joint space of the anatomy sees every gap changed by the difference.
    """
    k, n = len(facets.names), int(facets.start[1])
    mesh = film_mesh(unit_disc_mesh(*FILM_MESH[resolution]), facets.points.reshape(k, n, 3))
    laws = _laws(facets, sets, plan)
    block = facets.term.block
    points = np.concatenate([block.points[:, 0].reshape(k, n), block.points[::n, 1:]], axis=1)
    term = FilmTerm("film", facets.names, points, film(mesh, laws, order=_ORDER), facets.term.margin)
    if plan.thickness is not None:
        gap = term.placement(reference).gap
        term = replace(term, offset=_offset(term.films, gap, plan.thickness))
    ages = tuple(plan.age(name) for name in facets.names)
    return FilmModel(facets.names, term, plan.thickness is not None or facets.space_given, ages)


def _laws(facets: FacetModel, sets: Mapping[str, ParameterSet], plan: FilmPlan) -> FilmLaws:
    """Return the laws of all joints: cartilage as thick as in their contact, recesses with the gas of earlier pops."""
    laws, contact = film_laws(sets["film"], sets["cartilage"]), facets.term.law
    assert isinstance(laws.recess, Recess)
    assert isinstance(contact, CartilageLayers)
    thickness = np.asarray(contact.thickness)[facets.start[:-1]]
    ages = [plan.age(name) for name in facets.names]
    gas = np.zeros(len(ages))
    for joint, age in enumerate(ages):
        if age is not None:
            left = residual_bubble(age, gas_after_pop(sets["gas"]))
            gas[joint] = left.surroundings.pressure * left.volume
    layer = replace(laws.layer, thickness=frozen(thickness))
    return replace(laws, layer=layer, recess=replace(laws.recess, gas=frozen(gas)))


def _offset(films: Film, gap: FloatArray, thickness: float) -> FloatArray:
    """Return what to add to the gaps (k, n) [mm] of each joint for films of a mean thickness."""
    area = films.mesh.area
    return frozen(thickness - np.sum(area * gap, axis=1) / np.sum(area, axis=1))
