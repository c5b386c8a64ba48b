"""Muscles, guarding and supports in a case: what they mean, and what is refused in which words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fem.case.guarding import guarding_plan
from fem.case.muscle_words import muscle_lines, support_lines
from fem.case.read import CaseFile, read_case
from fem.case.resolved import resolved_settings, resolved_text
from fem.case.schema import Case
from fem.case.words import case_words
from fem.errors import InputError
from fem.literature import load

ROOT = Path(__file__).parents[2]
Read = Callable[..., CaseFile]
Faults = Callable[..., list[str]]

TEXT = f"""version: 1
title: A test
target: L4-L5 left
spine: {{anatomy: {ROOT / "meshes" / "lumbar.yaml"}}}
muscles: {{guarding: bilateral, level: 0.15}}
supports:
  - {{on: thorax, translation: 20 N/mm, rotation: 2 N m/deg, damping: 20 ms}}
phases:
  - {{name: settle}}
  - {{name: load, loads: [{{kind: moment, on: thorax, motion: flexion, value: 5 N m}}]}}
"""


def test_a_case_with_muscles_has_a_thorax_and_reads_their_numbers(read: Read) -> None:
    case = read(text=TEXT).case
    assert case.body_names == ("thorax", "L1", "L2", "L3", "L4", "L5", "S1")
    assert case.fixed_body == "S1"
    assert {"muscles", "trunk"} <= set(case.parameter_sets())
    assert "relaxation" not in case.parameter_sets()  # nothing runs in time
    support = case.supports[0]
    assert (support.translation, support.damping) == (20.0, 0.02)
    assert support.rotation == pytest.approx(2000.0 * 57.29577951308232)


@pytest.mark.parametrize(
    ("overrides", "thorax"),
    [
        (["muscles.guarding=relaxed", "supports=[]"], False),
        (["spine.thorax=present"], True),
        (["phases[1].kind=dynamic"], True),
        (["phases[1].loads[0].on=thorax"], True),
        (["supports=[{on: thorax, translation: 1 N/mm}]"], True),
        (["spine.levels=L2-S1", "phases[1].loads[0].on=L2", "phases[1].kind=dynamic"], False),
    ],
)
def test_the_thorax_is_there_where_something_needs_it(overrides: list[str], thorax: bool, read: Read) -> None:
    text = (
        TEXT.replace("on: thorax, motion", "on: L1, motion")
        .replace("muscles:", "#")
        .replace("supports:", "supports: []\n#")
    )
    text = "\n".join(line for line in text.splitlines() if "translation" not in line)
    overrides = [item for item in overrides if not item.startswith("muscles")]
    assert read(*overrides, text=text).case.has_thorax is thorax


def test_a_support_on_the_lowest_vertebra_sets_it_free(read: Read) -> None:
    case = read("supports=[{on: S1, translation: 50 N/mm, rotation: 5 N m/deg}]", text=TEXT).case
    assert case.fixed_body is None
    moved = "phases[1].loads=[{kind: force, on: S1, direction: [1, 0, 0], value: 10 N}]"
    assert read(moved, "supports=[{on: S1, translation: 50 N/mm, rotation: 5 N m/deg}]", text=TEXT)


#: Override of a good case -> the one message it must give.
BAD = {
    "muscles.level=1.5": "muscles.level: an activation lies between 0 (no drive) and 1 (every fibre fully driven); 1.5",
    "muscles.level=-0.1": "-0.1 does not",
    "muscles.level=a lot": "cannot read 'a lot' as a dimensionless number",
    "muscles.levels=0.1": "muscles.levels: unknown key 'levels'; did you mean 'level'?",
    "muscles.activation={MF_m1 left: 0.3}": "there is no muscle 'MF_m1 left'; did you mean 'MF_m1s left'?",
    "muscles={guarding: bilateral}": "muscles: the pattern 'bilateral' needs a level",
    "muscles={guarding: relaxed, level: 0.1}": "muscles.level: the pattern 'relaxed' raises no muscle",
    "muscles.guarding=bilaterl": "there is no guarding pattern 'bilaterl'; did you mean 'bilateral'?",
    "muscles.guarding=xyz": "(patterns: bilateral, bracing, one-sided, relaxed, segmental;",
    "muscles.guarding=mine.yaml": "muscles.guarding: there is no pattern file 'mine.yaml'",
    "muscles.activation={multifidus lft: 0.3}": "there is no muscle 'multifidus lft'; did you mean 'multifidus left'?",
    "muscles.activation={xyz: 0.3}": "there is no muscle 'xyz'; groups: multifidus, longissimus lumborum",
    "muscles.activation={psoas: 1.5}": "muscles.activation.psoas: an activation lies between 0",
    "muscles.reflex={delay: -1 ms}": "muscles.reflex.delay: '-1 ms' must be 0 s or more",
    "muscles.reflex={duration: 0 s}": "muscles.reflex.duration: '0 s' must be more than 0 s",
    "muscles.reflex={gian: 2}": "muscles.reflex.gian: unknown key 'gian'; did you mean 'gain'?",
    "muscles.reflex=nein": "muscles.reflex: 'nein' is not one of none",
    "spine.levels=L2-S1": "muscles: muscles span the whole lumbar spine, but the levels are L2-S1",
    "spine.thorax=absent": "spine.thorax: muscles pull on the thorax; write thorax: auto",
    "phases[0].kind=dynamic": "phases[0]: muscles need a phase to settle in first, static and without loads, but",
    "phases[0].loads=[{kind: moment, on: L1, motion: flexion, value: 1 N m}]": "but 'settle' has loads",
    "supports[0].on=L7": "'L7' is not one of thorax, L1",
    "supports=[{on: L4}]": "supports[0]: a support without stiffness holds nothing",
    "supports=[{on: S1, translation: 1 N/mm}]": "the support carries S1 alone, which is free to float without rotation",
    "supports=[{on: L4, rotation: 1 N m/deg}, {on: L4, rotation: 1 N m/deg}]": "L4 has more than one support",
    "supports[0].translation=20 N": "'20 N' is a force, but a stiffness is needed",
    "expect=[{quantity: muscles.psoas left.forceN, between: [0, 1], kind: analytic, source: x}]": "expect[0].quantity",
}  # fmt: skip

#: Faults beside the one that is meant: the thorax of these cases carries a load and a support.
BESIDE = ("phases[1].loads[0].on", "supports[0].on")


@pytest.mark.parametrize("override", BAD)
def test_each_kind_of_bad_input_gives_one_clear_message(override: str, faults: Faults) -> None:
    found = [text for text in faults(override, text=TEXT) if not text.startswith(BESIDE) or "L7" in text]
    assert len(found) == 1, found
    assert BAD[override] in found[0]


WITHOUT_MUSCLES = TEXT.replace("muscles: {guarding: bilateral, level: 0.15}", "")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            ["spine.thorax=absent"],
            "supports[0].on: the thorax is absent from this case; write spine.thorax: auto",
        ),
        (["spine.thorax=absent"], "phases[1].loads[0].on: the thorax is absent from this case"),
        (
            ["spine.levels=L2-S1"],
            "phases[1].loads[0].on: the thorax stands on L1, which is not part of this model",
        ),
        (["spine.levels=L2-S1", "spine.thorax=present"], "spine.thorax: the thorax stands on L1"),
        (
            ["spine.levels=L2-L5", "supports=[{on: S1, rotation: 1 N m/deg}]"],
            "supports[0].on: 'S1' is not part of",
        ),
        (
            ["expect=[{quantity: muscles.psoas left.force_N, between: [0, 1], kind: analytic, source: x}]"],
            "this case has no muscles",
        ),
    ],
)
def test_what_is_not_there_cannot_be_loaded_held_or_expected(
    overrides: list[str], words: str, faults: Faults
) -> None:
    assert any(words in text for text in faults(*overrides, text=WITHOUT_MUSCLES))


def test_a_closed_form_problem_has_no_muscles(faults: Faults) -> None:
    problem = (
        "version: 1\ntitle: strand\n"
        "problem: {kind: strand, stiffness: 1000 N, transition_strain: 0.06, strain: 0.03}\n"
        "muscles: {guarding: relaxed}\nsupports: [{on: L4, rotation: 1 N m/deg}]\nphases: [{name: a, kind: dynamic}]\n"
    )
    assert [text.split(":")[0] for text in faults(text=problem)] == ["muscles", "supports", "phases[0].kind"]


def test_the_reflex_is_the_patterns_unless_the_case_says_otherwise(read: Read) -> None:
    data = load("guarding/reflex")

    def reflex(*overrides: str) -> object:
        plan = guarding_plan(read(*overrides, text=TEXT).document)
        assert plan is not None
        return plan.reflex

    assert reflex() is None
    assert reflex("muscles.guarding=segmental", "muscles.reflex=none") is None
    own = reflex("muscles.guarding=segmental")
    assert own is not None
    assert own == reflex("muscles.reflex={}")
    slow = reflex("muscles.reflex={delay: 150 ms, gain: 3}")
    assert (slow.delay, slow.gain) == (0.15, 3.0)  # type: ignore[attr-defined]
    assert slow.duration == data.number("duration", "time")  # type: ignore[attr-defined]


def test_muscles_and_supports_in_words(read: Read) -> None:
    case_file = read("muscles.activation={psoas left: 0.3}", "muscles.reflex={delay: 80 ms}", text=TEXT)
    words = "\n".join((*muscle_lines(case_file), *support_lines(case_file.case)))
    assert "guarding     bilateral, level 0.15  [assumed: judgement]" in words
    assert "activation   0.15 (share 1): multifidus, longissimus lumborum" in words
    assert "set          psoas left: 0.3" in words
    assert "80 ms after the stretch" in words
    assert "thorax       20 N/mm, 2 N m/deg, damped over 20 ms" in words
    assert not list(muscle_lines(read()))


def test_the_numbers_of_the_muscles_are_told_a_line_per_fascicle(read: Read) -> None:
    words = case_words(read("muscles.reflex={}", text=TEXT))
    assert (
        "MF_m1s                         19 N, L4: mammillary process -> L1: lamina lower edge  [calibrated: "
        in words
    )
    assert "offset.ahead" not in words
    assert "Parameters of reflex: guarding/reflex" in words
    assert "herzog_1999: Herzog W" in words


def test_the_resolved_case_names_its_files_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(PATTERN)
    (tmp_path / "case.yaml").write_text(TEXT.replace("bilateral", "mine.yaml"))
    case_file = read_case(tmp_path / "case.yaml")
    assert case_file.inputs["guarding"] == tmp_path / "mine.yaml"
    again = tmp_path / "again" / "case.resolved.yaml"
    again.parent.mkdir()
    again.write_text(resolved_text(case_file))
    assert resolved_settings(read_case(again)) == resolved_settings(case_file)


PATTERN = """version: 1
name: mine
source: judgement
kind: assumed
note: a pattern of my own
rules: [{groups: [psoas], sides: [left], share: 0.5}]
reflex: {delay: 60 ms}
"""


def test_a_fault_in_a_pattern_file_is_reported_in_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(PATTERN.replace("psoas", "soas").replace("share: 0.5", "share: 1.5"))
    (tmp_path / "case.yaml").write_text(TEXT.replace("bilateral", "mine.yaml"))
    with pytest.raises(InputError) as caught:
        read_case(tmp_path / "case.yaml")
    lines = caught.value.lines()
    assert len(lines) == 2
    assert f"{tmp_path / 'mine.yaml'}:6:19: error: rules[0].groups[0]: 'soas' is not one of" in lines[0]
    assert "did you mean 'psoas'?" in lines[0]
    assert "an activation lies between 0" in lines[1]


def test_the_schema_tells_editors_of_muscles() -> None:
    found = Case.model_json_schema()["$defs"]
    assert {"delay", "gain", "duration", "threshold"} == set(found["ReflexSection"]["properties"])
