"""The command line: exit codes, one-line messages, suggestions, machine-readable output."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fem.cli import main as cli
from fem.cli.main import COMMANDS, main
from fem.errors import MissingToolError, NotConvergedError

ROOT = Path(__file__).parents[2]
FLEXION = str(ROOT / "cases" / "moments" / "flexion.yaml")
Captured = pytest.CaptureFixture[str]


def test_help_lists_every_command(capsys: Captured) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name}" in out for name in COMMANDS)


def test_the_version_is_printed(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("facetgap 0.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu"], "there is no command 'rnu'; did you mean 'run'?"),
        (["xyzzy"], "there is no command 'xyzzy'; commands: run, "),
        (["check", "--jsn", FLEXION], "'--jsn'"),
        (["check"], "Missing argument"),
        (["check", "nowhere.yaml"], "nowhere.yaml: error: there is no such file"),
        (["show", "nowhere.yaml"], "nowhere.yaml: error: there is no such file"),
        (["show", FLEXION, "--set", "titel=x"], "unknown key 'titel'; did you mean 'title'?"),
        (["show", FLEXION, "--set", "title"], "write it as key=value"),
    ],
)
def test_wrong_use_gives_exit_code_2_and_says_what_to_do(
    arguments: list[str], words: str, capsys: Captured
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_check_reports_every_file_and_fails_if_one_does(tmp_path: Path, capsys: Captured) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\ntitle: x\nspine: {anatomy: nowhere.yaml, levels: L9}\nbogus: 1\n")
    assert main(["check", FLEXION, str(bad)]) == 2
    captured = capsys.readouterr()
    assert captured.out == f"{FLEXION}: ok\n"
    lines = captured.err.splitlines()
    assert lines[0].startswith(f"{bad}:3:18: error: spine.anatomy: there is no recipe file 'nowhere.yaml'")
    assert lines[1].startswith(f"{bad}:3:40: error: spine.levels: 'L9' is not a range of vertebrae")
    assert lines[2].startswith(f"{bad}:4:1: error: bogus: unknown key 'bogus'")
    assert lines[3:] == ["3 error(s) in 1 of 2 file(s)"]


def test_check_as_json_is_one_document(tmp_path: Path, capsys: Captured) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\n")
    assert main(["check", "--json", FLEXION, str(bad)]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert [entry["ok"] for entry in document["files"]] == [True, False]
    error = document["files"][1]["errors"][0]
    assert (error["line"], error["key"]) == (1, "")
    assert "'title' is missing" in error["message"]


def test_check_walks_folders(capsys: Captured, tmp_path: Path) -> None:
    assert main(["check", str(ROOT / "cases" / "verification")]) == 0
    assert capsys.readouterr().out.count(": ok") >= 5
    assert main(["check", str(tmp_path)]) == 2
    assert "holds no case files" in capsys.readouterr().err


def test_check_takes_overrides(capsys: Captured) -> None:
    assert main(["check", FLEXION, "--set", "phases[1].loads[0].on=L6"]) == 2
    assert "--set phases[1].loads[0].on=L6: error" in capsys.readouterr().err


def test_a_fault_in_the_recipe_is_reported_in_the_recipe(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "recipe.yaml").write_text("version: 1\nnam: x\n")
    (tmp_path / "case.yaml").write_text("version: 1\ntitle: x\nspine: {anatomy: recipe.yaml}\n")
    assert main(["check", str(tmp_path / "case.yaml")]) == 2
    assert "recipe.yaml:2:1: error: nam: unknown key 'nam'; did you mean 'name'?" in capsys.readouterr().err


def test_show_says_every_number_with_unit_kind_and_source(capsys: Captured) -> None:
    assert main(["show", FLEXION]) == 0
    out = capsys.readouterr().out
    assert "7.5 N m of flexion on L1" in out
    assert "0.044 MPa (0.044 MPa to 0.35 MPa)  [calibrated: facetgap" in out
    assert "L4-L5: 485 N" in out
    assert "gruber_2024: Gruber G" in out
    assert "height 13.1 mm" in out


def test_show_follows_overrides_and_names_them_as_the_source(capsys: Captured) -> None:
    override = "parameters.override.disc.annulus.C10=0.5 MPa"
    assert (
        main(["show", FLEXION, "--set", override, "--set", "spine.levels=L1-L3", "--set", "expect=[]"]) == 0
    )
    out = capsys.readouterr().out
    assert "0.5 MPa  [assumed: flexion.yaml] (replaces 0.044 MPa" in out
    assert "L4-L5: 485 N" not in out


def test_show_as_json_holds_case_parameters_and_sources(capsys: Captured) -> None:
    assert main(["show", "--json", FLEXION]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["case"]["phases"][1]["loads"][0]["value"] == "7.5 N m"
    entry = next(entry for entry in document["parameters"] if entry["name"] == "annulus.C10")
    assert (entry["value"], entry["unit"], entry["source"]) == (0.044, "MPa", "facetgap")
    assert {entry["source"] for entry in document["parameters"]} == set(document["sources"])


def test_literature_lists_checks_and_cites(capsys: Captured) -> None:
    assert main(["literature", "list"]) == 0
    assert "disc/gruber_2024" in capsys.readouterr().out
    assert main(["literature", "check"]) == 0
    assert "ligaments/remus_2021: ok" in capsys.readouterr().out
    assert main(["literature", "used", FLEXION]) == 0
    assert "remus_2021 (" in capsys.readouterr().out
    assert main(["literature", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 1


def test_the_schema_is_json_and_describes_quantities(capsys: Captured) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["title"] == "facetgap case"
    assert "pattern" in schema["$defs"]["MomentLoad"]["properties"]["value"]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (NotConvergedError("gave up"), 3, "facetgap: error: gave up"),
        (MissingToolError("no ParaView"), 5, "facetgap: error: no ParaView"),
        (ModuleNotFoundError("No module named 'pyvista'", name="pyvista"), 5, "pip install 'facetgap[view]'"),
        (MemoryError("no room for 9 GiB"), 2, "needs more memory than there is (no room for 9 GiB); choose"),
        (ValueError("surprise"), 1, "this is a bug (ValueError: surprise); details in "),
        (KeyboardInterrupt(), 130, "interrupted"),
        (cli.Terminated(), 143, "terminated"),
    ],
)
def test_each_error_has_its_exit_code_and_one_line(
    error: BaseException, code: int, words: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_it(*args: object, **keywords: object) -> None:
        raise error

    monkeypatch.setattr(cli.facetgap, "main", raise_it)
    assert main([]) == code
    captured = capsys.readouterr().err
    assert words in captured
    assert len(captured.splitlines()) == 1
    if code == 1:
        log = Path(captured.rsplit("details in ", 1)[1].strip())
        assert "Traceback" in log.read_text()
        log.unlink()


def test_a_command_that_is_not_installed_is_said_plainly(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMMANDS, "teleport", "Not there.")
    assert main(["teleport"]) == 2
    assert "the command 'teleport' is not part of this installation" in capsys.readouterr().err


def test_the_package_runs_as_a_module_and_returns_the_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fem", "check", "nowhere.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nowhere.yaml: error" in done.stderr


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m fem schema | head -c 1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "{"
    assert done.stderr == ""


def test_recipes_patterns_and_tables_are_checked_as_what_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = (ROOT / "meshes" / "lumbar.yaml").read_text()
    pattern = (ROOT / "fem" / "literature" / "guarding" / "bilateral.yaml").read_text()
    table = "time_s,force_N\n0,0\n0.1,300\n0.2,0\n"
    good = {"recipe.yaml": recipe, "pattern.yaml": pattern, "push.csv": table}
    for name, text in good.items():
        (tmp_path / name).write_text(text)
    assert main(["check", *(str(tmp_path / name) for name in good)]) == 0
    assert capsys.readouterr().out.count(": ok") == 3
    (tmp_path / "recipe.yaml").write_text(recipe.replace("curvature_radius", "curvature_radus"))
    (tmp_path / "pattern.yaml").write_text(pattern.replace("rules:", "ruels:"))
    (tmp_path / "push.csv").write_text(table.replace("300", "much"))
    assert main(["check", *(str(tmp_path / name) for name in good)]) == 2
    said = capsys.readouterr().err
    assert "facets.curvature_radus: unknown key 'curvature_radus'; did you mean 'curvature_radius'?" in said
    assert "unknown key 'ruels'; did you mean 'rules'?" in said
    assert "push.csv:3:5: error: the force is 'much'" in said
