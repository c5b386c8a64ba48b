"""Factorise and solve: symbolic analysis kept, residual checked, SciPy behind it and said once."""

from typing import Any

import numpy as np
import pytest

from fem.errors import NonFiniteError
from fem.solver.linear import LinearSolver
from fem.system.pattern import Pattern, find_pattern

SIZE = 40
NONE = np.zeros(0, dtype=np.int64)


@pytest.fixture
def problem(generator: np.random.Generator) -> tuple[Pattern, np.ndarray, np.ndarray]:
    """A banded symmetric indefinite matrix: pattern, values, dense copy."""
    tables = [np.stack([np.arange(SIZE - 3) + k for k in range(4)], axis=-1)]
    blocks = generator.normal(size=(SIZE - 3, 4, 4))
    blocks = (
        blocks
        + np.swapaxes(blocks, 1, 2)
        + 4.0 * np.eye(4) * generator.choice([-1.0, 1.0], size=(SIZE - 3, 1, 1))
    )
    pattern = find_pattern(SIZE, tables)
    values = pattern.values([blocks])
    lower = pattern.matrix(values).toarray()
    return pattern, values, lower + np.tril(lower, -1).T


class Broken:
    """A symbolic analysis whose factorisation fails."""

    def factor(self, matrix: Any) -> Any:
        raise RuntimeError("pivot lost")


class Careless:
    """A symbolic analysis whose factor solves something else."""

    def factor(self, matrix: Any) -> Any:
        return self

    def solve(self, right: np.ndarray) -> np.ndarray:
        return 0.5 * np.ones_like(right)


def test_solution_of_several_right_hand_sides(
    problem: tuple[Pattern, np.ndarray, np.ndarray], generator: np.random.Generator
) -> None:
    pattern, values, dense = problem
    solver = LinearSolver(pattern)
    right = generator.normal(size=(SIZE, 3))
    x = solver.factorise(values, NONE).solve(right)
    np.testing.assert_allclose(dense @ x, right, atol=1e-9)
    assert solver.warnings == []


def test_values_may_change_under_one_analysis(
    problem: tuple[Pattern, np.ndarray, np.ndarray], generator: np.random.Generator
) -> None:
    pattern, values, dense = problem
    solver = LinearSolver(pattern)
    right = generator.normal(size=(SIZE, 1))
    solver.factorise(values, NONE)
    analysis = solver._symbolic
    x = solver.factorise(2.0 * values, NONE).solve(right)
    assert solver._symbolic is analysis
    np.testing.assert_allclose(2.0 * dense @ x, right, atol=1e-9)


def test_held_unknowns_take_their_values(
    problem: tuple[Pattern, np.ndarray, np.ndarray], generator: np.random.Generator
) -> None:
    pattern, values, dense = problem
    held, free = np.array([3, 17, 39]), np.setdiff1d(np.arange(SIZE), [3, 17, 39])
    imposed = np.array([0.5, -2.0, 1.0])
    right = generator.normal(size=(SIZE, 1))
    factor = LinearSolver(pattern).factorise(values, held)
    x = factor.solve(right, imposed)
    np.testing.assert_array_equal(x[held, 0], imposed)
    np.testing.assert_allclose((dense @ x)[free], right[free], atol=1e-9)
    np.testing.assert_allclose(factor.solve(right)[held], 0.0, atol=1e-14)


@pytest.mark.parametrize("fake", [Broken(), Careless()])
def test_scipy_takes_over_and_says_so_once(
    fake: Any, problem: tuple[Pattern, np.ndarray, np.ndarray], generator: np.random.Generator
) -> None:
    pattern, values, _ = problem
    right = generator.normal(size=(SIZE, 2))
    expected = LinearSolver(pattern).factorise(values, NONE).solve(right)
    solver = LinearSolver(pattern, _symbolic=fake)
    for _ in range(2):
        x = solver.factorise(values, NONE).solve(right)
        np.testing.assert_allclose(x, expected, rtol=1e-8, atol=1e-10)
    assert len(solver.warnings) == 1
    assert "SciPy" in solver.warnings[0]


def test_the_inertia_counts_unstable_directions(problem: tuple[Pattern, np.ndarray, np.ndarray]) -> None:
    pattern, values, dense = problem
    negative = int(np.sum(np.linalg.eigvalsh(dense) < 0.0))
    assert 0 < negative < SIZE
    assert LinearSolver(pattern).factorise(values, NONE).negative == negative


def test_what_is_not_finite_is_refused(problem: tuple[Pattern, np.ndarray, np.ndarray]) -> None:
    pattern, values, _ = problem
    with pytest.raises(NonFiniteError):
        LinearSolver(pattern).factorise(values, NONE).solve(np.full((SIZE, 1), np.nan))


def test_a_singular_matrix_is_refused() -> None:
    """Two unknowns tied by a spring and held by nothing, pulled apart and along: no solution exists."""
    pattern = find_pattern(2, [np.array([[0, 1]])])
    values = pattern.values([np.array([[[1.0, -1.0], [-1.0, 1.0]]])])
    with pytest.raises(NonFiniteError):
        LinearSolver(pattern).factorise(values, NONE).solve(np.array([[1.0], [1.0]]))
