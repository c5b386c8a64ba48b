import shutil
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from fake_spine import FASCICLES, LEVELS, fake_parts, fake_record

from fem.errors import NonFiniteError
from fem.mesh import vtu
from fem.results import fields as fields_module
from fem.results.fields import FieldSeries
from fem.results.record import PartFields

meshio = pytest.importorskip("meshio")


@pytest.fixture
def series(tmp_path):
    return FieldSeries(tmp_path, fake_parts())


def series_entries(folder):
    root = ElementTree.parse(folder / "results.pvd").getroot()
    return [(float(entry.get("timestep")), entry.get("file")) for entry in root.iter("DataSet")]


def test_times_files_and_part_names(series, tmp_path):
    for step in range(3):
        series.write(fake_record(step))
    entries = series_entries(tmp_path)
    assert [time for time, _ in entries] == [0.0, 0.25, 0.5]
    for _, file in entries:
        blocks = ElementTree.parse(tmp_path / file).getroot().iter("DataSet")
        found = {block.get("name"): block.get("file") for block in blocks}
        assert list(found) == ["bone", "disc", "ligaments", "muscles", "facets"]
        assert all((tmp_path / "fields" / name).is_file() for name in found.values())


def test_what_never_changes_is_packed_once_and_written_in_every_step(series, tmp_path, monkeypatch):
    packed = []
    pack = vtu.compressed_block
    monkeypatch.setattr(
        vtu, "compressed_block", lambda raw, level: packed.append(len(raw)) or pack(raw, level)
    )
    series.write(fake_record(1))
    first = len(packed)
    series.write(fake_record(2))
    assert len(packed) - first < 0.5 * first
    alone = FieldSeries(tmp_path / "alone", fake_parts())
    alone.write(fake_record(2))
    for part in series.parts:
        place = f"fields/step_0002/{part.name}.vtu"
        assert (tmp_path / place).read_bytes() == (tmp_path / "alone" / place).read_bytes()


def test_an_array_that_begins_to_change_is_packed_anew(tmp_path):
    numbered = {"level": np.array([3])}
    parts = [replace(part, cell_data=numbered) if part.name == "disc" else part for part in fake_parts()]
    series = FieldSeries(tmp_path, parts)
    series.write(fake_record(1))
    record = fake_record(2)
    moved = PartFields(record.fields["disc"].displacement, cell_data={"level": np.array([7])})
    series.write(replace(record, fields={**record.fields, "disc": moved}))
    files = [tmp_path / f"fields/step_000{step}/disc.vtu" for step in (1, 2)]
    assert [meshio.read(file).cell_data["level"][0].tolist() for file in files] == [[3], [7]]


def test_an_independent_reader_gets_back_points_cells_and_fields(series, tmp_path):
    record = fake_record(2)
    series.write(record)
    for part in series.parts:
        mesh = meshio.read(tmp_path / "fields" / "step_0002" / f"{part.name}.vtu")
        # Files hold single precision: seven digits of numbers up to about 100 mm.
        np.testing.assert_allclose(mesh.points, part.points, atol=1e-5)
        shift = record.fields[part.name].displacement
        assert np.abs(shift).max() > 1.0
        np.testing.assert_allclose(mesh.point_data["displacement"], shift, atol=1e-5)
        if part.name == "muscles":  # this reader leaves out poly-lines; VTK itself reads them below
            continue
        assert (
            np.concatenate([block.data.ravel() for block in mesh.cells]).tolist()
            == part.connectivity.tolist()
        )
    strain = meshio.read(tmp_path / "fields/step_0002/ligaments.vtu").cell_data["strain"][0]
    np.testing.assert_allclose(strain, [0.0, 0.06, 0.12, 0.18], rtol=1e-6)


def test_the_folder_can_be_moved(series, tmp_path):
    series.write(fake_record(0))
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.move(tmp_path / "results.pvd", moved)
    shutil.move(tmp_path / "fields", moved)
    for _, file in series_entries(moved):
        blocks = ElementTree.parse(moved / file).getroot().iter("DataSet")
        assert all((moved / "fields" / block.get("file")).is_file() for block in blocks)
    text = "".join(file.read_text() for file in (moved / "results.pvd", moved / "fields/step_0000.vtm"))
    assert str(tmp_path) not in text


def test_vtk_reads_times_parts_and_name_tables(series, tmp_path):
    pytest.importorskip("pyvista")
    for step in range(2):
        series.write(fake_record(step))
    script = (
        "import sys, pyvista\n"
        "reader = pyvista.get_reader(sys.argv[1])\n"
        "print(reader.time_values)\n"
        "reader.set_active_time_value(0.25)\n"
        "blocks = reader.read()[0]\n"
        "print(blocks.keys())\n"
        "print(blocks['ligaments'].cell_data['strain'].tolist()[1])\n"
        "print(list(blocks.field_data['level_names']))\n"
        "print(blocks['muscles'].cells.tolist(), blocks['muscles'].cell_data['activation'].tolist()[2])\n"
        "print(list(blocks.field_data['fascicle_names']))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "results.pvd")]
    child = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert child.returncode == 0, child.stderr
    times, names, strain, levels, muscles, fascicles = child.stdout.splitlines()
    assert times == "[0.0, 0.25]"
    assert names == "['bone', 'disc', 'ligaments', 'muscles', 'facets']"
    assert float(strain) == pytest.approx(0.03, rel=1e-6)
    assert all(level in levels for level in LEVELS)
    assert muscles.startswith("[3, 0, 1, 2, 2, 3, 4, 2, 5, 6] 0.15")
    assert all(name in fascicles for name in FASCICLES)


def test_a_failing_step_leaves_the_series_as_it_was(series, tmp_path, monkeypatch):
    series.write(fake_record(0))
    before = (tmp_path / "results.pvd").read_text()

    def killed(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(fields_module, "write_vtm", killed)
    with pytest.raises(KeyboardInterrupt):
        series.write(fake_record(1))
    assert (tmp_path / "results.pvd").read_text() == before


def test_time_must_grow(series):
    series.write(fake_record(1))
    with pytest.raises(ValueError, match="time must grow"):
        series.write(fake_record(2, time_s=0.25))


def test_sabotaged_fields_are_refused(series, tmp_path):
    record = fake_record(0)
    shift = record.fields["disc"].displacement.copy()
    shift[2, 2] = np.nan
    with pytest.raises(NonFiniteError, match="part disc"):
        series.write(replace(record, fields={**record.fields, "disc": PartFields(shift)}))
    lacking = {name: value for name, value in record.fields.items() if name != "facets"}
    with pytest.raises(ValueError, match="has fields for"):
        series.write(replace(record, fields=lacking))
    assert not (tmp_path / "results.pvd").exists()


def test_name_tables_that_clash_are_refused(tmp_path):
    parts = fake_parts()
    other = replace(parts[2], field_data={"level_names": ("L1-L2",)})
    with pytest.raises(ValueError, match="another table 'level_names'"):
        FieldSeries(tmp_path, [parts[0], other])


def test_two_parts_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="same name"):
        FieldSeries(tmp_path, [fake_parts()[0]] * 2)
