"""The hand that thrusts: which bone lies under it, and with which share of its push."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from fem.arrays import BoolArray, FloatArray, IntArray, frozen
from fem.literature import ParameterSet
from fem.mesh.tagged_mesh import TaggedMesh
from fem.parameters import Parameter, check_parameters
from fem.terms.curve import Curve
from fem.terms.loads import ForceTerm
from fem.terms.push import PushTerm

#: Each quadrilateral of a bone's skin is sampled at the middles of so many by so many parts (numerical).
_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class HandData:
    """What is assumed of a hand; the literature set ``hand`` gives bands and reasons."""

    stiffness: Annotated[
        float, Parameter("N/mm", "stiffness of hand and soft tissue", low=0.0, open_low=True)
    ]
    onset: Annotated[float, Parameter("mm", "indentation over which it comes to bear", low=0.0)]
    diameter: Annotated[float, Parameter("mm", "width of the contact", low=0.0, open_low=True)]
    reach: Annotated[float, Parameter("mm", "depth over which it acts", low=0.0, open_low=True)]


@dataclass(frozen=True, slots=True)
class HandPatch:
    """Where a hand acts.

    Attributes
    ----------
    direction : (3,) unit vector of the thrust.
    vertebrae : the bone that carries each point (k,), one point a bone.
    points : (k, 3) [mm] centre of the hand's pressure on each bone.
    weights : (k,) share of each bone; their sum is 1.

    Notes
    -----
    Forces of one direction on one rigid bone are equal to their sum at the weighted centre, in every posture, so one
    point a bone holds all of the patch.
    """

    direction: FloatArray
    vertebrae: tuple[str, ...]
    points: FloatArray
    weights: FloatArray

    @property
    def places(self) -> tuple[tuple[str, FloatArray], ...]:
        """Vertebra and position of each point, as `fem.structures.model.build_model` takes load points."""
        return tuple(zip(self.vertebrae, self.points, strict=True))

    @property
    def centre(self) -> FloatArray:
        """Point (3,) [mm] through which the whole push acts."""
        return np.asarray(self.weights @ self.points)


def hand_data(data: ParameterSet, diameter: float | None = None) -> HandData:
    """Return the assumptions of a set, with another `diameter` [mm] where one is given."""
    chosen = data.number("contact.diameter", "length") if diameter is None else diameter
    hand = HandData(
        data.number("contact.stiffness", "stiffness"),
        data.number("contact.onset", "length"),
        chosen,
        data.number("contact.reach", "length"),
    )
    check_parameters(hand)
    return hand


def hand_patch(
    bones: Mapping[str, TaggedMesh],
    vertebrae: Collection[str],
    landmark: tuple[str, FloatArray],
    direction: FloatArray,
    hand: HandData,
) -> HandPatch:
    """Return which bones a hand over a landmark presses on.

    Parameters
    ----------
    bones : vertebra -> mesh with its surface ``outer``.
    vertebrae : those of `bones` that take part (the bodies of a model).
    landmark : (vertebra, position (3,) [mm]) over which the hand's middle lies.
    direction : (3,) along which it pushes, any length but zero.

    Notes
    -----
    Skin that faces the hand and is not behind other skin takes part with the weight

        A (−n·d) max(0, 1 − r²/R² − s²/H²),

    its area as the hand sees it, fading with the distance r from the axis of the thrust (R half the diameter) and with
    the depth s from the landmark along it (H the reach). Where no skin lies in that ellipsoid, as for a body without
    a mesh, the hand acts on the landmark alone.
    """
    along = frozen(direction / np.linalg.norm(direction))
    name, middle = landmark
    found: dict[str, tuple[FloatArray, float]] = {}
    skins = {bone: _skin(bones[bone]) for bone in bones if bone in vertebrae}
    if skins:
        places = np.concatenate([places for places, _ in skins.values()])
        normals = np.concatenate([normals for _, normals in skins.values()])
        owner = np.repeat(np.arange(len(skins)), [len(places) for places, _ in skins.values()])
        weight = _weights(places - middle, normals, along, hand)
        for number, bone in enumerate(skins):
            own = owner == number
            share = float(weight[own].sum())
            if share > 0.0:
                found[bone] = (weight[own] @ places[own] / share, share)
    found = found or {name: (np.asarray(middle), 1.0)}
    shares = np.array([share for _, share in found.values()])
    points = np.stack([point for point, _ in found.values()])
    return HandPatch(along, tuple(found), frozen(points), frozen(shares / shares.sum()))


def hand_force(name: str, points: IntArray, patch: HandPatch, curve: Curve) -> ForceTerm:
    """Return a thrust of given force [N], shared over the material points (k,) of the patch's places."""
    return ForceTerm(name, np.asarray(points)[:, None], patch.weights[:, None] * patch.direction, curve)


