"""Case files: defaults, what is refused and in which words, expectations, the resolved case."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from fem.case.expect import expectations
from fem.case.loads import MomentLoad
from fem.case.read import CaseFile, read_case
from fem.case.resolved import resolved_settings, resolved_text
from fem.case.schema import cut_bundles, level_range

Read = Callable[..., CaseFile]
Faults = Callable[..., list[str]]


def test_a_case_is_read_into_internal_units_with_its_defaults(read: Read) -> None:
    case_file = read()
    case = case_file.case
    assert case.spine is not None
    assert case.spine.level_names == ("L3-L4", "L4-L5")
    assert case.spine.vertebra_names == ("L3", "L4", "L5")
    load = case.phases[1].loads[0]
    assert isinstance(load, MomentLoad)
    assert load.value == 7500.0
    assert case.parameters.disc == "disc/calibrated"
    assert case_file.name == "test"
    assert case_file.anatomy is not None
    assert case_file.anatomy.is_absolute()


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("L1-S1", ("L1-L2", "L2-L3", "L3-L4", "L4-L5", "L5-S1")),
        ("L4-L5", ("L4-L5",)),
        ("L3-S1", ("L3-L4", "L4-L5", "L5-S1")),
    ],
)
def test_a_range_of_levels(text: str, levels: tuple[str, ...]) -> None:
    assert level_range(text) == levels


@pytest.mark.parametrize("text", ["L1", "L5-L4", "L4-L4", "T12-L1", "", "L4-L5-S1"])
def test_what_is_no_range_of_levels(text: str) -> None:
    with pytest.raises(ValueError, match="as in L1-S1"):
        level_range(text)


def test_cuts_name_bundles_and_levels() -> None:
    assert cut_bundles("ISL L4-L5") == (("ISL", "L4-L5"),)
    assert cut_bundles("CL") == (("CL left", None), ("CL right", None))
    assert cut_bundles("CL left L4-L5") == (("CL left", "L4-L5"),)
    with pytest.raises(ValueError, match="did you mean 'ISL L4-L5'"):
        cut_bundles("IsL L4-L5")


#: Override of a good case -> the one message it must give.
BAD = {
    "spine.anatomy=nowhere.yaml": "spine.anatomy: there is no recipe file 'nowhere.yaml'",
    "spine.bone=elastic": "spine.bone: elastic bone is not solved yet; write rigid",
    "spine.levels=L5-L3": "spine.levels: 'L5-L3' holds no level",
    "spine.resolution=finer": "spine.resolution: 'finer' is not one of coarse, standard, fine; did you mean 'fine'?",
    "spine.structures=[ligaments]": "spine.structures: the disc must be present",
    "spine.structures=[disc, facet]": "did you mean 'facets'?",
    "spine.without=[ISL L1-L2]": "spine.without[0]: 'L1-L2' is not part of this model, which holds L3-L4, L4-L5",
    "spine.without=[ISLL]": "'ISLL' is not a ligament",
    "spine.modify.L1-L2.disc_stiffness=2": "spine.modify.L1-L2: 'L1-L2' is not part of this model",
    "spine.modify.L4-L6.disc_stiffness=2": "'L4-L6' is not one of",
    "spine.modify.L4-L5.disc_stiffness=-1": "'-1' must be more than 0",
    "spine.modify.L4-L5.disk_stiffness=1": "did you mean 'disc_stiffness'?",
    "spine.modify.L4-L5.capsule_laxity=-0.1": "'-0.1' must be 0 or more",
    "spine.modify.L4-L5.ligament_laxity=0.6": "'0.6' must be 0.5 or less",
    "spine.modify.L4-L5.joint_space=0.2 mm": "spine.modify.L4-L5.joint_space: '0.2 mm'",
    "parameters.disc=disc/grubber_2024": "parameters.disc: there is no parameter set 'disc/grubber_2024'; did you mean",
    "parameters.override.disc.annulus.C1O=1 MPa": "did you mean 'annulus.C10'?",
    "parameters.override.disc.annulus.C10=1 mm": "'1 mm' is a length, but a pressure is needed",
    "target=L5-S1 left": "target: 'L5-S1 left' is not a facet joint of this model; did you mean 'L4-L5 left'?",
    "follower_load.value=-1 N": "follower_load.value: '-1 N' must be 0 N or more",
    "phases[1].kind=dynamical": "'dynamical' is not one of static, dynamic; did you mean 'dynamic'?",
    "phases[1].duration=0 s": "phases[1].duration: '0 s' must be more than 0 s",
    "phases[1].duration=1 mm": "'1 mm' is a length, but a time is needed; accepted: s, ms, min",
    "phases[1].name=settle": "two phases share the name 'settle'",
    "phases[1].steps=0": "phases[1].steps: 0 is out of range; it must be at least 1",
    "phases[1].curve=sine": "'sine' is not one of ramp",
    "phases=[]": "has 0 item(s); it needs at least 1",
    "phases[1].loads[0].on=L1": "phases[1].loads[0].on: 'L1' is not part of this model, which holds L3, L4, L5",
    "phases[1].loads[0].on=L5": "L5 is the lowest vertebra and fixed",
    "phases[1].loads[0].on=L6": "'L6' is not one of thorax, L1, L2, L3, L4, L5, S1",
    "phases[1].loads[0].motion=flection": "did you mean 'flexion'?",
    "phases[1].loads[0].value=7.5": "'7.5' has no unit; write a moment, for example 7.5 N m",
    "phases[1].loads[0].value=7.5 N": "'7.5 N' is a force, but a moment is needed; accepted: N mm, N m",
    "phases[1].loads[0].kind=momentum": "'momentum' is not one of moment, force",
    "phases[1].loads[0]={kind: force, on: L3, direction: [0, 0, 0], value: 1 N}": "the direction has no length",
    "phases[1].loads[0].kind=follow": "'follow' is not one of moment, force",
    "solver.tolerance=0": "solver.tolerance: '0' must be more than 0",
    "solver.first_step=1e-9": "smallest_step <= first_step",
    "solver.iterations=2.5": "is not a whole number",
    "output.every=5": "'5' has no unit; write a time",
    "output.fields=[strains]": "did you mean 'strain'?",
    "muscles=": "muscles: is empty; give its keys or leave it out",
    "film.thickness=0.1 mm": "film: the film acts in time, and every phase is static",
    "problem={kind: strand, stiffness: 1 N, transition_strain: 0.1, strain: 0.1}": "give exactly one of them",
    "version=2": "version: '2' is not one of",
    "titel=x": "titel: unknown key 'titel'; did you mean 'title'?",
}  # fmt: skip


def test_a_list_whose_only_item_is_faulty_is_not_called_empty(faults: Faults) -> None:
    found = faults("phases=[{name: push, duration: 1 mm}]")
    assert len(found) == 1
    assert "'1 mm' is a length" in found[0]


@pytest.mark.parametrize("override", BAD)
def test_each_kind_of_bad_input_gives_one_clear_message(override: str, faults: Faults) -> None:
    found = faults(override)
    assert len(found) == 1, found
    assert BAD[override] in found[0]


def test_schema_faults_and_cross_checks_come_together(faults: Faults) -> None:
    found = faults("target=L1-L2 left", more="bogus: 1\nsolver: {tolerance: 5}\n")
    assert [text.split(":")[0] for text in sorted(found)] == ["bogus", "solver.tolerance", "target"]


EXPECT = """expect:
  - {quantity: levels.L4-L5.flexion_deg, between: [1 deg, 0.2 rad], kind: published, source: someone}
  - {quantity: discs.L4-L5.pressure_MPa, between: [0 kPa, 300 kPa], kind: regression, source: version 1}
  - {quantity: newton.median_per_step, between: [1, 6], kind: regression, source: version 1}
