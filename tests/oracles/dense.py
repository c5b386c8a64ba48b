"""Dense, slow assembly with plain loops: what the sparse pattern and the chain rule through bodies must equal."""

import numpy as np

from fem.elements.layout import Layout
from fem.tensors import skew


def scatter_matrix(size: int, tables: list[np.ndarray], matrices: list[np.ndarray]) -> np.ndarray:
    """Return the sum (size, size) of element matrices, one entry at a time."""
    out = np.zeros((size, size))
    for table, blocks in zip(tables, matrices, strict=True):
        for row, block in zip(table, blocks, strict=True):
            for i, p in enumerate(row):
                for j, q in enumerate(row):
                    if p >= 0 and q >= 0:
                        out[p, q] += block[i, j]
    return out


def point_map(layout: Layout, x: np.ndarray, origins: np.ndarray, point: int) -> np.ndarray:
    """Return the derivative (3, d) of a point's position with respect to all unknowns."""
    out = np.zeros((3, layout.dof_count))
    if layout.node[point] >= 0:
        start = 3 * layout.node[point]
        out[:, start : start + 3] = np.eye(3)
    elif layout.body[point] >= 0:
        body = layout.body[point]
        start = layout.body_start[body]
        if start >= 0:
            out[:, start : start + 3] = np.eye(3)
            out[:, start + 3 : start + 6] = -skew(x[point] - origins[body])
    else:
        for source, weight in zip(layout.source[point], layout.weight[point], strict=True):
            if weight != 0.0:
                out += weight * point_map(layout, x, origins, int(source))
    return out


def turning_stiffness(
    layout: Layout, x: np.ndarray, origins: np.ndarray, point: int, force: np.ndarray
) -> np.ndarray:
    """Return the symmetric stiffness (d, d) that a force on a carried point adds to its body's spin."""
    out = np.zeros((layout.dof_count, layout.dof_count))
    for source, weight in zip(layout.source[point], layout.weight[point], strict=True):
        body = layout.body[source]
        start = layout.body_start[body] if body >= 0 else -1
        if weight != 0.0 and start >= 0:
            product = weight * skew(force) @ skew(x[source] - origins[body])
            out[start + 3 : start + 6, start + 3 : start + 6] += 0.5 * (product + product.T)
    return out


def reduced_system(
    layout: Layout,
    x: np.ndarray,
    origins: np.ndarray,
    points: np.ndarray,
    force: np.ndarray,
    stiffness: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return residual (d,) and tangent (d, d) of elements over `points` (e, k), one element at a time."""
    residual = np.zeros(layout.dof_count)
    tangent = np.zeros((layout.dof_count, layout.dof_count))
    for element, row in enumerate(points):
        T = np.concatenate([point_map(layout, x, origins, int(p)) for p in row])
        residual += T.T @ force[element]
        tangent += T.T @ stiffness[element] @ T
        for k, p in enumerate(row):
            local = force[element, 3 * k : 3 * k + 3]
            tangent += turning_stiffness(layout, x, origins, int(p), local)
    return residual, tangent
