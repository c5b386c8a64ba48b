"""The VTU writer: read back by an independent reader (meshio, and PyVista where installed)."""

import zlib
from pathlib import Path

import meshio
import numpy as np
import pytest

from fem.errors import MeshError
from fem.mesh.vtu import VTK_HEXAHEDRON, compressed_block, write_vtm, write_vtu

POINTS = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1.0]])


def _write(path: Path, **columns: object) -> Path:
    return write_vtu(path, POINTS, np.arange(8), [8], [VTK_HEXAHEDRON], **columns)  # type: ignore[arg-type]


def test_meshio_reads_back_what_was_written(tmp_path: Path) -> None:
    displacement = POINTS * 0.25
    path = _write(
        tmp_path / "one.vtu",
        point_data={"displacement": displacement},
        cell_data={"region": np.array([3])},
        field_data={"region_number": [1, 2]},
    )
    mesh = meshio.read(path)
    assert np.array_equal(mesh.points, POINTS)
    assert np.array_equal(mesh.cells[0].data, np.arange(8)[None])
    assert np.array_equal(mesh.point_data["displacement"], displacement)
    assert mesh.cell_data["region"][0][0] == 3


def test_names_travel_in_field_data(tmp_path: Path) -> None:
    text = _write(tmp_path / "one.vtu", field_data={"parts": ["annulus", "nucleus"]}).read_bytes()
    codes = " ".join(str(c) for c in b"annulus\0nucleus\0")
    assert codes.encode() in text


@pytest.mark.parametrize("size", [0, 5, 1 << 18, (1 << 18) + 1, 3 << 18])
def test_blocks_hold_the_data_at_every_block_edge(size: int) -> None:
    raw = bytes(i % 251 for i in range(size))
    block = compressed_block(raw, 1)
    count, full, last = np.frombuffer(block[:24], "<u8")
    sizes = np.frombuffer(block[24 : 24 + 8 * int(count)], "<u8")
    at, out = 24 + 8 * int(count), b""
    for length in sizes:
        out += zlib.decompress(block[at : at + int(length)])
        at += int(length)
    assert out == raw
    assert last == len(raw) % full


def test_wrong_row_count_and_bad_numbers_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match="'strain' has 2 rows, but 1"):
        _write(tmp_path / "bad.vtu", cell_data={"strain": [1.0, 2.0]})
    with pytest.raises(MeshError, match="not finite"):
        _write(tmp_path / "bad.vtu", cell_data={"strain": [np.nan]})
    assert list(tmp_path.iterdir()) == []


def test_multi_block_file_names_its_parts_relative_to_itself(tmp_path: Path) -> None:
    part = _write(tmp_path / "parts" / "a.vtu")
    text = write_vtm(tmp_path / "all.vtm", {"disc <1>": part}, time=0.5).read_text()
    assert 'file="parts/a.vtu"' in text
    assert "disc &lt;1&gt;" in text
    assert ">0.5</DataArray>" in text


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    assert _write(tmp_path / "a.vtu").read_bytes() == _write(tmp_path / "b.vtu").read_bytes()
