"""Short cuts for verification problems: conditions on places, reactions, solving."""

from collections.abc import Callable
from typing import Any

import numpy as np
from skfem import MeshHex

from fem.elements.layout import positions
from fem.elements.mesh_points import points_where
from fem.solver.report import Step
from fem.system.system import System
from oracles.meshes import MeshedSolid

NEAR = 1e-9


def on_plane(solid: MeshedSolid, axis: int, value: float) -> np.ndarray:
    """Return the points with coordinate `value` along `axis`."""
    return points_where(solid.basis, solid.numbers, lambda x: np.abs(x[:, axis] - value) < NEAR)


def at_radius(solid: MeshedSolid, radius: float, axes: tuple[int, ...] = (0, 1)) -> np.ndarray:
    """Return the points at `radius` from the axis (or, with three axes, from the origin)."""
    return points_where(
        solid.basis, solid.numbers, lambda x: np.abs(np.linalg.norm(x[:, axes], axis=1) - radius) < NEAR
    )


def mapped_box(lines: tuple[np.ndarray, ...], place: Callable[..., Any]) -> MeshHex:
    """Return a tensor grid of hexahedra whose coordinates (u, v, w) are sent to ``place(u, v, w)``."""
    grid = MeshHex.init_tensor(*lines)
    return MeshHex(np.stack(np.broadcast_arrays(*place(*grid.p))), grid.t)


def reactions(system: System, step: Step, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places (k, 3) and forces (k, 3) that hold free nodes."""
    nodes = system.layout.node[points]
    forces = step.evaluation.residual[: 3 * system.layout.node_count].reshape(-1, 3)[nodes]
    return positions(system.layout, step.state)[points], forces
