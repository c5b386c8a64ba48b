import re
from dataclasses import replace

import pytest
from fake_spine import LEVELS, fake_cavitation, fake_model, fake_record, fake_repetitions

from fem.anatomy.vocabulary import BUNDLES, SIDES
from fem.results.cavitation import merged
from fem.results.energy import energy_entry, energy_sentence, energy_warning
from fem.results.expect import lookup
from fem.results.quantities import SECTIONS, summary_paths
from fem.results.record import Energies
from fem.results.repetitions import with_repetitions
from fem.results.summary import Outcome, SummaryBuilder, newton_entry
from fem.structures.guarding import GROUPS


@pytest.fixture
def builder():
    builder = SummaryBuilder()
    for step in range(4):
        builder.add(fake_record(step))
    return builder


@pytest.fixture
def summary(builder):
    return builder.build(fake_model(), Outcome("complete", 1.5))


def test_every_key_of_the_contract_is_there_and_no_other(summary):
    assert set(summary) == {
        *("version", "status", "converged", "wall_s", "dof"),
        *("levels", "ligaments", "facets", "discs", "muscles", "energy", "newton"),
    }
    assert set(summary["ligaments"]["L4-L5"]) == set(BUNDLES)
    assert set(summary["muscles"]) == {f"{group} {side}" for group in GROUPS for side in SIDES}
    assert set(summary["facets"]) == {f"{level} {side}" for level in LEVELS for side in ("left", "right")}
    entries = {
        "levels": summary["levels"]["L5-S1"],
        "ligaments": summary["ligaments"]["L4-L5"]["CL left"],
        "facets": summary["facets"]["L4-L5 left"],
        "discs": summary["discs"]["L5-S1"],
        "muscles": summary["muscles"]["psoas right"],
    }
    for section, entry in entries.items():
        assert set(entry) == {quantity.name for quantity in SECTIONS[section]}


def test_last_values_and_peaks(summary):
    assert summary["levels"]["L4-L5"]["flexion_deg"] == 9.0
    ligament = summary["ligaments"]["L5-S1"]["ALL"]
    assert ligament["peak_strain"] == pytest.approx(0.06 * 10 - 0.05)
    assert (ligament["time_of_peak_s"], ligament["state"], ligament["peak_force_N"]) == (
        0.75,
        "over limit",
        30.0,
    )
    closing = summary["facets"]["L5-S1 left"]
    assert closing["gap_mean_mm"] == pytest.approx(0.1)
    assert closing["peak_gap_mean_mm"] == pytest.approx(0.4)


def test_a_peak_in_the_middle_keeps_its_time_and_state():
    builder = SummaryBuilder()
    for step, time in ((0, 0.0), (3, 0.5), (1, 1.0)):
        builder.add(fake_record(step, time_s=time))
    ligament = builder.build(fake_model(), Outcome("complete", 1.0))["ligaments"]["L5-S1"]["ALL"]
    assert (ligament["time_of_peak_s"], ligament["state"]) == (0.5, "over limit")


def test_muscles_are_summed_up_by_group_and_side(summary):
    left, right = summary["muscles"]["multifidus left"], summary["muscles"]["multifidus right"]
    assert left["activation"] == 0.15  # of the more active of two fascicles
    assert left["force_N"] == pytest.approx(30.0 + 6.0)
    assert (left["fibre_strain"], left["time_of_peak_s"]) == (pytest.approx(0.06), 0.75)
    assert left["fibre_velocity_1_s"] == 0.08
    assert (left["over_limit"], right["over_limit"]) == (1, 0)
    # Fibres that only shorten have their largest strain at the start.
    assert (right["fibre_strain"], right["time_of_peak_s"]) == (0.0, 0.0)


def test_keys_of_physics_that_took_no_part_are_absent():
    builder = SummaryBuilder()
    tables = {"discs": fake_record(1).tables["discs"]}
    builder.add(fake_record(1, tables=tables))
    summary = builder.build(fake_model(), Outcome("failed", 1.0))
    assert not {"ligaments", "facets", "levels", "muscles", "target", "expect"} & set(summary)
    assert summary["converged"] is False


def test_a_run_that_failed_before_any_step_still_has_a_summary():
    summary = SummaryBuilder().build(None, Outcome("failed", 0.25))
    assert summary == {"version": 1, "status": "failed", "converged": False, "wall_s": 0.25}


def test_energy_balance_counts_from_the_first_record():
    # 5 mJ of pre-strain, then 10 in, 7 stored, 2 lost: 1 of 10 is unaccounted for.
    entry = energy_entry(Energies(5.0, 0.0), Energies(12.0, 10.0, 2.0))
    assert entry["balance_error"] == pytest.approx(0.1, abs=1e-15)
    assert energy_entry(Energies(5.0, 0.0), Energies(5.0, 0.0))["balance_error"] == 0.0


def test_energy_of_motion_and_work_of_muscles_are_in_the_balance():
    # 10 in by loads, 4 by muscles; 6 stored, 3 in motion, 4 lost: 1 is unaccounted for, of 10 that were moved.
    first = Energies(5.0, 5.0, kinetic=1.0, muscles=-2.0)
    last = Energies(11.0, 15.0, 4.0, kinetic=4.0, muscles=2.0)
    assert energy_entry(first, last)["balance_error"] == pytest.approx(0.1, abs=1e-15)
    for name in ("dissipated", "kinetic", "muscles"):
        wrong = energy_entry(first, replace(last, **{name: getattr(last, name) + 5.0}))
        assert wrong["balance_error"] > 0.3


def test_an_error_is_relative_to_the_most_that_was_moved_not_to_what_is_left_at_the_end():
    builder = SummaryBuilder()
    for step, (work, stored) in enumerate(((0.0, 0.0), (100.0, 100.0), (3.0, 1.0))):
        builder.add(fake_record(step, energies=Energies(stored, work, 1.0 if step == 2 else 0.0)))
    energy = builder.build(None, Outcome("complete", 1.0))["energy"]
    assert energy["balance_error"] == pytest.approx(0.01)
    sentence = energy_sentence(energy)
    assert "3 mJ from loads" in sentence
    assert "1 % of the most that was moved" in sentence


def test_steps_that_lose_energy_are_warned_of():
    assert energy_warning({"balance_error": 0.05}) == ""
    assert re.match(
        r"5\.1 % of the most energy .* ask for more steps", energy_warning({"balance_error": 0.051})
    )


def test_newton_counts_leave_step_0_out_of_the_median():
    assert newton_entry([(0, 20), (1, 4), (2, 6), (3, 5)]) == {"iterations": 35, "median_per_step": 5}
    assert newton_entry([(0, 3)]) == {"iterations": 3, "median_per_step": 0}


def test_every_catalogued_number_is_found_in_a_full_summary(summary):
    cavitation = fake_cavitation()
    whole = replace(
        cavitation, joints=tuple(replace(cavitation.joints[0], joint=j.joint) for j in cavitation.joints)
    )
    full = with_repetitions(merged(summary, whole), fake_repetitions())
    for path, quantity in summary_paths(LEVELS):
        if not path.startswith("levels.L4-S1"):  # the span is there when the solver hands over its row
            assert lookup(full, path) is not None, (path, quantity)
