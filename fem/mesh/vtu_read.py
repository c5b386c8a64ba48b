"""Read back the ``.vtu`` files of `fem.mesh.vtu`: appended binary, zlib blocks, little-endian."""

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from fem.errors import MeshError

_MARK: Final = b'<AppendedData encoding="raw">_'
_TEXTS: Final = re.compile(r"\s+")
_TYPES: Final = {
    "Float64": "<f8",
    "Float32": "<f4",
    "Int64": "<i8",
    "Int32": "<i4",
    "UInt8": "<u1",
}


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A grid: `points` (n, 3) [mm], flat `connectivity`, its `offsets` and VTK `types` (e,), arrays by name."""

    points: NDArray[np.float32]
    connectivity: NDArray[np.int64]
    offsets: NDArray[np.int64]
    types: NDArray[np.uint8]
    point_data: dict[str, NDArray[Any]]
    cell_data: dict[str, NDArray[Any]]


def read_vtu(path: Path) -> Grid:
    """Return a grid that `fem.mesh.vtu.write_vtu` wrote.

    Raises
    ------
    MeshError
        When the file is missing, cut off or written by another program.
    """
    try:
        content = path.read_bytes()
        head, _, data = content.partition(_MARK)
        root = ElementTree.fromstring(head + b"</VTKFile>")
        arrays = {
            kind: {str(item.get("Name")): _array(item, data) for part in root.iter(kind) for item in part}
            for kind in ("PointData", "CellData", "Points", "Cells")
        }
        cells = arrays["Cells"]
        return Grid(
            arrays["Points"]["Points"], cells["connectivity"], cells["offsets"], cells["types"],
            arrays["PointData"], arrays["CellData"],
        )  # fmt: skip
    except FileNotFoundError:
        raise MeshError(f"{path} is missing; the folder was copied in part") from None
    except (OSError, ElementTree.ParseError, KeyError, ValueError, zlib.error, struct.error) as error:
        raise MeshError(f"{path} is cut off, damaged, or not written by facetgap ({error})") from error


def name_tables(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the tables of texts that a ``.vtm`` holds: ``level_names`` -> the names that ``level`` numbers.

    Raises
    ------
    MeshError
        When the file cannot be read.
    """
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (OSError, ElementTree.ParseError) as error:
        raise MeshError(f"{path} is missing, cut off or damaged ({error})") from error
    tables = {}
    for item in root.iter("DataArray"):
        if item.get("type") == "String":
            codes = bytes(int(code) for code in _TEXTS.split((item.text or "").strip()) if code)
            tables[str(item.get("Name"))] = tuple(codes.decode().split("\0")[:-1])
    return tables


def blocks_of(path: Path) -> dict[str, Path]:
    """Return part name -> ``.vtu`` file of a ``.vtm``."""
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (OSError, ElementTree.ParseError) as error:
        raise MeshError(f"{path} is missing, cut off or damaged ({error})") from error
    return {str(item.get("name")): path.parent / str(item.get("file")) for item in root.iter("DataSet")}


def _array(item: ElementTree.Element, data: bytes) -> NDArray[Any]:
    raw = _decompressed(data, int(item.attrib["offset"]))
    values = np.frombuffer(raw, _TYPES[item.attrib["type"]])
    width = int(item.get("NumberOfComponents", 1))
    return values.reshape(-1, width) if width > 1 else values


def _decompressed(data: bytes, at: int) -> bytes:
    """Return one block of VTK's layout: count, block size, last size, compressed sizes, data."""
    (count,) = struct.unpack_from("<Q", data, at)
    sizes = struct.unpack_from(f"<{count}Q", data, at + 24)
    begin, pieces = at + 24 + 8 * count, []
    for size in sizes:
        pieces.append(zlib.decompress(data[begin : begin + size]))
        begin += size
    return b"".join(pieces)
