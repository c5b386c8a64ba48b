"""The timeline: curves of loads in internal units, phases with their stops and longest steps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fem.case.read import CaseFile
from fem.case.timeline import TimedLoad, phase_spans, timed_loads
from fem.terms.curve import half_sine

ROOT = Path(__file__).parents[2]
Read = Callable[..., CaseFile]

TEXT = f"""version: 1
title: A test
spine: {{anatomy: {ROOT / "meshes" / "lumbar.yaml"}}}
phases:
  - {{name: settle}}
  - {{name: position, duration: 2 s, loads: [{{kind: moment, on: thorax, motion: axial rotation left, value: 5 N m}}]}}
  - name: thrust
    kind: dynamic
    duration: 300 ms
    loads:
      - {{kind: thrust, on: L4, direction: [1, 0, 0], preload: 100 N, peak: 400 N, time_to_peak: 120 ms,
         release: 60 ms}}
  - {{name: recover, kind: dynamic, loads: [{{kind: moment, on: thorax, motion: axial rotation left, value: 0 N m}}]}}
  - {{name: rest}}
"""


def loads(case_file: CaseFile) -> dict[str, TimedLoad]:
    found = timed_loads(case_file.case, case_file.force_tables())
    assert len({load.name for load in found}) == len(found)
    return {load.unit: load for load in found}


@pytest.mark.parametrize(("rise", "release"), [(0.1, 0.1), (0.15, 0.05)])
def test_a_half_sine_has_its_peak_its_ends_and_its_impulse(rise: float, release: float) -> None:
    curve = half_sine(300.0, rise, release)
    assert (curve(0.0), curve(rise), curve(rise + release)) == (0.0, 300.0, 0.0)
    times = np.linspace(0.0, rise + release, 10001)
    values = np.array([curve(time) for time in times])
    # ∫ sin over a quarter period is 2/π of its length; chords of 1/256 of it lie below the sine by at most 5e-6.
    assert np.trapezoid(values, times) == pytest.approx(300.0 * (rise + release) * 2.0 / np.pi, rel=1e-5)
    exact = np.where(
        times < rise,
        300.0 * np.sin(0.5 * np.pi * times / rise),
        300.0 * np.cos(0.5 * np.pi * (times - rise) / release),
    )
    np.testing.assert_allclose(values, exact, atol=300.0 * 5e-6)


def test_a_thrust_rises_from_its_preload_and_comes_back(read: Read) -> None:
    found = loads(read(text=TEXT))
    force = found["N"].curve
    assert [force(time) for time in (0.5, 1.0, 2.0, 3.0)] == [0.0, 0.0, 50.0, 100.0]  # the ramp before
    assert force(3.06) == pytest.approx(100.0 + 300.0 * np.sqrt(0.5), rel=1e-9)
    assert force(3.12) == pytest.approx(400.0)
    assert [force(3.18), force(3.25), force(3.3)] == pytest.approx(
        [100.0] * 3
    )  # held to the end of its phase
    assert [force(3.8), force(4.3), force(5.0)] == pytest.approx(
        [50.0, 0.0, 0.0]
    )  # let go over the phase after
    assert np.all(np.diff(force.times) > 0.0)
    moment = found["N mm"].curve
    assert [moment(time) for time in (1.0, 2.0, 3.0, 3.3, 4.3, 9.0)] == [
        0.0,
        2500.0,
        5000.0,
        5000.0,
        0.0,
        0.0,
    ]


def test_phases_say_their_kind_their_stops_and_their_longest_step(read: Read) -> None:
    settle, position, thrust, recover, rest = phase_spans(read(text=TEXT).case)
    assert [span.dynamic for span in (settle, position, thrust, recover, rest)] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert thrust.stops == pytest.approx((3.12, 3.18))
    assert (position.stops, recover.stops) == ((), ())
    assert thrust.settings.longest_step == pytest.approx(
        0.060 / 10.0
    )  # the release is the shortest half of the pulse
    assert recover.settings.longest_step == pytest.approx(2.0 * 0.060 / 10.0)  # it rings as the thrust did
    assert settle.settings.longest_step == np.inf
    for span in (thrust, recover):
        assert span.settings.first_step * (span.end - span.start) <= span.settings.longest_step
        assert span.settings.smallest_step <= span.settings.first_step
    assert settle.settings.first_step == 1.0  # nothing changes in it
    assert position.settings.first_step < 1.0


def test_more_steps_shorten_the_longest(read: Read) -> None:
    span = phase_spans(read("phases[2].steps=120", text=TEXT).case)[2]
    assert span.settings.longest_step == pytest.approx(0.3 / 120)


def test_where_a_reflex_drives_it_on_the_steps_after_a_thrust_stay_as_they_were(read: Read) -> None:
    case = read(text=TEXT).case
    thrust, recover = phase_spans(case, reflex=True)[2:4]
    assert thrust == phase_spans(case)[2]
    assert recover.settings.longest_step == pytest.approx(thrust.settings.longest_step)  # twice that without


def test_the_preload_is_ramped_in_a_phase_without_loads_of_its_own(read: Read) -> None:
    spans = phase_spans(read("phases[1].loads=[]", "phases[3]={name: let go}", text=TEXT).case)
    assert spans[0].settings.first_step == 1.0
    assert spans[1].settings.first_step < 1.0
    assert spans[3].settings.first_step < 1.0


def test_a_series_of_thrusts_is_one_load(read: Read) -> None:
    push = "{kind: thrust, on: L4, direction: [1, 0, 0], preload: 60 N, peak: 200 N, time_to_peak: 100 ms}"
    case_file = read(f"phases[4]={{name: again, kind: dynamic, duration: 0.2 s, loads: [{push}]}}", text=TEXT)
    force = loads(case_file)["N"].curve
    assert force(3.8) == pytest.approx(80.0)  # from one preload to the next
    assert force(4.4) == pytest.approx(200.0)
    assert [span.stops for span in phase_spans(case_file.case)][4] == pytest.approx((4.4,))


PUSH = (
    "phases[2].loads[0]={kind: thrust, on: L4, direction: [1, 0, 0], displacement: 7 mm, time_to_peak: 100 ms"
)


def test_a_thrust_of_given_travel_has_a_preload_beside_it_and_lifts_off(read: Read) -> None:
    found = loads(read(f"{PUSH}, preload: 50 N}}", text=TEXT))
    travel, preload = found["mm"], found["N"]
    assert travel.begins == pytest.approx(3.0)
    assert travel.curve(3.1) == pytest.approx(7.0)
    assert travel.curve(3.2) == travel.curve(2.0) == 0.0
    assert travel.curve(4.3) < -7.0
    assert preload.begins is None
    assert preload.name.startswith("preload of thrust on L4")
    assert [preload.curve(time) for time in (1.0, 3.0, 3.1, 3.3, 4.3)] == pytest.approx([0, 50, 50, 50, 0])
    assert set(loads(read(f"{PUSH}}}", text=TEXT))) == {"mm", "N mm"}


def test_a_measured_thrust_follows_its_table(read: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time_ms,force_N\n5,80\n145,380\n205,20\n")
    case_file = read(
        "phases[2].loads[0]={kind: thrust, on: L4, direction: [1, 0, 0], table: %s}" % (tmp_path / "a.csv"),
        text=TEXT,
    )
    force = loads(case_file)["N"].curve
    assert [force(time) for time in (1.0, 3.0, 3.07, 3.14, 3.2, 3.3, 4.3)] == pytest.approx(
        [0, 80, 230, 380, 20, 20, 0]
    )
    span = phase_spans(case_file.case, case_file.force_tables())[2]
    assert span.stops == pytest.approx((3.14, 3.2))
    assert span.settings.longest_step == pytest.approx(0.06 / 10)


def test_a_rest_without_change_takes_one_step_and_a_dynamic_one_never_does(read: Read) -> None:
    spans = phase_spans(read("phases[4]={name: rest}", "phases[3].loads=[]", text=TEXT).case)
    assert spans[4].settings.largest_step == 1.0
    assert spans[3].settings.first_step < 0.1
