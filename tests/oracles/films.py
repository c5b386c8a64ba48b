"""Films for tests: discs and strips with one law or another."""

import numpy as np
from skfem import MeshQuad

from fem.elements.surface_block import unit_disc_mesh
from fem.film.laws import Cavitation, FilmLaws, OpenRim, Recess, newtonian
from fem.film.mesh import FilmMesh, film_mesh
from fem.film.state import Film, film

#: Vapour pressure at 37 °C and the atmosphere [MPa].
VAPOUR, AMBIENT = 0.00628, 0.101325
#: A fluid that never gives way.
TENACIOUS = Cavitation(AMBIENT, -1e3, -1e3)
VAPOROUS = Cavitation(AMBIENT, VAPOUR, VAPOUR)
#: A film at gap 0 is this thick.
ASPERITY = 1e-3


def disc_mesh(radius: float, rings: int = 3, spokes: int = 16, joints: int = 1) -> FilmMesh:
    """Flat discs of `radius` [mm] in the plane z = 0."""
    flat = unit_disc_mesh(rings, spokes)
    points = radius * np.column_stack([flat.p.T, np.zeros(flat.p.shape[1])])
    return film_mesh(flat, np.broadcast_to(points, (joints, *points.shape)))


def strip_mesh(cells: int, length: float = 1.0, width: float = 0.1) -> FilmMesh:
    """A strip along x whose ends alone are open."""
    x = np.linspace(0.0, length, cells + 1)
    mesh = MeshQuad.init_tensor(x, np.array([0.0, width]))
    ends = np.flatnonzero((mesh.p[0] < 1e-12) | (mesh.p[0] > length - 1e-12))
    return film_mesh(mesh, np.column_stack([mesh.p.T, np.zeros(mesh.p.shape[1])]), ends)


def newtonian_disc(
    radius: float, viscosity: float, cavitation: Cavitation = TENACIOUS, *, rings: int = 3, spokes: int = 16
) -> Film:
    """A rigid flat disc film of constant viscosity [MPa s] in an open bath."""
    laws = FilmLaws(newtonian(viscosity), cavitation, OpenRim())
    return film(disc_mesh(radius, rings, spokes), laws)


def closed_joint(cavitation: Cavitation = VAPOROUS, recess: Recess | None = None, joints: int = 1) -> Film:
    """A rigid flat joint with a recess: nothing enters or leaves the two together."""
    laws = FilmLaws(newtonian(1e-7), cavitation, recess or Recess(20.0, 14e3))
    return film(disc_mesh(6.5, joints=joints), laws)
