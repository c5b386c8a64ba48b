"""Free nodes for any scikit-fem mesh: the short way from a given mesh to material points."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fem.arrays import BoolArray, FloatArray, IntArray
from fem.elements.layout import LayoutBuilder

#: Says which places (n, 3) [mm] are meant.
Where = Callable[[FloatArray], BoolArray]


def add_mesh(builder: LayoutBuilder, basis: Any) -> IntArray:
    """Add a free node for every node of a scalar scikit-fem `basis`; return their material points (n,).

    The order is that of ``basis.doflocs``, so mid-edge, face and interior nodes of second-order cells are included.
    """
    return builder.add_free(np.ascontiguousarray(basis.doflocs.T))


def points_where(basis: Any, numbers: IntArray, where: Where) -> IntArray:
    """Return the material points (k,) among `numbers` (n,) whose places satisfy `where`.

    Raises
    ------
    ValueError
        If no point does.
    """
    found = np.asarray(where(np.ascontiguousarray(basis.doflocs.T)), dtype=np.bool_)
    if not found.any():
        low, high = basis.doflocs.min(axis=1), basis.doflocs.max(axis=1)
        raise ValueError(
            f"no node of the mesh satisfies the condition; the nodes lie between {low.tolist()} and "
            f"{high.tolist()} mm. Compare coordinates with a tolerance."
        )
    return np.asarray(numbers[found])
