"""Thrusts and dynamic phases in a case: what is refused in which words, and what a case says in words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fem.case.read import CaseFile, read_case
from fem.case.resolved import resolved_settings, resolved_text
from fem.case.thrust_schema import SHORTEST_RISE
from fem.case.words import case_words
from fem.errors import InputError

ROOT = Path(__file__).parents[2]
Read = Callable[..., CaseFile]
Faults = Callable[..., list[str]]

TEXT = f"""version: 1
title: A test
spine: {{anatomy: {ROOT / "meshes" / "lumbar.yaml"}}}
phases:
  - {{name: settle}}
  - {{name: position}}
  - name: thrust
    kind: dynamic
    duration: 300 ms
    loads:
      - {{kind: thrust, on: L4, landmark: mammillary process right, direction: [0.9, 0, -0.4],
         preload: 100 N, peak: 400 N, time_to_peak: 150 ms}}
  - {{name: recover, kind: dynamic}}
"""
THRUST = "phases[2].loads[0]"
PLAIN = f"{THRUST}={{kind: thrust, on: L4, direction: [1, 0, 0], "

#: Override of a good case -> the one message it must give.
BAD = {
    f"{THRUST}.peak=0 N": f"{THRUST}.peak: a thrust with a peak of 0 N pushes nothing",
    f"{THRUST}.peak=-5 N": "turn the direction round instead of -5 N",
    f"{THRUST}.peak=100 N": "the peak of 100 N must lie above the preload of 100 N",
    f"{THRUST}.peak=400 mm": "'400 mm' is a length, but a force is needed",
    f"{THRUST}.preload=-1 N": f"{THRUST}.preload: '-1 N' must be 0 N or more",
    f"{THRUST}.time_to_peak=1 ms": "1 ms is too short: the trunk's mass is lumped to one rigid slice per level",
    f"{THRUST}.release=2 ms": f"{THRUST}.release: 2 ms is too short",
    f"{THRUST}.time_to_peak=0 ms": "'0 ms' must be more than 0 s",
    f"{THRUST}.time_to_peak=350 ms": "the peak at 350 ms lies after the end of phase 'thrust' (300 ms)",
    f"{THRUST}.time_to_peak=200 ms": "the release ends at 400 ms, after the end of phase 'thrust' (300 ms)",
    f"{THRUST}.release=200 ms": f"{THRUST}.release: the release ends at 350 ms",
    f"{THRUST}.patch=0 mm": f"{THRUST}.patch: '0 mm' must be more than 0 mm",
    f"{THRUST}.displacement=5 mm": "exactly one of peak, displacement and table; here are peak and displacement",
    f"{PLAIN}time_to_peak: 100 ms}}": "exactly one of peak, displacement and table; here is none",
    f"{PLAIN}peak: 100 N}}": "the time_to_peak of the thrust is missing",
    f"{PLAIN}displacement: 0 mm, time_to_peak: 100 ms}}": "a thrust of 0 mm goes nowhere",
    f"{PLAIN}table: a.csv, release: 1 s}}": "leave out release",
    f"{PLAIN}table: a.csv}}": f"{THRUST}.table: there is no force table 'a.csv'",
    "phases[2].kind=static": f"{THRUST}.kind: a thrust needs a dynamic phase, and 'thrust' is static",
    "phases[2].duration=0 s": "phases[2].duration: '0 s' must be more than 0 s",
    "spine.levels=L1-L4": "L4 is the lowest vertebra and fixed; load one above, or let a support carry it",
    "spine.bone=elastic": "elastic bone is not solved yet",
    "parameters.trunk=trunc": "parameters.trunk: there is no parameter set 'trunc'; did you mean 'trunk'?",
    "parameters.muscles=muscles/myotors": "did you mean 'muscles/myotorso'?",
}  # fmt: skip


@pytest.mark.parametrize("override", BAD)
def test_each_kind_of_bad_input_gives_one_clear_message(override: str, faults: Faults) -> None:
    found = faults(override, text=TEXT)
    assert len(found) == 1, found
    assert BAD[override] in found[0]


def test_the_shortest_thrust_is_the_limit_itself(read: Read) -> None:
    assert read(f"{THRUST}.time_to_peak={1000 * SHORTEST_RISE:g} ms", text=TEXT)


def test_a_preload_needs_a_phase_before(faults: Faults) -> None:
    text = TEXT.replace("  - {name: settle}\n  - {name: position}\n", "")
    (found,) = faults(text=text)
    assert found == (
        "phases[0].loads[0].preload: the preload is reached over the phase before, but this is the first; "
        "put one before it"
    )


SECOND = (
    "  - {name: again, kind: dynamic, loads: [{kind: thrust, on: L4, landmark: mammillary process right, "
)


def test_thrusts_without_a_phase_between_need_one_preload(faults: Faults, read: Read) -> None:
    again = SECOND + "direction: [0.9, 0, -0.4], preload: %s, peak: 300 N, time_to_peak: 0.1 s}]}\n"
    text = TEXT.replace("  - {name: recover, kind: dynamic}\n", again)
    (found,) = faults(text=text % "50 N")
    assert found.startswith("phases[3].loads[0].preload: this thrust follows another without a phase between")
    assert read(text=text % "100 N")
    assert read(text=text.replace(SECOND, "  - {name: rest}\n" + SECOND) % "50 N")


def test_one_load_twice_in_a_phase_is_refused(faults: Faults) -> None:
    load = "{kind: moment, on: L1, motion: flexion, value: 1 N m}"
    found = faults(f"phases[1]={{name: position, loads: [{load}, {load}]}}", text=TEXT)
    assert found == [
        "phases[1].loads[1]: phase 'position' names this load twice (the first is loads[0]); add them up"
    ]


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """A case with a measured thrust in a folder of its own."""
    (tmp_path / "forces").mkdir()
    (tmp_path / "forces" / "a.csv").write_text("time_ms,force_N\n0,80\n140,380\n300,60\n")
    path = tmp_path / "case.yaml"
    text = TEXT.replace("preload: 100 N, peak: 400 N, time_to_peak: 150 ms", "table: forces/a.csv")
    path.write_text(text)
    return path


def test_a_table_is_found_beside_its_case_and_described(measured: Path, tmp_path: Path) -> None:
    case_file = read_case(measured)
    (table,) = case_file.force_tables().values()
    assert table.forces[0] == 80.0
    assert case_file.inputs["force table 1"] == tmp_path / "forces" / "a.csv"
    assert "thrust as measured in forces/a.csv (from 80 N to 380 N in 140 ms, 300 ms in all)" in case_words(
        case_file
    )
    again = tmp_path / "again" / "case.resolved.yaml"
    again.parent.mkdir()
    again.write_text(resolved_text(case_file))
    assert resolved_settings(read_case(again)) == resolved_settings(case_file)


def test_faults_of_a_table_are_told_in_the_table(measured: Path, tmp_path: Path) -> None:
    table = tmp_path / "forces" / "a.csv"
    table.write_text("time_ms,force_N\n0,80\n140,nan\n130,60\n")
    with pytest.raises(InputError) as caught:
        read_case(measured)
    assert caught.value.lines() == [f"{table}:3:5: error: the force is 'nan', which is not a finite number"]


def test_a_table_longer_than_its_phase_is_refused(measured: Path) -> None:
    with pytest.raises(
        InputError, match=r"the table runs for 300 ms, beyond the end of phase 'thrust' \(200 ms\)"
    ):
        read_case(measured, ["phases[2].duration=200 ms"])


def test_thrusts_in_words(read: Read) -> None:
    words = case_words(read(f"{THRUST}.patch=30 mm", text=TEXT))
    assert "thrust (dynamic, 0.3 s)" in words
    assert "thrust from 100 N to 400 N in 150 ms and back in 150 ms on L4, mammillary process right" in words
    assert "under a hand 30 mm wide" in words
    pushed = f"{PLAIN}displacement: 7 mm, time_to_peak: 100 ms, release: 50 ms, preload: 60 N}}"
    words = case_words(read(pushed, text=TEXT))
    assert "thrust of 7 mm in 100 ms and back in 50 ms on a preload of 60 N on L4, body centre" in words
    assert "thorax       a rigid body above L1" in words
