"""The real command on real cases: exit codes, messages, what is left on disk. Never a traceback."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fem.cli.main import main
from fem.errors import ElementInvertedError, InputError, MeshError, NonFiniteError, NotConvergedError, Problem
from fem.results.read import field_times, read_result, read_table

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "meshes" / "lumbar.yaml"
GOOD = """version: 1
title: A short spine
spine:
  anatomy: lumbar.yaml
  resolution: coarse
  levels: L4-L5
  structures: [disc]
phases:
  - {name: settle}
  - name: load
    loads:
      - {kind: moment, on: L4, motion: flexion, value: 3 N m}
"""
#: Overrides that no solver can follow, and little patience.
HOPELESS = (
    *("--set", "phases[1].loads[0].value=2000 N m"),
    *("--set", "solver.iterations=4", "--set", "solver.smallest_step=0.2"),
)
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good case in an empty folder, where the command is then run."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "short.yaml"
    path.write_text(GOOD)
    (tmp_path / "lumbar.yaml").symlink_to(RECIPE)
    return path


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case that has been solved by the command, in a process of its own."""
    folder = tmp_path_factory.mktemp("solved")
    (folder / "short.yaml").write_text(GOOD)
    (folder / "lumbar.yaml").symlink_to(RECIPE)
    done = command(folder, "run", "short.yaml")
    assert done.returncode == 0, done.stderr
    (folder / "printed.txt").write_text(done.stdout)
    (folder / "said.txt").write_text(done.stderr)
    return folder


def command(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fem", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def refused(arguments: Sequence[str], capsys: Captured, code: int = 2) -> str:
    """Run the command, which must end with `code` and a message; return the message."""
    assert main(list(arguments)) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert "this is a bug" not in captured.err
    assert captured.err.strip()
    return captured.err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "levels: L4-L5",
            "levles: L4-L5",
            ("short.yaml:6:3", "unknown key 'levles'; did you mean 'levels'?"),
        ),
        ("value: 3 N m", "value: 3", ("short.yaml:12:", "phases[1].loads[0].value", "unit")),
        ("value: 3 N m", "value: 3 mm", ("short.yaml:12:", "'3 mm' is a length", "moment")),
        ("on: L4", "on: L1", ("phases[1].loads[0].on", "L1")),
        ("on: L4", "on: L5", ("L5 is the lowest vertebra and fixed",)),
        ("motion: flexion", "motion: flexoin", ("phases[1].loads[0].motion", "did you mean 'flexion'?")),
        ("anatomy: lumbar.yaml", "anatomy: nowhere.yaml", ("spine.anatomy", "no recipe file 'nowhere.yaml'")),
        ("version: 1\n", "version: 1\nversion: 1\n", ("short.yaml:2:", "version")),
    ],
)
def test_a_fault_in_a_case_is_refused_before_anything_is_written(
    old: str, new: str, words: Sequence[str], case: Path, capsys: Captured
) -> None:
    assert GOOD.count(old) == 1
    case.write_text(GOOD.replace(old, new))
    said = refused(["run", "short.yaml"], capsys)
    for word in words:
        assert word in said
    assert {path.name for path in case.parent.iterdir()} == {case.name, "lumbar.yaml"}


def test_a_missing_case_file_is_refused(case: Path, capsys: Captured) -> None:
    assert "nowhere.yaml: error: there is no such file" in refused(["run", "nowhere.yaml"], capsys)


