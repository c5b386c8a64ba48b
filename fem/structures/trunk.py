"""What the lumbar spine carries and stands on: the thorax above L1, masses of all bodies, springs to the ground."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fem.anatomy.spine import Frame, Spine
from fem.arrays import FloatArray
from fem.elements.layout import LayoutBuilder
from fem.literature import ParameterSet
from fem.structures.slices import RigidMass, cylinder, joined
from fem.terms.bushing import BushingTerm
from fem.terms.inertia import InertiaTerm
from fem.terms.term import Term

THORAX: Final = "thorax"
GROUND: Final = "ground"
#: What a rigid body is made of: part -> whether there is one on each side.
_PARTS: Final[Mapping[str, Mapping[str, bool]]] = {
    THORAX: {"upper": False, "lower": False, "head": False, "arm": True},
    "pelvis": {"trunk": False, "thigh": True},
}


@dataclass(frozen=True, slots=True)
class Support:
    """Springs from a body to the ground: stiffness [N/mm], [N mm/rad] in every direction, damping time [s]."""

    on: str
    translation: float
    rotation: float
    damping: float


def thorax_body(builder: LayoutBuilder, bodies: Mapping[str, int], spine: Spine, data: ParameterSet) -> int:
    """Add the body ``thorax``, its origin at the centre of T12, and return its number; it follows L1."""
    joint, centre = _upper_joint(spine, data)
    body = builder.add_body(THORAX, centre)
    builder.set_parent(body, bodies["L1"])
    # Points give the body a size, by which moments compare with forces.
    builder.add_carried(np.stack([joint.origin, centre + body_mass(THORAX, data).centre]), body)
    return body


def thorax_centre(spine: Spine, data: ParameterSet) -> FloatArray:
    """Return the centre of T12 (3,) [mm], the origin of the thorax."""
    return _upper_joint(spine, data)[1]


def ground_body(builder: LayoutBuilder) -> int:
    """Add the fixed body ``ground`` that supports stand on; return its number."""
    return builder.add_body(GROUND, np.zeros(3), fixed=True)


def trunk_terms(
    bodies: Mapping[str, int], spine: Spine, data: ParameterSet, moving: Sequence[str]
) -> tuple[Term, ...]:
    """Return the joint ``T12-L1``, where there is a thorax, and ``inertia`` of the bodies called `moving`."""
    terms: list[Term] = []
    if THORAX in bodies:
        terms.append(upper_joint_term(bodies, spine, data))
    if moving:
        masses = [mass_of(name, spine, data) for name in moving]
        terms.append(
            InertiaTerm(
                "inertia",
                np.array([[bodies[name]] for name in moving]),
                np.array([mass.mass for mass in masses]),
                np.stack([mass.inertia for mass in masses]),
                np.stack([mass.centre for mass in masses]),
            )
        )
    return tuple(terms)


def upper_joint_term(bodies: Mapping[str, int], spine: Spine, data: ParameterSet) -> BushingTerm:
    """Return the elastic joint between L1 and the thorax, in the axes of L1."""
    joint, centre = _upper_joint(spine, data)
    shear = data.number("joint.shear", "stiffness")
    turns = [
        data.number(f"joint.{name}", "angular stiffness")
        for name in ("lateral_bending", "flexion", "axial_rotation")
    ]
    stiffness = [shear, shear, data.number("joint.compression", "stiffness"), *turns]
    return BushingTerm(
        "T12-L1",
        np.array([[bodies["L1"], bodies[THORAX]]]),
        np.stack([joint.origin - spine.vertebrae["L1"].frame.origin, joint.origin - centre])[None],
        joint.axes[None],
        np.array([stiffness]),
        np.array([data.number("joint.damping", "time")]),
    )


def support_terms(
    bodies: Mapping[str, int], spine: Spine, data: ParameterSet, supports: Sequence[Support]
) -> tuple[BushingTerm, ...]:
    """Return one term for each support: springs at the body's mass centre, in space axes."""
    return tuple(_support(bodies, spine, data, support) for support in supports)


def mass_of(name: str, spine: Spine, data: ParameterSet) -> RigidMass:
    """Return the mass of a body: a slice of the trunk for a lumbar vertebra, the pelvis for S1, the thorax."""
    if name in (THORAX, "S1"):
        return body_mass(THORAX if name == THORAX else "pelvis", data)
    mass = data.number("body.mass", "mass") * data.number(f"slice.share.{name}", "fraction")
    size = (data.number("slice.depth"), data.number("slice.width"), _slice_height(name, spine))
    return cylinder(mass, np.array([data.number("slice.forward"), 0.0, 0.0]), size)


def body_mass(name: str, data: ParameterSet) -> RigidMass:
    """Return the mass of ``thorax`` or ``pelvis``, put together from its parts; places from T12 or S1."""
    whole = data.number("body.mass", "mass")
    parts = []
    for part, paired in _PARTS[name].items():
        read = {
            key: data.number(f"{name}.{part}.{key}")
            for key in ("share", "forward", "up", "side", "depth", "width", "height")
        }
        size = (read["depth"], read["width"], read["height"])
        for side in (1.0, -1.0) if paired else (0.0,):
            place = np.array([read["forward"], side * read["side"], read["up"]])
            parts.append(cylinder(read["share"] * whole, place, size))
    return joined(parts)


def _upper_joint(spine: Spine, data: ParameterSet) -> tuple[Frame, FloatArray]:
    """Return the frame of the disc T12-L1 and the centre of T12 (3,) [mm].

    On the axis of L1, where the springs act. `fem.anatomy.trunk.upper_joint` is a few millimetres off: the centre of
    the disc's outline, to which muscle paths were registered.
    """
    first = spine.vertebrae["L1"]
    up = first.frame.axes[:, 2]
    disc, body = data.number("joint.disc_height", "length"), data.number("joint.body_height", "length")
    plate = first.landmarks["upper endplate"]
    return Frame(plate + 0.5 * disc * up, first.frame.axes), plate + (disc + 0.5 * body) * up


def _slice_height(name: str, spine: Spine) -> float:
    """Return the mean distance [mm] to the next vertebrae: the height of the body's slice of this level."""
    order = list(spine.vertebrae)
    at = order.index(name)
    near = [order[i] for i in (at - 1, at + 1) if 0 <= i < len(order)]
    here = spine.vertebrae[name].frame.origin
    return float(np.mean([np.linalg.norm(spine.vertebrae[other].frame.origin - here) for other in near]))


def _support(bodies: Mapping[str, int], spine: Spine, data: ParameterSet, support: Support) -> BushingTerm:
    own = mass_of(support.on, spine, data).centre
    origin = (
        _upper_joint(spine, data)[1] if support.on == THORAX else spine.vertebrae[support.on].frame.origin
    )
    return BushingTerm(
        f"support of {support.on}",
        np.array([[bodies[GROUND], bodies[support.on]]]),
        np.stack([origin + own, own])[None],
        np.eye(3)[None],
        np.array([3 * [support.translation] + 3 * [support.rotation]]),
        np.array([support.damping]),
    )
