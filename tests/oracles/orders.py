"""Observed orders of convergence."""

from collections.abc import Sequence

import numpy as np


def newton_order(norms: Sequence[float], reached: float = 1e-5) -> float:
    """Return the order seen at the end of a Newton iteration: 2 if the tangent is consistent, 1 if it is not.

    Order = ln(r₂/r₁)/ln(r₁/r₀) for three norms in a row that fall, the last below `reached`. The largest is returned,
    because the norms that follow stand still at rounding.
    """
    found = [
        np.log(c / b) / np.log(b / a)
        for a, b, c in zip(norms, norms[1:], norms[2:], strict=False)
        if c < b < a and c < reached and b < 0.1
    ]
    if not found:
        raise AssertionError(f"no three norms in a row fall below {reached:g}: {list(norms)}")
    return float(max(found))


def mesh_orders(errors: Sequence[float], refinement: float = 2.0) -> np.ndarray:
    """Return the orders seen between meshes each `refinement` times finer than the last."""
    values = np.abs(np.array(errors))
    return np.asarray(np.log(values[:-1] / values[1:]) / np.log(refinement))
