"""Rotation vectors under spin increments, against differences of the rotation itself."""

import numpy as np
import pytest

from fem.tensors import rotation_matrix, rotation_vector
from fem.terms.spins import inverse_left_jacobian, spin_gradient

AXIS, WEIGHT = np.array([0.6, 0.0, 0.8]), np.array([0.36, 0.48, -0.8])
#: On either side of where the series takes over, and near the half turn where rotation vectors end.
angles = pytest.mark.parametrize("angle", [0.0, 1e-3, 0.0999, 0.1001, 2.0, 3.0])


def turned(theta: np.ndarray, spin: np.ndarray) -> np.ndarray:
    return rotation_vector(rotation_matrix(spin) @ rotation_matrix(theta))


@angles
def test_the_inverse_jacobian_is_the_derivative_by_spins(angle: float) -> None:
    theta, step = angle * AXIS, 1e-6
    columns = [(turned(theta, step * e) - turned(theta, -step * e)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(inverse_left_jacobian(theta), np.stack(columns, axis=1), atol=1e-8)


@angles
def test_the_gradient_and_its_derivative(angle: float) -> None:
    theta, step = angle * AXIS, 1e-6
    gradient, by_theta = spin_gradient(theta, WEIGHT)
    np.testing.assert_allclose(gradient, inverse_left_jacobian(theta).T @ WEIGHT, atol=1e-12)
    columns = [
        (spin_gradient(theta + step * e, WEIGHT)[0] - spin_gradient(theta - step * e, WEIGHT)[0]) / (2 * step)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(by_theta, np.stack(columns, axis=1), atol=1e-8)


def test_many_vectors_at_once() -> None:
    theta = np.array([[0.0, 0.0, 0.0], [0.05, 0.02, 0.0], [1.0, -2.0, 0.5]])
    weight = np.tile(WEIGHT, (3, 1))
    gradient, by_theta = spin_gradient(theta, weight)
    for i in range(3):
        one, slope = spin_gradient(theta[i], WEIGHT)
        np.testing.assert_allclose(gradient[i], one, atol=1e-14)
        np.testing.assert_allclose(by_theta[i], slope, atol=1e-14)
