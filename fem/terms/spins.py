"""Rotation vectors under spin increments: derivatives of θ, exp(skew θ) = R, when R turns by exp(skew ω) R."""

import numpy as np

from fem.arrays import FloatArray
from fem.tensors import skew

#: Angle [rad] below which the factors come from their series; both routes agree there to 1e-12.
_SERIES_BELOW = 0.1


def inverse_left_jacobian(theta: FloatArray) -> FloatArray:
    """Return dθ/dω (..., 3, 3) for rotation vectors θ (..., 3) [rad]; its transpose belongs to spins in body axes.

    Notes
    -----
    J⁻¹ = I − ½ [θ] + c [θ]² with c = 1/θ² − cot(θ/2)/(2θ) (Chirikjian, Stochastic Models, vol. 2, 2011, eq. 10.86).
    """
    c, _ = _factors(theta)
    K = skew(theta)
    return np.asarray(np.eye(3) - 0.5 * K + c[..., None, None] * (K @ K))


def spin_gradient(theta: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return g = J⁻ᵀ w (..., 3), the gradient of w·θ by spins, and its derivative by θ (..., 3, 3) at constant w."""
    c, slope = _factors(theta)
    along = np.sum(theta * weight, axis=-1)
    square = theta * along[..., None] - weight * np.sum(theta * theta, axis=-1)[..., None]
    gradient = weight + 0.5 * np.cross(theta, weight) + c[..., None] * square
    by_theta = (
        -0.5 * skew(weight)
        + c[..., None, None] * (along[..., None, None] * np.eye(3) + _outer(theta, weight))
        - 2.0 * c[..., None, None] * _outer(weight, theta)
        + slope[..., None, None] * _outer(square, theta)
    )
    return gradient, np.asarray(by_theta)


def _outer(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(a[..., :, None] * b[..., None, :])


def _factors(theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return c(θ) and c'(θ)/θ, (...); by their series where the closed forms cancel."""
    angle = np.linalg.norm(theta, axis=-1)
    near = angle < _SERIES_BELOW
    safe = np.where(near, 1.0, angle)
    half = 0.5 * safe
    cotangent = 1.0 / np.tan(half)
    c = 1.0 / safe**2 - cotangent / (2.0 * safe)
    slope = -2.0 / safe**3 + cotangent / (2.0 * safe**2) + 1.0 / (4.0 * safe * np.sin(half) ** 2)
    series_c = 1 / 12 + angle**2 / 720 + angle**4 / 30240
    series_slope = 1 / 360 + angle**2 / 7560 + angle**4 / 201600
    return np.where(near, series_c, c), np.where(near, series_slope, slope / safe)
