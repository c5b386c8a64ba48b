"""Documents: positions, merging, overrides, and one clear message for each kind of bad input."""

import os
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from fem.document import Document, StrictModel, key_path, key_text, project_folder, read_document
from fem.errors import InputError, Problem
from fem.quantities import Force, Fraction, Moment, Time


class _Turn(StrictModel):
    kind: Literal["moment"]
    on: Literal["L1", "L2"]
    value: Moment


class _Thrust(StrictModel):
    kind: Literal["thrust"]
    on: str
    rise_time: Time
    peak: Force = 0.0


class _Model(StrictModel):
    version: Literal[1]
    title: str = ""
    loads: list[Annotated[_Turn | _Thrust, Field(discriminator="kind")]]
    level: Fraction = 0.1
    count: Annotated[int, Field(strict=True, ge=1)] = 3
    table: dict[str, _Turn] = Field(default_factory=dict)
    place: str = ""


def _read(path: Path, text: str | bytes, *overrides: str) -> Document[_Model]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_document(path, _Model, overrides)


def _faults(path: Path, text: str | bytes, *overrides: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        _read(path, text, *overrides)
    assert caught.value.exit_code == 2
    return [line.replace(str(path), "case.yaml") for line in caught.value.lines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "case.yaml"


FAULTY = """version: 1
titel: x
loads:
  - kind: thrsut
    on: L4
  - kind: thrust
    on: L4
    rise_tme: 150 mm
    peak: 30
  - {kind: moment, on: L7, value: 7.5 N m, val: 3}
  - {on: L1}
  - {kind: thrust, on: L4, rise_time: 150 mm}
level: 1.5
count: 0
table: {a: {kind: moment, on: L1, valu: 3 N}}
"""


def test_every_fault_is_reported_at_once_with_line_column_key_and_nearest_name(path: Path) -> None:
    assert _faults(path, FAULTY) == [
        "case.yaml:2:1: error: titel: unknown key 'titel'; did you mean 'title'?",
        "case.yaml:4:11: error: loads[0].kind: 'thrsut' is not one of moment, thrust; did you mean 'thrust'?",
        "case.yaml:8:5: error: loads[1].rise_tme: unknown key 'rise_tme'; did you mean 'rise_time'?",
        "case.yaml:9:11: error: loads[1].peak: '30' has no unit; write a force, for example 450 N",
        "case.yaml:10:24: error: loads[2].on: 'L7' is not one of L1, L2; did you mean 'L2'?",
        "case.yaml:10:44: error: loads[2].val: unknown key 'val'; did you mean 'value'?",
        "case.yaml:11:5: error: loads[3]: the required key 'kind' is missing; it is one of moment, thrust",
        "case.yaml:12:39: error: loads[4].rise_time: '150 mm' is a length, but a time is needed; "
        "accepted: s, ms, min",
        "case.yaml:13:8: error: level: '1.5' must be 1 or less",
        "case.yaml:14:8: error: count: 0 is out of range; it must be at least 1",
        "case.yaml:15:35: error: table.a.valu: unknown key 'valu'; did you mean 'value'?",
    ]


#: Bad text -> the words of the one message it must give.
BAD = {
    "empty": ("", "case.yaml:1:1: error: the file is empty"),
    "only comments": ("# nothing\n", "the file is empty"),
    "a list": ("- 1\n", "case.yaml:1:1: error: the file must hold 'key: value' lines, not a list"),
    "tab": ("version: 1\nloads:\n\t- 1\n", "case.yaml:3:1: error: not valid YAML: a tab character; indent with spaces"),
    "duplicate key": ("version: 1\nloads: []\nversion: 1\n", "3:1: error: version: duplicate key; first given on"),
    "nested duplicate": ("version: 1\nloads: [{kind: moment, kind: thrust}]\n", ":2:24: error: loads[0].kind: dupl"),
    "missing key": ("loads: []\n", "the required key 'version' is missing"),
    "deep": ("version: 1\nloads: " + "[" * 60 + "]" * 60 + "\n", "nested too deeply"),
    "very deep": ("a: " + "[" * 50_000, "nested too deeply"),
    "not utf-8": (b"version: 1\ntitle: \xff\n", "case.yaml:2:8: error: byte 0xff is not UTF-8 text"),
    "utf-16": ("version: 1\n".encode("utf-16"), "is not UTF-8 text"),
    "two documents": ("version: 1\nloads: []\n---\nversion: 1\n", "a second document starts here"),
    "colon": ("version: 1\ntitle: a: b\nloads: []\n", "case.yaml:2:9: error: not valid YAML"),
    "merge key": ("a: &a {x: 1}\n<<: *a\n", "merge keys are not used here"),
    "alien tag": ("version: !!python/object:os.system 1\nloads: []\n", "the tag"),
    "undefined alias": ("version: *x\n", "not valid YAML"),
    "not a number": ("version: 1\nloads: []\ncount: many\n", "'many' is not a whole number"),
    "yes is text": ("version: 1\nloads: []\ncount: yes\n", "'yes' is not a whole number"),
    "not finite": ("version: 1\nloads: []\nlevel: .nan\n", "not a finite number"),
    "empty value": ("version: 1\nloads:\n", "nothing (an empty value) is not a list"),
    "nul": ("version: 1\ntitle: a\0\n", "case.yaml:2:9: error: the control character U+0000 stands here"),
    "escaped nul": ('version: 1\nloads: []\ntitle: "a\\0b"\n', ":3:8: error: title: the text holds the character U+0"),
    "lone surrogate": ('version: 1\nloads: []\ntitle: "\\ud800"\n', "the character U+D800"),
    "object of a tag": ("version: 1\nloads: !!python/object/apply:os.system [touch x]\n", "2:8: error: loads: the tag"),
    "object of a key": ("version: 1\nloads: []\ntable: !!python/dict {}\n", "the tag"),
    "endless number": (f"version: 1\nloads: []\ncount: {'9' * 5000}\n", "…' is not a whole number"),
    "endless hexadecimal": (f"version: 1\nloads: []\ncount: 0x{'f' * 5000}\n", "…' is not a whole number"),
    "beyond floats": ("version: 1\nloads: []\ncount: 1e400\n", "'inf' is not a whole number"),
    "beyond sense": ("version: 1\nloads: [{kind: thrust, on: L4, rise_time: 1e300 s}]\n", "must be 1e+07 s or less"),
    "deep blocks": ("".join(" " * n + "a:\n" for n in range(900)), "31:31: error: nested too deeply"),
    "an alias of itself": ("a: &a [*a]\n", "nested too deeply"),
    "wrong order of quotes": ("version: 1\n" + "'" * 5001, "not valid YAML"),
    "a key without end": (f"version: 1\nloads: []\n? {'k' * 5000}\n: 1\n", "…' is not a key"),
    "many values": ("a: [" + "1," * 200_000 + "]", "more than 10000 values"),
    "wrong shape": ("version: 1\nloads: {a: 1}\n", "a group of keys is not a list"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_text_gives_one_clear_message(name: str, path: Path) -> None:
    text, words = BAD[name]
    faults = _faults(path, text)
    assert len(faults) == 1
    assert words in faults[0]


def test_a_bomb_of_aliases_is_refused_quickly(path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1} '] * 10)}]" for n in range(1, 9)]
    assert "more than 10000 values" in _faults(path, "\n".join(lines))[0]


def test_a_large_file_is_refused(path: Path) -> None:
    assert "more than 1 MB" in _faults(path, "# " + "x" * 1_000_001)[0]


def test_what_never_ends_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(InputError, match="not a plain file"):
            read_document(path, _Model)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_a_name_that_no_file_can_have(name: str, path: Path) -> None:
    path.write_text("version: 1\nloads: []\nplace: x\n")
    with pytest.raises(InputError, match=r"cannot be read|no file can have this name"):
        read_document(Path(name), _Model)
    document = _read(path, "version: 1\nloads: []\nplace: x\n")
    fault = document.file_fault("place", name, "recipe")
    assert fault is not None
    assert fault.line == 3
    assert len(fault.message) < 500


def test_a_message_stays_on_one_readable_line(path: Path) -> None:
    (fault,) = _faults(path, "version: 1\nloads: [{kind: '" + "x" * 100_000 + "'}]\n")
    assert len(fault) < 300
    (fault,) = _faults(path, 'version: 1\nloads: [{kind: "a\\nb"}]\n')
    assert "'a\\nb' is not one of" in fault


def test_of_very_many_faults_the_first_are_printed(path: Path) -> None:
    faults = _faults(path, "version: 1\nloads: [" + "{kind: x}, " * 500 + "]\n")
    assert len(faults) == 101
    assert faults[-1] == "case.yaml: error: and 400 more; mend these first"


def test_a_misspelt_required_key_does_not_hide_other_faults(path: Path) -> None:
    path.write_text("version: 1\nloadz: []\nlevel: 0.5\n")
    with pytest.raises(InputError) as caught:
        read_document(path, _Model, check=lambda document: [document.problem("level", "seen")])
    assert [problem.message for problem in caught.value.problems] == [
        "unknown key 'loadz'; did you mean 'loads'?",
        "seen",
    ]


def test_a_base_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("version: 1\nloads: []\n")
    inner = tmp_path / "project"
    inner.mkdir()
    path = inner / "case.yaml"
    path.write_text("extends: ../base.yaml\nlevel: 0.2\n")
    assert read_document(path, _Model).model.level == 0.2
    with pytest.raises(InputError) as caught:
        read_document(path, _Model, inside=inner)
    (fault,) = caught.value.lines()
    assert fault.startswith(
        f"{path}:1:10: error: extends: '../base.yaml' lies outside the project folder {inner};"
    )
    (inner / "link.yaml").symlink_to(tmp_path / "base.yaml")
    path.write_text("extends: link.yaml\n")
    assert read_document(path, _Model, inside=inner).model.version == 1


def test_a_link_to_itself_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "case.yaml").write_text("extends: loop.yaml\n")
    with pytest.raises(InputError, match="names a file that does not exist"):
        read_document(tmp_path / "case.yaml", _Model, inside=tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_document(tmp_path / "loop.yaml", _Model)


def test_a_long_chain_of_files_ends(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.yaml").write_text(f"extends: {number + 1}.yaml\n")
    with pytest.raises(InputError, match="more than 20 files extend each other in a row"):
        read_document(tmp_path / "0.yaml", _Model)


def test_the_project_folder_of_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "spine" / "variants" / "more"
    deep.mkdir(parents=True)
    assert project_folder(deep / "x.yaml") == deep
    monkeypatch.chdir(deep.parent)
    assert project_folder(deep / "x.yaml") == deep.parent
    cases = tmp_path / "spine" / "cases" / "moments"
    cases.mkdir(parents=True)
    assert project_folder(cases / "x.yaml") == tmp_path / "spine"
    assert project_folder(tmp_path / "spine" / "x.yaml") == tmp_path / "spine"
    assert project_folder(deep / "x.yaml") == deep.parent
    (tmp_path / "spine" / "pyproject.toml").touch()
    assert project_folder(Path("more/x.yaml")) == tmp_path / "spine"


def test_a_byte_order_mark_does_no_harm(path: Path) -> None:
    document = _read(path, b"\xef\xbb\xbfversion: 1\nloads: []\n")
    assert document.source.value(("loads",)).line == 2


def test_a_missing_file_names_a_near_one(tmp_path: Path) -> None:
    (tmp_path / "flexion.yaml").write_text("version: 1\n")
    with pytest.raises(InputError, match=r"no such file; did you mean .*flexion\.yaml\?"):
        read_document(tmp_path / "flexoin.yaml", _Model)
    with pytest.raises(InputError, match="this is a folder"):
        read_document(tmp_path, _Model)
    with pytest.raises(InputError, match="and no folder"):
        read_document(tmp_path / "no" / "x.yaml", _Model)


def test_numbers_follow_yaml_1_2(path: Path) -> None:
    document = _read(path, "version: 1\nloads: []\nlevel: 1e-6\ntitle: no\ncount: 0o17\n")
    assert (document.model.level, document.model.title, document.model.count) == (1e-6, "no", 15)


def test_a_variant_extends_a_base_and_keeps_the_places_of_both(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "base.yaml").write_text(
        "version: 1\nlevel: 0.2\nplace: here.txt\ntable: {a: {kind: moment, on: L1, value: 1 N m}}\nloads: []\n"
    )
    variant = tmp_path / "sub" / "variant.yaml"
    variant.write_text("extends: ../base.yaml\nlevel: 0.3\ntable: {a: {value: 2 N m}}\n")
    document = read_document(variant, _Model)
    assert document.model.level == 0.3
    assert document.model.table["a"].value == 2000.0
    assert document.model.table["a"].on == "L1"
    assert document.source.value(("level",)).file == str(variant)
    assert document.source.value(("place",)).line == 3
    assert document.file_at("place", document.model.place).resolve() == tmp_path / "here.txt"


def test_a_fault_in_a_base_points_at_the_base(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("version: 1\nlevel: 3\nloads: []\n")
    variant = tmp_path / "variant.yaml"
    variant.write_text("extends: base.yaml\ntitle: x\n")
    with pytest.raises(InputError) as caught:
        read_document(variant, _Model)
    assert caught.value.lines() == [f"{tmp_path / 'base.yaml'}:2:8: error: level: '3' must be 1 or less"]


def test_lists_of_a_base_are_replaced_whole(tmp_path: Path) -> None:
    load = "{kind: moment, on: L1, value: %d N m}"
    (tmp_path / "base.yaml").write_text(f"version: 1\nloads: [{load % 1}, {load % 2}]\n")
    variant = tmp_path / "variant.yaml"
    variant.write_text(f"extends: base.yaml\nloads:\n  - {load % 3}\n")
    document = read_document(variant, _Model)
    assert [item.value for item in document.model.loads if isinstance(item, _Turn)] == [3000.0]
    assert ("loads", 1) not in document.source.values


def test_files_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    with pytest.raises(InputError, match=r"in a circle: a\.yaml -> b\.yaml -> a\.yaml"):
        read_document(tmp_path / "a.yaml", _Model)


def test_a_base_that_does_not_exist_is_reported_where_it_is_named(path: Path) -> None:
    assert _faults(path, "version: 1\nextends: nowhere.yaml\n")[0].startswith(
        "case.yaml:2:10: error: extends: 'nowhere.yaml' names a file that does not exist"
    )


GOOD = "version: 1\nloads: [{kind: moment, on: L1, value: 1 N m}]\n"


def test_overrides_change_create_and_come_last(path: Path) -> None:
    document = _read(
        path,
        GOOD,
        "loads[0].value=2 N m",
        "level=0.4",
        "level=0.5",
        "table.b={kind: moment, on: L2, value: 3 Nm}",
    )
    assert isinstance(document.model.loads[0], _Turn)
    assert document.model.loads[0].value == 2000.0
    assert document.model.level == 0.5
    assert document.model.table["b"].value == 3000.0


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("level", "write it as key=value"),
        ("loads[3].value=1 N m", "loads has 1 item(s), numbered from 0; there is no item 3"),
        ("loads.value=1 N m", "loads is a list; write the number of an item"),
        ("version.x=1", "version is a single value"),
        ("title[0]=x", "title is not a list"),
        ("levl=0.3", "unknown key 'levl'; did you mean 'level'?"),
        ("level=3", "--set level=3: error: level: '3' must be 1 or less"),
        ("level=[", "not valid YAML"),
    ],
)
def test_a_bad_override_says_which_one_it_is(override: str, words: str, path: Path) -> None:
    faults = _faults(path, GOOD + "title: x\n", override)
    assert len(faults) == 1
    assert words in faults[0]
    assert f"--set {override}" in faults[0]


def test_a_later_check_points_at_the_line_and_joins_the_other_faults(path: Path) -> None:
    def check(document: Document[_Model]) -> list[Problem]:
        return [document.problem("loads[0].on", "there is no such vertebra")]

    path.write_text(GOOD + "bogus: 1\n")
    with pytest.raises(InputError) as caught:
        read_document(path, _Model, check=check)
    places = [(problem.line, problem.column, problem.key) for problem in caught.value.problems]
    assert places == [(2, 28, "loads[0].on"), (3, 1, "bogus")]


def test_a_problem_at_a_key_that_was_not_written_points_at_its_parent(path: Path) -> None:
    document = _read(path, GOOD)
    assert document.problem("loads[0].landmark", "x").line == 2
    assert document.problem("nowhere.at.all", "x").line == 1


@pytest.mark.parametrize("text", ["loads[0].kind", "a", "a.b[1][2].c", "modify.L4-L5.disc_stiffness"])
def test_key_paths_are_written_as_they_are_read(text: str) -> None:
    assert key_text(key_path(text)) == text
