"""Meshes to and from files: written as ``.vtu``/``.vtm`` by our own writer, read through meshio."""

import re
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from fem.anatomy.spine import Spine
from fem.arrays import FloatArray, IntArray, frozen, frozen_index
from fem.errors import MeshError
from fem.mesh.build import named_parts
from fem.mesh.surfaces import articular_quads, strand_lines
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh
from fem.mesh.vtu import VTK_HEXAHEDRON, VTK_LINE, VTK_QUAD, write_vtm, write_vtu

_TEXT_ARRAY: Final = re.compile(rb'<DataArray type="String" Name="([^"]*)"[^>]*>([\d\s]*)</DataArray>')


def write_spine_mesh(path: Path | str, mesh: SpineMesh) -> Path:
    """Write a spine as one ``.vtm`` with a folder of ``.vtu`` parts beside it; return the ``.vtm``.

    Parts: ``bone L1`` …, ``disc L1-L2`` …, ``facets``, ``ligaments``.
    """
    path = Path(path).with_suffix(".vtm")
    folder = path.with_suffix("")
    blocks = {
        name: write_mesh(folder / f"{name.replace(' ', '_')}.vtu", part)
        for name, part in named_parts(mesh).items()
    }
    blocks["facets"] = _write_facets(folder / "facets.vtu", mesh.spine)
    blocks["ligaments"] = _write_ligaments(folder / "ligaments.vtu", mesh.spine)
    return write_vtm(path, blocks)


def write_mesh(path: Path | str, mesh: TaggedMesh) -> Path:
    """Write one mesh as ``.vtu``: integer cell array ``region`` with its names in field data, and all data."""
    count = len(mesh.cells)
    return write_vtu(
        path,
        mesh.points,
        mesh.cells.ravel(),
        8 * np.arange(1, count + 1),
        np.full(count, VTK_HEXAHEDRON),
        point_data=mesh.point_data,
        cell_data={"region": mesh.part.astype(np.int32), **mesh.cell_data},
        field_data={"region_names": mesh.part_names},
    )


def read_mesh(path: Path | str) -> TaggedMesh:
    """Read the hexahedra of a mesh file in any format that meshio knows.

    Raises
    ------
    MeshError
        When the file cannot be read, or holds no eight-node hexahedra.
    """
    path = Path(path)
    if not path.is_file():
        raise MeshError(f"there is no mesh file {path}")
    found, names = _read_vtu(path) if path.suffix == ".vtu" else (_read_foreign(path, path), {})
    blocks = [number for number, block in enumerate(found.cells) if block.type == "hexahedron"]
    if not blocks:
        kinds = ", ".join(sorted({block.type for block in found.cells})) or "none"
        raise MeshError(f"{path} holds no eight-node hexahedra (cell types: {kinds})")
    return _from_blocks(found, blocks, names.get("region_names", ()))


def _read_vtu(path: Path) -> tuple[Any, dict[str, tuple[str, ...]]]:
    """Return what meshio reads of a ``.vtu``, and its text arrays by name, which meshio refuses."""
    content = path.read_bytes()
    texts = {
        name.decode(): tuple(bytes(int(code) for code in codes.split()).decode().split("\0")[:-1])
        for name, codes in _TEXT_ARRAY.findall(content)
    }
    with TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        plain.write_bytes(_TEXT_ARRAY.sub(b"", content))
        return _read_foreign(plain, path), texts


def read_fields(path: Path) -> Any:
    """Return what meshio reads of a field file of ours: ``points``, ``cells_dict``, ``point_data``, ``cell_data_dict``.

    Raises
    ------
    MeshError
        When the file cannot be read.
    """
    return _read_vtu(path)[0]


def _read_foreign(file: Path, name: Path) -> Any:
    import meshio

    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # meshio talks and leaves on bad files
            return meshio.read(file)
    except (Exception, SystemExit) as error:
        raise MeshError(f"{name} cannot be read as a mesh ({type(error).__name__}: {error})") from None


def _from_blocks(found: Any, blocks: list[int], names: tuple[str, ...]) -> TaggedMesh:
    cells: IntArray = np.vstack([found.cells[number].data for number in blocks])
    data = {
        name: np.concatenate([np.asarray(columns[number]) for number in blocks])
        for name, columns in found.cell_data.items()
    }
    region = data.pop("region", np.zeros(len(cells)))
    points: FloatArray = np.asarray(found.points, dtype=np.float64)
    return TaggedMesh(
        points=frozen(points),
        cells=frozen_index(cells),
        part=frozen_index(region),
        part_names=names or tuple(f"region {number}" for number in range(int(region.max(initial=0)) + 1)),
        cell_data={name: frozen(column) for name, column in data.items()},
        point_data={name: frozen(column) for name, column in found.point_data.items()},
    )


def _write_facets(path: Path, spine: Spine) -> Path:
    points: list[FloatArray] = []
    quads: list[IntArray] = []
    joint: list[IntArray] = []
    count = 0
    for number, facet in enumerate(spine.facets.values()):
        for surface in (facet.superior, facet.inferior):
            nodes, cells = articular_quads(surface)
            points.append(nodes)
            quads.append(cells + count)
            joint.append(np.full(len(cells), number))
            count += len(nodes)
    cells = np.vstack([np.zeros((0, 4), dtype=np.int64), *quads])
    return write_vtu(
        path,
        np.vstack([np.zeros((0, 3)), *points]),
        cells.ravel(),
        4 * np.arange(1, len(cells) + 1),
        np.full(len(cells), VTK_QUAD),
        cell_data={"joint": np.concatenate([np.zeros(0, dtype=np.int64), *joint])},
        field_data={"joint_names": tuple(spine.facets)},
    )


def _write_ligaments(path: Path, spine: Spine) -> Path:
    lines = strand_lines(spine.ligaments)
    names = list(dict.fromkeys(bundle.name for bundle in spine.ligaments))
    levels = list(spine.discs)
    of_bundle = np.array([[names.index(b.name), levels.index(b.level)] for b in spine.ligaments]).reshape(
        -1, 2
    )
    return write_vtu(
        path,
        lines.points,
        lines.cells.ravel(),
        2 * np.arange(1, len(lines.cells) + 1),
        np.full(len(lines.cells), VTK_LINE),
        cell_data={"ligament": of_bundle[lines.bundle, 0], "level": of_bundle[lines.bundle, 1]},
        field_data={"ligament_names": names, "level_names": levels},
    )
