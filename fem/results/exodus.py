"""A result's fields as one Exodus II file (NetCDF-3): parts as element blocks, displacement and fields over time."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fem.errors import UsageError
from fem.mesh.vtu_read import Grid, blocks_of, name_tables, read_vtu
from fem.results.read import field_times

if TYPE_CHECKING:
    from scipy.io import netcdf_file

#: VTK cell type -> Exodus element, nodes of one. Poly-lines (4) become bars.
_ELEMENTS: Final = {3: ("BAR2", 2), 4: ("BAR2", 2), 9: ("SHELL4", 4), 12: ("HEX8", 8)}
_NAME_LENGTH: Final = 33
_LINE_LENGTH: Final = 81
#: Endings of which readers make a vector again.
_VECTOR: Final = ("x", "y", "z")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Cells of one type of one part.

    Attributes
    ----------
    name, element : as in the file.
    nodes : (e, k) node numbers in the whole model, from 1.
    origin : (e,) cell of the part that each element shows; a poly-line is shown by several.
    """

    part: str
    name: str
    element: str
    nodes: NDArray[np.int32]
    origin: NDArray[np.int64]


def write_exodus(folder: Path, file: Path, title: str = "") -> Path:
    """Write the fields of a result folder as one Exodus file; it appears whole or not at all.

    Raises
    ------
    UsageError
        When the run kept no fields.
    MeshError
        When a field file is missing or damaged.
    """
    steps = field_times(folder)
    if not steps:
        raise UsageError(f"{folder} holds no step with fields; the run ended before its first")
    first = _parts(steps[0][1])
    blocks = _blocks(first)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    os.close(handle)
    try:
        from scipy.io import netcdf_file

        with netcdf_file(temporary, "w", version=2, mmap=False) as out:
            names = _define(out, first, blocks, title, name_tables(steps[0][1]))
            for number, (time, path) in enumerate(steps):
                _write_step(out, number, time, first if number == 0 else _parts(path), blocks, names)
        os.chmod(temporary, 0o644)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return file


@dataclass(frozen=True, slots=True)
class _Names:
    """Variables of the file: (component name, array name, column) of nodes and of elements."""

    nodal: tuple[tuple[str, str, int], ...]
    element: tuple[tuple[str, str, int], ...]


def _parts(vtm: Path) -> dict[str, Grid]:
    return {name: read_vtu(path) for name, path in blocks_of(vtm).items()}


def _blocks(parts: Mapping[str, Grid]) -> list[Block]:
    blocks, shift = [], 0
    for part, grid in parts.items():
        starts = np.concatenate([[0], grid.offsets[:-1]]).astype(np.int64)
        for kind in np.unique(grid.types):
            element, count = _ELEMENTS[int(kind)]
            cells = np.flatnonzero(grid.types == kind)
            if int(kind) == 4:
                nodes, origin = _bars(grid, cells, starts)
            else:
                nodes, origin = grid.connectivity[starts[cells][:, None] + np.arange(count)], cells
            name = part if len(np.unique(grid.types)) == 1 else f"{part} {element}"
            blocks.append(Block(part, name, element, (nodes + shift + 1).astype(np.int32), origin))
        shift += len(grid.points)
    return [block for block in blocks if len(block.nodes)]


