"""What a solver hands over: parts, step records and what identifies a run. Plain data; nothing here writes.

Units: lengths mm, forces N, stresses MPa, energies mJ (= N mm), times s; angles in tables are degrees.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fem.arrays import FloatArray, IntArray, frozen, frozen_index, require_finite
from fem.results.risks import Limit

#: A table: column name (with its unit) -> one value per row.
Table = Mapping[str, Sequence[str | float | int]]

#: Parts in the order in which viewers list them; `block` is the body of a verification problem.
PART_NAMES: Final = ("bone", "disc", "ligaments", "muscles", "facets", "block")


@dataclass(frozen=True, slots=True)
class Part:
    """One block of the field files: its undeformed mesh and everything that never changes.

    Attributes
    ----------
    name : one of `PART_NAMES`.
    points : (n, 3) [mm], undeformed.
    connectivity, offsets, types : VTK's flat lists: point numbers of all cells, the end of each cell
        in `connectivity` (e,), VTK cell types (e,) (3 line, 4 poly-line, 9 quadrilateral, 12 hexahedron).
    point_data, cell_data : name -> array with one row per point or cell (``level``, ``ligament`` …).
    field_data : name tables: ``level_names`` -> the names that the integer array ``level`` numbers.
    """

    name: str
    points: FloatArray
    connectivity: IntArray
    offsets: IntArray
    types: NDArray[np.uint8]
    point_data: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    cell_data: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    field_data: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in PART_NAMES:
            raise ValueError(f"a part is called one of {', '.join(PART_NAMES)}, not {self.name!r}")
        points = require_finite(frozen(self.points), f"points of part {self.name}")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "connectivity", frozen_index(self.connectivity))
        object.__setattr__(self, "offsets", frozen_index(self.offsets))
        types = np.array(self.types, dtype=np.uint8)
        types.setflags(write=False)
        object.__setattr__(self, "types", types)
        self._check()

    def _check(self) -> None:
        n, e = len(self.points), len(self.types)
        if self.points.shape != (n, 3) or self.offsets.shape != (e,):
            raise ValueError(f"part {self.name}: points must be (n, 3), offsets and types one per cell")
        if e and (self.offsets[-1] != len(self.connectivity) or np.any(np.diff(self.offsets) <= 0)):
            raise ValueError(f"part {self.name}: offsets must grow and end at the length of the connectivity")
        if len(self.connectivity) and not 0 <= self.connectivity.min() <= self.connectivity.max() < n:
            raise ValueError(f"part {self.name}: connectivity names points outside 0 … {n - 1}")
        check_rows(self.point_data, n, f"point data of part {self.name}")
        check_rows(self.cell_data, e, f"cell data of part {self.name}")


@dataclass(frozen=True, slots=True)
class PartFields:
    """One part at one step: displacement (n, 3) [mm], further point (n, …) and cell (e, …) arrays."""

    displacement: FloatArray
    point_data: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    cell_data: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class LaterFields(Mapping[str, PartFields]):
    """Part name -> fields, worked out by `make` when first looked at: of most steps they are never written."""

    def __init__(self, make: Callable[[], Mapping[str, PartFields]]) -> None:
        self._make = make
        self._made: Mapping[str, PartFields] | None = None

    def __getitem__(self, name: str) -> PartFields:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, PartFields]:
        if self._made is None:
            self._made = self._make()
        return self._made


@dataclass(frozen=True, slots=True)
class Energies:
    """Energies [mJ = N mm] at one step.

    Attributes
    ----------
    stored, kinetic : held now in the structures (the passive fibres of muscles too), and in their motion.
    work, muscles : put in since the start by the loads, and by the active part of the muscles.
    dissipated : turned into heat since the start.
    """

    stored: float
    work: float
    dissipated: float = 0.0
    kinetic: float = 0.0
    muscles: float = 0.0


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One converged state.

    Attributes
    ----------
    step : 0 for the state before any load, then 1, 2 …
    time_s, phase : where on the timeline; time grows from step to step.
    load_fraction : fraction of the phase's loads, in [0, 1].
    iterations, residual : Newton's count for this step and its final relative residual [1].
    fields : part name -> fields, may be `LaterFields`; None when this step's fields are not at hand.
    tables : table name -> rows; names and columns as in `fem.results.quantities.TABLES`.
    keep_fields : False writes this step's fields only if it turns out to be the last good state.
    """

    step: int
    time_s: float
    phase: str
    load_fraction: float
    iterations: int
    residual: float
    energies: Energies
    fields: Mapping[str, PartFields] | None = None
    tables: Mapping[str, Table] = field(default_factory=dict)
    keep_fields: bool = True


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file the run rests on: its role (``case``, ``anatomy``, ``literature``), path as given, SHA-256."""

    role: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What identifies a run before anything is built.

    Attributes
    ----------
    name : the case's name, the default name of its result folder.
    title : the case's title.
    settings : the resolved case, nested mappings and lists of plain values (what `case.resolved.yaml` shows).
    inputs : every file read.
    case_text, resolved_text : the case file as given, and with every default filled in.
    command : the command line as the user typed it.
    request : what it takes to read the case again: ``case`` (its path, from the root) and ``overrides``.
    """

    name: str
    title: str
    settings: Mapping[str, Any]
    inputs: tuple[InputFile, ...] = ()
    case_text: str = ""
    resolved_text: str = ""
    command: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The built model: levels, unknowns, mesh sizes (name -> count), target joint, data used, tissue limits."""

    levels: tuple[str, ...]
    dof: int
    mesh_sizes: Mapping[str, int] = field(default_factory=dict)
    target: str | None = None
    literature: tuple[Mapping[str, Any], ...] = ()
    limits: tuple[Limit, ...] = ()


def check_rows(arrays: Mapping[str, NDArray[Any]], rows: int, what: str) -> None:
    """Raise ValueError where an array does not have `rows` rows, NonFiniteError where it is not finite."""
    for name, array in arrays.items():
        values = np.asarray(array)
        if values.ndim not in (1, 2) or len(values) != rows:
            raise ValueError(f"{what}: {name!r} has shape {values.shape}, expected {rows} rows")
        if values.dtype.kind == "f":
            require_finite(values, f"{what}: {name!r}")


def check_fields(part: Part, fields: PartFields) -> None:
    """Raise where the fields do not fit the part's points and cells, or hold a number that is not finite."""
    n, e = len(part.points), len(part.types)
    if np.shape(fields.displacement) != (n, 3):
        shape = np.shape(fields.displacement)
        raise ValueError(f"displacement of part {part.name} has shape {shape}, expected {(n, 3)}")
    require_finite(np.asarray(fields.displacement, dtype=np.float64), f"displacement of part {part.name}")
    check_rows(fields.point_data, n, f"point data of part {part.name}")
    check_rows(fields.cell_data, e, f"cell data of part {part.name}")
