"""``facetgap refractory``: table, JSON, figure with its data, exit codes, and nothing but text in a pipe."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fem.case.read import read_case
from fem.case.resolved import resolved_text
from fem.cli import main as cli
from fem.cli.main import main
from fem.errors import NotConvergedError

ROOT = Path(__file__).parents[2]
FLEXION = str(ROOT / "cases" / "moments" / "flexion.yaml")
FEW = ["--draws", "4"]
Captured = pytest.CaptureFixture[str]


def test_the_table_answers_what_it_can_and_says_what_it_cannot(capsys: Captured) -> None:
    assert main(["refractory", *FEW]) == 0
    captured = capsys.readouterr()
    assert "Gas left by a pop\n" in captured.out
    assert "\ngone: 23.5 min (band " in captured.out
    assert "\nsmall (at most 0.75 mm3): 15.7 min (band " in captured.out
    assert "not answered: how long until a thrust can pop the joint again: name a case" in captured.out
    assert "no input stands out from chance" in captured.out
    rows = [line.split() for line in captured.out.splitlines() if line[:1].isdigit()]
    assert [row[0] for row in rows[1:]] == ["0", "5", "15", "30", "60", "95", "180"]
    volumes = [float(row[1]) for row in rows[1:]]
    assert volumes == sorted(volumes, reverse=True)
    assert rows[-1][-3:] == ["-", "-", "-"]
    assert captured.err == ""


def test_enough_draws_name_the_input_that_decides(capsys: Captured) -> None:
    assert main(["refractory", "--draws", "32", "--at", "7.5 min"]) == 0
    out = capsys.readouterr().out
    assert "  bubble.radius " in out
    assert "\n7.5 " in out


def test_the_json_document_holds_curve_band_and_sources(capsys: Captured) -> None:
    assert main(["refractory", "--json", "--gas", "bubble.radius=0.2 mm", *FEW]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert document["case"] is None
    assert document["bubbles"]["radius_mm"] == pytest.approx(0.2)
    assert document["gone_min"]["value"] == pytest.approx(44.36, abs=0.01)
    assert document["thrust_can_pop_again_min"] is None
    assert "name a case with a target" in document["not_answered"]
    assert len({len(column) for column in document["curve"].values()}) == 1
    assert document["curve"]["volume_mm3"][-1] == 0.0
    assert document["table"][0]["compliance_mm3_per_kPa"] > 0.0
    radius = next(entry for entry in document["inputs"] if entry["name"] == "bubble.radius")
    assert (radius["value"], radius["unit"], radius["source"]) == (0.2, "mm", "--gas")


def test_a_horizon_too_near_is_said(capsys: Captured) -> None:
    assert main(["refractory", "--until", "2 min", *FEW]) == 0
    assert "gone: later than 2 min (band later than 2 min to later than 2 min)" in capsys.readouterr().out
    assert main(["refractory", "--until", "2 min", "--json", *FEW]) == 0
    assert json.loads(capsys.readouterr().out)["gone_min"] == {"value": None, "band": [None, None, None]}


def test_a_case_names_the_clock(capsys: Captured) -> None:
    assert main(["refractory", FLEXION, *FEW]) == 0
    assert capsys.readouterr().out.startswith("Gas left by a pop in flexion\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.yaml"], "there is no such file"),
        (["--gas", "bubble.radius"], "write it as key=value"),
        (["--gas", "bubble.radios=1 mm"], "has no 'bubble.radios'; did you mean 'bubble.radius'?"),
        (["--gas", "bubble.radius=1 s"], "a length is needed"),
        (["--gas", "bubble.radius=-1 mm"], "give a length above zero"),
        (["--gas", "joint.resting_pressure=-100 kPa"], "the fluid boils"),
        (["--until", "3"], "'3' has no unit"),
        (["--until", "0 min"], "must be more than 0 min"),
        (["--at", "300 min"], "look further or ask earlier"),
        (["--draws", "0"], "0 is not in the range"),
        (["--plot", "clock.doc"], "end its name with .svg, .pdf, .png"),
    ],
)
def test_wrong_use_gives_exit_code_2(arguments: list[str], words: str, capsys: Captured) -> None:
    assert main(["refractory", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case whose target opens by 1 mm in what its run recorded, without the run."""
    from types import SimpleNamespace

    from oracles.motions import opening

    motion = replace(opening([1.0]), joints=("L4-L5 left",))
    monkeypatch.setattr("fem.runner.run_case", lambda *_: SimpleNamespace(folder=Path("somewhere")))
    monkeypatch.setattr("fem.results.film_motion.read_motion", lambda _: motion)
    return ROOT / "cases" / "manipulation" / "refractory_10min.yaml"