"""


def test_expectations_are_in_the_unit_of_their_quantity(read: Read) -> None:
    first, second, third = expectations(read(more=EXPECT).case)
    assert (first.low, first.unit) == (1.0, "deg")
    assert first.high == pytest.approx(math.degrees(0.2))
    assert (second.low, second.high, second.unit) == (0.0, pytest.approx(0.3), "MPa")
    assert (third.low, third.high) == (1.0, 6.0)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("expect[0].quantity=levels.L4-L5.flexio_deg", "did you mean 'levels.L4-L5.flexion_deg'?"),
        ("expect[0].quantity=levels.L1-L2.flexion_deg", "expect[0].quantity: the summary holds no quantity"),
        ("expect[0].between=[1 mm, 2 mm]", "expect[0].between: '1 mm' is a length, but an angle is needed"),
        ("expect[0].between=[3 deg, 2 deg]", "the lower bound 3 deg is above 2 deg"),
        ("expect[0].between=[3 deg]", "expect[0].between: item 2 of the list is missing"),
        ("expect[0].kind=guess", "'guess' is not one of analytic, published, regression"),
    ],
)
def test_bad_expectations_are_refused_before_a_run(override: str, words: str, faults: Faults) -> None:
    found = faults(override, more=EXPECT)
    assert len(found) == 1, found
    assert words in found[0]


def test_overrides_of_parameters_may_be_nested_or_dotted(read: Read) -> None:
    more = "parameters: {override: {disc: {annulus: {C10: 0.2 MPa}, nucleus.C10: 0.3 MPa}}}\n"
    data = read(more=more).parameter_sets()["disc"]
    assert data.number("annulus.C10") == 0.2
    assert data.datum("nucleus.C10").source == "test.yaml"


def test_the_resolved_case_is_a_case_again_with_every_default(read: Read, tmp_path: Path) -> None:
    case_file = read("follower_load.value=0.5 kN", "output.every=5 ms", more=EXPECT)
    text = resolved_text(case_file)
    assert "value: 7.5 N m" in text
    assert "value: 500 N" in text
    assert "disc: disc/calibrated" in text
    again = tmp_path / "again" / "case.resolved.yaml"
    again.parent.mkdir()
    again.write_text(text)
    assert resolved_settings(read_case(again)) == resolved_settings(case_file)


def test_the_anatomy_is_relative_to_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "meshes").mkdir()
    (tmp_path / "meshes" / "lumbar.yaml").write_text("version: 1\n")
    (tmp_path / "a" / "base.yaml").write_text(
        "version: 1\ntitle: x\nspine: {anatomy: ../meshes/lumbar.yaml}\n"
    )
    variant = tmp_path / "a" / "b" / "variant.yaml"
    variant.write_text("extends: ../base.yaml\ntitle: y\n")
    assert read_case(variant).anatomy == tmp_path / "meshes" / "lumbar.yaml"


PROBLEM = """version: 1
title: strand
problem: {kind: strand, stiffness: 1000 N, transition_strain: 0.06, strain: 0.03}
expect:
  - {quantity: strand.force_N, between: [7 N, 8 N], kind: analytic, source: closed form}
