"""Does a joint cavitate, how surely, and what decides it: replays of its film over a recorded motion."""

import time
from dataclasses import dataclass, replace

import numpy as np

from fem.arrays import BoolArray, FloatArray
from fem.film.replay import FilmEvents
from fem.film.state import Film
from fem.gas.collapse import minnaert_frequency
from fem.observe.film_draws import Drawn, draw, nearness
from fem.observe.film_path import Followed, JointPath, follow, reduced, whole_path
from fem.results import cavitation as words
from fem.results.cavitation import Cavitation, JointVerdict
from fem.results.film_motion import FilmMotion
from fem.results.verdict_inputs import Criteria


@dataclass(frozen=True, slots=True)
class VerdictSettings:
    """Numerical settings of a verdict.

    Attributes
    ----------
    draws, seed : how many, and where they begin.
    tolerance : [s] to which inception is found with the default inputs; `rough` with drawn ones.
    straightness : how far a gap may be off in draws, as a share of its joint's largest change.
    farthest : largest factor on the motion that the margin looks at; halvings : how often it halves the interval.
    """

    draws: int = 200
    seed: int = 20
    tolerance: float = 5e-5
    rough: float = 5e-3
    straightness: float = 1e-2
    farthest: float = 4.0
    halvings: int = 6


def cavitation(motion: FilmMotion, settings: VerdictSettings | None = None) -> Cavitation:
    """Return the verdicts of all joints.

    Notes
    -----
    The film is replayed over the motion as it was: what a film of other inputs would have changed in the motion is left
    out (docs/film.md says how much that is).
    """
    settings = settings or VerdictSettings()
    films, rough = motion.films(), reduced(motion, settings.straightness)
    followed = follow(films, whole_path(motion), settings.tolerance)
    pops = popped(followed, films, motion.inputs.criteria)
    margins = margin(rough, pops, settings)
    since_rest = margin_since_rest(motion, settings)
    began = time.perf_counter()
    drawn = draw(rough, settings.draws, settings.seed, settings.rough)
    wall = time.perf_counter() - began
    joints = []
    for joint in range(films.joints):
        event = followed.events[joint]
        if event is None:
            continue
        told = _Told(motion, films, joint, event, float(followed.fluid[joint]))
        base = _verdict(told, drawn, bool(pops[joint]), float(margins[joint]))
        known = None if since_rest is None else float(since_rest[joint])
        joints.append(replace(base, margin_since_rest=known))
    return Cavitation(tuple(joints), settings.draws, int(np.isnan(drawn.nearness).sum()), wall)


def pops(motion: FilmMotion, tolerance: float = 5e-5) -> BoolArray:
    """Return whether each joint (k,) pops with the default inputs; false where its film could not be solved."""
    films = motion.films()
    return popped(follow(films, whole_path(motion), tolerance), films, motion.inputs.criteria)


def popped(followed: Followed, films: Film, criteria: Criteria) -> BoolArray:
    """Return whether each film's cavity (k,) grew enough for a pop."""
    k = films.joints
    need = np.full(k, criteria.cavity_share), np.full(k, criteria.energy)
    near = nearness(followed, films.laws, need)
    return np.asarray(np.nan_to_num(near, nan=-1.0) >= 1.0)


def margin(motion: FilmMotion, pops: BoolArray, settings: VerdictSettings) -> FloatArray:
    """Return 1/f − 1 (k,), with f the factor on each joint's motion at which it just pops.

    Notes
    -----
    Above 0 the joint pops: it opens that much farther than it need (1: twice as far). Below 0 it does not: it opens
    that much less than it would have to (−0.5: half as far). A factor changes separation and speed alike. Ends at
    `farthest`, where joints that do not open at all stand.
    """
    films, path = motion.films(), whole_path(motion)
    farthest = np.full(len(pops), np.log(settings.farthest))
    low, high = np.where(pops, -farthest, 0.0), np.where(pops, 0.0, farthest)
    # The far end itself, where a joint does not change sides within reach.
    ends = np.where(pops, low, high)
    changes = _pops_at(motion, films, path.scaled(np.exp(ends)), settings) != pops
    for _ in range(settings.halvings):
        middle = 0.5 * (low + high)
        does = _pops_at(motion, films, path.scaled(np.exp(middle)), settings)
        low, high = np.where(does, low, middle), np.where(does, middle, high)
    found = np.where(changes, 0.5 * (low + high), ends)
    return np.asarray(np.expm1(-found))


def margin_since_rest(motion: FilmMotion, settings: VerdictSettings) -> FloatArray | None:
    """Return the margins (k,) of the whole motion since the spine had settled, positioning included.

    None where nothing was positioned. Replayed as drawn inputs are, on their mesh and instants; looks twice as far as
    the margin of the motion alone, for positioning opens a joint more than thrusts do.
    """
    whole = motion.since_rest()
    if whole is None:
        return None
    rough = reduced(whole, settings.straightness)
    path, films = whole_path(rough), rough.films()
    wide = replace(settings, farthest=2.0 * settings.farthest)
    return margin(rough, _pops_at(rough, films, path, settings), wide)


