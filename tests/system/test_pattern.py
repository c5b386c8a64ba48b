"""Sparsity found once, values gathered by index: against a double loop."""

import numpy as np

from fem.system.pattern import find_pattern, symmetric_product
from oracles.dense import scatter_matrix


def test_gathered_values_equal_a_double_loop(generator: np.random.Generator) -> None:
    size = 17
    tables = [generator.integers(-1, size, size=(9, 6)), generator.integers(-1, size, size=(4, 3))]
    matrices = []
    for table in tables:
        block = generator.normal(size=(*table.shape, table.shape[1]))
        matrices.append(block + np.swapaxes(block, 1, 2))
    pattern = find_pattern(size, tables)
    values = pattern.values(matrices)
    expected = scatter_matrix(size, tables, matrices)
    lower = pattern.matrix(values)
    np.testing.assert_allclose(lower.toarray(), np.tril(expected), atol=1e-13)
    x = generator.normal(size=size)
    np.testing.assert_allclose(symmetric_product(lower, x), expected @ x, atol=1e-12)


def test_the_diagonal_is_always_stored() -> None:
    """Unknowns no term writes to must still be there to be held."""
    pattern = find_pattern(4, [np.array([[1, 2]])])
    assert set(zip(pattern.row.tolist(), np.repeat(range(4), np.diff(pattern.start)).tolist(), strict=True)) == {
        (0, 0), (1, 1), (2, 1), (2, 2), (3, 3),
    }  # fmt: skip


def test_no_terms_at_all() -> None:
    pattern = find_pattern(3, [])
    assert pattern.matrix(pattern.values([])).toarray().tolist() == np.zeros((3, 3)).tolist()
