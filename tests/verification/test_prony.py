"""Relaxation in time: ramp and hold, energy lost, step size, slow and sudden limits; strand, solid, disc."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder, State, reference_state
from fem.materials.cable import LinearCable
from fem.materials.relaxation import PronySeries, faster_than
from fem.materials.solid import Hyperelastic, NeoHookean
from fem.materials.volumetric import LogarithmicVolume
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import Settings, Step
from fem.system.motion import displaced
from fem.system.system import System, build_system
from fem.tensors import rotation_vector
from fem.terms.cable import CableTerm
from fem.terms.curve import Curve, ramp
from fem.terms.loads import MomentTerm
from fem.terms.solid import SolidTerm
from oracles.columns import disc_column
from oracles.meshes import box
from oracles.orders import mesh_orders

pytestmark = pytest.mark.verification

#: The printed problem: a sudden stiffness k, a share g of it that fades with τ; strain ε in a time t₁, then held.
STIFFNESS, STRAIN, RISE, SHARE, TIME = 100.0, 0.05, 0.1, 0.4, 0.5
#: The same seen from the relaxed law: k (1 − g), with g/(1 − g) on top.
SERIES = faster_than(10.0, PronySeries(np.array([SHARE]), np.array([TIME])))
RELAXED = STIFFNESS * (1.0 - SHARE)


def ramp_hold(time: float) -> float:
    """Return k ε̇ ((1 − g) t + g τ (1 − e^(−t/τ))) while rising, faded by e^(−(t − t₁)/τ) while held."""
    rise = min(time, RISE)
    fading = SHARE * TIME * -np.expm1(-rise / TIME) * np.exp(-(time - rise) / TIME)
    return STIFFNESS * STRAIN / RISE * ((1.0 - SHARE) * rise + float(fading))


def test_the_closed_form_is_the_printed_one() -> None:
    assert ramp_hold(RISE) == pytest.approx(4.812692, abs=5e-7)
    assert ramp_hold(1.0) == pytest.approx(3.299636, abs=5e-7)


def run(system: System, start: State, *phases: PhaseSpan) -> list[Step]:
    return list(march(system, LinearSolver(system.pattern), start, phases))


def equal_steps(count: int, **settings: float) -> Settings:
    chosen = {"tolerance": 1e-11, "iterations": 25, **settings}
    return Settings(first_step=1.0 / count, largest_step=1.0 / count, **chosen)


@pytest.mark.parametrize("counts", [(1, 1), (3, 5)])
def test_strand_pulled_and_held(counts: tuple[int, int]) -> None:
    """Exact whatever the steps, because the strand's tension is linear in time."""
    length = 20.0
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    foot = builder.add_carried(np.zeros((1, 3)), ground)
    head = builder.add_free(np.array([[0.0, 0.0, length]]))
    law = LinearCable(length, RELAXED)
    strand = CableTerm("strand", np.stack([foot, head], axis=-1), law, relaxation=SERIES)
    motion = displaced(head, (0.0, 0.0, STRAIN * length), ramp(0.0, RISE))
    layout = builder.build()
    system = build_system(layout, (strand,), (motion,))
    steps = run(
        system,
        reference_state(layout),
        PhaseSpan("pull", 0.0, RISE, equal_steps(counts[0]), dynamic=True),
        PhaseSpan("hold", RISE, 1.0, equal_steps(counts[1]), dynamic=True),
    )
    pulls = {step.state.time: step.evaluation.residual[2] for step in steps}
    assert pulls[RISE] == pytest.approx(4.812692, abs=5e-7)
    assert pulls[1.0] == pytest.approx(3.299636, abs=5e-7)
    for time, pull in pulls.items():
        assert pull == pytest.approx(ramp_hold(time), rel=1e-12)


