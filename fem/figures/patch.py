"""The surface of one facet joint at one kept step, laid flat."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.errors import UsageError
from fem.figures.data import NothingToDrawError
from fem.results.picture import nearest_step
from fem.results.read import Result
from fem.units import from_internal

#: Array of the field files -> name, unit it is drawn in; pressures of the film are above ambient there.
_MAPS: Final = {
    "gap": ("gap", "mm"),
    "contact_pressure": ("contact pressure", "MPa"),
    "film_pressure": ("film pressure above ambient", "kPa"),
    "cavity": ("height without fluid", "mm"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """One joint at `time` [s].

    Attributes
    ----------
    plane : (n, 2) [mm] points across and up, in the plane that fits the undeformed surface best.
    quads : (e, 4) cells.
    maps : (name, unit, values (n,)) of what was kept.
    """

    time: float
    plane: FloatArray
    quads: IntArray
    maps: tuple[tuple[str, str, FloatArray], ...]


def facet_patch(result: Result, joint: str, time: float) -> Patch:
    """Return a joint's surface at the kept step nearest to `time` [s].

    Raises
    ------
    NothingToDrawError
        When no fields of the facets were kept.
    """
    names = list(result.run.get("names", {}).get("joint_names", ()))
    try:
        shown, file = nearest_step(result.path, time)
    except UsageError as error:
        raise NothingToDrawError(str(error)) from None
    grid = file.with_suffix("") / "facets.vtu"
    if joint not in names or not grid.is_file():
        raise NothingToDrawError(f"{result.path} kept no fields of the facet joint {joint}")
    found = _read(grid)
    quads = np.asarray(found.cells_dict["quad"])[found.cell_data_dict["joint"]["quad"] == names.index(joint)]
    used, local = np.unique(quads, return_inverse=True)
    maps = tuple(
        (name, unit, _drawn(np.asarray(found.point_data[array])[used], unit))
        for array, (name, unit) in _MAPS.items()
        if array in found.point_data
    )
    return Patch(shown, flat(np.asarray(found.points, dtype=np.float64)[used]), local.reshape(-1, 4), maps)


def _drawn(values: FloatArray, unit: str) -> FloatArray:
    return np.asarray(values, dtype=np.float64) * from_internal(1.0, unit)


def flat(points: FloatArray) -> FloatArray:
    """Return points (n, 3) in the plane that fits them best (n, 2): the second axis points as far up as it can."""
    centred = points - points.mean(axis=0)
    normal = np.linalg.svd(centred, full_matrices=False)[2][2]
    up = np.array([0.0, 0.0, 1.0]) - normal[2] * normal
    up /= np.linalg.norm(up)
    return np.asarray(centred @ np.stack([np.cross(up, normal), up], axis=1))


def _read(file: Any) -> Any:
    from fem.mesh.io import read_fields

    return read_fields(file)
