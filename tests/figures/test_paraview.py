"""ParaView and independent readers open what a run leaves: times, parts, vectors, film fields; the scene draws."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from fem.cli import view
from fem.errors import MissingToolError
from fem.results import batch
from fem.results.read import field_times, read_result, read_table
from oracles.pictures import png_size

pytestmark = pytest.mark.case

PVPYTHON = shutil.which("pvpython")
PROBE = """
import json, sys
from paraview.simple import *
def arrays_of(data):
    return [data.GetArray(i) for i in range(data.GetNumberOfArrays())]
reader = OpenDataFile(sys.argv[1])
steps = list(reader.TimestepValues)
last = ForceTime(Input=reader)
last.ForcedTime = steps[-1]
told = {"times": steps, "parts": {}}
data = servermanager.Fetch(last)
while data.GetNumberOfBlocks() == 1 and hasattr(data.GetBlock(0), "GetNumberOfBlocks"):
    data = data.GetBlock(0)
for number in range(data.GetNumberOfBlocks()):
    name = data.GetMetaData(number).Get(data.NAME())
    grid = data.GetBlock(number)
    points, cells = grid.GetPointData(), grid.GetCellData()
    told["parts"][name] = {
        "cells": grid.GetNumberOfCells(),
        "type": grid.GetCellType(0),
        "points": {a.GetName(): a.GetNumberOfComponents() for a in arrays_of(points)},
        "data": {a.GetName(): list(a.GetRange()) for a in arrays_of(cells)},
        "moved": points.GetArray("displacement").GetMaxNorm(),
    }
print("TOLD" + json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(thrust: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What ParaView says of the result."""
    if PVPYTHON is None:
        pytest.skip("ParaView (pvpython) is not installed")
    script = tmp_path_factory.mktemp("probe") / "probe.py"
    script.write_text(PROBE)
    done = subprocess.run(
        [PVPYTHON, str(script), str(thrust / "results.pvd")],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD")]
    assert lines, done.stderr[-2000:]
    return json.loads(lines[0].removeprefix("TOLD"))


def test_paraview_finds_times_and_parts(told: dict, thrust: Path) -> None:
    assert told["times"] == pytest.approx([time for time, _ in field_times(thrust)])
    assert list(told["parts"]) == ["bone", "disc", "ligaments", "facets"]
    assert {name: part["type"] for name, part in told["parts"].items()} == {
        "bone": 9, "disc": 12, "ligaments": 3, "facets": 9,
    }  # fmt: skip


def test_paraview_finds_displacement_strain_and_film(told: dict, thrust: Path) -> None:
    for name, part in told["parts"].items():
        assert part["points"]["displacement"] == 3
        assert part["moved"] > 0.1 or name == "facets", "their surfaces belong to L5, which is held"
    strain = told["parts"]["ligaments"]["data"]["strain"]
    last = [float(row["strain"]) for row in read_table(thrust, "strands")][
        -told["parts"]["ligaments"]["cells"] :
    ]
    assert strain == pytest.approx([min(last), max(last)], abs=1e-6)
    assert {"force", "state", "level", "ligament"} <= set(told["parts"]["ligaments"]["data"])
    assert {"gap", "contact_pressure", "film_pressure", "fluid_fraction", "cavity"} <= set(
        told["parts"]["facets"]["points"]
    )


def test_an_independent_reader_agrees(thrust: Path) -> None:
    meshio = pytest.importorskip("meshio")
    _, file = field_times(thrust)[-1]
    facets = meshio.read(file.with_suffix("") / "facets.vtu")
    names = read_result(thrust).run["names"]["joint_names"]
    cells = facets.cells_dict["quad"][facets.cell_data_dict["joint"]["quad"] == names.index("L4-L5 left")]
    row = [row for row in read_table(thrust, "facets") if row["joint"] == "L4-L5 left"][-1]
    gap = facets.point_data["gap"][np.unique(cells)]
    assert gap.min() == pytest.approx(float(row["gap_min_mm"]), abs=1e-3)
    assert facets.point_data["displacement"].shape == (len(facets.points), 3)


def test_pyvista_reads_the_series(thrust: Path) -> None:
    if importlib.util.find_spec("pyvista") is None:
        pytest.skip("PyVista is not installed")
    code = (
        "import sys, json, pyvista\n"
        "reader = pyvista.get_reader(sys.argv[1])\n"
        "reader.set_active_time_value(reader.time_values[-1])\n"
        "blocks = reader.read()[0]\n"
        "print(json.dumps([reader.time_values, list(blocks.keys()),\n"
        "                  float(abs(blocks['disc'].point_data['displacement']).max())]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(thrust / "results.pvd")], capture_output=True, text=True, check=False
    )
    if done.returncode < 0:
        pytest.skip("VTK ends here for want of graphics libraries")
    assert done.returncode == 0, done.stderr
    times, parts, moved = json.loads(done.stdout)
    assert times == pytest.approx([time for time, _ in field_times(thrust)])
    assert parts == ["bone", "disc", "ligaments", "facets"]
    assert moved > 0.01


def test_the_scene_knows_moment_joint_and_what_to_say(thrust: Path) -> None:
    text = (thrust / "view.py").read_text()
    summary = read_result(thrust).summary
    peak = summary["ligaments"]["L4-L5"]["CL left"]["time_of_peak_s"]
    assert f"TELLING_TIME = {peak!r}" in text
    assert "JOINT, JOINT_NUMBER = 'L4-L5 left', " in text
    assert "most strained ligament of the run: L4-L5" in text
    assert "target joint: L4-L5 left, mean gap" in text


def test_paraview_draws_the_scene_of_a_moved_folder(thrust: Path, tmp_path: Path) -> None:
    if batch.batch_command() is None:
        pytest.skip("ParaView (pvbatch) is not installed")
    moved = tmp_path / "moved"
    shutil.copytree(thrust, moved)
    file = tmp_path / "scene.png"
    answer = CliRunner().invoke(view.command, [str(moved), "--screenshot", str(file), "--with", "paraview"])
    if isinstance(answer.exception, MissingToolError) and "display" in str(answer.exception).lower():
        pytest.skip(str(answer.exception))
    assert answer.exception is None, answer.exception
    assert png_size(file) == (1600, 1000)
    assert shown_colours(file) > 200, "a picture of a spine, not of a wall"


def shown_colours(file: Path) -> int:
    """Return how many different colours a picture has."""
    image = pytest.importorskip("matplotlib.image").imread(file)[:, :, :3]
    return len(np.unique((255 * image[::4, ::4]).astype(np.int64).reshape(-1, 3), axis=0))


def test_without_paraview_the_install_line_is_given(
    thrust: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(MissingToolError, match="apt-get install -y paraview"):
        batch.draw_with_paraview(read_result(thrust), tmp_path / "a.png")
