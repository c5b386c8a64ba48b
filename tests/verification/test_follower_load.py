"""A follower load: one cable of constant tension through every disc of a curved column.

Between its two guides a body carries the pull inside itself, so every disc is pressed along its own axis, whatever
the posture: 700 N must hardly turn the segments. A dead weight of the same size bends the column far.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from skfem import MeshHex

from fem.elements.layout import Layout, LayoutBuilder, positions
from fem.elements.solid_block import scalar_basis, solid_block
from fem.materials.cable import ConstantTension
from fem.materials.solid import Hyperelastic, MooneyRivlin
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.report import Settings, Step
from fem.solver.static import solve_static
from fem.system.system import build_system
from fem.tensors import rotation_matrix, rotation_vector
from fem.terms.cable import CableTerm
from fem.terms.curve import ramp
from fem.terms.loads import ForceTerm
from fem.terms.solid import SolidTerm

pytestmark = pytest.mark.verification

LEVELS, DISC, BONE, LOAD = 4, 10.0, 28.0, 700.0
#: Rise of a disc's upper face per length towards the front: 5.7° of lordosis a level.
WEDGE = 0.1


@dataclass(frozen=True)
class Curved:
    """A lordotic column: layout builder, bodies from below, discs, and guides (k,) from above to below."""

    builder: LayoutBuilder
    bodies: list[int]
    discs: list[SolidTerm]
    guides: np.ndarray


def curved_column(path: float = 0.0) -> Curved:
    """Return four wedge-shaped discs of 40 x 40 x 10 mm between rigid bodies, guides `path` mm before their axes."""
    builder = LayoutBuilder()
    bodies = [builder.add_body("ground", np.zeros(3), fixed=True)]
    discs, guides, corner, axes = [], [], np.zeros(3), np.eye(3)
    tilt = rotation_matrix(np.array([0.0, -np.arctan(WEDGE), 0.0]))
    line = np.linspace(-20.0, 20.0, 5)
    grid = MeshHex.init_tensor(line, line, np.linspace(0.0, 1.0, 4))
    x, y, share = grid.p
    local = np.stack([x, y, share * (DISC + WEDGE * x)])
    for level in range(LEVELS):
        above = axes @ tilt
        top = corner + axes @ [0.0, 0.0, DISC]
        bodies.append(builder.add_body(f"body {level + 1}", top + above @ [0.0, 0.0, 0.5 * BONE]))
        basis = scalar_basis(MeshHex(corner[:, None] + axes @ local, grid.t))
        numbers = number(builder, basis.doflocs.T, share, bodies[-2], bodies[-1])
        law = Hyperelastic((MooneyRivlin(0.6, 0.15),))
        block = solid_block(basis, numbers)
        discs.append(SolidTerm(f"disc {level + 1}", block, law, LogarithmicVolume(300.0)))
        for z, body in ((0.0, bodies[-2]), (DISC, bodies[-1])):
            guides.append(builder.add_carried((corner + axes @ [path, 0.0, z])[None, :], body))
        corner, axes = top + above @ [0.0, 0.0, BONE], above
    return Curved(builder, bodies, discs, np.concatenate(guides[::-1]))


def number(
    builder: LayoutBuilder, places: np.ndarray, share: np.ndarray, lower: int, upper: int
) -> np.ndarray:
    numbers = np.empty(len(places), dtype=np.int64)
    below, above = share < 1e-9, share > 1.0 - 1e-9
    numbers[below] = builder.add_carried(places[below], lower)
    numbers[above] = builder.add_carried(places[above], upper)
    between = ~(below | above)
    numbers[between] = builder.add_free(places[between], (lower, upper), share[between])
    return numbers


def segment_turns(step: Step) -> np.ndarray:
    """Return the rotation [deg] of each body relative to the one below."""
    R = step.state.rotations
    return np.degrees(np.linalg.norm(rotation_vector(R[1:] @ np.swapaxes(R[:-1], -1, -2)), axis=-1))


SETTINGS = Settings(first_step=0.5, largest_step=0.5, iterations=25)


def under_follower_load(path: float = 0.0) -> tuple[Curved, Layout, Step, CableTerm]:
    column = curved_column(path)
    cable = CableTerm("follower", column.guides[None, :], ConstantTension(LOAD), ramp(0.0, 1.0))
    layout = column.builder.build()
    return column, layout, solve_static(build_system(layout, (*column.discs, cable)), SETTINGS), cable


def test_segments_hardly_turn_at_700_newton() -> None:
    _, _, step, _ = under_follower_load()
    assert segment_turns(step).max() <= 0.5
    assert np.abs(step.evaluation.forces["follower"]).max() > 0.5 * LOAD


def test_a_path_before_the_axes_turns_the_segments() -> None:
    """Five millimetres forward: 700 N on a lever of 5 mm bends every level; the test above would notice."""
    _, _, step, _ = under_follower_load(path=5.0)
    assert segment_turns(step).min() >= 1.0


def test_every_disc_carries_the_whole_load_along_the_path() -> None:
    """The resultant on each disc is T along the cable's leg through it: tangent by construction."""
    column, layout, step, cable = under_follower_load()
    assert cable.tensions(positions(layout, step.state), 1.0)[0] == pytest.approx(LOAD)
    x = positions(layout, step.state)[column.guides]
    for level, disc in enumerate(column.discs):
        start = layout.body_start[column.bodies[level + 1]]
        push = step.evaluation.forces[disc.name][
            start : start + 3
        ]  # from the disc on the body above, negative
        leg = x[2 * (LEVELS - level) - 1] - x[2 * (LEVELS - level) - 2]
        np.testing.assert_allclose(push, LOAD * leg / np.linalg.norm(leg), atol=1e-4 * LOAD)


def test_a_dead_weight_bends_the_same_column() -> None:
    """Half the load that the follower path carries without turning, hung on the top as a weight."""
    column = curved_column()
    layout = column.builder.build()
    weight = ForceTerm("weight", column.guides[:1, None], np.array([[0.0, 0.0, -0.5 * LOAD]]), ramp(0.0, 1.0))
    step = solve_static(build_system(layout, (*column.discs, weight)), SETTINGS)
    assert segment_turns(step).max() >= 2.0
