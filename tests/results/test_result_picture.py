import ast
import importlib.util
import struct
import subprocess
import sys

import pytest
from click.testing import CliRunner

from fem.cli import info, view
from fem.errors import MissingToolError, UsageError
from fem.results import picture
from fem.results.describe import describe
from fem.results.read import read_result
from fem.results.scene import activation_limit, gap_limit, rounded_up, strain_limit


def test_the_scene_is_python_and_knows_its_parts_and_ranges(finished):
    text = (finished / "view.py").read_text()
    ast.parse(text)
    assert "@" not in text.replace("@dataclass", "")
    assert f"FOLDER = {str(finished)!r}" in text
    assert "PARTS = ['bone', 'disc', 'ligaments', 'muscles', 'facets']" in text
    assert "limits = [0.0, 1.5]" in text, "the run's largest strain is 1.03"
    assert "ligament strain [1] relative to reference length" in text


def test_colour_ranges_come_from_the_summary(finished):
    summary = read_result(finished).summary
    assert strain_limit(summary) == 1.5
    assert gap_limit(summary) == 0.5
    assert strain_limit({}) == 0.1
    assert activation_limit(read_result(finished).summary) == 0.15
    assert activation_limit({}) == 1.0


@pytest.mark.parametrize(
    ("value", "limit"),
    [(0.081, 0.1), (0.1, 0.1), (0.101, 0.15), (0.3, 0.3), (8.0, 10.0), (-1.0, 0.7), (0.0, 0.7)],
)
def test_ranges_are_rounded_up(value, limit):
    assert rounded_up(value, 0.7) == limit


def test_no_module_but_the_drawing_one_loads_vtk(finished):
    code = (
        "import sys, fem.cli.view, fem.cli.info, fem.results.folder, fem.results.picture\n"
        "import fem.results.screen, fem.results.describe\n"
        "heavy = {'vtk', 'vtkmodules', 'pyvista', 'meshio', 'scipy', 'skfem', 'numba'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "[]"


def test_a_picture_is_drawn_in_a_child_process(finished, tmp_path):
    if importlib.util.find_spec("pyvista") is None:
        pytest.skip("PyVista is not installed")
    file = tmp_path / "pictures" / "flexion.png"
    answer = CliRunner().invoke(view.command, [str(finished), "--screenshot", str(file), "--time", "0.3"])
    if isinstance(answer.exception, MissingToolError):
        pytest.skip(str(answer.exception))
    assert answer.exception is None
    head = file.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (2700, 1200), "muscles have a third view"
    assert file.stat().st_size > 20_000, "an empty white picture is smaller"


def test_the_nearest_kept_step_is_shown(finished):
    assert picture.nearest_step(finished, 0.3)[0] == 0.25
    time, file = picture.nearest_step(finished, None)
    assert (time, file.name) == (0.75, "step_0003.vtm")
    file.unlink()
    with pytest.raises(UsageError, match="copied in part"):
        picture.nearest_step(finished, None)


def test_a_missing_pyvista_gives_the_install_line(finished, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"pip install 'facetgap\[view\]'") as caught:
        picture.draw_picture(read_result(finished), tmp_path / "a.png")
    assert caught.value.exit_code == 5


def test_a_crash_of_the_child_is_survived_and_explained():
    if importlib.util.find_spec("pyvista") is None:
        pytest.skip("PyVista is not installed")
    with pytest.raises(MissingToolError, match="apt-get install"):
        picture.run_drawing("fem.no_such_module", "{}")


def test_other_endings_than_png_are_refused(finished, tmp_path):
    with pytest.raises(UsageError, match=r"\.png"):
        picture.draw_picture(read_result(finished), tmp_path / "a.tiff")


def test_a_missing_paraview_gives_the_install_line(finished, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    answer = CliRunner().invoke(view.command, [str(finished)])
    assert isinstance(answer.exception, MissingToolError)
    assert "--screenshot" in str(answer.exception)


def test_paraview_is_started_with_the_scene(finished, monkeypatch):
    started = []
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/paraview")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: started.append(command))
    answer = CliRunner().invoke(view.command, [str(finished)])
    assert answer.exception is None
    assert started == [["/usr/bin/paraview", f"--state={finished / 'view.py'}"]]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have a display by themselves")
def test_without_a_display_paraview_is_not_started(finished, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/paraview")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    answer = CliRunner().invoke(view.command, [str(finished)])
    assert isinstance(answer.exception, UsageError)
    assert "--screenshot" in str(answer.exception)


def test_info_says_what_files_hold(finished):
    text = describe(finished)
    for words in ("flexion: Flexion, 7.5 N m", "status complete", "3 hexahedra", "fields at 4 times", "ISL"):
        assert words in text
    grid = describe(finished / "fields/step_0001/ligaments.vtu")
    for words in ("8 points, 4 cells", "PointData: displacement", "strain"):
        assert words in grid
    assert "t = 0.25 s: fields/step_0001.vtm" in describe(finished / "results.pvd")
    answer = CliRunner().invoke(info.command, [str(finished), "--json"])
    assert '"status": "complete"' in answer.stdout


@pytest.mark.parametrize(
    ("name", "words"), [("nothing", "no file"), ("a.yaml", "facetgap show"), ("a.doc", "unknown kind")]
)
def test_info_refuses_what_it_does_not_know(tmp_path, name, words):
    if name != "nothing":
        (tmp_path / name).write_text("")
    with pytest.raises(UsageError, match=words):
        describe(tmp_path / name)