def _pops_at(motion: FilmMotion, films: Film, path: JointPath, settings: VerdictSettings) -> BoolArray:
    return popped(follow(films, path, settings.rough), films, motion.inputs.criteria)


@dataclass(frozen=True, slots=True)
class _Told:
    """What happened in one joint with the default inputs, and where."""

    motion: FilmMotion
    films: Film
    joint: int
    event: FilmEvents
    fluid: float

    @property
    def mean_gap(self) -> FloatArray:
        """Mean gap (t,) [mm] over the points that face the other surface."""
        return self._mean(self.motion.gap[:, self.joint])

    @property
    def mean_rest(self) -> float:
        """Mean gap [mm] before any load."""
        return float(self._mean(self.motion.rest[None, self.joint])[0])

    def _mean(self, gap: FloatArray) -> FloatArray:
        area = np.where(np.isnan(gap), 0.0, self.films.mesh.area[self.joint])
        return np.asarray(np.sum(area * np.nan_to_num(gap), axis=1) / np.maximum(area.sum(axis=1), 1e-300))


def _verdict(told: _Told, drawn: Drawn, pops: bool, margin: float) -> JointVerdict:
    event, criteria = told.event, told.motion.inputs.criteria
    near = drawn.nearness[:, told.joint]
    solved = ~np.isnan(near)
    probability = float(np.mean(near[solved] >= 1.0)) if solved.any() else float(pops)
    verdict = _word(probability, criteria.sure_share)
    name, correlation = dominant(drawn, told.joint)
    gapping, means = float(told.mean_gap.max() - told.mean_rest), told.mean_gap
    published = _published(gapping, criteria)
    starts = means[_starts(told.motion)[told.motion.stretch]]
    base = JointVerdict(
        joint=told.motion.joints[told.joint],
        verdict=verdict,
        probability=probability,
        pops=pops,
        micro_inception=event.inception is not None and not pops,
        margin=margin,
        dominant_input=name,
        dominant_correlation=correlation,
        lowest_pressure=event.lowest_pressure,
        cavity=event.peak_volume,
        energy=event.energy,
        cavity_share=event.peak_volume / told.fluid,
        peak_separation=float(np.max(means - starts)),
        mri_gapping=gapping,
        mri_criterion=published,
        mri_agrees=_agreement(verdict, published),
    )
    return base if event.inception is None else _with_moments(base, told)


def _with_moments(base: JointVerdict, told: _Told) -> JointVerdict:
    event, motion, criteria = told.event, told.motion, told.motion.inputs.criteria
    begun = event.inception
    assert begun is not None
    times, means = motion.times, told.mean_gap
    gap, later = np.interp([begun.time, begun.time + criteria.jump_time], times, means)
    # The run lands on inception, in a step as short as it comes: the speed is that of the way there.
    before = max(begun.time - 0.5 * criteria.jump_time, float(times[0]))
    speed = (gap - np.interp(before, times, means)) / max(begun.time - before, np.finfo(float).tiny)
    radius = float(np.cbrt(0.75 * event.peak_volume / np.pi))
    ambient = float(np.broadcast_to(motion.laws.cavitation.ambient, len(motion.joints))[told.joint])
    ring = (
        minnaert_frequency(radius, ambient, criteria.density, exponent=criteria.gas_exponent)
        if radius
        else None
    )
    return replace(
        base,
        time=begun.time,
        route=begun.route,
        gap=float(gap),
        opening_speed=float(speed),
        film=begun.thickness,
        jump=float(later - gap),
        peak_time=event.peak_time,
        collapse_time=event.collapse,
        frequency=ring,
    )


def dominant(drawn: Drawn, joint: int) -> tuple[str | None, float | None]:
    """Return the input with the largest rank correlation with how near a joint came to a pop, and the correlation."""
    from scipy.stats import rankdata

    near = drawn.nearness[:, joint]
    solved = ~np.isnan(near)
    ranks = rankdata(near[solved])
    if len(ranks) < 3 or np.ptp(ranks) == 0.0:
        return None, None
    found = {
        name: float(np.corrcoef(rankdata(values[solved]), ranks)[0, 1])
        for name, values in drawn.inputs.items()
    }
    name = max(found, key=lambda key: abs(found[key]), default=None)
    return (None, None) if name is None else (name, found[name])


def _starts(motion: FilmMotion) -> FloatArray:
    """Return the first instant (as an index) of each stretch."""
    return np.array([part.start for part in whole_path(motion).stretches()])


def _word(probability: float, sure: float) -> str:
    if probability >= sure:
        return words.CAVITATES
    return words.STAYS_SHUT if probability <= 1.0 - sure else words.UNDETERMINED


def _published(gapping: float, criteria: Criteria) -> str:
    """Return what the published mean gapping of joints that did and did not cavitate says."""
    if gapping >= criteria.gapping_cavitated:
        return words.CAVITATES
    return words.STAYS_SHUT if gapping <= criteria.gapping_not_cavitated else words.BETWEEN


def _agreement(verdict: str, published: str) -> str:
    if verdict == words.UNDETERMINED or published == words.BETWEEN:
        return "open"
    return "yes" if verdict == published else "no"
