"""How much gas of an earlier pop a recorded thrust can still pop a joint with, and so when it can again."""

from dataclasses import fields, replace
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.errors import UsageError
from fem.film.laws import FilmLaws, OpenRim
from fem.gas.bubbles import volume_at
from fem.gas.clock import ClockSettings, PopAgain, moment_below
from fem.gas.inputs import gas_after_pop
from fem.literature import ParameterSet
from fem.observe.verdict import pops
from fem.results.film_motion import FilmMotion

#: Contents that are tried side by side, and how often the interval between two of them is divided again.
_TRIALS: Final = 9
_ROUNDS: Final = 5
#: Largest content that is tried, as a multiple of what a pop leaves by the default inputs: above every draw of them.
_MOST: Final = 4.0


def pop_again(motion: FilmMotion, joint: str, data: ParameterSet, settings: ClockSettings) -> PopAgain:
    """Return when the motion of a thrust can pop `joint` again after a pop, by the set ``gas`` and over its bands.

    Notes
    -----
    The film asks the gas of the recess for its content only (p V, Boyle), so one search for the largest content with
    which the joint still pops answers every draw of the gas: ready when that little is left. The motion is replayed as
    it was recorded, whatever gas the case had put into the joint.
    """
    gas = gas_after_pop(data)
    ambient = gas.surroundings.pressure
    after = ambient * float(volume_at(gas.bubbles, gas.surroundings).volume)
    content = largest_content(motion, joint, _MOST * after)
    if content is None:
        return PopAgain(joint, None, None)
    volume = content / ambient
    return PopAgain(joint, volume, moment_below(data, volume, settings))


def largest_content(motion: FilmMotion, joint: str, most: float) -> float | None:
    """Return the largest gas content p V [N mm] up to `most` with which a motion pops `joint`.

    None if it does not pop the joint even without gas.
    """
    copies = side_by_side(motion, joint, _TRIALS)
    low, high = 0.0, most
    for _ in range(_ROUNDS):
        tried = np.linspace(low, high, _TRIALS)
        hits = pops(copies.with_gas(frozen(tried)))
        if not hits[0]:
            return None
        # Up to the first miss: a content beyond it that pops would be an accident of the steps.
        last = int(np.argmin(hits)) - 1 if not hits.all() else _TRIALS - 1
        if last == _TRIALS - 1:
            return high
        low, high = float(tried[last]), float(tried[last + 1])
    return low


def side_by_side(motion: FilmMotion, joint: str, count: int) -> FilmMotion:
    """Return the motion of one joint `count` times.

    Raises
    ------
    UsageError
        If the motion holds no such joint, or its film has no recess.
    """
    if joint not in motion.joints:
        raise UsageError(f"'{joint}' is not among the joints that were recorded: {', '.join(motion.joints)}")
    if isinstance(motion.laws.recess, OpenRim):
        raise UsageError("the joint's film has an open rim; only a recess can hold the gas of a pop")
    place = [motion.joints.index(joint)] * count
    laws = FilmLaws(
        **{
            item.name: _of_one(getattr(motion.laws, item.name), len(motion.joints), place)
            for item in fields(motion.laws)
        }
    )
    return replace(
        motion,
        joints=(joint,) * count,
        points=frozen(motion.points[place]),
        gap=frozen(motion.gap[:, place]),
        cover=frozen(motion.cover[:, place]),
        rest=frozen(motion.rest[place]),
        positioning_gap=frozen(_some(motion.positioning_gap, place)),
        positioning_cover=frozen(_some(motion.positioning_cover, place)),
        laws=laws,
        inputs=replace(motion.inputs, gas=tuple(motion.inputs.gas[k] for k in place if motion.inputs.gas)),
    )


def _some(rows: FloatArray, place: list[int]) -> FloatArray:
    """Return the joints `place` of what was recorded of all; nothing where nothing was."""
    return rows[:, place] if rows.size else rows


def _of_one(law: Any, joints: int, place: list[int]) -> Any:
    values: dict[str, FloatArray] = {
        item.name: np.asarray(getattr(law, item.name))[place]
        for item in fields(law)
        if np.shape(getattr(law, item.name)) == (joints,)
    }
    return replace(law, **values)
