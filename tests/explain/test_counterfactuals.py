"""Which counterfactuals apply to which case, what they write into it, and what cannot be explained."""

import json
from pathlib import Path

import pytest

from fem.case.loads import MomentLoad, ThrustLoad
from fem.case.read import read_case
from fem.case.schema import Case
from fem.errors import UsageError
from fem.explain.counterfactuals import AS_IT_IS, Plan, plan
from fem.explain.loads import HAND_DIRECTION, HAND_LANDMARK, HAND_PATCH

ROOT = Path(__file__).parents[2]
THRUSTS = ROOT / "cases" / "manipulation"
FAST = THRUSTS / "thrust_l45_fast.yaml"
RELAXED = "muscles={guarding: relaxed}"
GUARDED = "muscles={guarding: bilateral, level: 0.2, balance: false}"
TWIST = (
    "phases[2]={name: twist, kind: dynamic, duration: 150 ms, loads: "
    "[{kind: moment, on: thorax, motion: axial rotation right, value: 15 N m}]}",
    "phases[1].loads=[{kind: moment, on: thorax, motion: axial rotation right, value: 5 N m}]",
    "phases[3].loads=[{kind: moment, on: thorax, motion: axial rotation right, value: 0 N m}]",
)


def names(planned: Plan) -> set[str]:
    return {change.name for change in planned.changes}


def reasons(planned: Plan) -> dict[str, str]:
    return {one.name: one.reason for one in planned.left_out}


def changed(planned: Plan, name: str) -> Case:
    """Return the case that a counterfactual runs."""
    change = next(change for change in planned.changes if change.name == name)
    return read_case(planned.path, planned.overrides_of(change)).case


def test_a_relaxed_thrust_on_the_target_leaves_force_speed_and_film() -> None:
    planned = plan(FAST)
    assert planned.target == "L4-L5 left"
    assert names(planned) == {"more_force", "faster", "thinner_film", "thicker_film"}
    said = reasons(planned)
    assert said["no_guarding"] == "the muscles are relaxed already"
    assert said["rested"] == "the target has not popped before"
    assert said["redirected"] == "it acts on L4 in that direction already"
    assert said["like_neighbours"] == "the target's level is like its neighbours already"
    assert len(planned.changes) + len(planned.left_out) == 8


def test_each_counterfactual_changes_one_thing_and_every_one_something() -> None:
    planned = plan(THRUSTS / "refractory_10min.yaml", (GUARDED, "spine.modify={L4-L5: {disc_stiffness: 2}}"))
    before = planned.case_file.case
    touched = {
        "no_guarding": "muscles",
        "rested": "film",
        "more_force": "phases",
        "faster": "phases",
        "like_neighbours": "spine",
        "thinner_film": "film",
        "thicker_film": "film",
    }
    assert names(planned) == set(touched)
    own = {"title", "expect", "output"}
    for name, section in touched.items():
        after = changed(planned, name)
        differ = {key for key in Case.model_fields if getattr(after, key) != getattr(before, key)}
        assert differ - own == {section}, name
    assert planned.overrides_of(AS_IT_IS) == planned.overrides


def test_no_guarding_means_relaxed_without_reflex_and_the_rest_as_it_was() -> None:
    after = changed(plan(FAST, (GUARDED,)), "no_guarding").muscles
    assert after is not None
    assert (after.guarding, after.reflex, after.level, after.balance) == ("relaxed", "none", None, False)
    reflex = plan(FAST, ("muscles={guarding: relaxed, reflex: {}}",))
    assert "no_guarding" in names(reflex)


def test_rested_takes_the_gas_and_only_the_target_s_counts() -> None:
    planned = plan(THRUSTS / "refractory_10min.yaml")
    film = changed(planned, "rested").film_section
    assert film is not None
    assert film.minutes_since_last_pop is None
    other = plan(FAST, ("film={minutes_since_last_pop: {L5-S1 left: 10 min}}",))
    assert "rested" not in names(other)


def test_more_force_and_half_the_time() -> None:
    planned = plan(FAST, ("phases[2].loads[0].release=100 ms",))
    load = changed(planned, "more_force").phases[2].loads[0]
    assert isinstance(load, ThrustLoad)
    assert load.peak == pytest.approx(600.0)
    load = changed(planned, "faster").phases[2].loads[0]
    assert isinstance(load, ThrustLoad)
    assert (load.time_to_peak, load.release, load.peak) == (
        pytest.approx(0.06),
        pytest.approx(0.05),
        pytest.approx(400.0),
    )
    quick = plan(FAST, ("phases[2].loads[0].time_to_peak=15 ms",))
    assert reasons(quick)["faster"] == "15 ms is as fast as the model resolves"


