"""``facetgap mesh``: what it writes, prints and refuses. Bones are left to the tests of the meshes themselves."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from fem.cli.main import main
from fem.cli.mesh import command, find_target

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "meshes" / "lumbar.yaml"


@pytest.fixture(autouse=True)
def discs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from fem.mesh import build

    whole = build.grow_spine_mesh
    monkeypatch.setattr(build, "grow_spine_mesh", lambda *given: whole(*given, with_bones=False))
    monkeypatch.setattr(build, "build_spine_mesh", build.grow_spine_mesh)


def test_build_writes_one_file_for_paraview(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["build", str(RECIPE), "-r", "coarse", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    top = Path(done.output.strip())
    assert top == tmp_path / "lumbar-coarse.vtm"
    assert top.is_file()
    assert (tmp_path / "lumbar-coarse" / "disc_L5-S1.vtu").is_file()


def test_check_prints_quality_and_measures() -> None:
    done = CliRunner().invoke(command, ["check", str(RECIPE), "-r", "coarse", "--levels", "L4-S1"])
    assert done.exit_code == 0, done.output
    assert "disc L4-L5" in done.output
    assert "disc L1-L2" not in done.output
    assert "upper endplate width" in done.output


def test_check_as_json_is_one_document_with_every_measure_met() -> None:
    done = CliRunner().invoke(command, ["check", str(RECIPE), "-r", "coarse", "--json"])
    found = json.loads(done.output)
    assert found["version"] == 1
    assert found["quality"]["disc L4-L5"]["smallest_jacobian"] > 0.4
    assert len(found["dimensions"]) == 5 * 6
    for row in found["dimensions"]:
        assert row["built"] == pytest.approx(row["asked"], rel=0.01), row


def test_a_case_names_recipe_resolution_and_levels() -> None:
    case = ROOT / "cases" / "moments" / "flexion.yaml"
    target = find_target(case, None, None)
    assert target.resolution == "standard"
    assert target.vertebrae[0] == "L1"
    assert find_target(case, "fine", "L4-L5").name == "lumbar-fine-L4-L5"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "nowhere.yaml"], "there is no such file"),
        (["check", str(RECIPE), "--levels", "L5-L2"], "no part of the spine"),
        (["show", str(RECIPE), "-o", "picture.gif"], "another ending"),
        (["build", str(RECIPE), "-r", "finest"], "finest"),
        (["check", str(ROOT / "cases" / "verification" / "block_compressible.yaml")], "no spine to mesh"),
    ],
)
def test_bad_requests_say_what_is_wrong_and_return_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mesh", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_recipe_that_turns_a_disc_inside_out_returns_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = RECIPE.read_text(encoding="utf-8")
    spoilt = text.replace("height: 10.9 mm, wedge: 4.2 deg", "height: 2 mm, wedge: 24 deg", 1)
    assert spoilt != text
    path = tmp_path / "spoilt.yaml"
    path.write_text(spoilt, encoding="utf-8")
    assert main(["mesh", "check", str(path), "-r", "coarse"]) == 2
    assert "disc L1-L2: its endplates cross" in capsys.readouterr().err


@pytest.mark.skipif(find_spec("pyvista") is None, reason="pictures need PyVista")
def test_show_draws_a_picture_with_both_views(tmp_path: Path) -> None:
    from matplotlib.image import imread

    picture = tmp_path / "spine.png"
    code = main(["mesh", "show", str(RECIPE), "-r", "coarse", "--levels", "L4-S1", "-o", str(picture)])
    if code == 5:
        pytest.skip("no graphics libraries on this machine")
    assert code == 0
    image = imread(picture)[..., :3]
    assert image.shape[:2] == (1200, 1800)
    for half in (image[:, :900], image[:, 900:]):
        assert 0.03 < (half.min(axis=2) < 0.98).mean() < 0.6


def test_show_without_pyvista_returns_5_with_the_install_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fem.results import picture

    monkeypatch.setattr(picture.importlib.util, "find_spec", lambda name: None)
    arguments = ["mesh", "show", str(RECIPE), "-r", "coarse", "-o", str(tmp_path / "a.png")]
    assert main(arguments) == 5
    assert "pip install" in capsys.readouterr().err
