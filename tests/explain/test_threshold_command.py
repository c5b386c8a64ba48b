"""``facetgap threshold``: what KEY stands for, runs that are used again, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from fem.case.read import read_case
from fem.cli.main import main
from fem.errors import UsageError
from fem.explain.varied import bounded, varied
from fem.runner import RunRequest

Captured = pytest.CaptureFixture[str]
FAST = Path(__file__).parents[2] / "cases" / "manipulation" / "thrust_l45_fast.yaml"
GUARDED = "muscles={guarding: bilateral, level: 0.2}"


@pytest.mark.parametrize(
    ("name", "override", "keys", "start", "low", "high", "towards"),
    [
        ("thrust.peak", "", ["phases[2].loads[0].peak"], 400.0, 105.0, 1600.0, 1),
        ("speed", "", ["phases[2].loads[0].time_to_peak"], 0.12, 0.03, 0.48, -1),
        ("guarding", GUARDED, ["muscles.level"], 0.2, 0.0, 0.5, -1),
        ("film.thickness", "film={thickness: 0.2 mm}", ["film.thickness"], 0.2, 0.05, 0.8, 0),
        (
            "moment",
            "phases[3].loads[0].value=12 N m",
            ["phases[3].loads[0].value"],
            12000.0,
            3000.0,
            48000.0,
            1,
        ),
    ],
)
def test_names_and_keys_stand_for_numbers_of_the_case(
    name: str, override: str, keys: list[str], start: float, low: float, high: float, towards: int
) -> None:
    case_file = read_case(FAST, (override,) if override else ())
    found = varied(case_file, name)
    assert list(found.parts) == keys
    assert (found.start, found.low, found.high) == (
        pytest.approx(start),
        pytest.approx(low),
        pytest.approx(high),
    )
    assert found.towards == towards
    middle = 0.5 * (found.low + found.high)
    before = case_file.case
    after = read_case(FAST, ((override,) if override else ()) + found.overrides(middle)).case
    assert after != before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("guarding", "no guarding whose level could be varied"),
        ("moment", "no moment that grows in a dynamic phase"),
        ("thrust.peek", "did you mean 'thrust.peak'?"),
        ("title", "is no quantity"),
        ("film.thickness", "neither a key"),
    ],
)
def test_what_cannot_be_varied_is_refused_with_what_can(name: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        varied(read_case(FAST), name)
    assert words in str(refused.value)


def test_the_range_may_be_given_and_must_grow() -> None:
    found = varied(read_case(FAST), "thrust.peak")
    given = bounded(found, "450 N", "0.5 kN")
    assert (given.start, given.low, given.high) == (450.0, 450.0, 500.0)
    for low, high in (("600 N", "500 N"), ("0 N", None), ("3 mm", None)):
        with pytest.raises(UsageError):
            bounded(found, low, high)


def test_the_command_searches_writes_and_uses_its_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, solver: Any, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    solved: list[float] = []

    def run_case(request: RunRequest, listen: object) -> object:
        peak = read_case(request.case, request.overrides).case.phases[2].loads[0].peak  # type: ignore[union-attr]
        assert peak is not None
        margin = (peak - 500.0) / 500.0
        from fem.explain.runs import is_ready
        from fem.results.read import read_result
        from fem.runner import RunOutcome

        assert request.folder is not None
        if is_ready(request):
            return RunOutcome(request.folder, read_result(request.folder).summary, up_to_date=True)
        solved.append(peak)
        solver.answers[request.folder.name] = (min(1.0, max(0.0, 0.5 + margin)), margin)
        return solver.solve(request)

    monkeypatch.setattr("fem.runner.run_case", run_case)
    wanted = ["threshold", str(FAST), "--vary", "thrust.peak", "--tolerance", "10 %"]
    assert main(wanted) == 0
    first = capsys.readouterr()
    assert "thrust.peak: the least that pops it by its best estimate lies between" in first.out
    document = json.loads(Path("results/threshold/thrust_l45_fast/thrust.peak/threshold.json").read_text())
    assert document["no_pop"] < 500.0 <= document["pop"]
    assert solved == sorted(set(solved), key=solved.index)
    count = len(solved)
    assert main([*wanted, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == document
    assert len(solved) == count
    assert main([*wanted, "--tolerance", "2 %"]) == 0
    assert len(solved) > count
    assert main([*wanted, "--tolerance", "200 %"]) == 2
