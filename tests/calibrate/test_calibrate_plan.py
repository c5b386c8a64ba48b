"""A plan with a fault is answered by a sentence that says where and what."""

from pathlib import Path

import pytest

from fem.calibrate.read import read_plan
from fem.errors import InputError
from fem.units import to_internal

CASES = Path(__file__).parents[2] / "cases"
SHIPPED = CASES / "calibration" / "disc.toml"


def test_the_shipped_plan_is_sound() -> None:
    plan = read_plan(SHIPPED)
    (stage,) = plan.stages
    assert len(stage.cases) == 4
    assert sum(len(curve.data) for curve in stage.curves) == 32
    for parameter in stage.parameters:
        assert parameter.low <= parameter.start <= parameter.high, parameter.name


def test_a_plan_is_read_in_internal_units(plan_path: Path) -> None:
    (stage,) = read_plan(plan_path).stages
    ground, fibres = stage.parameters
    assert (ground.start, ground.low, ground.high, ground.unit) == (0.1351, 0.03, 0.4, "MPa")
    assert len(fibres.names) == 6
    assert stage.curves[0].moments == (1000.0, 2500.0, 5000.0, 7500.0)
    assert stage.curves[0].data[3].value == pytest.approx(to_internal(10.11, "deg", "angle"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('start = "0.1351 MPa"', 'begin = "0.1351 MPa"', "unknown key 'begin'"),
        ('"annulus.C10"', '"annulus.C11"', "has no 'annulus.C11'; did you mean 'annulus.C10'?"),
        ('low = "0.03 MPa"', 'low = "0.2 MPa"', "start 0.1351 must lie between low 0.2 and high 0.4"),
        ('high = "0.4 MPa"', 'high = "0.4 N"', "is a force, but a"),
        ('start = "disc/gruber_2024"', 'start = "disc/gruber_2042"', "did you mean 'disc/gruber_2024'?"),
        ('group = "flexion"', 'group = "flexoin"', "has no list 'flexoin.moment'"),
        ("[0.5, 1.0, 1.0, 1.0]", "[0.5, 1.0]", "2 weights for 4 data at 4 moments"),
        ("disc/flexion.yaml", "moments/flexion.yaml", "this case is not of one level"),
        ("disc/flexion.yaml", "disc/flection.yaml", "this case cannot be used"),
        ('change = "value"', 'change = "valu"', "'valu' is not one of"),
        ('keys = ["annulus.C10"]', 'part = "ligaments"\nkeys = ["ALL.stiffness"]', "'ligaments' has no entry in sets"),
        (
            '"annulus.fibre.anterior.k1", "annulus.fibre.lateral.k1"',
            '"annulus.C10"',
            "is moved by the parameters 'ground' and 'fibres'; free it once",
        ),
        ("version = 1", "version = ", "is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_a_sentence(plan_path: Path, old: str, new: str, sentence: str) -> None:
    text = plan_path.read_text()
    assert old in text
    plan_path.write_text(text.replace(old, new))
    with pytest.raises(InputError) as raised:
        read_plan(plan_path)
    assert sentence in str(raised.value)
    assert str(plan_path) in str(raised.value)


def test_a_single_datum_stands_at_the_moment_of_its_experiment() -> None:
    plan = read_plan(SHIPPED.with_name("all_ligaments.toml"))
    (stage,) = plan.stages
    found = {(curve.experiment, curve.group): curve for curve in stage.curves}
    bent = found["experiments/niosi_2006", "L3-L4 lateral_bending"]
    assert bent.moments == (7500.0,)
    assert bent.data[0].value == pytest.approx(to_internal(3.8, "deg", "angle"))
    assert found["experiments/yamamoto_1989", "L3-L4 lateral_bending"].moments == (10000.0,)
    assert stage.cases[bent.case] == (7500.0, 10000.0)  # one march for both experiments


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("follower_load: {value: 500 N}", "not under one pure moment alone"),
        ("phases: [{name: settle}, {name: wait}, {name: bend, loads: [{kind: moment, on: L3, motion: flexion,"
         " value: 10 N m}]}]", "one loaded phase"),
    ],
)  # fmt: skip
def test_a_case_that_is_no_test_of_a_specimen_is_refused(plan_path: Path, change: str, sentence: str) -> None:
    case = plan_path.with_name("case.yaml")
    case.write_text(f"version: 1\ntitle: A test\nextends: {CASES}/segments/l34_flexion.yaml\n{change}\n")
    plan_path.write_text(plan_path.read_text().replace(f"{CASES}/disc/flexion.yaml", str(case)))
    with pytest.raises(InputError, match=sentence):
        read_plan(plan_path)


def test_a_plan_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(tmp_path / "nothing.toml")
