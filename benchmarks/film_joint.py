"""One facet joint without a spine: its film under an opening of given size and duration. Used by film_curves.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import FloatArray
from fem.elements.surface_block import unit_disc_mesh
from fem.film.data import film_laws
from fem.film.laws import Recess
from fem.film.mesh import film_mesh
from fem.film.placement import Placement
from fem.film.pull import Pull, PullRecord, pull_apart
from fem.film.replay import FilmEvents, replay
from fem.film.state import Film, film, fluid_volume, initial_state
from fem.literature import load

#: Articular surface [mm²] of a lumbar facet, and joint space [mm] of the anatomy at its centre and rim.
AREA, CENTRE, RIM = 160.0, 0.4, 0.1
#: Mean of that joint space over the surface [mm].
MEAN = 0.5 * (CENTRE + RIM)
#: Instants of a rise, and halvings of the interval in which the least opening lies.
INSTANTS, HALVINGS = 41, 10
#: Largest opening [mm] that is looked at.
WIDEST = 5.0


@dataclass(frozen=True, slots=True)
class Joint:
    """What one joint is made of; factors and None keep the value of the data sets ``film`` and ``cartilage``.

    `thickness` [mm] is the mean film at rest, `gas` [mJ] pressure times volume of the gas of an earlier pop,
    `inflow_time` [s] that of seeping; without `seeps` the capsule neither creeps nor lets fluid in.
    """

    area: float = AREA
    volume: float | None = None
    thickness: float = MEAN
    viscosity: float = 1.0
    compliance: float = 1.0
    nucleation: float | None = None
    gas: float = 0.0
    seeps: bool = True
    inflow_time: float | None = None

    @property
    def gap(self) -> FloatArray:
        """Gap (n,) [mm] of the joint at rest: the joint space of the anatomy, moved to the mean thickness."""
        flat = unit_disc_mesh(4, 24)
        return CENTRE - (CENTRE - RIM) * np.sum(flat.p**2, axis=0) + self.thickness - MEAN


def films_of(joints: Sequence[Joint]) -> tuple[Film, FloatArray]:
    """Return the films of joints side by side, and their gaps (k, n) [mm] at rest."""
    flat = unit_disc_mesh(4, 24)
    radii = np.sqrt([joint.area / np.pi for joint in joints])
    disc = np.column_stack([flat.p.T, np.zeros(flat.p.shape[1])])
    laws = film_laws(load("film"), load("cartilage"))
    recess, fluid, cavitation = laws.recess, laws.fluid, laws.cavitation
    assert isinstance(recess, Recess)
    thick = np.array([joint.viscosity for joint in joints])
    seeps = np.array([float(joint.seeps) for joint in joints])
    inflow = [1.0 / joint.inflow_time if joint.inflow_time else recess.inflow_rate for joint in joints]
    recess = replace(
        recess,
        volume=np.array([recess.volume if joint.volume is None else joint.volume for joint in joints]),
        compliance=recess.compliance * np.array([joint.compliance for joint in joints]),
        creep_share=recess.creep_share * seeps,
        inflow_rate=np.array(inflow) * seeps,
        gas=np.array([joint.gas for joint in joints]),
    )
    limits = [cavitation.nucleation if joint.nucleation is None else joint.nucleation for joint in joints]
    laws = replace(
        laws,
        recess=recess,
        fluid=replace(fluid, rest=fluid.rest * thick, thinned=fluid.thinned * thick),
        cavitation=replace(cavitation, nucleation=np.array(limits)),
    )
    mesh = film_mesh(flat, radii[:, None, None] * disc)
    return film(mesh, laws, order=2), np.stack([joint.gap for joint in joints])


def opened(joints: Sequence[Joint], opening: FloatArray, rise: float, back: bool = True) -> list[FilmEvents]:
    """Return what happens when joint j opens evenly by opening[j] [mm] within `rise` [s], and (`back`) closes again.

    The opening is a squared sine: it starts and ends at rest, as a bone does that has mass.
    """
    films, gap = films_of(joints)
    times = np.linspace(0.0, (2.0 if back else 1.0) * rise, 2 * INSTANTS if back else INSTANTS)
    shape = np.sin(0.5 * np.pi * times / rise) ** 2
    gaps = gap + (shape[:, None] * opening)[:, :, None]
    return list(replay(films, initial_state(films, gap), times, Placement(gaps)).events)


def separation_at(event: FilmEvents, opening: float, rise: float) -> float:
    """Return how far [mm] a joint had opened when its cavity formed; NaN if none did."""
    if event.inception is None:
        return float("nan")
    return float(opening * np.sin(0.5 * np.pi * event.inception.time / rise) ** 2)


def least_openings(joints: Sequence[Joint], rise: float, pop: bool = False) -> FloatArray:
    """Return the least opening (k,) [mm] that makes a cavity within `rise` [s]; NaN if none up to `WIDEST` does.

    Parameters
    ----------
    pop : ask for a cavity that counts as a pop (data set ``verdict``), which is looked for on the way back too.
    """
    low, high = np.zeros(len(joints)), np.full(len(joints), WIDEST)
    never = ~_cavity(joints, high, rise, pop)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        hit = _cavity(joints, middle, rise, pop)
        low, high = np.where(hit, low, middle), np.where(hit, middle, high)
    return np.where(never, np.nan, high)


def _cavity(joints: Sequence[Joint], opening: FloatArray, rise: float, pop: bool) -> FloatArray:
    events = opened(joints, opening, rise, back=pop)
    if not pop:
        return np.array([event.inception is not None for event in events])
    return np.array([pops(event, fluid) for event, fluid in zip(events, fluids(joints), strict=True)])


def fluids(joints: Sequence[Joint]) -> FloatArray:
    """Return the fluid (k,) [mm³] that the joints hold at rest, in film and recess together."""
    films, gap = films_of(joints)
    return fluid_volume(films, initial_state(films, gap))


def pops(event: FilmEvents, fluid: float) -> bool:
    """Return whether a cavity grew enough to count as a pop, by the data set ``verdict``."""
    data = load("verdict")
    share, energy = data.number("pop.cavity_share", "dimensionless"), data.number("pop.energy", "energy")
    return event.inception is not None and event.peak_volume >= share * fluid and event.energy >= energy


def pulled(
    joint: Joint, stiffness: float, top: float, rise: float
) -> tuple[PullRecord, Callable[[float], float]]:
    """Pull a joint open on a spring [N/mm] by a force that goes straight to `top` [N] within `rise` [s] and back."""
    films, gap = films_of([joint])
    times = np.linspace(0.0, 2.0 * rise, 201)
    force = top * (1.0 - np.abs(times / rise - 1.0))
    pull = Pull(times, force[:, None], np.array([stiffness]))
    record = pull_apart(films, initial_state(films, gap), gap, pull)
    return record, lambda time: float(np.interp(time, times, force))
