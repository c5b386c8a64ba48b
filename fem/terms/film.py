"""What synovial films do to the surfaces they lie between, in motion: suction and pressure on top of dry contact."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from fem.arrays import FloatArray, IntArray, frozen
from fem.elements.patch import gaps
from fem.elements.patch_kernels import rim_weights, surface_forces
from fem.elements.surface_block import patch_shape
from fem.errors import NonFiniteError
from fem.film.constants import CAVITY, NUCLEATION
from fem.film.placement import Placement
from fem.film.state import Film, FilmState, cavity_volume, fluid_volume, initial_state, sealed
from fem.film.step import FilmStep, film_step, forming, nucleated
from fem.terms.film_kernels import dry_pressures, joint_stiffness
from fem.terms.term import Configuration, Contribution, Switch, no_bodies

#: A margin so wide that a facing surface never fades (numerical).
_ENDLESS = 1e6
#: Suction [MPa] that no film ever reaches (numerical).
_TENACIOUS = 1e3
#: Volume of a cavity at the end of a step, as a share of the joint's fluid, below which the moment it formed is not
#: looked for: of any, and of one in a thin film whose recess is not empty. A pop has several times as much.
_TINY, _SMALL = 1e-3, 1e-2


@dataclass(frozen=True, slots=True)
class FilmPlace:
    """Where the surfaces are, all over joints k and film points n.

    Attributes
    ----------
    gap : (k, n) [mm] as the film sees it; NaN where nothing faces the point.
    cover : (k, n) 1 over the facing outline, falling to 0 beyond it.
    shape : (k, n, 9) weights of the control points where a film point faces the patch; normal : (k, n, 3) there.
    """

    gap: FloatArray
    cover: FloatArray
    shape: FloatArray
    normal: FloatArray


def gap_gradient(place: FilmPlace) -> FloatArray:
    """Return the derivative of each gap (k, n, 10, 3) with respect to the film point and the nine control points."""
    weight = np.concatenate([np.ones((*place.gap.shape, 1)), -place.shape], axis=-1)
    return np.asarray(weight[..., None] * place.normal[:, :, None, :])


def film_state(name: str, history: Mapping[str, FloatArray]) -> FilmState:
    """Return what the films of the term called `name` hold, from the history of a converged state."""
    held: dict[str, Any] = {item.name: np.array(history[f"{name}.{item.name}"]) for item in fields(FilmState)}
    held["torn"] = held["torn"] > 0.0
    return sealed(FilmState(**held))


def film_history(name: str, state: FilmState) -> dict[str, FloatArray]:
    """Return the history entries of what the films of the term called `name` hold."""
    return {
        f"{name}.{item.name}": np.asarray(getattr(state, item.name), dtype=np.float64)
        for item in fields(FilmState)
    }


@dataclass(frozen=True, slots=True)
class FilmTerm:
    """Films between surface points and the biquadratic patches they face; one element per joint.

    Parameters
    ----------
    name : unique name.
    joints : names of the joints k.
    points : (k, n + 9) film points, then the control points of the facing patch.
    films : meshes and laws.
    margin : how far (in patch coordinates) beyond the outline u² + v² = 1 the facing surface fades out.
    offset : (k,) [mm] what the film adds to the gap between the surfaces, or one number.
    exact : whether the antisymmetric part of the stiffness is given as well. A spine converges without it (error times
        1e-3 in each iteration), and to solve with it costs more than the iterations it would save.

    Notes
    -----
    The force is −Σ A W (T − T_dry) ∇g: areas, fade of the facing surface, pressure of film and contact together less
    what the contact alone would carry, which a term of its own does. One implicit step of the films (`fem.film.step`)
    belongs to every evaluation; stiffness holds its derivative with respect to gaps, not to the fade.
    In static phases fluid has had time to follow: no force, and the history is that of films at rest.
    """

    name: str
    joints: tuple[str, ...]
    points: IntArray
    films: Film
    margin: float
    offset: FloatArray | float = 0.0
    exact: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The joint of each film."""
        return self.joints

    @property
    def bodies(self) -> IntArray:
        """No bodies, (k, 0)."""
        return no_bodies(self.points)

    def evaluate(self, configuration: Configuration, tangent: bool) -> Contribution:
        """Return force (k, 3n + 27), stiffness, work done on the films as `lost`, and what they hold.

        Raises
        ------
        NonFiniteError
            Where the film of a joint could not be solved: the motion of the trial is too large for one step.
        """
        place = self.placement(configuration.positions)
        if configuration.elapsed <= 0.0:
            return self._still(place, tangent)
        step = self._step(configuration, place, tangent)
        gap = np.nan_to_num(place.gap)
        dry, slope = np.empty(gap.shape), np.empty(gap.shape)
        dry_pressures(self.films.constants, gap, dry, slope)
        traction = np.where(place.cover > 0.0, step.load.traction - dry, 0.0)
        share = self.films.mesh.area * place.cover
        gradient = gap_gradient(place)
        history = self._history(step.state, place, share * traction)
        lost = self._work(configuration.history, history)
        force = self._spread(-(share * traction)[..., None, None] * gradient)
        if step.traction_by_gap is None:
            return Contribution(0.0, force, history=history, lost=lost)
        by_gap = step.traction_by_gap - slope[:, :, None] * np.eye(gap.shape[1])
        coupling = -share[:, :, None] * by_gap * np.isfinite(place.gap)[:, None, :]
        even, odd = self._stiffness(configuration.positions, place, traction, coupling)
        return Contribution(0.0, force, even, odd if self.exact else None, history=history, lost=lost)

    def switch(
        self, before: Mapping[str, FloatArray], memory: Mapping[str, FloatArray], elapsed: float
    ) -> Switch | None:
        """Return how far the joint that is nearest to it is beyond forming a cavity; None if all have one.

        Notes
        -----
        The measure is the lowest pressure below ambient over that of nucleation, less 1; beyond the point of change it
        is that of the same step with a fluid that never gives way, so that it runs on without a bend. Minor is a cavity
        of next to no volume that forms without a jump of the pressure, as between surfaces that touch.
        """
        old, held = film_state(self.name, before), film_state(self.name, memory)
        waiting, new = ~old.nucleated & self.films.wet, forming(old, held)
        if not waiting.any():
            return None
        limits, floor = self.films.constants[:, NUCLEATION], self.films.constants[:, CAVITY]
        if not new.any():
            return Switch(float((held.pressure.min(axis=1) / limits)[waiting].max()) - 1.0)
        constants = np.array(self.films.constants)
        constants[:, NUCLEATION] = -_TENACIOUS
        place = Placement(memory[f"{self.name}.gap"], memory[f"{self.name}.cover"])
        step = film_step(replace(self.films, constants=frozen(constants)), old, place, elapsed)
        share = np.where(step.converged, step.state.pressure.min(axis=1) / limits - 1.0, np.inf)
        share_of_fluid = cavity_volume(self.films, held) / fluid_volume(self.films, held)
        small = share_of_fluid < np.where(held.recess_pressure > 0.5 * limits, _SMALL, _TINY)
        minor = bool((small & (limits == floor))[new].all())
        return Switch(max(float(share[new].max()), 0.0), film_history(self.name, nucleated(held, new)), minor)

    def placement(self, positions: FloatArray) -> FilmPlace:
        """Return where the surfaces are at current positions (p, 3)."""
        k, n = len(self.points), self.points.shape[1] - 9
        points, control = self._surfaces(positions)
        gap, coordinate, normal = np.empty(k * n), np.empty((k * n, 2)), np.empty((k * n, 3))
        gaps(points, control, gap, coordinate, normal)
        cover = np.empty(k * n)
        rim_weights(coordinate, self.margin, cover)
        missed = ~np.isfinite(gap)
        cover[missed], gap[missed] = 0.0, np.nan
        seen = gap.reshape(k, n) + np.broadcast_to(self.offset, (k,))[:, None]
        shape = patch_shape(coordinate).reshape(k, n, 9)
        return FilmPlace(seen, cover.reshape(k, n), shape, normal.reshape(k, n, 3))

    def _still(self, place: FilmPlace, tangent: bool) -> Contribution:
        """Return no force, and the memory of films at rest."""
        count, size = len(self.points), 3 * self.points.shape[1]
        state = initial_state(self.films, np.nan_to_num(place.gap))
        history = self._history(state, place, np.zeros(place.gap.shape))
        stiffness = np.zeros((count, size, size)) if tangent else None
        return Contribution(0.0, np.zeros((count, size)), stiffness, history=history)

    def _step(self, configuration: Configuration, place: FilmPlace, tangent: bool) -> FilmStep:
        before = film_state(self.name, configuration.history)
        target = Placement(place.gap, place.cover)
        step = film_step(self.films, before, target, configuration.elapsed, tangent)
        for joint, converged in zip(self.joints, step.converged, strict=True):
            if not converged:
                raise NonFiniteError(f"the synovial film of {joint}, whose step did not converge,")
        return step

    def _history(self, state: FilmState, place: FilmPlace, push: FloatArray) -> dict[str, FloatArray]:
        """Return what to remember: films, places of the surfaces, forces (k, n) [N] that push them apart."""
        own = {"gap": place.gap, "cover": place.cover, "push": push}
        return film_history(self.name, state) | {f"{self.name}.{key}": value for key, value in own.items()}

    def _work(self, before: Mapping[str, FloatArray], after: Mapping[str, FloatArray]) -> float:
        """Return the work [N mm] that the surfaces did on the films in a step."""
        push = before[f"{self.name}.push"] + after[f"{self.name}.push"]
        way = after[f"{self.name}.gap"] - before[f"{self.name}.gap"]
        return float(-0.5 * np.sum(push * np.nan_to_num(way)))

    def _spread(self, local: FloatArray) -> FloatArray:
        """Return forces (k, 3n + 27) from those of each point on itself and the control points (k, n, 10, 3)."""
        own, control = local[:, :, 0], np.sum(local[:, :, 1:], axis=1)
        return np.concatenate([own, control], axis=1).reshape(len(local), -1)

    def _stiffness(
        self, positions: FloatArray, place: FilmPlace, traction: FloatArray, coupling: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return symmetric and antisymmetric stiffness (k, L, L)."""
        (count, n), size = traction.shape, 3 * self.points.shape[1]
        own = self._own_stiffness(positions, place, traction)
        even, odd = np.empty((count, size, size)), np.zeros((count if self.exact else 0, size, size))
        joint_stiffness(coupling, place.normal, place.shape, own.reshape(count, n, 30, 30), even, odd)
        return even, odd

    def _own_stiffness(self, positions: FloatArray, place: FilmPlace, traction: FloatArray) -> FloatArray:
        """Return what given tractions give (s, 30, 30): the gaps' second derivatives, and where the surface fades."""
        points, control = self._surfaces(positions)
        area = self.films.mesh.area.ravel()
        force, stiffness = np.empty((len(points), 30)), np.empty((len(points), 30, 30))
        response = np.zeros((len(points), 3))
        response[:, 1] = -(traction * place.cover).ravel()
        surface_forces(points, control, area, response, _ENDLESS, force, stiffness)
        fading = (place.cover > 0.0) & (place.cover < 1.0)
        if fading.any():
            rows = np.flatnonzero(fading)
            fade, alone = np.empty((len(rows), 30)), np.ones(len(rows))
            response = np.tile([1.0, 0.0, 0.0], (len(rows), 1))
            surface_forces(
                points[rows], control[rows], alone, response, self.margin, fade, np.empty((0, 30, 30))
            )
            gradient = gap_gradient(place).reshape(-1, 30)[rows]
            push = (area * traction.ravel())[rows]
            stiffness[rows] -= push[:, None, None] * gradient[:, :, None] * fade[:, None, :]
        return stiffness

    def _surfaces(self, positions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return film points (s, 3) and the control points (s, 9, 3) they face."""
        n = self.points.shape[1] - 9
        nodes = positions[self.points]
        control = np.repeat(nodes[:, n:], n, axis=0)
        return np.ascontiguousarray(nodes[:, :n].reshape(-1, 3)), np.ascontiguousarray(control)
