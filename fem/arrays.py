"""Shape alphabet and array helpers.

Everywhere in the package a docstring gives array shapes with these letters::

    n node or point   e cell   q quadrature point   a, b local node   d degree of freedom
    i, j, k, l space  f cable or strand   s surface point   b body   m fibre family   t step   g gas

Cell and point axes come first, tensor axes last, so ``(e, q, i, j)`` is a tensor at each quadrature point.
Units inside are mm, N, MPa, s, tonne, rad.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def frozen(values: ArrayLike) -> FloatArray:
    """Return a contiguous, read-only float64 copy of `values`."""
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def frozen_index(values: ArrayLike) -> IntArray:
    """Return a contiguous, read-only int64 copy of `values`."""
    array = np.array(values, dtype=np.int64, order="C")
    array.setflags(write=False)
    return array


def require_finite(values: FloatArray, what: str) -> FloatArray:
    """Return `values` unchanged, or raise where a number is not finite.

    Raises
    ------
    NonFiniteError
        Naming `what` and the first offending index.
    """
    from fem.errors import NonFiniteError

    bad = ~np.isfinite(values)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise NonFiniteError(what=what, index=first, count=int(bad.sum()))
    return values


def magnitude(values: FloatArray) -> float:
    """Return the Euclidean norm of a vector (d,), the same to the last digit whatever the number of threads."""
    # A BLAS norm splits long vectors over its threads: other digits, and a wait for threads that are busy.
    return float(np.sqrt(np.sum(np.square(values))))
