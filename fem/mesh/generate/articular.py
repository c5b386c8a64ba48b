"""Points on and beneath articular surfaces."""

import numpy as np

from fem.anatomy.spine import ArticularSurface
from fem.arrays import FloatArray


def facet_point(facet: ArticularSurface, u: float, v: float, beneath: float = 0.0) -> FloatArray:
    """Return the point (3,) at (u, v) of an articular surface, moved `beneath` [mm] into the bone."""
    point, normal = facet_points(facet, np.array([u]), np.array([v]))
    return np.asarray(point[0] - beneath * normal[0])


def facet_points(facet: ArticularSurface, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return points and outward unit normals (k, 3) at `u`, `v` (k,) of a biquadratic articular surface."""
    a, da = _quadratic(u)
    b, db = _quadratic(v)
    points = np.einsum("ki,kj,ijx->kx", a, b, facet.control)
    along_u = np.einsum("ki,kj,ijx->kx", da, b, facet.control)
    along_v = np.einsum("ki,kj,ijx->kx", a, db, facet.control)
    normal = np.cross(along_u, along_v)
    return points, normal / np.linalg.norm(normal, axis=1, keepdims=True)


def upright(facet: ArticularSurface) -> ArticularSurface:
    """Return the same surface with v running upwards."""
    rises = facet.control[1, 2, 2] >= facet.control[1, 0, 2]
    return facet if rises else ArticularSurface(facet.vertebra, facet.control[::-1, ::-1])


def _quadratic(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Lagrange's quadratics at -1, 0, 1 and their slopes, (k, 3)."""
    value = np.stack([0.5 * t * (t - 1.0), 1.0 - t**2, 0.5 * t * (t + 1.0)], axis=-1)
    return value, np.stack([t - 0.5, -2.0 * t, t + 0.5], axis=-1)
