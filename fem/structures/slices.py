"""Masses of simple shapes and their sums: slices of a trunk as elliptic cylinders."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem.arrays import FloatArray, frozen


@dataclass(frozen=True, slots=True)
class RigidMass:
    """A mass [t], its centre (3,) [mm] from the body's origin, its inertia (3, 3) [t mm²] about that centre."""

    mass: float
    centre: FloatArray
    inertia: FloatArray


def cylinder(mass: float, centre: FloatArray, size: tuple[float, float, float]) -> RigidMass:
    """Return an upright elliptic cylinder of `size` depth (x), width (y) and height (z) [mm].

    Notes
    -----
    Of an ellipse of full axes d and w with height h: J_x = m (w²/16 + h²/12), J_y = m (d²/16 + h²/12),
    J_z = m (d² + w²)/16.
    """
    depth, width, height = (float(length) ** 2 for length in size)
    x, y, z = width / 16 + height / 12, depth / 16 + height / 12, (depth + width) / 16
    return RigidMass(mass, frozen(centre), frozen(mass * np.diag([x, y, z])))


def joined(parts: Sequence[RigidMass]) -> RigidMass:
    """Return several masses as one rigid body (Steiner's theorem)."""
    mass = sum(part.mass for part in parts)
    centre = np.sum([part.mass * part.centre for part in parts], axis=0) / mass
    inertia = np.zeros((3, 3))
    for part in parts:
        arm = part.centre - centre
        inertia += part.inertia + part.mass * (arm @ arm * np.eye(3) - np.outer(arm, arm))
    return RigidMass(mass, frozen(centre), frozen(inertia))