def _bars(
    grid: Grid, cells: NDArray[np.int64], starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (e, 2) nodes and (e,) cell of the straight pieces of poly-lines."""
    nodes, origin = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
    for cell in cells:
        line = grid.connectivity[starts[cell] : grid.offsets[cell]]
        nodes.append(np.column_stack([line[:-1], line[1:]]))
        origin.append(np.full(len(line) - 1, cell))
    return np.concatenate(nodes), np.concatenate(origin)


def _define(
    out: "netcdf_file",
    parts: Mapping[str, Grid],
    blocks: Sequence[Block],
    title: str,
    tables: Mapping[str, Sequence[str]],
) -> _Names:
    """Write everything that does not change: nodes, elements, names; return the variables to come."""
    points = np.concatenate([grid.points for grid in parts.values()])
    _head(out, title, len(points), blocks)
    for column, axis in enumerate("xyz"):
        out.createVariable(f"coord{axis}", "d", ("num_nodes",))[:] = points[:, column]
    _texts(out, "coor_names", "num_dim", "xyz")
    _texts(out, "eb_names", "num_el_blk", [block.name for block in blocks])
    for name in ("eb_prop1", "eb_status"):
        numbers = out.createVariable(name, "i", ("num_el_blk",))
        numbers[:] = np.arange(1, len(blocks) + 1) if name == "eb_prop1" else 1
    out.variables["eb_prop1"].name = "ID"
    for number, block in enumerate(blocks, 1):
        out.createDimension(f"num_el_in_blk{number}", len(block.nodes))
        out.createDimension(f"num_nod_per_el{number}", block.nodes.shape[1])
        shape = (f"num_el_in_blk{number}", f"num_nod_per_el{number}")
        connect = out.createVariable(f"connect{number}", "i", shape)
        connect.elem_type = block.element
        connect[:] = block.nodes
    names = _Names(_variables(grid.point_data for grid in parts.values()), _variables(
        grid.cell_data for grid in parts.values()
    ))  # fmt: skip
    _declare(out, names, parts, blocks)
    _information(out, tables)
    return names


def _head(out: "netcdf_file", title: str, nodes: int, blocks: Sequence[Block]) -> None:
    # From NumPy, so that SciPy writes four-byte numbers with their types.
    out.api_version = out.version = np.array(5.1, ">f4")
    out.floating_point_word_size = np.array(8, ">i4")
    out.file_size = np.array(1, ">i4")
    out.title = title[: _LINE_LENGTH - 1] or "facetgap"
    out.createDimension("time_step", None)  # SciPy wants the open-ended one first
    out.createDimension("len_string", _NAME_LENGTH)
    out.createDimension("len_name", _NAME_LENGTH)
    out.createDimension("len_line", _LINE_LENGTH)
    out.createDimension("num_dim", 3)
    out.createDimension("num_nodes", nodes)
    out.createDimension("num_elem", sum(len(block.nodes) for block in blocks))
    out.createDimension("num_el_blk", len(blocks))
    out.createVariable("time_whole", "d", ("time_step",))


def _variables(columns: Any) -> tuple[tuple[str, str, int], ...]:
    """Return (component, array, column) of every array of any part; a vector makes three."""
    found: dict[str, tuple[str, str, int]] = {}
    for arrays in columns:
        for name, values in arrays.items():
            if values.ndim == 1:
                found.setdefault(name, (name, name, 0))
                continue
            for column in range(values.shape[1]):
                ending = _VECTOR[column] if values.shape[1] == 3 else f"_{column}"
                found.setdefault(f"{name}{ending}", (f"{name}{ending}", name, column))
    return tuple(found.values())


def _declare(out: "netcdf_file", names: _Names, parts: Mapping[str, Grid], blocks: Sequence[Block]) -> None:
    """Declare the variables over time, and which block has which."""
    out.createDimension("num_nod_var", len(names.nodal))
    _texts(out, "name_nod_var", "num_nod_var", [name for name, _, _ in names.nodal])
    for number in range(1, len(names.nodal) + 1):
        out.createVariable(f"vals_nod_var{number}", "f", ("time_step", "num_nodes"))
    if not names.element:
        return
    out.createDimension("num_elem_var", len(names.element))
    _texts(out, "name_elem_var", "num_elem_var", [name for name, _, _ in names.element])
    table = np.array(
        [[array in parts[block.part].cell_data for _, array, _ in names.element] for block in blocks]
    )
    out.createVariable("elem_var_tab", "i", ("num_el_blk", "num_elem_var"))[:] = table.astype(np.int32)
    for variable, block in zip(*np.nonzero(table.T), strict=True):
        shape = ("time_step", f"num_el_in_blk{block + 1}")
        out.createVariable(f"vals_elem_var{variable + 1}eb{block + 1}", "f", shape)


def _write_step(
    out: "netcdf_file",
    number: int,
    time: float,
    parts: Mapping[str, Grid],
    blocks: Sequence[Block],
    names: _Names,
) -> None:
    out.variables["time_whole"][number] = time
    for index, (_, array, column) in enumerate(names.nodal, 1):
        values = [_column(grid.point_data.get(array), column, len(grid.points)) for grid in parts.values()]
        out.variables[f"vals_nod_var{index}"][number] = np.concatenate(values)
    for index, (_, array, column) in enumerate(names.element, 1):
        for place, block in enumerate(blocks, 1):
            key, grid = f"vals_elem_var{index}eb{place}", parts[block.part]
            if key in out.variables:
                of_cells = _column(grid.cell_data.get(array), column, len(grid.types))
                out.variables[key][number] = of_cells[block.origin]


def _column(values: NDArray[Any] | None, column: int, rows: int) -> NDArray[np.float32]:
    """Return one component as single precision; zeros for a part without it."""
    if values is None:
        return np.zeros(rows, np.float32)
    return (values if values.ndim == 1 else values[:, column]).astype(np.float32)


def _information(out: "netcdf_file", tables: Mapping[str, Sequence[str]]) -> None:
    """Keep which name each integer stands for, as information records."""
    lines = [
        f"{table} {number} {name}" for table, names in tables.items() for number, name in enumerate(names)
    ]
    if lines:
        out.createDimension("num_info", len(lines))
        _texts(out, "info_records", "num_info", lines, "len_line")


def _texts(
    out: "netcdf_file", name: str, dimension: str, texts: Sequence[str], length: str = "len_name"
) -> None:
    size = int(out.dimensions[length])
    variable = out.createVariable(name, "c", (dimension, length))
    for number, text in enumerate(texts):
        variable[number] = np.frombuffer(text.encode()[: size - 1].ljust(size, b"\0"), "S1")
