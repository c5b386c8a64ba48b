"""Exports read back by others: NumPy, the csv module, SciPy's NetCDF, VTK's Exodus reader, pyarrow where installed."""

import csv
from pathlib import Path

import numpy as np
import pytest
from fake_spine import CORNERS, LEVELS
from scipy.io import netcdf_file

from fem.errors import MeshError, UsageError
from fem.mesh.vtu_read import blocks_of, name_tables, read_vtu
from fem.results.exodus import write_exodus
from fem.results.export_tables import export_csv, export_npz, export_parquet
from fem.results.read import field_times
from fem.results.salvage import open_result


def test_the_csv_bundle_holds_every_table_with_units_and_meanings(finished: Path, tmp_path: Path) -> None:
    folder = export_csv(open_result(finished), tmp_path / "bundle")
    for file in finished.glob("*.csv"):
        with file.open() as one, (folder / file.name).open() as other:
            first, second = list(csv.reader(one)), list(csv.reader(other))
        assert first == second, file.name
    meanings = list(csv.DictReader((folder / "columns.csv").read_text().splitlines()))
    known = {(row["table"], row["column"]): row for row in meanings}
    assert known["facets", "gap_mean_mm"]["unit"] == "mm"
    assert "area mean" in known["facets", "gap_mean_mm"]["meaning"]
    summary = {
        row["quantity"]: row["value"]
        for row in csv.DictReader((folder / "summary.csv").read_text().splitlines())
    }
    assert float(summary["facets.L4-L5 left.peak_gap_mean_mm"]) == pytest.approx(0.3)


def test_a_folder_with_other_files_is_never_replaced(finished: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "my_own.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match="holds other files"):
        export_csv(open_result(finished), mine)
    assert [file.name for file in mine.iterdir()] == ["my_own.csv"]


def test_numpy_reads_columns_of_one_type(finished: Path, tmp_path: Path) -> None:
    with np.load(export_npz(open_result(finished), tmp_path / "all.npz"), allow_pickle=False) as found:
        assert found["levels.flexion_deg"].tolist() == [
            3.0 * s if n == 0 else 4.0 * s for s in range(4) for n in (0, 1)
        ]
        assert found["levels.step"].dtype == np.int64
        assert found["levels.level"].tolist() == list(LEVELS) * 4


def test_parquet_holds_the_same_rows(finished: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = export_parquet(open_result(finished), tmp_path / "tables")
    table = parquet.read_table(folder / "facets.parquet")
    rows = list(csv.DictReader((finished / "facets.csv").read_text().splitlines()))
    assert table.column("gap_mean_mm").to_pylist() == [float(row["gap_mean_mm"]) for row in rows]
    assert table.column("joint").to_pylist() == [row["joint"] for row in rows]


def test_our_reader_returns_what_the_writer_was_given(finished: Path) -> None:
    _, vtm = field_times(finished)[2]
    grids = {name: read_vtu(path) for name, path in blocks_of(vtm).items()}
    bone = grids["bone"]
    assert bone.points[:8] == pytest.approx(CORNERS * [40, 40, 28] + [-20, -20, 0])
    assert bone.point_data["displacement"][:, 0] == pytest.approx(0.2 * bone.points[:, 2])
    assert grids["ligaments"].cell_data["strain"] == pytest.approx(0.06 * np.arange(4))
    assert name_tables(vtm)["level_names"] == LEVELS
    file = blocks_of(vtm)["bone"]
    file.write_bytes(file.read_bytes()[:-400])
    with pytest.raises(MeshError, match="cut off, damaged"):
        read_vtu(file)


def test_netcdf_finds_blocks_times_and_fields_in_the_exodus_file(finished: Path, tmp_path: Path) -> None:
    file = write_exodus(finished, tmp_path / "all.e", "Flexion")
    with netcdf_file(file, mmap=False) as found:
        assert found.title == b"Flexion"
        assert found.variables["time_whole"][:] == pytest.approx([0.0, 0.25, 0.5, 0.75])
        names = [b"".join(row).rstrip(b"\0").decode() for row in found.variables["eb_names"][:]]
        assert names == ["bone", "disc", "ligaments", "muscles", "facets"]
        nodal = [b"".join(row).rstrip(b"\0").decode() for row in found.variables["name_nod_var"][:]]
        shift = found.variables[f"vals_nod_var{nodal.index('displacementx') + 1}"][:]
        assert shift[3] == pytest.approx(0.3 * found.variables["coordz"][:], rel=1e-6)
        assert found.variables["connect4"].elem_type == b"BAR2"
        assert len(found.variables["connect4"][:]) == 2 + 1 + 1
        element = [b"".join(row).rstrip(b"\0").decode() for row in found.variables["name_elem_var"][:]]
        strain = found.variables[f"vals_elem_var{element.index('strain') + 1}eb3"][:]
        assert strain[3] == pytest.approx(0.09 * np.arange(4))
        records = [b"".join(row).rstrip(b"\0").decode() for row in found.variables["info_records"][:]]
        assert "level_names 1 L5-S1" in records


def test_vtk_reads_the_exodus_file_with_displacement_as_a_vector(finished: Path, tmp_path: Path) -> None:
    module = pytest.importorskip("vtkmodules.vtkIOExodus")
    pytest.importorskip("vtkmodules.util.numpy_support")
    from vtkmodules.util.numpy_support import vtk_to_numpy

    reader = module.vtkExodusIIReader()
    reader.SetFileName(str(write_exodus(finished, tmp_path / "all.e")))
    reader.UpdateInformation()
    for kind in (reader.NODAL, reader.ELEM_BLOCK):
        reader.SetAllArrayStatus(kind, 1)
    reader.ApplyDisplacementsOff()
    reader.UpdateTimeStep(0.75)
    block = reader.GetOutput().GetBlock(0).GetBlock(0)
    points = vtk_to_numpy(block.GetPoints().GetData())
    shift = vtk_to_numpy(block.GetPointData().GetArray("displacement"))
    assert shift.shape == (16, 3)
    assert shift[:, 0] == pytest.approx(0.3 * points[:, 2], rel=1e-6)
    assert block.GetNumberOfCells() == 2
    assert list(vtk_to_numpy(block.GetCellData().GetArray("level"))) == [0, 1]


def test_a_run_without_fields_has_no_exodus_file(finished: Path, tmp_path: Path) -> None:
    (finished / "results.pvd").unlink()
    with pytest.raises(UsageError, match="holds no fields"):
        write_exodus(finished, tmp_path / "all.e")
    assert not list(tmp_path.glob("*.e"))
