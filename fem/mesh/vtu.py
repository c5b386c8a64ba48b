"""Write unstructured grids as ParaView's ``.vtu`` and group them as ``.vtm``: appended binary, compressed.

Appended binary is what opens fastest and smallest in ParaView and PyVista; ASCII is ten times larger.
"""

import os
import struct
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fem.errors import MeshError

#: Cell types of the VTK file format.
VTK_VERTEX, VTK_LINE, VTK_QUAD, VTK_HEXAHEDRON = 1, 3, 9, 12

Text = Sequence[str]
Column = ArrayLike | Text

_BLOCK = 1 << 18
_XML_TYPE = {
    "float64": "Float64",
    "float32": "Float32",
    "int64": "Int64",
    "int32": "Int32",
    "uint8": "UInt8",
}


def write_vtu(
    path: Path | str,
    points: ArrayLike,
    connectivity: ArrayLike,
    offsets: ArrayLike,
    types: ArrayLike,
    point_data: Mapping[str, ArrayLike] | None = None,
    cell_data: Mapping[str, ArrayLike] | None = None,
    field_data: Mapping[str, Column] | None = None,
    compression: int = 1,
    kept: dict[str, bytes] | None = None,
) -> Path:
    """Write one unstructured grid; the file appears whole or not at all.

    Parameters
    ----------
    path : where to write; folders above it are made.
    points : (n, 3) [mm]
    connectivity : flat node numbers of all cells, one after the other.
    offsets : (e,) end of each cell in `connectivity`.
    types : (e,) VTK cell types.
    point_data, cell_data : name -> array with one row per point or cell (floats: single precision).
    field_data : name -> numbers, or a sequence of texts (the names that go with an integer array).
    compression : zlib level, 0 (stored) to 9.
    kept : name -> packed array, of arrays that are the same in every file written with this dictionary; an empty entry
        (``b""``) is filled here, a filled one is written instead of the array; ``Points``, ``connectivity`` count too.

    Raises
    ------
    MeshError
        When a column has the wrong number of rows or holds a number that is not finite.
    """
    path = Path(path)
    grid = np.asarray(points, dtype=np.float32)
    cell_types = np.asarray(types, dtype=np.uint8)
    blobs: list[bytes] = []
    add = _Appender(blobs, compression, {} if kept is None else kept)
    fields = [add.field(name, values) for name, values in (field_data or {}).items()]
    at_points = [add.column(name, v, len(grid), path) for name, v in (point_data or {}).items()]
    at_cells = [add.column(name, v, len(cell_types), path) for name, v in (cell_data or {}).items()]
    head = [
        '<?xml version="1.0"?>',
        '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian" header_type="UInt64" '
        'compressor="vtkZLibDataCompressor"><UnstructuredGrid>',
        *(["<FieldData>", *fields, "</FieldData>"] if fields else []),
        f'<Piece NumberOfPoints="{len(grid)}" NumberOfCells="{len(cell_types)}">',
        *["<PointData>", *at_points, "</PointData>", "<CellData>", *at_cells, "</CellData>"],
        *["<Points>", add.column("Points", grid, len(grid), path), "</Points>", "<Cells>"],
        add.array("connectivity", np.asarray(connectivity, dtype=np.int64).ravel()),
        add.array("offsets", np.asarray(offsets, dtype=np.int64)),
        add.array("types", cell_types),
        '</Cells></Piece></UnstructuredGrid><AppendedData encoding="raw">_',
    ]
    # meshio cuts the data at its last line break, so one has to follow it.
    tail = b"\n</AppendedData></VTKFile>\n"
    replace_file(path, [("\n".join(head)).encode(), *blobs, tail])
    return path


