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

LEVELS, TURN, DISC, BONE, LOAD = 4, np.radians(9.0), 10.0, 28.0, 700.0


@dataclass(frozen=True)
class Curved:
    """A lordotic column: layout builder, bodies from below, discs, and guides (k,) from above to below."""

    builder: LayoutBuilder
    bodies: list[int]
    discs: list[SolidTerm]
    guides: np.ndarray


def curved_column() -> Curved:
    """Return four discs of 40 x 40 x 10 mm, each axis turned by 9° against the one below, between rigid bodies."""
    builder = LayoutBuilder()
    bodies = [builder.add_body("ground", np.zeros(3), fixed=True)]
    discs, guides, corner = [], [], np.zeros(3)
    for level in range(LEVELS):
        axes = rotation_matrix(np.array([0.0, level * TURN, 0.0]))
        bodies.append(builder.add_body(f"body {level + 1}", corner + axes @ [0.0, 0.0, DISC + 0.5 * BONE]))
        line = np.linspace(-20.0, 20.0, 5)
        basis = scalar_basis(MeshHex.init_tensor(line, line, np.linspace(0.0, DISC, 4)))
        local = basis.doflocs.T
        numbers = number(builder, corner + local @ axes.T, local[:, 2] / DISC, bodies[-2], bodies[-1])
        turned = MeshHex((corner[:, None] + axes @ basis.mesh.p), basis.mesh.t)
        block = solid_block(scalar_basis(turned), numbers)
        law = Hyperelastic((MooneyRivlin(0.6, 0.15),))
        discs.append(SolidTerm(f"disc {level + 1}", block, law, LogarithmicVolume(300.0)))
        faces = [builder.add_carried((corner + axes @ [0.0, 0.0, z])[None, :], body)
                 for z, body in ((0.0, bodies[-2]), (DISC, bodies[-1]))]  # fmt: skip
        guides = [*guides, *faces]
        corner = corner + axes @ [0.0, 0.0, DISC + BONE]
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


def under_follower_load() -> tuple[Curved, Layout, Step, CableTerm]:
    column = curved_column()
    cable = CableTerm("follower", column.guides[None, :], ConstantTension(LOAD), ramp(0.0, 1.0))
    layout = column.builder.build()
    return column, layout, solve_static(build_system(layout, (*column.discs, cable)), SETTINGS), cable


def test_segments_hardly_turn_at_700_newton() -> None:
    _, _, step, _ = under_follower_load()
    assert segment_turns(step).max() <= 0.5
    assert np.abs(step.evaluation.forces["follower"]).max() > LOAD


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