def test_a_load_on_a_landmark_that_does_not_exist_names_those_that_do(case: Path, capsys: Captured) -> None:
    load = "{kind: force, on: L4, landmark: spinuos process, direction: [0, 0, -1], value: 10 N}"
    case.write_text(GOOD.replace("{kind: moment, on: L4, motion: flexion, value: 3 N m}", load))
    for arguments in (["run", "short.yaml"], ["run", "-n", "short.yaml"]):
        said = refused(arguments, capsys)
        assert "short.yaml:12:" in said
        assert "L4 has no landmark 'spinuos process'; did you mean 'spinous process'?" in said
        assert not (case.parent / "results").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("L4-L5: {height: 13.1 mm", "L4-L5: {height: -13.1 mm"),
        ("L4-L5: {height: 13.1 mm, wedge: 9.0 deg", "L4-L5: {height: 4 mm, wedge: 44 deg"),
    ],
    ids=["negative height", "wedge that crosses the endplates"],
)
def test_a_recipe_that_turns_an_element_inside_out_is_refused(
    old: str, new: str, case: Path, capsys: Captured
) -> None:
    text = RECIPE.read_text()
    assert text.count(old) == 1
    (case.parent / "odd.yaml").write_text(text.replace(old, new))
    case.write_text(GOOD.replace("lumbar.yaml", "odd.yaml"))
    said = refused(["run", "short.yaml"], capsys)
    assert "L4-L5" in said
    assert not (case.parent / "results").exists()


def test_a_case_that_cannot_converge_keeps_its_last_good_state(case: Path, capsys: Captured) -> None:
    said = refused(["run", "short.yaml", *HOPELESS], capsys, code=3)
    assert "phase 'load' did not converge at t = 1." in said  # when
    assert "L4-L5" in said  # which structure
    assert "the last good state is kept in results/short" in said
    folder = case.parent / "results" / "short"
    result = read_result(folder)
    assert result.status == result.summary["status"] == "failed"
    assert result.summary["converged"] is False
    assert result.run["message"] in said
    assert [time for time, _ in field_times(folder)] == [1.0]
    assert all(file.is_file() for _, file in field_times(folder))
    assert {row["phase"] for row in read_table(folder, "levels")} == {"settle"}
    assert "failed: phase 'load'" in (folder / "log.txt").read_text()
    assert main(["info", str(folder)]) == 0
    # The same case again is done again, and fails again, rather than being called up to date.
    refused(["run", "short.yaml", *HOPELESS], capsys, code=3)


def test_a_case_whose_settling_fails_still_leaves_an_openable_result(case: Path, capsys: Captured) -> None:
    case.write_text(
        GOOD.replace("  structures: [disc]\n", "").replace("- {name: settle}", "- {name: settle, steps: 1}")
    )
    hopeless = ["--set", "follower_load.value=900000 N", "--set", "solver.iterations=3"]
    refused(["run", "short.yaml", *hopeless, "--set", "solver.smallest_step=0.25"], capsys, code=3)
    result = read_result(case.parent / "results" / "short")
    assert result.status == "failed"
    assert result.summary["levels"]["L4-L5"]["flexion_deg"] == 0.0
    assert len(field_times(result.path)) == 1


def test_an_expectation_that_is_missed_gives_exit_code_4_and_a_complete_result(
    case: Path, capsys: Captured
) -> None:
    wanted = "expect:\n  - {quantity: levels.L4-L5.flexion_deg, between: [80 deg, 90 deg], "
    wanted += "kind: regression, source: test}\n"
    case.write_text(GOOD + wanted)
    for _ in range(2):  # solved, then up to date: missed all the same
        assert main(["run", "short.yaml"]) == 4
        assert "levels.L4-L5.flexion_deg" in capsys.readouterr().out
    result = read_result(case.parent / "results" / "short")
    assert result.status == "complete"
    assert [entry["passed"] for entry in result.summary["expect"]] == [False]


def test_an_equal_result_is_up_to_date_and_another_one_is_refused_by_key(
    solved: Path, capsys: Captured
) -> None:
    case = str(solved / "short.yaml")
    output = ["-o", str(solved / "results" / "short")]
    before = (solved / "results" / "short" / "run.json").read_bytes()
    assert main(["run", case, *output]) == 0
    captured = capsys.readouterr()
    assert "up to date" in captured.err
    assert "L4-L5" in captured.out
    said = refused(["run", case, *output, "--set", "phases[1].loads[0].value=4 N m"], capsys)
    assert "differ in" in said
    assert "value" in said
    assert "--force" in said
    assert "-o" in said
    assert (solved / "results" / "short" / "run.json").read_bytes() == before


