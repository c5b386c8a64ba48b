"""Draws of what films are made of, replayed over one motion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.errors import ParameterError
from fem.film.laws import FilmLaws, Recess
from fem.film.state import film
from fem.literature.draws import even_shares
from fem.observe.film_path import Followed, JointPath, follow, repeated, whole_path
from fem.results.film_motion import FilmMotion
from fem.results.verdict_inputs import DRAWN, VerdictInputs

#: Draws that are replayed at once: enough to keep all threads busy, few enough to keep memory small.
_AT_ONCE: Final = 16

#: Input of a verdict besides data with bands: share of the gas clock's draws that have left less gas of earlier pops.
GAS: Final = "gas.left"

Columns = dict[str, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Replays with drawn inputs.

    Attributes
    ----------
    inputs : name -> (m,) drawn values.
    nearness : (m, k) how near each joint came to a pop, see `nearness`; NaN where the film could not be solved.
    """

    inputs: Columns
    nearness: FloatArray


def draw(motion: FilmMotion, count: int, seed: int, tolerance: float) -> Drawn:
    """Replay a motion with `count` draws of its inputs' bands."""
    bands, gas = motion.inputs.bands, bool(motion.inputs.gas)
    shares = even_shares(count, len(bands) + gas, seed)
    inputs = {band.name: band.at(share) for band, share in zip(bands, shares.T, strict=False)}
    if gas:
        inputs[GAS] = shares[:, -1]
    mesh, found = motion.mesh(), []
    for first in range(0, count, _AT_ONCE):
        chunk = {name: values[first : first + _AT_ONCE] for name, values in inputs.items()}
        size = min(_AT_ONCE, count - first)
        laws = with_drawn_gas(motion, drawn_laws(motion.laws, chunk, (size, mesh.joints)), chunk)
        films = film(repeated(mesh, size), laws, order=motion.order)
        path = drawn_path(motion, mesh.area, chunk, size)
        followed = follow(films, path, tolerance)
        pop = motion.inputs.criteria
        need = (
            np.repeat(chunk.get("pop.cavity_share", np.full(size, pop.cavity_share)), mesh.joints),
            np.repeat(chunk.get("pop.energy", np.full(size, pop.energy)), mesh.joints),
        )
        found.append(nearness(followed, films.laws, need).reshape(size, mesh.joints))
    return Drawn(inputs, np.concatenate(found))


def with_inputs(motion: FilmMotion, values: Mapping[str, float]) -> FilmMotion:
    """Return a motion with other inputs: names as in its bands (``recess.volume`` …), values in internal units.

    Raises
    ------
    ParameterError
        For a name that is no input of a verdict.
    """
    known = [name for names in DRAWN.values() for name in names]
    for name in values:
        if name not in known:
            raise ParameterError(f"a verdict has no input '{name}'; it has {', '.join(known)}")
    chunk = {name: np.array([value]) for name, value in values.items()}
    area = motion.mesh().area
    path = drawn_path(motion, area, chunk, 1)
    rest = motion.rest + _thickening(motion, area, chunk, 1)
    names = {"pop.cavity_share": "cavity_share", "pop.energy": "energy"}
    changes: dict[str, float] = {names[name]: value for name, value in values.items() if name in names}
    criteria = replace(motion.inputs.criteria, **changes)
    bands = tuple(band for band in motion.inputs.bands if band.name not in values)
    laws = drawn_laws(motion.laws, chunk, (1, len(motion.joints)))
    inputs = VerdictInputs(criteria, bands, motion.inputs.gas)
    return replace(motion, laws=laws, gap=frozen(path.gap), rest=frozen(rest), inputs=inputs)


