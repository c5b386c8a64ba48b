"""``facetgap sensitivity``: what is run, used again, left out and told; plans that make no sense. One real study."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fem.cli.main import main
from fem.errors import NotConvergedError
from fem.runner import RunOutcome, RunRequest, run_case
from oracles.spines import RECIPE

Captured = pytest.CaptureFixture[str]
CASE = f"""version: 1
title: A disc is bent
spine: {{anatomy: {RECIPE.name}, resolution: coarse, levels: L4-L5, structures: [disc]}}
parameters: {{disc: disc/gruber_2024}}
phases:
  - name: moment
    loads: [{{kind: moment, on: L4, motion: flexion, value: 2 N m}}]
"""
PLAN = """version: 1
name: a disc
note: only to see that it works
inputs:
  moment:
    meaning: moment
    set: {"phases[0].loads[0].value": [1 N m, 2 N m]}
    kind: assumed
    source: judgement
    note: for a test
  ground:
    meaning: ground substance
    factor: {"disc.annulus.C10": [0.5, 1.5]}
    kind: assumed
    source: judgement
    note: for a test
outputs: [levels.L4-L5.flexion_deg, discs.L4-L5.pressure_MPa]
"""
COMMAND = ["sensitivity", "disc.yaml", "--inputs", "plan.yaml", "-r", "2"]


class Workers:
    """Stand in for worker processes: solve in this one, or fail where told to."""

    def __init__(self) -> None:
        self.solved: list[str] = []
        self.failing: frozenset[int] = frozenset()

    def __call__(
        self, requests: Sequence[RunRequest], workers: int
    ) -> Iterator[tuple[RunRequest, RunOutcome | Exception]]:
        for number, request in enumerate(requests):
            if number in self.failing:
                yield request, NotConvergedError("no convergence at t = 0.5 s")
                continue
            assert request.folder is not None
            self.solved.append(request.folder.name)
            yield request, run_case(request)


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workers:
    """The case and its plan in an empty folder, where the command is then run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "disc.yaml").write_text(CASE)
    (tmp_path / RECIPE.name).symlink_to(RECIPE)
    (tmp_path / "plan.yaml").write_text(PLAN)
    made = Workers()
    monkeypatch.setattr("fem.cli.workers.solve_in_workers", made)
    return made


def test_a_study_solves_tells_and_is_used_again_without_its_failed_run(
    workers: Workers, tmp_path: Path, capsys: Captured
) -> None:
    workers.failing = frozenset({5})
    assert main([*COMMAND, "-r", "3", "--plot", "effects.svg"]) == 0
    told = capsys.readouterr()
    assert len(workers.solved) == 6  # two of the nine points are points of another trajectory too
    assert "failed: no convergence at t = 0.5 s" in told.err
    assert "3 Morris trajectories, 6 of 7 runs" in told.out
    assert "left out: " in told.out
    assert "nan" not in told.out.lower()
    written = json.loads((tmp_path / "results/sensitivity/disc/sensitivity.json").read_text())
    assert written["version"] == 1
    assert len(written["failed"]) == 1
    flexion = {entry["input"]: entry for entry in written["outputs"][0]["effects"]}
    # More moment bends farther, a stiffer ground less far; the moment's range is a factor of two, so it does more.
    assert flexion["moment"]["mu"] > 0.5 > 0.0 > flexion["ground"]["mu"]
    assert {entry["steps"] for entry in flexion.values()} <= {2, 3}
    assert (tmp_path / "effects.svg").is_file()
    assert (tmp_path / "effects.csv").read_text().startswith("answer,input,mu_star")

    workers.failing = frozenset()
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- sensitivity: begin -->\nold\n<!-- sensitivity: end -->\nafter\n")
    assert main([*COMMAND, "-r", "3", "--no-solve", "--page", "page.md"]) == 0
    assert "6 of 7 runs" in capsys.readouterr().out
    text = page.read_text()
    assert text.startswith("before\n<!-- sensitivity: begin -->\n")
    assert text.endswith("<!-- sensitivity: end -->\nafter\n")
    assert "| moment | 1 N m to 2 N m | " in text
    assert "old" not in text
    assert main([*COMMAND, "-r", "3", "--json"]) == 0
    assert len(workers.solved) == 7
    document = json.loads(capsys.readouterr().out)
    assert document["failed"] == []
    assert document["outputs"][0]["known"] == document["outputs"][0]["asked"] == 9