"""


def test_a_closed_form_problem_is_a_case_without_a_spine(read: Read, faults: Faults) -> None:
    case_file = read(text=PROBLEM)
    assert case_file.anatomy is None
    assert expectations(case_file.case)[0].low == 7.0
    assert (
        "a strand problem reports no quantity 'strand.force'; did you mean"
        in faults("expect[0].quantity=strand.force", text=PROBLEM)[0]
    )
    assert (
        "'blok' is not one of block, cable, strand; did you mean 'block'?"
        in faults("problem.kind=blok", text=PROBLEM)[0]
    )
    assert (
        "the required key 'strain' is missing"
        in faults("problem={kind: strand, stiffness: 1 N, transition_strain: 0.1}", text=PROBLEM)[0]
    )


LANDMARK = "phases[1].loads[0]={kind: force, on: L4, landmark: %s, direction: [1, 0, 0], value: 10 N}"


def test_a_load_on_a_landmark_that_does_not_exist_is_refused_at_its_line(read: Read) -> None:
    from fem.case.anatomy import checked_spine
    from fem.errors import InputError

    spine = checked_spine(read(LANDMARK % "spinous process"))
    assert spine is not None
    assert "spinous process" in spine.vertebrae["L4"].landmarks
    with pytest.raises(
        InputError, match=r"loads\[0\]\.landmark: L4 has no landmark 'spinous proces'; did you mean"
    ):
        checked_spine(read(LANDMARK % "spinous proces"))


THORAX = "phases[1].loads[0]={kind: force, on: thorax, landmark: %s, direction: [1, 0, 0], value: 10 N}"


def test_the_thorax_has_landmarks_of_its_own(read: Read) -> None:
    from fem.case.anatomy import checked_spine
    from fem.errors import InputError

    assert checked_spine(read("spine.levels=L1-S1", THORAX % "rib 12 left"))
    with pytest.raises(InputError, match="thorax has no landmark 'rib 12 lft'; did you mean 'rib 12 left'"):
        checked_spine(read("spine.levels=L1-S1", THORAX % "rib 12 lft"))
