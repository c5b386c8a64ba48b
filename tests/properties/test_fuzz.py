"""A short run of the fuzz over every kind of input file, and what longer ones have found."""

import random
from pathlib import Path

import pytest

from fem.case.read import read_case
from fem.errors import InputError
from oracles import fuzz as oracle
from oracles.damage import DAMAGES, damaged
from oracles.fuzz import KINDS, Kind, fuzz

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused_in_words(kind: str, tmp_path: Path) -> None:
    report = fuzz(kind, 50, seed=1, failures=tmp_path)
    assert report.failures == []
    assert report.inputs == 50
    assert report.accepted + report.refused == 50
    assert report.refused > 20, "damage is no longer noticed"
    assert report.memory_after - report.memory_before < 60.0


def test_the_same_seed_gives_the_same_damage() -> None:
    text = (ROOT / "cases" / "lumbar.yaml").read_text()
    assert damaged(random.Random("a"), text) == damaged(random.Random("a"), text)
    assert damaged(random.Random("a"), text) != damaged(random.Random("b"), text)
    for damage in DAMAGES:
        for short in ("", "a", "a: 1 N\n"):
            assert isinstance(damage(random.Random(1), short), str)


GOOD = "good: 1 N\n" * 9


def _stalls(path: Path) -> None:
    if path.read_bytes() != GOOD.encode():
        while True:
            pass


def _breaks(path: Path) -> None:
    if path.read_bytes() != GOOD.encode():
        raise ZeroDivisionError("a bug")


def _shouts(path: Path) -> None:
    if path.read_bytes() != GOOD.encode():
        raise InputError("\x1b[31m", [])


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (_stalls, "took more than 0.05 s"),
        (_breaks, "ZeroDivisionError: a bug"),
        (_shouts, "an empty message"),
    ],
)
def test_the_fuzz_sees_a_hang_a_traceback_and_an_empty_message(
    read: oracle.Read, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle, "KINDS", {"odd": Kind(lambda: [(GOOD, "x.txt")], read)})
    report = fuzz("odd", 4, seed=1, patience=0.05, failures=tmp_path)
    assert len(report.failures) >= 2
    assert all(words in failure for failure in report.failures)
    assert len(list(tmp_path.glob("odd_1_?"))) == len(report.failures)


#: Found by hand or by a long run: what each once did, and the words that it must give now.
FOUND = {
    "a hexadecimal number of 5,000 digits (traceback)": ("repeat: 0x" + "f" * 5000, "is not a whole number"),
    "a name of a file that is too long (traceback)": (f"extends: {'x' * 5000}", "names a file that does not exist"),
    "a name with NUL (traceback)": ('extends: "a\\0b"', "the text holds the character U+0000"),
    "a list that an alien tag makes (read as a plain list)": ("expect: !!python/tuple []", "the tag"),
    "a phase of 1e300 s (never ends)": ("phases: [{name: a, duration: 1e300 s}]", "1e+07 s or less"),
    "a billion load steps (never ends)": ("phases: [{name: a, steps: 1000000000}]", "at most 100000"),
    "a stiffness of 1e300 (overflow)": ("follower_load: {value: 1e300 N}", "must be 1e+06 N or less"),
    "half a million phases (minutes, gigabytes)": (f"phases: [{'1,' * 21_000}]", "more than 10000 values"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_once_failed_is_refused_in_words(name: str, tmp_path: Path) -> None:
    text, words = FOUND[name]
    path = tmp_path / "case.yaml"
    path.write_text(
        f"version: 1\ntitle: x\nspine: {{anatomy: {ROOT / 'meshes' / 'lumbar.yaml'}, levels: L4-L5}}\n{text}\n"
    )
    with pytest.raises(InputError) as caught:
        read_case(path)
    (line,) = caught.value.lines()
    assert words in line
    assert len(line) < 1000
