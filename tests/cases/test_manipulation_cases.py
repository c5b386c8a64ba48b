"""The shipped thrusts at coarse, and what must hold of every thrust: energy, mirror, dose, reflex, ways to push."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem.elements.layout import positions
from fem.errors import NotConvergedError
from fem.materials.muscle.reflex import Reflex
from fem.results.read import field_times, read_result, read_table
from fem.runner import RunOutcome, RunRequest, run_case
from oracles.thrusts import CASES, COARSE, Moved, Ready, move, paced, ready

pytestmark = pytest.mark.case

#: Share of the energy moved that may go missing (issue 3).
BALANCE = 0.01
#: Two mirrored runs are two solutions to 1e-8 of the largest force; they may differ by this, of the largest value.
MIRROR = 1e-6
#: A thrust without what comes after it: the recovery shows nothing that these tests ask for.
NO_RECOVERY = """version: 1
title: A thrust without recovery
extends: {case}
phases:
  - {{name: settle}}
  - name: position
    loads: [{{kind: moment, on: thorax, motion: axial rotation left, value: 7.5 N m}}]
  - name: thrust
    kind: dynamic
    duration: 300 ms
    loads:
      - {{kind: thrust, on: L4, landmark: spinous process, direction: [0.35, -0.9, -0.25], preload: 100 N,
         peak: 400 N, time_to_peak: 150 ms, patch: 30 mm}}
"""
TARGET = "L4-L5 left"
Runner = Callable[..., RunOutcome]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Solve a case without its recovery at a guarding level; asked again, its result is up to date and only read."""
    folder = tmp_path_factory.mktemp("results")

    def solve(name: str, level: float | None = None) -> RunOutcome:
        file = folder / f"{name}.yaml"
        file.write_text(NO_RECOVERY.format(case=CASES / f"thrust_l45_{name}.yaml"))
        more = () if level is None else (f"muscles.level={level}",)
        return run_case(RunRequest(file, (COARSE, *more), folder / f"{name} {level}"))

    return solve


def doses(run: Runner) -> list[RunOutcome]:
    """Return the relaxed spine and three levels of guarding of both sides."""
    return [run("relaxed"), *(run("guarded", level) for level in (0.2, 0.4))]


def column(outcome: RunOutcome, table: str, joint: str, name: str) -> np.ndarray:
    """Return a column of one joint during the thrust."""
    rows = read_table(outcome.folder, table)
    return np.array([float(r[name]) for r in rows if (r["joint"], r["phase"]) == (joint, "thrust")])


def test_a_thrust_on_a_relaxed_or_guarded_spine_completes_and_accounts_for_its_energy(run: Runner) -> None:
    for outcome in doses(run):
        summary: Any = outcome.summary
        assert summary["status"] == "complete"
        assert not outcome.missed
        assert not outcome.warnings
        energy = summary["energy"]
        print({key: round(value, 4) for key, value in energy.items()})
        assert energy["balance_error"] <= BALANCE
        assert energy["work_mJ"] > 100.0
        assert energy["dissipated_mJ"] > 0.0
        log = (outcome.folder / "log.txt").read_text()
        assert "not accounted for" in log
        assert len(re.findall(r"residual moment flexion", log)) == 6


def test_phase_ends_and_the_peak_are_landed_on(run: Runner) -> None:
    for outcome in doses(run):
        times = {float(row["time_s"]) for row in read_table(outcome.folder, "history")}
        assert {1.0, 2.0, 2.15, 2.3} <= times
        assert len(field_times(outcome.folder)) == len(times)


def test_more_guarding_opens_the_target_less_and_slower(run: Runner) -> None:
    relaxed, some, more = doses(run)
    gaps, speeds, strains = [], [], []
    for outcome in (relaxed, some, more):
        gaps.append(column(outcome, "facets", TARGET, "gap_mean_mm").max())
        speeds.append(column(outcome, "facets", TARGET, "opening_speed_mm_s").max())
        strains.append(outcome.summary["ligaments"]["L4-L5"]["CL left"]["peak_strain"])
    print("peak gaps", gaps, "speeds", speeds, "capsule", strains)
    for falling in (gaps, strains):
        assert falling[0] > 1.02 * falling[1] > 1.02**2 * falling[2]
    # Speed falls by 1.2 % only at first: still four times what halving the steps changes (0.3 %).
    assert speeds[0] > 1.01 * speeds[1] > 1.01**2 * speeds[2]


