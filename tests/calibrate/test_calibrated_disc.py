"""The isolated L4-L5 disc against the medians of Heuer 2007, with the numbers that are shipped."""

from pathlib import Path

import numpy as np
import pytest

from fem.calibrate.outcome import calibrate
from fem.calibrate.pool import solver
from fem.calibrate.read import read_plan
from fem.calibrate.set_text import set_text
from fem.calibrate.trial import Trial, respond
from fem.literature import load, load_sources
from fem.literature.read import parse_set
from fem.results.provenance import program_version

CASES = Path(__file__).parents[2] / "cases"
SHIPPED = CASES / "calibration" / "disc.toml"
MODES = ("flexion", "extension", "lateral_bending", "axial_rotation")


@pytest.mark.parametrize("resolution", ["coarse", "standard"])
@pytest.mark.parametrize("mode", MODES)
def test_rotation_and_pressure_are_near_the_medians(mode: str, resolution: str) -> None:
    """Within a quarter at 2.5, 5 and 7.5 N m; at 1 N m neutral postures differ (docs/calibration.md)."""
    data = load("experiments/heuer_2007")
    moments = tuple(data.series(f"{mode}.moment").values())
    # No parameters: the case takes its own sets, that is, the default ones.
    response = respond(Trial(CASES / "disc" / f"{mode}.yaml", resolution, moments, (), (), {}))
    assert not response.failure
    for quantity in ("rotation", "pressure_rise"):
        measured = np.array(list(data.series(f"{mode}.{quantity}").values()))
        ratio = np.array(response.curve(quantity)) / measured
        assert (np.abs(ratio[1:] - 1.0) <= 0.25).all(), f"{quantity}: {ratio}"


def test_the_shipped_set_is_of_the_shipped_plan() -> None:
    """What the plan frees lies within its bounds; everything else is the start's, to the digit."""
    plan = read_plan(SHIPPED)
    shipped, start = load("disc/calibrated"), load("disc/gruber_2024")
    freed = {name for stage in plan.stages for parameter in stage.parameters for name in parameter.names}
    assert list(shipped.data) == list(start.data)
    for name, datum in shipped.data.items():
        if name in freed:
            assert datum.kind == "calibrated"
            assert datum.source == "facetgap"
            assert datum.low is not None
            assert datum.high is not None
            assert datum.low <= datum.value <= datum.high, name
        else:
            assert (datum.value, datum.kind, datum.source) == (
                start.data[name].value,
                start.data[name].kind,
                start.data[name].source,
            ), name
    for stage in plan.stages:
        for parameter in stage.parameters:
            first = parameter.names[0]
            bounds = sorted(
                parameter.moved(start.data[first].value, end) for end in (parameter.low, parameter.high)
            )
            assert [shipped.data[first].low, shipped.data[first].high] == pytest.approx(bounds, rel=1e-5)


@pytest.mark.slow
def test_the_shipped_set_is_the_plan_s_output() -> None:
    with solver(2) as solve:
        outcome = calibrate(read_plan(SHIPPED), solve, lambda text: None)
    made = parse_set("disc/calibrated", set_text(outcome, "disc"), load_sources())
    shipped = load("disc/calibrated")
    for name, datum in shipped.data.items():
        assert made.data[name].value == pytest.approx(datum.value, rel=0.01), (name, program_version())


@pytest.mark.slow
def test_the_shipped_ligaments_are_their_plan_s_output() -> None:
    with solver(2) as solve:
        outcome = calibrate(read_plan(SHIPPED.with_name("ligaments.toml")), solve, lambda text: None)
    made = parse_set("ligaments/calibrated", set_text(outcome, "ligaments"), load_sources())
    shipped = load("ligaments/calibrated")
    for name, datum in shipped.data.items():
        assert made.data[name].value == pytest.approx(datum.value, rel=0.01), name


def test_only_the_intertransverse_ligaments_were_moved() -> None:
    """Two routes: the shipped set against that of its source, strand by strand."""
    shipped, start = load("ligaments/calibrated"), load("ligaments/remus_2021")
    moved = {name for name, datum in shipped.data.items() if datum.value != start.data[name].value}
    assert moved == {name for name in start.data if name.startswith("ITL.stiffness.")}
    factors = [shipped.data[name].value / start.data[name].value for name in sorted(moved)]
    assert factors == pytest.approx([2.4] * 5)
