"""``facetgap doctor``: known answers are found, a wrong one is told, and the report fits any width."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fem.cli.main import main
from fem.doctor import installation, self_test
from fem.doctor.self_test import CHECKS, Answer, Outcome, outcomes

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def solved() -> list[Outcome]:
    return list(outcomes())


def test_every_known_answer_is_found(solved: list[Outcome]) -> None:
    assert [one.name for one in solved] == list(CHECKS)
    assert [one.name for one in solved if not one.passed] == []


@pytest.mark.parametrize(
    ("name", "known", "digits"),
    [("rubber cube", 0.378280, 6), ("taut cable", 2.00627, 5), ("squeeze film", 2.945243, 6)],
)
def test_what_is_known_is_what_was_printed_elsewhere(
    name: str, known: float, digits: int, solved: list[Outcome]
) -> None:
    answer = next(one.answer for one in solved if one.name == name)
    assert answer is not None
    assert answer.known == pytest.approx(known, abs=0.6 * 10.0**-digits)


def test_the_tolerances_have_teeth(solved: list[Outcome]) -> None:
    for one in solved:
        assert one.answer is not None
        off = Answer(one.answer.got * 1.02 + 1e-3, one.answer.known, one.answer.tolerance)
        assert not Outcome(one.name, off, "", 0.0).passed
        assert not Outcome(one.name, Answer(float("nan"), 1.0, 1.0), "", 0.0).passed


def broken() -> Answer:
    raise ZeroDivisionError("no such luck")


def _checks(**more: object) -> Mapping[str, object]:
    return {"sparse solve": self_test.sparse_solve, **more}


def test_a_wrong_answer_is_told_and_gives_exit_code_4(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    right = self_test.sparse_solve()
    off = lambda: Answer(right.got * (1.0 + 1e-6), right.known, right.tolerance)  # noqa: E731
    monkeypatch.setattr(self_test, "CHECKS", _checks(chain=off, cable=broken))
    assert main(["doctor"]) == 4
    said = capsys.readouterr().out
    lines = {line.split("  ")[0]: line for line in said.splitlines()}
    assert " ok " in lines["sparse solve"]
    assert " FAILED " in lines["chain"]
    assert " FAILED " in lines["cable"]
    assert "cable: ZeroDivisionError: no such luck" in said
    assert "1 of 3 answers right" in said
    assert main(["doctor", "--json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert (document["version"], document["passed"]) == (1, False)
    assert [one["passed"] for one in document["self_test"]] == [True, False, False]
    assert document["self_test"][1]["deviation"] == pytest.approx(1e-6, rel=1e-3)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_report_fits_its_width_and_says_what_was_found(
    width: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(self_test, "CHECKS", _checks())
    assert main(["doctor", "--results", str(tmp_path / "none")]) == 0
    said = capsys.readouterr().out
    long = [line for line in said.splitlines() if len(line) > width and "/" not in line]
    assert long == []
    for word in (
        "facetgap",
        "Python",
        "numba",
        "threads",
        "linear solver",
        "compile cache",
        "ParaView",
        "GB free",
    ):
        assert word in said
    assert "\x1b" not in said
    assert not (tmp_path / "none").exists()


def test_what_is_not_as_it_should_be_comes_with_advice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    monkeypatch.setattr(installation, "writable", lambda _: False)
    monkeypatch.setattr(installation.shutil, "which", lambda _: None)
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["doctor", "--no-self-test", "--results", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "! every run compiles anew; let NUMBA_CACHE_DIR name a folder that can be written" in said
    assert "cannot be written ! choose another folder with -o" in " ".join(said.split())
    assert "not found; needed for facetgap view only" in said
    assert "nothing solved; 2 finding(s) marked ! to look at" in said
