"""Observed orders of convergence."""

from collections.abc import Sequence

import numpy as np


def newton_orders(norms: Sequence[float], largest: float = 0.9, floor: float = 1e-11) -> np.ndarray:
    """Return the orders seen between consecutive residual norms in (floor, largest): 2 for Newton.

    Order = ln(r₂/r₁)/ln(r₁/r₀) for three norms in a row that fall; norms near rounding say nothing and are left out.
    """
    tail = [r for r in norms if floor < r < largest]
    falls = np.log(np.array(tail[1:]) / np.array(tail[:-1]))
    return np.asarray(falls[1:] / falls[:-1])


def mesh_orders(errors: Sequence[float], refinement: float = 2.0) -> np.ndarray:
    """Return the orders seen between meshes each `refinement` times finer than the last."""
    values = np.abs(np.array(errors))
    return np.asarray(np.log(values[:-1] / values[1:]) / np.log(refinement))