def nearness(followed: Followed, laws: FilmLaws, need: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Return how near each film (k,) came to a pop.

    Notes
    -----
    With a cavity: its largest volume over what a pop needs, so that 1 and more is a pop. Without: −(p − p_nuc)/
    (p_amb − p_nuc) with the lowest pressure p, from −1 (nothing happened) to 0 (about to). More is always nearer.
    """
    share, energy = need
    ambient, cavity, nucleation = (
        np.broadcast_to(value, share.shape)
        for value in (laws.cavitation.ambient, laws.cavitation.cavity, laws.cavitation.nucleation)
    )
    needed = np.maximum(share * followed.fluid, energy / (ambient - cavity))
    found = np.full(len(share), np.nan)
    for joint, event in enumerate(followed.events):
        if event is None:
            continue
        if event.peak_volume > 0.0:
            found[joint] = event.peak_volume / needed[joint]
        else:
            left = (event.lowest_pressure - nucleation[joint]) / (ambient[joint] - nucleation[joint])
            found[joint] = -min(max(left, 0.0), 1.0)
    return found


def drawn_path(motion: FilmMotion, area: FloatArray, chunk: Columns, size: int) -> JointPath:
    """Return the path of `size` draws, one after the other: other film thickness, other stiffness of cartilage.

    Notes
    -----
    A film of mean thickness H instead of H_0 in the posture before any load adds (H/H_0 − 1) g⁺ to every gap, with g⁺
    the open part of the gap there: surfaces that touch go on touching. Where a gap is negative the surfaces press on
    each other; layers of another modulus M' under the same pressure give d' = t (1 − (1 − d/t)^(M/M')) instead of d.
    """
    path = whole_path(motion)
    gap = np.tile(path.gap, (1, size, 1))
    joints = len(motion.joints)
    if "facet.confined_modulus" in chunk:
        layer = motion.laws.layer
        thickness = np.tile(np.broadcast_to(layer.thickness, joints), size)[:, None]
        ratio = np.tile(np.broadcast_to(layer.modulus, joints), size) / np.repeat(
            chunk["facet.confined_modulus"], joints
        )
        share = np.clip(-gap / thickness, 0.0, 1.0 - np.finfo(float).eps)
        gap = np.where(gap < 0.0, -thickness * (1.0 - (1.0 - share) ** ratio[:, None]), gap)
    gap = gap + _thickening(motion, area, chunk, size)
    return JointPath(path.times, path.stretch, gap, np.tile(path.cover, (1, size, 1)))


def _thickening(motion: FilmMotion, area: FloatArray, chunk: Columns, size: int) -> FloatArray:
    """Return what drawn film thicknesses add to every gap (size * k, n) [mm]."""
    if "film.rest_thickness" not in chunk:
        return np.zeros((size * len(motion.joints), 1))
    open_part = np.maximum(np.nan_to_num(motion.rest), 0.0)
    mean = np.sum(area * open_part, axis=1) / np.sum(area, axis=1)
    factor = chunk["film.rest_thickness"][:, None] / np.maximum(mean, np.finfo(float).tiny) - 1.0
    return np.asarray((factor[:, :, None] * open_part).reshape(size * len(motion.joints), -1))


def drawn_laws(laws: FilmLaws, chunk: Columns, shape: tuple[int, int]) -> FilmLaws:
    """Return the laws of all joints of all draws, `shape` = (draws, joints), draw after draw."""
    size, joints = shape
    parts = {
        name: _spread(getattr(laws, name), size, joints)
        for name in ("fluid", "layer", "recess", "cavitation")
    }
    for name, values in chunk.items():
        if name not in _PLACES or (name.startswith("recess.") and not isinstance(laws.recess, Recess)):
            continue
        part, changes = _PLACES[name]
        wide = np.repeat(values, joints)
        parts[part] = replace(parts[part], **changes(wide))
    cavity = parts["cavitation"]
    # A cavity forms at its own pressure at the latest, wherever a case has put that.
    parts["cavitation"] = replace(cavity, nucleation=np.minimum(cavity.nucleation, cavity.cavity))
    return FilmLaws(**parts)


def with_drawn_gas(motion: FilmMotion, laws: FilmLaws, chunk: Columns) -> FilmLaws:
    """Return the laws of all draws with what earlier pops left: at a share of the joints' draws of the gas clock."""
    if GAS not in chunk or not isinstance(laws.recess, Recess):
        return laws
    rows = [np.quantile(row, chunk[GAS]) for row in motion.inputs.gas]
    return replace(laws, recess=replace(laws.recess, gas=frozen(np.stack(rows, axis=1).ravel())))


def _spread(law: Any, size: int, joints: int) -> Any:
    numbers = {
        item.name: np.tile(np.broadcast_to(getattr(law, item.name), joints), size)
        for item in fields(law)
        if not isinstance(getattr(law, item.name), bool)
    }
    return replace(law, **numbers)


def _thinning(exponent: FloatArray) -> Columns:
    """Return exponent and representative share β: β^(N−1) = ((2N + 1)/3N)^N with N = 1 − exponent."""
    N = 1.0 - exponent
    return {"exponent": exponent, "representative": ((2.0 * N + 1.0) / (3.0 * N)) ** (N / (N - 1.0))}


#: Drawn datum -> the law it belongs to, and what it changes there.
_PLACES: Final[dict[str, tuple[str, Callable[[FloatArray], Columns]]]] = {
    "fluid.rest_viscosity": ("fluid", lambda x: {"rest": x}),
    "fluid.thinned_viscosity": ("fluid", lambda x: {"thinned": x}),
    "fluid.thinning_exponent": ("fluid", _thinning),
    "film.asperity": ("layer", lambda x: {"asperity": x}),
    "facet.confined_modulus": ("layer", lambda x: {"modulus": x}),
    "recess.volume": ("recess", lambda x: {"volume": x}),
    "recess.compliance": ("recess", lambda x: {"compliance": x}),
    "recess.sharpness": ("recess", lambda x: {"sharpness": x}),
    "recess.creep_share": ("recess", lambda x: {"creep_share": x}),
    "recess.creep_time": ("recess", lambda x: {"creep_time": x}),
    "recess.inflow_time": ("recess", lambda x: {"inflow_rate": 1.0 / x}),
    "cavitation.nucleation_pressure": ("cavitation", lambda x: {"nucleation": x}),
}