def test_a_thrust_at_a_target_says_when_it_can_pop_it_again(recorded: Path, capsys: Captured) -> None:
    assert main(["refractory", str(recorded), *FEW]) == 0
    out = capsys.readouterr().out
    assert "\nthe thrust can pop L4-L5 left again, with at most " in out
    assert "not answered" not in out
    assert main(["refractory", str(recorded), "--json", *FEW]) == 0
    document = json.loads(capsys.readouterr().out)
    again = document["thrust_can_pop_again_min"]
    assert again["joint"] == "L4-L5 left"
    assert 0.0 < again["most_gas_mm3"] < 15.0
    assert 0.0 <= again["value"] < document["gone_min"]["value"]
    assert document["not_answered"] is None


def test_a_result_folder_stands_for_its_case(recorded: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "run.json").write_text('{"version": 1, "status": "complete"}')
    (tmp_path / "case.resolved.yaml").write_text(resolved_text(read_case(recorded)))
    assert main(["refractory", str(tmp_path), "--gas", "bubble.gas_share=1e-3", *FEW]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Gas left by a pop in {tmp_path.name}\n")
    assert "of gas left: 0.0 min (band 0.0 min to 0.0 min)" in " ".join(out.split())


def test_a_folder_that_is_no_result_is_refused(tmp_path: Path, capsys: Captured) -> None:
    assert main(["refractory", str(tmp_path)]) == 2
    assert "is not a result folder" in capsys.readouterr().err


def test_a_problem_without_a_spine_has_no_joint(capsys: Captured) -> None:
    problem = next((ROOT / "cases" / "verification").glob("*.yaml"))
    assert main(["refractory", str(problem)]) == 2
    assert "the gas clock needs a joint" in capsys.readouterr().err


def test_a_dissolution_that_fails_is_exit_code_3(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **keywords: object) -> None:
        raise NotConvergedError("the dissolution could not be followed")

    monkeypatch.setattr("fem.gas.clock.dissolve", fail)
    assert main(["refractory"]) == 3
    assert "facetgap: error: the dissolution could not be followed" in capsys.readouterr().err


def test_without_matplotlib_the_install_line_is_given(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "fem.results.gas_figure", raising=False)
    assert cli.main(["refractory", "--plot", "clock.svg"]) == 5
    assert "pip install matplotlib" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_the_figure_has_its_data_beside_it(ending: str, tmp_path: Path, capsys: Captured) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "new" / f"clock{ending}"
    assert main(["refractory", "--plot", str(file), *FEW]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [f"wrote {file}", f"wrote {file.with_suffix('.csv')}"]
    assert file.stat().st_size > 5000
    rows = list(csv.DictReader(file.with_suffix(".csv").read_text().splitlines()))
    assert float(rows[0]["time_min"]) == 0.0
    assert float(rows[0]["volume_mm3"]) == pytest.approx(15.0)
    assert set(rows[0]) >= {"volume_low_mm3", "volume_high_mm3", "CO2_N_mm", "N2_N_mm", "O2_N_mm"}
    if ending == ".svg":
        text = file.read_text()
        assert "time since the pop [min]" in text
        assert "volume of the bubbles [mm³]" in text
        first = file.read_bytes()
        assert main(["refractory", "--plot", str(file), *FEW]) == 0
        assert file.read_bytes() == first


def test_a_pipe_gets_plain_text_and_no_line_is_too_long() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fem", "refractory", *FEW],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "72", "TERM": "xterm-256color"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 72


def test_help_loads_nothing_heavy() -> None:
    script = (
        "from fem.cli.main import main; assert main(['refractory', '--help']) == 0\n"
        "import sys; print('LOADED', *[n for n in ('scipy', 'numpy', 'matplotlib', 'numba') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1].strip() == "LOADED", done.stderr