def test_a_dry_run_says_what_is_varied_and_solves_nothing(workers: Workers, capsys: Captured) -> None:
    assert main([*COMMAND, "-n"]) == 0
    told = capsys.readouterr().out
    assert "moment: 1 N m to 2 N m  [assumed: judgement]" in told
    assert "parameters.override.disc.annulus.C10" in told
    assert "6 runs, 0 of them up to date" in told
    assert workers.solved == []


def test_nothing_but_failures_is_an_error(workers: Workers, capsys: Captured) -> None:
    workers.failing = frozenset(range(6))
    assert main(COMMAND) == 2
    assert "none of the 6 runs could be solved; the first said: no convergence" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        ("meaning: moment", "meening: moment", "plan.yaml:6:5: error: inputs.moment.meening: "),
        ("[1 N m, 2 N m]", "[2 N m, 1 N m]", "2 N m to 1 N m runs backwards; write the smaller end first"),
        ("[1 N m, 2 N m]", "[2 N m, 2 N m]", "both ends are 2 N m: nothing would change"),
        ("[1 N m, 2 N m]", "[1 N m, 2 mm]", "plan.yaml:7:39: error: inputs.moment.set.phases[0].loads[0].value: "),
        ("[1 N m, 2 N m]", "[1 N, 2 N]", "the case would be refused"),
        ("phases[0].loads[0].value", "phases[0].loads[3].value", "the case would be refused"),
        ("[0.5, 1.5]", "[1.5, 0.5]", "plan.yaml:13:"),
        ("disc.annulus.C10", "disc.annulus.C11", "the set disc/gruber_2024 has no 'annulus.C11'"),
        ("disc.annulus.C10", "disk.annulus.C10", "the case reads no set 'disk'; it reads disc"),
        ("source: judgement", "source: nobody_1900", "the source 'nobody_1900' is not in fem/literature/sources.toml"),
        ("discs.L4-L5.pressure_MPa", "discs.L4-L5.presure_MPa", "did you mean discs.L4-L5.pressure_MPa?"),
        ("discs.L4-L5.pressure_MPa", "peak_gap", "'peak_gap' asks for a target, and the case names none"),
        ("[1 N m, 2 N m]}", "[1 N m, 2 N m]}\n    band: [disc.annulus.C10]", "has no band; give factors on it"),
    ],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused_at_its_line(
    workers: Workers, tmp_path: Path, capsys: Captured, wrong: str, right: str, sentence: str
) -> None:
    text = PLAN.replace(wrong, right, 1)
    assert text != PLAN
    (tmp_path / "plan.yaml").write_text(text)
    assert main(COMMAND) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "plan.yaml:" in said
    assert workers.solved == []


def test_a_page_without_a_place_for_tables_is_refused_before_anything_is_solved(
    workers: Workers, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "page.md").write_text("nothing")
    assert main([*COMMAND, "--page", "page.md"]) == 2
    assert (
        "write <!-- sensitivity: begin --> and <!-- sensitivity: end --> into it" in capsys.readouterr().err
    )
    assert main([*COMMAND, "--plot", "effects.jpg"]) == 2
    assert "end its name with .png" in capsys.readouterr().err
    assert workers.solved == []


def test_a_plan_that_nobody_ships_is_named_with_those_that_are(workers: Workers, capsys: Captured) -> None:
    assert main(["sensitivity", "disc.yaml", "--inputs", "thrst"]) == 2
    assert "there is no plan 'thrst'; did you mean 'thrust'?" in capsys.readouterr().err


def test_without_salib_the_install_line_is_given(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    assert main(COMMAND) == 5
    assert "pip install 'facetgap[sensitivity]'" in capsys.readouterr().err


def test_the_shipped_plan_fits_the_case_it_is_made_for(capsys: Captured) -> None:
    case = RECIPE.parents[1] / "cases" / "manipulation" / "thrust_l45_fast.yaml"
    assert main(["sensitivity", str(case), "-n"]) == 0
    told = capsys.readouterr().out
    assert "film: recess.volume" in told
    assert "film.rest_thickness" not in told
    assert "56 runs" in told
