"""A column of discs between rigid bodies: the smallest thing that behaves like a spine."""

from dataclasses import dataclass

import numpy as np
from skfem import MeshHex

from fem.elements.layout import Layout, LayoutBuilder
from fem.elements.solid_block import cell_axes, crossed_fibres, scalar_basis, solid_block
from fem.materials.solid import FibreExponential, Hyperelastic, MooneyRivlin
from fem.materials.volumetric import LogarithmicVolume
from fem.terms.solid import SolidTerm

DISC, BONE = 8.0, 20.0


@dataclass(frozen=True)
class Column:
    """Layout builder still open for more points, bodies from below, disc terms from below."""

    builder: LayoutBuilder
    bodies: tuple[int, ...]
    discs: tuple[SolidTerm, ...]

    def layout(self) -> Layout:
        return self.builder.build()

    def centre(self, level: int, length: float = 1.0) -> np.ndarray:
        """Return the middle (3,) of a disc."""
        return length * np.array([0.0, 0.0, level * (DISC + BONE) + 0.5 * DISC])


def disc_column(
    levels: int = 1,
    cells: tuple[int, int] = (4, 3),
    fibres: bool = True,
    length: float = 1.0,
    stress: float = 1.0,
) -> Column:
    """Return square discs of side 40 and height 8 mm between bodies; the lowest body is fixed.

    `cells` counts hexahedra across and up a disc; `length` and `stress` are the sizes of 1 mm and 1 MPa in the units
    that the column is to be written in.
    """
    builder = LayoutBuilder()
    bodies = [builder.add_body("ground", length * np.array([0.0, 0.0, -0.5 * BONE]), fixed=True)]
    terms = []
    for level in range(levels):
        bottom = level * (DISC + BONE)
        middle = length * np.array([0.0, 0.0, bottom + DISC + 0.5 * BONE])
        bodies.append(builder.add_body(f"body {level + 1}", middle))
        across = np.linspace(-20.0, 20.0, cells[0] + 1)
        height = bottom + np.linspace(0.0, DISC, cells[1] + 1)
        basis = scalar_basis(MeshHex.init_tensor(length * across, length * across, length * height))
        numbers = _numbers(builder, basis.doflocs.T, length * bottom, length * DISC, bodies[-2], bodies[-1])
        directions = crossed_fibres(cell_axes(basis), np.full(basis.mesh.nelements, np.radians(30.0)))
        laws = [MooneyRivlin(0.15 * stress, 0.03 * stress)]
        if fibres:
            laws.append(FibreExponential(2.0 * stress, 50.0, 0.1))
        block = solid_block(basis, numbers, directions if fibres else None)
        law = Hyperelastic(tuple(laws))
        terms.append(SolidTerm(f"disc {level + 1}", block, law, LogarithmicVolume(180.0 * stress)))
    return Column(builder, tuple(bodies), tuple(terms))


def _numbers(
    builder: LayoutBuilder, places: np.ndarray, bottom: float, height: float, lower: int, upper: int
) -> np.ndarray:
    share = (places[:, 2] - bottom) / height
    numbers = np.empty(len(places), dtype=np.int64)
    below, above = share < 1e-9, share > 1.0 - 1e-9
    numbers[below] = builder.add_carried(places[below], lower)
    numbers[above] = builder.add_carried(places[above], upper)
    between = ~(below | above)
    numbers[between] = builder.add_free(places[between], (lower, upper), share[between])
    return numbers