@pytest.mark.parametrize("output", ["short.yaml", "/proc/nowhere", "/dev/null/x"])
def test_a_place_that_cannot_be_written_is_the_users_to_mend(
    output: str, case: Path, capsys: Captured
) -> None:
    said = refused(["run", "short.yaml", "-o", output], capsys)
    assert "choose another with -o" in said
    assert output in said


def test_a_folder_with_other_things_in_it_is_left_alone(case: Path, capsys: Captured) -> None:
    (case.parent / "mine").mkdir()
    (case.parent / "mine" / "thesis.txt").write_text("do not touch")
    assert "it is no result" in refused(["run", "short.yaml", "-o", "mine", "--force"], capsys)
    assert [file.name for file in (case.parent / "mine").iterdir()] == ["thesis.txt"]


def test_two_cases_for_one_folder_are_refused_before_either_runs(case: Path, capsys: Captured) -> None:
    (case.parent / "other").mkdir()
    (case.parent / "other" / "short.yaml").write_text(GOOD.replace("lumbar", "../lumbar"))
    said = refused(["run", "short.yaml", "other/short.yaml"], capsys)
    assert "would both write to results/short" in said


def test_a_file_outside_the_project_is_not_read_unless_the_command_line_allows_it(
    case: Path, tmp_path_factory: pytest.TempPathFactory, capsys: Captured
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text("password\n")
    (case.parent / "link").symlink_to(secret.parent)
    case.write_text(GOOD.replace("lumbar.yaml", str(RECIPE)))
    for command in ("run", "check", "show", "why"):
        said = refused([command, "short.yaml"], capsys)
        assert (
            f"short.yaml:4:12: error: spine.anatomy: '{RECIPE}' lies outside the project folder {case.parent};"
            in said
        )
    assert {path.name for path in case.parent.iterdir()} == {case.name, "lumbar.yaml", "link"}
    assert main(["check", "short.yaml", "--allow-outside"]) == 0
    assert main(["check", "short.yaml", "--set", f"spine.anatomy={RECIPE}"]) == 0
    thrust = "{kind: thrust, on: L4, direction: [1, 0, 0], table: %s}"
    case.write_text(GOOD.replace("{kind: moment, on: L4, motion: flexion, value: 3 N m}", thrust % secret))
    assert "password" not in refused(["run", "short.yaml"], capsys)
    case.write_text(GOOD.replace("lumbar.yaml", "link/../x.yaml"))
    assert "lies outside" in refused(["run", "short.yaml"], capsys)


def test_a_dry_run_says_where_to_and_writes_nothing(case: Path, capsys: Captured) -> None:
    assert main(["run", "-n", "short.yaml"]) == 0
    assert capsys.readouterr().out == "short.yaml: A short spine -> results/short\n"
    assert {path.name for path in case.parent.iterdir()} == {case.name, "lumbar.yaml"}


def test_the_result_goes_to_stdout_progress_to_stderr_both_plain(solved: Path) -> None:
    printed, said = (solved / "printed.txt").read_text(), (solved / "said.txt").read_text()
    assert "\x1b" not in printed + said
    assert "\r" not in said
    assert printed.splitlines()[-1] == "result: results/short"
    assert "Rotation of each level" in printed
    assert said.splitlines()[0].startswith("short: meshing")


def test_a_result_folder_holds_what_the_interface_promises(solved: Path) -> None:
    names = {path.name for path in (solved / "results" / "short").iterdir()}
    assert {
        *("run.json", "summary.json", "case.yaml", "case.resolved.yaml", "log.txt", "history.csv"),
        *("levels.csv", "discs.csv", "results.pvd", "fields", "view.py"),
    } <= names
    assert not [name for name in names if name.endswith(".partial")]
    resolved = command(solved, "check", "--allow-outside", "results/short/case.resolved.yaml")
    assert resolved.returncode == 0, resolved.stderr


def test_the_same_case_twice_gives_the_same_summary_but_for_times(solved: Path) -> None:
    done = command(solved, "run", "short.yaml", "-o", "again", "--json", NO_COLOR="1")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["version"] == 1
    first = json.loads((solved / "results" / "short" / "summary.json").read_text())
    second = document["runs"][0]["summary"]
    assert document["runs"][0]["folder"] == "again"
    for summary in (first, second):
        summary.pop("wall_s")
    assert first == second
    tables = [(solved / folder / "levels.csv").read_bytes() for folder in ("results/short", "again")]
    assert tables[0] == tables[1]


def test_two_at_once_are_solved_and_one_that_fails_does_not_stop_the_other(solved: Path) -> None:
    (solved / "second.yaml").write_text(GOOD.replace("flexion", "extension"))
    (solved / "faulty.yaml").write_text(GOOD.replace("levels:", "levles:"))
    done = command(
        solved, "run", "faulty.yaml", "short.yaml", "second.yaml", "-j", "2", "-o", "both", "--json"
    )
    assert done.returncode == 2
    assert "faulty.yaml:6:3: error: spine.levles: unknown key 'levles'" in done.stderr
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    assert [Path(run["folder"]).name for run in document["runs"]] == ["short", "second"]
    angles = [run["summary"]["levels"]["L4-L5"]["flexion_deg"] for run in document["runs"]]
    assert angles[0] > 0.0 > angles[1]
    alone = json.loads((solved / "results" / "short" / "summary.json").read_text())
    assert angles[0] == pytest.approx(alone["levels"]["L4-L5"]["flexion_deg"], rel=1e-10)  # threads differ


#: The command, made to dwell: before the step after the first record, or inside the writing of the first record.
DWELLING = """
import sys, time
from pathlib import Path
import fem.observe.settling as settling
from fem.results.folder import ResultFolder

march, add = settling.march, ResultFolder.add

def dwell(seconds):
    Path("ready").touch()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.05)

def slow_march(*arguments):
    for step in march(*arguments):
        yield step
        dwell(60)

def slow_add(self, record):
    dwell(1.5)
    add(self, record)

if {where!r} == "solving":
    settling.march = slow_march
else:
    ResultFolder.add = slow_add
from fem.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("number", "code", "where"),
    [
        (signal.SIGINT, 130, "solving"),
        (signal.SIGTERM, 143, "solving"),
        (signal.SIGINT, 130, "writing"),
    ],
)
def test_an_interrupt_leaves_an_openable_result(number: int, code: int, where: str, case: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", DWELLING.format(where=where), "run", "short.yaml"],
        cwd=case.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120.0
    while not (case.parent / "ready").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "Traceback" not in err
    assert out == ""
    result = read_result(case.parent / "results" / "short")
    assert result.status == "interrupted"
    assert [time for time, _ in field_times(result.path)] == [1.0]
    assert len(read_table(result.path, "levels")) == 1


@pytest.mark.parametrize(
    "error",
    [
        InputError("case.yaml", [Problem("wrong", "a.b", 3, 4)]),
        MeshError("inside out", [1, 2]),
        ElementInvertedError("annulus L4-L5", [7], -0.5),
        NonFiniteError("stress", (1, 2), 3),
        NotConvergedError("gave up"),
    ],
)
def test_errors_come_back_whole_from_another_process(error: Exception) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.__dict__ == error.__dict__


def test_an_interrupt_stops_every_worker_and_keeps_their_results(case: Path) -> None:
    (case.parent / "long.yaml").write_text(GOOD + "solver: {first_step: 0.002, largest_step: 0.002}\n")
    (case.parent / "longer.yaml").write_text(GOOD + "solver: {first_step: 0.001, largest_step: 0.001}\n")
    (case.parent / "last.yaml").write_text(GOOD + "solver: {first_step: 0.001, largest_step: 0.001}\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "fem", "run", "long.yaml", "longer.yaml", "last.yaml", "-j", "2"],
        cwd=case.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    folders = [case.parent / "results" / name for name in ("long", "longer")]
    deadline = time.monotonic() + 120.0
    while time.monotonic() < deadline and process.poll() is None:
        if all((folder / "results.pvd").exists() for folder in folders):
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: parent and workers alike
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert [read_result(folder).status for folder in folders] == ["interrupted", "interrupted"]
    assert not (case.parent / "results" / "last").exists()