def test_a_twist_is_put_on_the_target_and_turned_to_the_side_that_opens_it() -> None:
    planned = plan(FAST, TWIST)
    after = changed(planned, "redirected")
    twist = [load for load in after.phases[2].loads if isinstance(load, MomentLoad)]
    assert [(load.on, load.motion, load.value) for load in twist] == [
        ("thorax", "axial rotation right", pytest.approx(5000.0)),
        ("L4", "axial rotation left", pytest.approx(10000.0)),
    ]
    let_go = [load for load in after.phases[3].loads if isinstance(load, MomentLoad)]
    assert [(load.on, load.value) for load in let_go] == [("thorax", 0.0), ("L4", 0.0)]
    stronger = changed(planned, "more_force").phases
    assert stronger[2].loads[0].value == pytest.approx(22500.0)  # type: ignore[union-attr]
    assert stronger[1].loads[0].value == pytest.approx(5000.0)  # type: ignore[union-attr]
    assert changed(planned, "faster").phases[2].duration == pytest.approx(0.075)
    assert changed(planned, "faster").phases[3].duration == pytest.approx(0.3)


@pytest.mark.parametrize(("side", "sign"), [("left", 1.0), ("right", -1.0)])
def test_a_thrust_elsewhere_becomes_a_clinician_s_hand(side: str, sign: float) -> None:
    planned = plan(
        FAST, ("phases[2].loads[0].on=L2", "phases[2].loads[0].patch=null", f"target=L4-L5 {side}")
    )
    load = changed(planned, "redirected").phases[2].loads[0]
    assert isinstance(load, ThrustLoad)
    x, y, z = HAND_DIRECTION
    assert (load.on, load.landmark, load.direction) == ("L4", HAND_LANDMARK, (x, sign * y, z))
    assert (load.peak, load.preload, load.patch) == (400.0, 100.0, HAND_PATCH)


def test_the_hand_is_that_of_the_shipped_clinician_s_thrust() -> None:
    load = read_case(THRUSTS / "thrust_l45_relaxed.yaml").case.phases[2].loads[0]
    assert isinstance(load, ThrustLoad)
    assert (load.landmark, load.direction, load.patch) == (HAND_LANDMARK, HAND_DIRECTION, HAND_PATCH)


def test_a_restricted_level_becomes_like_its_neighbours_which_stay_as_they_were() -> None:
    modify = "spine.modify={L4-L5: {disc_stiffness: 2}, L3-L4: {ligaments: {ISL: 0.5}}}"
    spine = changed(plan(FAST, (modify,)), "like_neighbours").spine
    assert spine is not None
    assert {level: factors.ligaments for level, factors in spine.modify.items()} == {"L3-L4": {"ISL": 0.5}}


def test_films_reach_to_the_ends_of_the_band_or_beyond_the_case_s_own() -> None:
    def films(*overrides: str) -> list[float]:
        planned = plan(FAST, overrides)
        found = [changed(planned, name).film_section for name in ("thinner_film", "thicker_film")]
        return [film.thickness or 0.0 for film in found if film is not None]

    assert films() == [pytest.approx(0.05), pytest.approx(0.8)]
    assert films("film.thickness=0.04 mm") == [pytest.approx(0.02), pytest.approx(0.8)]
    assert films("film.thickness=1 mm") == [pytest.approx(0.05), pytest.approx(2.0)]


def test_a_measured_force_can_neither_be_scaled_nor_hastened(tmp_path: Path) -> None:
    table = tmp_path / "force.csv"
    table.write_text("time_s,force_N\n0,100\n0.1,400\n0.2,100\n")
    load = {
        "kind": "thrust",
        "on": "L4",
        "landmark": "spinous process",
        "direction": [1, 0, 0],
        "table": str(table),
    }
    planned = plan(FAST, (f"phases[2].loads[0]={json.dumps(load)}",))
    assert reasons(planned)["more_force"] == reasons(planned)["faster"] == "the force is a measured table"
    moved = changed(planned, "redirected").phases[2].loads[0]
    assert isinstance(moved, ThrustLoad)
    assert moved.table == str(table)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("film=none", ("film: {}", "--set film={}", "dry joints")),
        ("target=null", ("names no target", "L4-L5 left")),
    ],
)
def test_what_cannot_be_explained_says_what_to_write(override: str, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as refused:
        plan(FAST, (override,))
    for word in words:
        assert word in str(refused.value)
