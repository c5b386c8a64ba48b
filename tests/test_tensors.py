"""Products and eigenvalues of small tensors, against numpy's own."""

import numpy as np
import pytest

from fem.tensors import cofactors, largest_eigenvalue, rotation_matrix


def test_cofactors_are_the_inverse_transposed_times_the_determinant(generator: np.random.Generator) -> None:
    F = np.eye(3) + 0.3 * generator.standard_normal((4, 5, 3, 3))
    expected = np.linalg.det(F)[..., None, None] * np.swapaxes(np.linalg.inv(F), -1, -2)
    np.testing.assert_allclose(cofactors(F), expected, rtol=1e-10, atol=1e-12)


def test_largest_eigenvalue_of_any_symmetric_tensor(generator: np.random.Generator) -> None:
    A = generator.standard_normal((500, 3, 3))
    A = A + np.swapaxes(A, -1, -2)
    np.testing.assert_allclose(largest_eigenvalue(A), np.linalg.eigvalsh(A)[:, 2], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("values", [(2.0, 2.0, 2.0), (0.0, 0.0, 0.0), (1.0, 3.0, 3.0), (-1.0, -1.0, 2.0)])
def test_largest_eigenvalue_where_some_agree(values: tuple[float, float, float]) -> None:
    R = rotation_matrix(np.array([0.3, -0.7, 1.1]))
    # arccos near 1 keeps half of the digits.
    assert largest_eigenvalue(R @ np.diag(values) @ R.T) == pytest.approx(max(values), abs=1e-7)