def write_vtm(
    path: Path | str,
    blocks: Mapping[str, Path | str],
    time: float | None = None,
    names: Mapping[str, Text] | None = None,
) -> Path:
    """Write a multi-block file that lists `blocks` (name -> ``.vtu`` file), with an optional time [s].

    Paths are stored relative to the file, so that the folder can be moved. `names` are tables of texts, kept
    as field data: here and not in the ``.vtu`` files, since meshio reads no file that holds texts.
    """
    path = Path(path)
    rows = [
        f"<DataSet index={quoteattr(str(i))} name={quoteattr(name)} file={quoteattr(_relative(file, path))}/>"
        for i, (name, file) in enumerate(blocks.items())
    ]
    fields = [_text_array(name, list(texts)) for name, texts in (names or {}).items()]
    if time is not None:
        head = '<DataArray type="Float64" Name="TimeValue" NumberOfTuples="1" format="ascii">'
        fields.insert(0, f"{head}{time:.9g}</DataArray>")
    stamp = ["<FieldData>", *fields, "</FieldData>"] if fields else []
    text = [
        '<?xml version="1.0"?>',
        '<VTKFile type="vtkMultiBlockDataSet" version="1.0" byte_order="LittleEndian" header_type="UInt64">',
        *["<vtkMultiBlockDataSet>", *rows, "</vtkMultiBlockDataSet>", *stamp, "</VTKFile>", ""],
    ]
    replace_file(path, ["\n".join(text).encode()])
    return path


def replace_file(path: Path, parts: Iterable[bytes]) -> None:
    """Write `parts` beside `path` and move the whole over it, so that a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def compressed_block(raw: bytes, level: int) -> bytes:
    """Return `raw` in VTK's blocked zlib layout: count, block size, last size, compressed sizes, data."""
    pieces = [zlib.compress(raw[at : at + _BLOCK], level) for at in range(0, len(raw), _BLOCK)]
    header = struct.pack("<QQQ", len(pieces), _BLOCK, len(raw) % _BLOCK)
    return header + np.array([len(piece) for piece in pieces], dtype="<u8").tobytes() + b"".join(pieces)


class _Appender:
    """Collects the binary blocks and hands back the XML element that points at each."""

    def __init__(self, blobs: list[bytes], compression: int, kept: dict[str, bytes]) -> None:
        self.blobs, self.compression, self.position, self.kept = blobs, compression, 0, kept

    def column(self, name: str, values: ArrayLike, rows: int, path: Path) -> str:
        array = np.asarray(values)
        if len(array) != rows:
            raise MeshError(f"{path}: column '{name}' has {len(array)} rows, but {rows} are needed")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise MeshError(f"{path}: column '{name}' holds numbers that are not finite")
        if array.ndim > 2:
            array = array.reshape(rows, -1)
        return self.array(name, _storable(array))

    def field(self, name: str, values: Column) -> str:
        array = np.atleast_1d(np.asarray(values))
        if array.dtype.kind not in "US":
            return self.array(name, _storable(array), f' NumberOfTuples="{len(array)}"')
        return _text_array(name, [str(text) for text in array])

    def array(self, name: str, values: NDArray[np.generic], extra: str = "") -> str:
        array = np.ascontiguousarray(values)
        kind = _XML_TYPE[array.dtype.name]
        width = "" if array.ndim == 1 else f' NumberOfComponents="{array.shape[1]}"'
        element = (
            f'<DataArray type="{kind}" Name={quoteattr(name)}{width}{extra} '
            f'format="appended" offset="{self.position}"/>'
        )
        blob = self.kept.get(name) or compressed_block(array.tobytes(), self.compression)
        if name in self.kept:
            self.kept[name] = blob
        self.blobs.append(blob)
        self.position += len(blob)
        return element


def _text_array(name: str, texts: Text) -> str:
    codes = " ".join(str(code) for text in texts for code in (*text.encode(), 0))
    size = f'NumberOfTuples="{len(texts)}" format="ascii"'
    return f'<DataArray type="String" Name={quoteattr(name)} {size}>{codes}</DataArray>'


def _storable(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return single precision for floats and the integer types the format knows for the rest."""
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    return array if array.dtype.name in _XML_TYPE else array.astype(np.int32)


def _relative(file: Path | str, path: Path) -> str:
    return Path(os.path.relpath(file, path.parent)).as_posix()