def hand_push(
    name: str, points: IntArray, patch: HandPatch, hand: HandData, travel: Curve, begins: float
) -> PushTerm:
    """Return a thrust of given travel [mm] from `begins` [s] on, on the material points (k,) of the patch's places."""
    rest = float(patch.centre @ patch.direction)
    return PushTerm(
        name,
        np.asarray(points)[None, :],
        patch.weights,
        patch.direction,
        travel,
        hand.stiffness,
        begins,
        rest,
        hand.onset,
    )


def _skin(bone: TaggedMesh) -> tuple[FloatArray, FloatArray]:
    """Return places (k, 3) [mm] all over a bone's skin and outward normals (k, 3) as long as their areas [mm²]."""
    corners = bone.points[bone.surfaces["outer"]]
    middles = (np.arange(_PARTS) + 0.5) / _PARTS
    u, v = (axis.ravel() for axis in np.meshgrid(middles, middles, indexing="ij"))
    shape = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=-1)
    by_u = np.stack([v - 1, 1 - v, v, -v], axis=-1)
    by_v = np.stack([u - 1, -u, u, 1 - u], axis=-1)
    tangents = (np.einsum("qa,sai->sqi", slope, corners) for slope in (by_u, by_v))
    normals = np.cross(*tangents) / _PARTS**2
    return np.einsum("qa,sai->sqi", shape, corners).reshape(-1, 3), normals.reshape(-1, 3)


def _weights(arm: FloatArray, normals: FloatArray, along: FloatArray, hand: HandData) -> FloatArray:
    """Return the weight (k,) [mm²] of places (k, 3) [mm] relative to the landmark."""
    depth = arm @ along
    across = arm - depth[:, None] * along
    seen = np.maximum(-(normals @ along), 0.0)
    apart = np.sum(across**2, axis=1) / (0.5 * hand.diameter) ** 2
    fade = np.maximum(1.0 - apart - (depth / hand.reach) ** 2, 0.0)
    weight = seen * fade
    under = np.flatnonzero(weight)
    above = np.flatnonzero((seen > 0.0) & (apart <= 1.0))
    hidden = _behind(across[under], depth[under], across[above], depth[above], _spacing(seen[above]))
    weight[under[hidden]] = 0.0
    return np.asarray(weight)


def _spacing(areas: FloatArray) -> float:
    """Return the distance [mm] between neighbouring places of given areas (k,) [mm²]."""
    return float(np.sqrt(np.mean(areas))) if len(areas) else 0.0


def _behind(
    across: FloatArray, depth: FloatArray, other: FloatArray, other_depth: FloatArray, spacing: float
) -> BoolArray:
    """Return which places (k,) have another place in front: within `spacing` of their line, more than that before."""
    from scipy.spatial import cKDTree

    near = cKDTree(other).query_ball_point(across, spacing) if len(other) else [[] for _ in across]
    first = [min((other_depth[i] for i in rows), default=np.inf) for rows in near]
    return np.asarray(np.array(first, dtype=np.float64) < depth - 2.0 * spacing, dtype=np.bool_)