def sheared(strain: Sequence[float], times: Sequence[float], series: PronySeries) -> tuple[np.ndarray, float]:
    """Return shear stress at each time and energy lost, for a unit cube sheared to `strain` at `times`, from rest."""
    solid = box((np.array([0.0, 1.0]),) * 3)
    law = Hyperelastic((NeoHookean(RELAXED),))
    term = SolidTerm("cube", solid.block, law, LogarithmicVolume(1e3), relaxation=series)
    system = build_system(solid.layout, (term,))
    state = reference_state(solid.layout)
    top = np.flatnonzero(state.nodes[:, 1] > 0.5)
    state = replace(state, history=system.history(system.evaluate(state, tangent=False)))
    start, stress, lost, now = state.nodes, [], 0.0, 0.0
    for time, gamma in zip(times, strain, strict=True):
        nodes = start + gamma * start[:, [1]] * np.array([1.0, 0.0, 0.0])
        here = system.evaluate(replace(state, nodes=nodes, elapsed=time - now), tangent=False)
        state, now = replace(state, history=system.history(here)), time
        stress.append(here.residual.reshape(-1, 3)[top, 0].sum())
        lost += sum(part.lost for part in here.contributions.values())
    return np.array(stress), lost


def test_cube_sheared_and_held() -> None:
    """P₁₂ of simple shear is μ γ for any γ; with branches the finite strain enters to second order only."""
    small = 1e-3 * STRAIN
    for counts in ((1, 1), (4, 7)):
        times = np.concatenate([
            np.linspace(0.0, RISE, counts[0] + 1)[1:], np.linspace(RISE, 1.0, counts[1] + 1)[1:]
        ])  # fmt: skip
        stress, _ = sheared(small * np.minimum(times / RISE, 1.0), times, SERIES)
        np.testing.assert_allclose(1e3 * stress, [ramp_hold(time) for time in times], rtol=small)