def test_the_thrust_opens_the_upper_joint_and_presses_on_the_lower_one(run: Runner) -> None:
    for outcome in doses(run):
        opening = column(outcome, "facets", TARGET, "gap_mean_change_mm")
        assert 0.5 < opening.max() < 4.0
        assert opening.argmax() not in (0, len(opening) - 1)
        assert column(outcome, "facets", "L4-L5 right", "contact_force_N").max() > 100.0
        assert column(outcome, "facets", TARGET, "contact_force_N").max() == 0.0


#: One thrust and its mirror image: guarding on one side, a hand of given travel, a pelvis on a table. The sides are
#: words so that one text gives both.
ONE_SIDED = """version: 1
title: A one-sided thrust
extends: {case}
target: L4-L5 {side}
muscles: {{guarding: one-sided, level: 0.15}}
supports:
  - {{on: thorax, translation: 5 N/mm, rotation: 0.2 N m/deg, damping: 50 ms}}
  - {{on: S1, translation: 200 N/mm, rotation: 5 N m/deg, damping: 20 ms}}
phases:
  - {{name: settle}}
  - name: position
    loads: [{{kind: moment, on: thorax, motion: axial rotation {side}, value: 4 N m}}]
  - name: thrust
    kind: dynamic
    duration: 60 ms
    loads:
      - {{kind: thrust, on: L4, landmark: mammillary process {side}, direction: [0.9, {y}, -0.4], preload: 50 N,
         displacement: 3 mm, time_to_peak: 30 ms, patch: 20 mm}}
"""


@cache
def one_sided(side: str) -> tuple[Ready, Moved]:
    """Return the thrust with everything that has a side on that side, in steps of 6 ms."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "case.yaml"
        y = {"left": -0.2, "right": 0.2}[side]
        file.write_text(ONE_SIDED.format(case=CASES / "thrust_l45_relaxed.yaml", side=side, y=y))
        start = ready(file)
    position, thrust = start.problem.phases[1:]
    return start, move(start, [position, paced(thrust, 0.006)])


def swapped(name: str) -> str:
    """Return the name of the other side's partner."""
    return name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")


def test_a_thrust_and_its_mirror_image_mirror_each_other_in_everything() -> None:
    (start, left), (_, right) = one_sided("left"), one_sided("right")
    layout = start.problem.model.layout
    assert len(left.steps) == len(right.steps) >= 10
    flip = np.array([1.0, -1.0, 1.0])
    for one, other in zip(left.steps, right.steps, strict=True):
        moved = np.abs(positions(layout, one.state) - layout.reference).max()
        for number in start.problem.model.bodies.values():
            here, there = one.state.origins[number], other.state.origins[number]
            np.testing.assert_allclose(here, there * flip, rtol=0.0, atol=MIRROR * moved)
            turned = np.outer(flip, flip) * other.state.rotations[number]
            np.testing.assert_allclose(one.state.rotations[number], turned, rtol=0.0, atol=MIRROR)
    for first, second in zip(left.records, right.records, strict=True):
        compare_mirrored(first.tables["facets"], second.tables["facets"], ("joint",))
        compare_mirrored(first.tables["ligaments"], second.tables["ligaments"], ("level", "bundle"))
        compare_mirrored(first.tables["muscles"], second.tables["muscles"], ("fascicle",))
        for name in ("stored", "work", "kinetic", "muscles", "dissipated"):
            assert getattr(first.energies, name) == pytest.approx(
                getattr(second.energies, name), rel=MIRROR, abs=1e-5
            )


