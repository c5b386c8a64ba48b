"""Muscle fascicles of a spine: where each runs, from landmarks and offsets; and their moment arms."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.anatomy.frames import MIRROR
from fem.anatomy.spine import Spine
from fem.anatomy.trunk import body_size, host, trunk_landmarks
from fem.anatomy.vocabulary import LEVELS, SIDES, VERTEBRAE
from fem.arrays import FloatArray, frozen
from fem.errors import ParameterError
from fem.literature import ParameterSet, load

#: Bodies that muscles hold on to, caudal to cranial.
MUSCLE_BODIES: Final = (*reversed(VERTEBRAE), "thorax")
#: Level below each body but S1.
_LEVEL_BELOW: Final = dict(zip(reversed(MUSCLE_BODIES), ("T12-L1", *LEVELS), strict=False))
_AXES: Final = ("ahead", "outwards", "up")


@dataclass(frozen=True, slots=True)
class Fascicle:
    """One fascicle on one side.

    Attributes
    ----------
    name : its key in the data and its side, for example ``MF_m4s left``.
    group, side : as guarding patterns name them.
    level : the joint below the highest body it reaches.
    architecture : which fibre share holds for it.
    force : isometric force [N].
    bodies : (k,) names, caudal to cranial; points : (k, 3) [mm] global, in the neutral posture.
    """

    name: str
    group: str
    side: str
    level: str
    architecture: str
    force: float
    bodies: tuple[str, ...]
    points: FloatArray


def fascicles(spine: Spine, data: ParameterSet) -> tuple[Fascicle, ...]:
    """Return every fascicle of the set `data` on both sides, left before right.

    Raises
    ------
    UsageError
        When the spine does not reach from L1 to S1.
    ParameterError
        When a path names an unknown body or landmark.
    """
    trunk = trunk_landmarks(spine, load(data.text("landmarks")))
    names = [
        key.split(".")[1] for key in data.texts if key.startswith("fascicles.") and key.endswith(".group")
    ]
    return tuple(_fascicle(spine, trunk, data, name, side) for name in names for side in SIDES)


def _fascicle(
    spine: Spine, trunk: Mapping[str, Mapping[str, FloatArray]], data: ParameterSet, name: str, side: str
) -> Fascicle:
    key = f"fascicles.{name}"
    bodies, points = [], []
    for place in _places(data, key):
        body, landmark = data.text(f"{place}.at").split(": ")
        if body not in MUSCLE_BODIES:
            raise ParameterError(f"parameter set {data.name}: {place} names no body: '{body}'")
        marks = {**(host(spine, body).landmarks if body != "thorax" else {}), **trunk.get(body, {})}
        base = marks.get(f"{landmark} {side}", marks.get(landmark))
        if base is None:
            raise ParameterError(f"parameter set {data.name}: {place}: {body} has no landmark '{landmark}'")
        offset = np.array([data.number(f"{place}.offset.{axis}", "dimensionless") for axis in _AXES])
        offset = body_size(spine, body) * (offset if side == "left" else offset * MIRROR)
        bodies.append(body)
        points.append(base + host(spine, body).frame.axes @ offset)
    return Fascicle(
        f"{name} {side}",
        data.text(f"{key}.group"),
        side,
        _LEVEL_BELOW[bodies[-1]],
        data.text(f"{key}.architecture"),
        data.number(f"{key}.force", "force"),
        tuple(bodies),
        frozen(points),
    )


def _places(data: ParameterSet, key: str) -> Iterator[str]:
    number = 0
    while f"{key}.path.{number}.at" in data.texts:
        yield f"{key}.path.{number}"
        number += 1


def moment_arms(group: Iterable[Fascicle], centre: FloatArray, level: str) -> FloatArray:
    """Return the force-weighted moment arm (3,) [mm] of fascicles about `centre` (3,) [mm] of a joint they cross.

    Extension, lateral bending to the right and rotation about the upward axis (to the left), along the global axes;
    zero where no fascicle crosses the joint.
    """
    lower = MUSCLE_BODIES.index(level.split("-")[1])
    moment, total = np.zeros(3), 0.0
    for fascicle in group:
        order = np.array([MUSCLE_BODIES.index(body) for body in fascicle.bodies])
        for below in np.flatnonzero((order[:-1] <= lower) & (order[1:] > lower)):
            pull = fascicle.points[below] - fascicle.points[below + 1]
            arm = fascicle.points[below + 1] - centre
            moment += fascicle.force * np.cross(arm, pull / np.linalg.norm(pull))
            total += fascicle.force
    if total == 0.0:
        return moment
    return np.asarray(moment[[1, 0, 2]] * np.array([-1.0, 1.0, 1.0]) / total)
