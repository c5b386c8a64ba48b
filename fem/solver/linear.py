"""Sparse symmetric solves: symbolic analysis once, factors for each tangent, residual checked, SciPy behind it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from fem.arrays import FloatArray, IntArray, magnitude
from fem.errors import NonFiniteError
from fem.system.pattern import Pattern, symmetric_product

#: Relative residual above which a solution is refined, and then handed to SciPy.
_RESIDUAL = 1e-10
_REFINEMENTS = 3


@dataclass
class LinearSolver:
    """Solves K x = b for symmetric K on one pattern.

    The symbolic analysis is made at the first factorisation and kept. `warnings` collects one sentence if the fast
    solver had to be left.
    """

    pattern: Pattern
    warnings: list[str] = field(default_factory=list)
    _symbolic: Any = None
    _threads: int | None = None

    def factorise(self, values: FloatArray, held: IntArray) -> "Factor":
        """Return a factor of the matrix with stored `values` (z,), unknowns `held` (k,) replaced by the identity."""
        full = self.pattern.matrix(values)
        reduced = _hold(self.pattern, values, held) if len(held) else full
        if self._symbolic is None:
            import rslab

            self._symbolic = rslab.analyze(reduced, path="ldlt", ordering="metis")
        try:
            fast = self._symbolic.factor(reduced)
        except Exception as error:  # foreign library: any failure sends us to SciPy, said once
            fast = None
            self._say(f"the LDLt factorisation failed ({error}); SciPy's SuperLU takes over")
        return Factor(self, full, reduced, fast, held)

    def _say(self, sentence: str) -> None:
        if not self.warnings:
            self.warnings.append(sentence)


@dataclass
class Factor:
    """A factorised tangent; `solve` takes several right-hand sides and holds the prescribed unknowns."""

    solver: LinearSolver
    full: scipy.sparse.csc_matrix
    reduced: scipy.sparse.csc_matrix
    fast: Any
    held: IntArray
    _slow: Any = None

    @property
    def negative(self) -> int | None:
        """Number of negative pivots (directions in which the structure is unstable), None if not known."""
        inertia = getattr(self.fast, "inertia", None)
        if inertia is None:
            return None
        counts = inertia() if callable(inertia) else inertia
        return int(counts["negative"] if isinstance(counts, dict) else counts[1])

    def solve(self, right: FloatArray, imposed: FloatArray | None = None) -> FloatArray:
        """Return x (d, r) with K x = right (d, r) on free unknowns and x = imposed (k,) (or zero) on held ones."""
        right = np.array(right, dtype=np.float64)
        if imposed is not None and len(self.held):
            known = np.zeros(len(right))
            known[self.held] = imposed
            right -= symmetric_product(self.full, known)[:, None]
        if len(self.held):
            right[self.held] = 0.0 if imposed is None else imposed[:, None]
        columns = [self._solve_one(right[:, r]) for r in range(right.shape[1])]
        return np.stack(columns, axis=1) if columns else np.zeros_like(right)

    def _solve_one(self, right: FloatArray) -> FloatArray:
        if not np.isfinite(right).all():
            raise NonFiniteError("right-hand side of the linear system")
        scale = magnitude(right)
        if scale == 0.0:
            return np.zeros_like(right)
        if self.fast is not None:
            x = np.asarray(self.fast.solve(right))
            for _ in range(_REFINEMENTS):
                rest = right - symmetric_product(self.reduced, x)
                if magnitude(rest) <= _RESIDUAL * scale:
                    return x
                x = x + np.asarray(self.fast.solve(rest))
            rest = right - symmetric_product(self.reduced, x)
            # Penalised volume makes condition numbers of 1e8 ordinary; below this Newton corrects the rest itself.
            if magnitude(rest) <= 1e-6 * scale:
                return x
            self.solver._say("the LDLt solution missed its residual; SciPy's SuperLU takes over")
        return self._solve_slowly(right)

    def _solve_slowly(self, right: FloatArray) -> FloatArray:
        if self._slow is None:
            lower = self.reduced
            whole = lower + scipy.sparse.tril(lower, -1).T
            try:
                self._slow = scipy.sparse.linalg.splu(whole.tocsc())
            except RuntimeError as error:  # SuperLU's way to say "exactly singular"
                raise NonFiniteError(
                    f"factor of the tangent ({error}; is a part held by nothing?)"
                ) from error
        x = np.asarray(self._slow.solve(right))
        if not np.isfinite(x).all():
            raise NonFiniteError("solution of the linear system (singular tangent)")
        return x


def _hold(pattern: Pattern, values: FloatArray, held: IntArray) -> scipy.sparse.csc_matrix:
    """Return the matrix with rows and columns `held` replaced by a scaled identity, on the same pattern."""
    mask = np.zeros(pattern.size, dtype=np.bool_)
    mask[held] = True
    column = np.repeat(np.arange(pattern.size), np.diff(pattern.start))
    touched = mask[pattern.row] | mask[column]
    out = np.where(touched, 0.0, values)
    out[touched & (pattern.row == column)] = 1.0
    return pattern.matrix(out)