def compare_mirrored(here: Any, there: Any, keys: tuple[str, ...]) -> None:
    """Compare every number of a table with that of the other side's partner, against the largest of its column."""
    rows = {
        tuple(swapped(t) for t in where): at
        for at, where in enumerate(zip(*(there[k] for k in keys), strict=True))
    }
    order = [rows[where] for where in zip(*(here[k] for k in keys), strict=True)]
    for name, values in here.items():
        if isinstance(values[0], str):
            continue
        one, other = np.array(values, dtype=float), np.array(there[name], dtype=float)[order]
        size = max(np.abs(one).max(), 1e-2)
        np.testing.assert_allclose(one, other, rtol=0.0, atol=MIRROR * size, err_msg=name)


def test_guarding_of_one_side_pulls_on_that_side_and_holds_the_posture_all_the_same() -> None:
    start, _ = one_sided("left")
    muscles = start.problem.model.muscles
    assert muscles is not None
    mean = {
        side: np.mean([
            a for a, g, s in zip(muscles.activation, muscles.group, muscles.side, strict=True)
            if (g, s) == ("multifidus", side)
        ])
        for side in ("left", "right")
    }  # fmt: skip
    print("mean multifidus", mean)
    assert mean["left"] > 1.5 * mean["right"]
    turned = [float(t) for line in start.said[1:] for t in re.findall(r"[+-]\d+\.\d+", line)[:3]]
    assert np.abs(turned).max() <= 0.05


def test_a_pelvis_on_a_table_gives_way_and_a_hand_goes_its_way() -> None:
    start, moved = one_sided("left")
    bodies, layout = start.problem.model.bodies, start.problem.model.layout
    pelvis = [
        np.abs(s.state.origins[bodies["S1"]] - layout.body_origin[bodies["S1"]]).max() for s in moved.steps
    ]
    assert 0.01 < max(pelvis) < 20.0
    (push,) = [t for t in start.problem.system.terms if t.name.startswith("thrust on L4")]
    forces = [
        np.linalg.norm(s.evaluation.contributions[push.name].force.reshape(-1, 3).sum(axis=0))
        for s in moved.steps if s.phase == "thrust"
    ]  # fmt: skip
    print("hand [N]", np.round(forces, 1))
    assert forces[0] < 0.3 * max(forces)
    assert int(np.argmax(forces)) in range(2, len(forces) - 2)
    assert 10.0 < max(forces) < 2000.0


@cache
def struck() -> dict[str, Moved]:
    """Return the short thrust up to 160 ms in steps of 10 ms without, and with, a reflex after 100 ms."""
    start = ready(CASES / "thrust_l45_short.yaml")
    position, thrust = start.problem.phases[1:3]
    phases = [position, paced(thrust, 0.01, thrust.start + 0.16)]
    muscles = start.problem.model.muscles
    assert muscles is not None
    quick = replace(
        muscles, terms=tuple(replace(t, reflex=Reflex(0.1, 2.0, 0.1, 0.0)) for t in muscles.terms)
    )
    return {
        "without": move(start, phases),
        "with": move(start, phases, start.problem.with_muscles(quick)),
    }


def test_a_reflex_of_100_ms_leaves_the_first_100_ms_alone_and_changes_the_tail() -> None:
    plain, quick = struck()["without"], struck()["with"]
    begin = plain.steps[[s.phase for s in plain.steps].index("thrust") - 1].state.time
    differ: dict[bool, list[float]] = {False: [], True: []}
    active = []
    for one, other in zip(plain.steps, quick.steps, strict=True):
        late = one.state.time - begin > 0.1 + 1e-9
        differ[late].append(float(np.abs(one.state.origins - other.state.origins).max()))
    for one, other in zip(plain.records, quick.records, strict=True):
        gained = np.subtract(other.tables["muscles"]["activation"], one.tables["muscles"]["activation"])
        active.append((one.time_s - begin, gained.max()))
    assert len(differ[False]) > 8
    assert max(differ[False]) < 1e-12
    assert max(differ[True]) > 0.01
    print("reflex: moved by [mm]", max(differ[True]), "activation gained", max(gain for _, gain in active))
    assert all(gain < 1e-12 for time, gain in active if time <= 0.1 + 1e-9)
    assert max(gain for _, gain in active) > 0.05


