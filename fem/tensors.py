"""Products of 3 x 3 tensors on trailing axes and rotations of rigid bodies."""

import numpy as np

from fem.arrays import FloatArray

SMALL_ANGLE = 1e-8
#: Below this angle the screw matrix comes from its series (error of order angle⁴ / 1000).
_SERIES_ANGLE = 1e-2


def skew(vector: FloatArray) -> FloatArray:
    """Return the cross-product matrices (..., 3, 3) of vectors (..., 3): ``skew(a) @ b == cross(a, b)``."""
    vector = np.asarray(vector, dtype=np.float64)
    out = np.zeros((*vector.shape[:-1], 3, 3))
    out[..., 0, 1], out[..., 0, 2] = -vector[..., 2], vector[..., 1]
    out[..., 1, 0], out[..., 1, 2] = vector[..., 2], -vector[..., 0]
    out[..., 2, 0], out[..., 2, 1] = -vector[..., 1], vector[..., 0]
    return out


def rotation_matrix(vector: FloatArray) -> FloatArray:
    """Return exp(skew(w)) (..., 3, 3) for rotation vectors w (..., 3) [rad] (Rodrigues' formula)."""
    vector = np.asarray(vector, dtype=np.float64)
    angle = np.linalg.norm(vector, axis=-1)[..., None, None]
    small = angle < SMALL_ANGLE
    safe = np.where(small, 1.0, angle)
    first = np.where(small, 1.0 - angle**2 / 6.0, np.sin(safe) / safe)
    second = np.where(small, 0.5, 2.0 * np.sin(0.5 * safe) ** 2 / safe**2)
    K = skew(vector)
    return np.asarray(np.eye(3) + first * K + second * (K @ K))


def screw_matrix(vector: FloatArray) -> FloatArray:
    """Return V(w) (..., 3, 3): a body that turns by w while its origin is pushed by u moves its origin by V u.

    V = I + (1 − cos θ)/θ² [w] + (θ − sin θ)/θ³ [w]², the left Jacobian of the rotation group.
    """
    vector = np.asarray(vector, dtype=np.float64)
    angle = np.linalg.norm(vector, axis=-1)[..., None, None]
    small = angle < _SERIES_ANGLE
    safe = np.where(small, 1.0, angle)
    first = np.where(small, 0.5 - angle**2 / 24.0, 2.0 * np.sin(0.5 * safe) ** 2 / safe**2)
    second = np.where(small, 1.0 / 6.0 - angle**2 / 120.0, (safe - np.sin(safe)) / safe**3)
    K = skew(vector)
    return np.asarray(np.eye(3) + first * K + second * (K @ K))


def rotation_vector(matrix: FloatArray) -> FloatArray:
    """Return the rotation vector (..., 3) [rad] of rotation matrices (..., 3, 3), angle up to pi.

    Notes
    -----
    Through the unit quaternion q = (w, v): the matrix gives all products 4 q qᵀ, and the row of its largest diagonal
    entry is q without cancellation at any angle (Shepperd 1978, J. Guid. Control 1:223).
    """
    R = np.asarray(matrix, dtype=np.float64)
    products = _quaternion_products(R)
    largest = np.argmax(np.diagonal(products, axis1=-2, axis2=-1), axis=-1)
    q = np.take_along_axis(products, largest[..., None, None], axis=-2)[..., 0, :]
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    q = np.where(q[..., :1] < 0.0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, q[..., :1])
    factor = np.where(sine < SMALL_ANGLE, 2.0, angle / np.where(sine < SMALL_ANGLE, 1.0, sine))
    return np.asarray(factor * q[..., 1:])


def _quaternion_products(R: FloatArray) -> FloatArray:
    """Return 4 q qᵀ (..., 4, 4) of the unit quaternions q = (w, x, y, z) of rotations R (..., 3, 3)."""
    out = np.empty((*R.shape[:-2], 4, 4))
    trace = np.trace(R, axis1=-2, axis2=-1)
    out[..., 0, 0] = 1.0 + trace
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        out[..., 1 + i, 1 + i] = 1.0 + 2.0 * R[..., i, i] - trace
        out[..., 0, 1 + i] = out[..., 1 + i, 0] = R[..., k, j] - R[..., j, k]
        out[..., 1 + i, 1 + j] = out[..., 1 + j, 1 + i] = R[..., i, j] + R[..., j, i]
    return out


def cofactors(tensor: FloatArray) -> FloatArray:
    """Return the cofactors (..., 3, 3), the derivative of det F with respect to F."""
    out = np.empty(tensor.shape)
    for i in range(3):
        a, b = tensor[..., (i + 1) % 3, :], tensor[..., (i + 2) % 3, :]
        for j in range(3):
            k, m = (j + 1) % 3, (j + 2) % 3
            out[..., i, j] = a[..., k] * b[..., m] - a[..., m] * b[..., k]
    return out


def largest_eigenvalue(tensor: FloatArray) -> FloatArray:
    """Return the largest eigenvalue (...,) of symmetric tensors (..., 3, 3).

    Notes
    -----
    With q = tr A / 3, p² = tr (A − q 1)² / 6 and r = det((A − q 1) / p) / 2 it is q + 2 p cos(arccos(r) / 3)
    (O. K. Smith, Communications of the ACM 4, 168, 1961); about half of all digits where two eigenvalues agree.
    """
    q = np.trace(tensor, axis1=-2, axis2=-1) / 3.0
    rest = tensor - q[..., None, None] * np.eye(3)
    p = np.sqrt(np.sum(rest**2, axis=(-2, -1)) / 6.0)
    determinant = np.sum(rest[..., 0, :] * cofactors(rest)[..., 0, :], axis=-1)
    r = np.divide(determinant, 2.0 * p**3, out=np.ones_like(p), where=p > 0.0)
    return np.asarray(q + 2.0 * p * np.cos(np.arccos(np.clip(r, -1.0, 1.0)) / 3.0))
