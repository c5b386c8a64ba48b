"""Whatever a case file holds, reading it gives a case or an `InputError`, never anything else."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from fem.case.read import read_case
from fem.errors import InputError, Problem

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "cases" / "lumbar.yaml").read_text().replace("../meshes", str(ROOT / "meshes"))
PIECES = (
    *":-[]{},#&*!|>'\"%@`\n\t ?~",
    "null",
    "!!int",
    "---",
    "*a",
    "&a",
    "0x",
    ".nan",
    "<<: ",
    "é",
    "\x00",
    "1e999",
    "7 N",
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Return the good case with a few pieces put in and cut out."""
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text) - 1))
        cut = draw(st.integers(0, 15))
        text = text[:start] + draw(st.sampled_from(("", *PIECES))) + text[start + cut :]
    return text


def faults_of(path: Path, *overrides: str) -> tuple[Problem, ...] | None:
    """Return what reading reports, or None where the case is fine; anything else propagates."""
    try:
        read_case(path, overrides)
    except InputError as error:
        return error.problems
    return None


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.one_of(damaged(), st.text(max_size=80)))
def test_a_damaged_case_is_refused_in_words_or_read(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "case.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        faults = faults_of(path)
    assert faults is None or (faults and all(fault.message for fault in faults))


KEYS = (
    "spine",
    "spine.levels",
    "phases",
    "phases[0]",
    "expect[0].between",
    "problem",
    "solver",
    "title",
    "x[0]",
)
VALUES = (
    "",
    "null",
    "[]",
    "{}",
    "3",
    "true",
    ".nan",
    "{a: 1}",
    "{kind: [1]}",
    "[[[]]]",
    "!!int x",
    "{[1]: 2}",
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(KEYS), st.sampled_from(VALUES))
def test_an_odd_override_is_refused_in_words_or_taken(key: str, value: str) -> None:
    faults = faults_of(ROOT / "cases" / "lumbar.yaml", f"{key}={value}")
    assert faults is None or (faults and all(fault.message for fault in faults))