SHORT = f"""version: 1
title: Two vertebrae
spine: {{{{anatomy: {CASES.parents[1] / "meshes" / "lumbar.yaml"}, resolution: coarse, levels: L4-L5}}}}
phases:
  - {{{{name: settle}}}}
  - name: thrust
    kind: dynamic
    duration: 80 ms
    loads: [{{{{kind: thrust, on: L4, landmark: spinous process, direction: [0.5, -0.8, 0], {{push}}}}}}]
"""
HALF_SINE = "peak: 150 N, time_to_peak: 40 ms"


def short(folder: Path, push: str, *overrides: str) -> RunOutcome:
    """Return a thrust at L4 on L5 alone: no thorax, no muscles, seconds."""
    file = folder / "case.yaml"
    file.write_text(SHORT.format(push=push))
    return run_case(RunRequest(file, overrides, folder / "result", force=True))


def numbers(outcome: RunOutcome) -> list[str]:
    return [
        (outcome.folder / f"{name}.csv").read_text() for name in ("history", "levels", "facets", "ligaments")
    ]


def test_a_dynamic_run_gives_the_same_digits_twice(tmp_path: Path) -> None:
    first = numbers(short(tmp_path, HALF_SINE))
    assert numbers(short(tmp_path, HALF_SINE)) == first


def test_a_measured_pulse_does_what_the_half_sine_it_was_sampled_from_does(tmp_path: Path) -> None:
    times = np.linspace(0.0, 80.0, 81)
    rows = "\n".join(f"{t:.3f},{0.15 * np.sin(np.pi * t / 80.0):.9f}" for t in times)
    (tmp_path / "pulse.csv").write_text(f"# measured at the hand\ntime_ms,force_kN\n{rows}\n")
    own = short(tmp_path, "table: pulse.csv", "phases[1].steps=40")
    table = read_table(own.folder, "facets")
    sine = short(tmp_path, HALF_SINE, "phases[1].steps=40")
    gaps = [
        max(float(r["gap_mean_mm"]) for r in rows if r["joint"] == TARGET)
        for rows in (table, read_table(sine.folder, "facets"))
    ]
    print("peak gaps", gaps)
    assert gaps[0] == pytest.approx(gaps[1], rel=0.02)


def test_a_thrust_that_cannot_be_solved_keeps_its_last_good_state(tmp_path: Path) -> None:
    with pytest.raises(NotConvergedError, match="phase 'thrust' did not converge at t = "):
        short(tmp_path, "peak: 40 kN, time_to_peak: 40 ms", "solver.smallest_step=0.02")
    result = read_result(tmp_path / "result")
    assert result.status == result.summary["status"] == "failed"
    history = read_table(tmp_path / "result", "history")
    assert len(history) >= 2
    assert history[-1]["phase"] == "thrust"
    last = float(history[-1]["time_s"])
    assert 1.0 < last < 1.08
    assert field_times(tmp_path / "result")[-1][0] == pytest.approx(last)
    assert result.summary["energy"]["kinetic_mJ"] > 0.0


def test_a_thrust_that_is_interrupted_keeps_its_last_good_state(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(SHORT.format(push=HALF_SINE))
    heard: list[str] = []

    def interrupt(text: str) -> None:
        heard.append(text)
        if sum("thrust, t = " in line for line in heard) == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_case(RunRequest(tmp_path / "case.yaml", (), tmp_path / "result"), interrupt)
    result = read_result(tmp_path / "result")
    assert result.status == "interrupted"
    history = read_table(tmp_path / "result", "history")
    assert [row["phase"] for row in history].count("thrust") == 5
    assert field_times(tmp_path / "result")[-1][0] == pytest.approx(float(history[-1]["time_s"]))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_thrust_completes_and_meets_what_it_expects(path: Path, tmp_path: Path) -> None:
    outcome = run_case(RunRequest(path, (COARSE,), tmp_path / "result"))
    assert outcome.summary["status"] == "complete"
    assert outcome.summary["expect"]
    assert not outcome.missed