def test_steps_of_a_large_shear_converge_with_order_two() -> None:
    """S is curved in time under an even shear to 40 %, so a step is no longer exact; halved, its error is quartered."""

    def stress(count: int) -> np.ndarray:
        times = np.linspace(0.0, 1.0, count + 1)[1:]
        return sheared(0.4 * np.sin(2.0 * times), times, SERIES)[0][count // 4 - 1 :: count // 4]

    reached = [stress(count) for count in (8, 16, 32, 64)]
    errors = [float(np.abs(a - b).max()) for a, b in pairwise(reached)]
    assert errors[0] > 1e-4
    np.testing.assert_allclose(mesh_orders(errors), 2.0, atol=0.25)


def test_energy_lost_in_cycles_of_small_shear() -> None:
    """A settled cycle γ₀ sin ωt loses π k'' γ₀², k'' = β μ ωτ/(1 + ω²τ²); the trapezoids leave O(Δt²)."""
    small, omega = 1e-4, 2.0 * np.pi / 0.8
    expected = np.pi * small**2 * RELAXED * SERIES.share[0] * omega * TIME / (1.0 + (omega * TIME) ** 2)
    errors = []
    for count in (30, 60):
        lost = []
        for cycles in (6, 7):  # e^(-6 * 0.8/0.5) = 7e-5 of the start is left
            times = np.linspace(0.0, 0.8 * cycles, count * cycles + 1)[1:]
            lost.append(sheared(small * np.sin(omega * times), times, SERIES)[1])
        errors.append(abs((lost[1] - lost[0]) / expected - 1.0))
    assert errors[1] < 4e-3
    assert errors[1] < 0.3 * errors[0]


def bending(rise: float, count: int, series: PronySeries | None, hold: float = 0.0) -> list[Step]:
    """Return the steps of a disc bent by 6 N m in `rise` seconds, `count` steps; then held, in as many."""
    column = disc_column(cells=(2, 2))
    disc = replace(column.discs[0], relaxation=series)
    curve = Curve(np.array([0.0, rise, rise + hold + 1e-9]), np.array([0.0, 1.0, 1.0]))
    moment = MomentTerm("moment", column.bodies[-1], np.array([0.0, 6000.0, 0.0]), curve)
    system = build_system(column.layout(), (disc, moment))
    phases = [PhaseSpan("bend", 0.0, rise, equal_steps(count, tolerance=1e-9), dynamic=series is not None)]
    if hold:
        phases.append(PhaseSpan("hold", rise, rise + hold, equal_steps(count, tolerance=1e-9), dynamic=True))
    return run(system, reference_state(system.layout), *phases)


def angles(steps: list[Step]) -> np.ndarray:
    """Return the rotation [rad] after each step; the disc is symmetric, so it stays in one plane."""
    return np.array([rotation_vector(step.state.rotations[-1])[1] for step in steps])


DISC = PronySeries(np.array([0.7, 1.5]), np.array([0.1, 2.0]))


def test_a_disc_bent_quickly_turns_less_and_creeps_to_the_static_posture() -> None:
    static = angles(bending(1.0, 2, None))[-1]
    quick = bending(0.1, 4, DISC, hold=40.0)
    peak = angles(quick[:4])[-1]
    assert 0.3 * static < peak < 0.85 * static
    assert angles(quick)[-1] == pytest.approx(static, rel=1e-3)
    slow = angles(bending(4000.0, 4, DISC))[-1]
    assert slow == pytest.approx(static, rel=1e-3)  # β τ/4000 s = 8e-4 of the load is still overstress
    assert slow < static
    sudden = angles(bending(1e-6, 1, DISC))[-1]
    assert sudden < peak


def test_halving_the_steps_changes_a_quick_bending_little() -> None:
    """Order two: the posture at the end moves by a quarter as much with each halving."""
    ends = [angles(bending(0.15, count, DISC))[-1] for count in (3, 6, 12)]
    changes = np.abs(np.diff(ends)) / ends[-1]
    assert changes[1] < 0.005
    assert changes[1] < 0.4 * changes[0]


def test_work_done_on_a_disc_is_stored_or_lost() -> None:
    """Bent in 0.15 s and held: ∫ M dφ = ΔE + lost, to the trapezoids' second order, fine and coarse."""
    gaps = []
    for count in (6, 12):
        steps = bending(0.15, count, DISC, hold=20.0)
        turned = np.concatenate([[0.0], angles(steps)])
        moment = np.concatenate([[0.0], 6000.0 * np.minimum([s.state.time / 0.15 for s in steps], 1.0)])
        work = float(np.sum(0.5 * (moment[1:] + moment[:-1]) * np.diff(turned)))
        disc = [step.evaluation.contributions["disc 1"] for step in steps]
        lost = sum(part.lost for part in disc)
        assert lost > 0.05 * work
        gaps.append(abs(work - disc[-1].energy - lost) / work)
    assert gaps[0] < 1e-3
    assert gaps[1] < 0.6 * gaps[0]  # not a quarter: the hold's steps are longer than the faster branch


def test_unloaded_the_whole_work_has_become_heat() -> None:
    """Sheared by 30 % and back, then at rest: what the branches held they gave back or lost, nothing is stored."""
    times = np.concatenate([np.linspace(0.0, 0.2, 41)[1:], np.linspace(0.2, 8.0, 41)[1:]])
    strain = 0.3 * np.clip(1.0 - np.abs(times / 0.1 - 1.0), 0.0, None)
    stress, lost = sheared(strain, times, SERIES)
    steps = np.diff(np.concatenate([[0.0], strain]))
    pulled = np.concatenate([[0.0], stress])
    work = float(np.sum(0.5 * (pulled[1:] + pulled[:-1]) * steps))
    assert lost > 0.0
    assert work == pytest.approx(lost, rel=2e-3)
    assert abs(stress[-1]) < 1e-4 * np.abs(stress).max()


def test_a_ramp_of_the_load_in_a_static_phase_ends_at_rest() -> None:
    """A static phase in between forgets: the disc starts its next motion without overstress."""
    column = disc_column(cells=(2, 2))
    disc = replace(column.discs[0], relaxation=DISC)
    moment = MomentTerm("moment", column.bodies[-1], np.array([0.0, 3000.0, 0.0]), ramp(0.0, 0.1))
    system = build_system(column.layout(), (disc, moment))
    steps = run(
        system,
        reference_state(system.layout),
        PhaseSpan("thrust", 0.0, 0.1, equal_steps(2, tolerance=1e-9), dynamic=True),
        PhaseSpan("rest", 0.1, 1.1, equal_steps(1, tolerance=1e-9)),
    )
    memory = [step.state.history["disc 1, overstress"] for step in steps]
    assert np.abs(memory[1][:, :, 2:]).max() > 0.01
    assert not memory[-1][:, :, 2:].any()
    assert angles(steps)[-1] > 1.2 * angles(steps)[1]
