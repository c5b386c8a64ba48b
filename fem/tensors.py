"""Products of 3 x 3 tensors on trailing axes and rotations of rigid bodies."""

import numpy as np

from fem.arrays import FloatArray

SMALL_ANGLE = 1e-8


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


def rotation_vector(matrix: FloatArray) -> FloatArray:
    """Return the rotation vector (..., 3) [rad] of rotation matrices (..., 3, 3), angle below pi."""
    matrix = np.asarray(matrix, dtype=np.float64)
    axial = 0.5 * np.stack(
        [
            matrix[..., 2, 1] - matrix[..., 1, 2],
            matrix[..., 0, 2] - matrix[..., 2, 0],
            matrix[..., 1, 0] - matrix[..., 0, 1],
        ],
        axis=-1,
    )
    sine = np.linalg.norm(axial, axis=-1)
    cosine = 0.5 * (np.trace(matrix, axis1=-2, axis2=-1) - 1.0)
    angle = np.arctan2(sine, cosine)
    factor = np.where(sine < SMALL_ANGLE, 1.0, angle / np.where(sine < SMALL_ANGLE, 1.0, sine))
    return np.asarray(axial * factor[..., None])
