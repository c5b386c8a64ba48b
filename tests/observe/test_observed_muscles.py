"""Muscles and energies of a run: what is reported, held against the terms' own answers and closed forms."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from fem.arrays import frozen
from fem.case.problem import Problem
from fem.elements.layout import LayoutBuilder, State, reference_state
from fem.materials.cable import ToeLinear
from fem.materials.muscle.activation import ActivationDynamics
from fem.materials.muscle.hill import MuscleLaw
from fem.observe.energies import EnergyCount
from fem.observe.fields import fields, parts
from fem.observe.observer import Observer
from fem.observe.tables import settle, tables
from fem.results.energy import energy_entry, most_moved
from fem.results.quantities import TABLES
from fem.results.record import check_fields
from fem.results.summary import muscle_groups
from fem.solver.linear import LinearSolver
from fem.solver.march import PhaseSpan, march
from fem.solver.report import Settings
from fem.structures.muscles import MuscleModel
from fem.system.system import build_system
from fem.terms.cable import CableTerm
from fem.terms.curve import Curve, constant
from fem.terms.inertia import InertiaTerm
from fem.terms.loads import ForceTerm
from fem.terms.muscle import MuscleTerm
from oracles.spines import SETTLE, spine_problem

DYNAMICS = ActivationDynamics(0.02, 0.05)


def law(lengths: np.ndarray) -> MuscleLaw:
    return MuscleLaw(
        maximum_force=60.0,
        neutral_length=frozen(lengths),
        fibre_share=0.6,
        neutral_stretch=1.0,
        width=0.45,
        maximum_speed=10.0,
        curvature=0.25,
        eccentric_limit=1.4,
        short_range_factor=10.0,
        short_range_limit=0.3,
        passive_strain=0.6,
        passive_exponent=4.0,
    )


def fascicles(name: str, reference: np.ndarray, points: np.ndarray, activation: list[float]) -> MuscleTerm:
    """Return fascicles that are in neutral where the points (f, k) have their reference positions."""
    edges = np.linalg.norm(np.diff(reference[points], axis=1), axis=2)
    return MuscleTerm(name, points, law(edges.sum(axis=1)), frozen(activation), DYNAMICS)


def muscled() -> Problem:
    """L4-L5 with a mass on top, a push of 0.1 s, two short fascicles and one with a via point, over strands' ends."""
    pulse = Curve(np.linspace(1.0, 1.1, 41), np.sin(np.pi * np.linspace(0.0, 1.0, 41)))
    plain = spine_problem(points=[("L4", np.array([-20.0, 3.0, 65.0]))])
    model, reference = plain.model, plain.model.layout.reference
    ends = np.concatenate([group.term.points for group in model.strands])
    posterior = ends[np.argsort(reference[ends].mean(axis=1)[:, 0])]
    two = fascicles("two", reference, posterior[[0, 8]], [0.2, 0.05])
    path = np.array([[posterior[3, 0], posterior[5, 1], posterior[4, 1]]])
    three = fascicles("three", reference, path, [0.3])
    muscles = MuscleModel(
        (two, three),
        ("a left", "b right", "c right"),
        ("multifidus", "multifidus", "psoas"),
        ("left", "right", "right"),
        ("L4-L5", "L4-L5", "T12-L1"),
        np.array([0.3, -0.05, 0.3]),
    )
    body = np.array([[model.bodies["L4"]]])
    mass = InertiaTerm("inertia", body, np.array([0.01]), np.array([30.0 * np.eye(3)]), np.zeros((1, 3)))
    push = ForceTerm("push", model.load_points[:, None], np.array([[120.0, 30.0, 0.0]]), pulse)
    model = replace(model, muscles=muscles)
    system = build_system(model.layout, (*model.terms, mass, push))
    return replace(plain, model=model, system=system, loads=("push",))


@cache
def thrust() -> tuple[Problem, list, list]:
    """Return the problem, its steps of 0.01 s after settling and their records."""
    problem = muscled()
    settings = Settings(first_step=0.125, longest_step=0.01)
    spans = (SETTLE, PhaseSpan("thrust", 1.0, 1.08, settings, dynamic=True))
    start = reference_state(problem.model.layout)
    steps = list(march(problem.system, LinearSolver(problem.system.pattern), start, spans))
    settled = [one for one in steps if one.phase == "settle"][-1]
    observer = Observer(problem, ())
    records = [observer.start(settled.state, settled.evaluation, "settle")]
    later = [one for one in steps if one.phase == "thrust"]
    return problem, later, [*records, *(observer.record(one) for one in later)]


def test_every_column_of_the_muscle_table_is_what_the_terms_say() -> None:
    problem, steps, records = thrust()
    muscles, state = problem.model.muscles, steps[4].state
    table = records[5].tables["muscles"]
    assert tuple(table) == TABLES["muscles"].columns()
    assert table["fascicle"] == ["a left", "b right", "c right"]
    here = problem.system.configuration(state)
    tension = np.concatenate([term.observe(here).force for term in muscles.terms])
    np.testing.assert_allclose(table["force_N"], tension)
    # A fascicle pulls its first point with its tension: seen in the force the system was solved with.
    for row, (term, first) in enumerate(
        ((muscles.terms[0], 0), (muscles.terms[0], 1), (muscles.terms[1], 0))
    ):
        pull = steps[4].evaluation.contributions[term.name].force[first, :3]
        assert table["force_N"][row] == pytest.approx(float(np.linalg.norm(pull)), rel=1e-9)
    neutral = np.concatenate([term.law.neutral_length for term in muscles.terms])
    strain = (np.array(table["length_mm"]) - neutral) / (0.6 * neutral)
    np.testing.assert_allclose(table["fibre_strain"], strain, atol=1e-12)
    before = np.array(records[4].tables["muscles"]["fibre_strain"])
    speed = (strain - before) / (records[5].time_s - records[4].time_s)
    np.testing.assert_allclose(table["fibre_velocity_1_s"], speed, rtol=1e-6)
    assert np.abs(speed).max() > 0.05
    assert table["activation"] == pytest.approx([0.2, 0.05, 0.3])
    assert table["over_limit"] == [0, int(strain[1] > -0.05), 0]
    assert {record.tables["muscles"]["over_limit"][1] for record in records} == {0, 1}


def test_groups_take_the_largest_of_their_fascicles_and_the_sum_of_their_forces() -> None:
    _, _, records = thrust()
    table = dict(records[5].tables["muscles"])
    table["side"] = ["right", "right", "right"]
    grouped = muscle_groups(table)
    assert grouped["muscle"] == ["multifidus right", "psoas right"]
    assert grouped["force_N"][0] == pytest.approx(sum(table["force_N"][:2]))
    assert grouped["activation"][0] == pytest.approx(0.2)
    assert grouped["fibre_strain"][0] == max(table["fibre_strain"][:2])


def test_opening_speeds_follow_from_the_records_and_rest_in_static_phases() -> None:
    _, _, records = thrust()
    for old, new in pairwise(records):
        change = np.subtract(new.tables["facets"]["gap_mean_mm"], old.tables["facets"]["gap_mean_mm"])
        speed = change / (new.time_s - old.time_s)
        np.testing.assert_allclose(new.tables["facets"]["opening_speed_mm_s"], speed, rtol=1e-9, atol=1e-12)
    assert np.abs(records[4].tables["facets"]["opening_speed_mm_s"]).max() > 0.1
    assert records[0].tables["facets"]["opening_speed_mm_s"] == [0.0, 0.0]


def test_paths_are_poly_lines_that_move_with_their_points() -> None:
    problem, steps, records = thrust()
    shapes = {part.name: part for part in parts(problem)}
    assert list(shapes) == ["disc", "ligaments", "muscles", "facets"]
    part = shapes["muscles"]
    assert part.types.tolist() == [4, 4, 4]
    assert part.offsets.tolist() == [2, 4, 7]
    names = [part.field_data["group_names"][i] for i in part.cell_data["group"]]
    assert names == ["multifidus", "multifidus", "psoas"]
    assert [part.field_data["side_names"][i] for i in part.cell_data["side"]] == ["left", "right", "right"]
    assert part.field_data["muscle_level_names"][part.cell_data["muscle_level"][2]] == "T12-L1"
    assert part.field_data["fascicle_names"] == ("a left", "b right", "c right")
    shown = fields(problem, steps[4].state, ())["muscles"]
    check_fields(part, shown)
    moved = part.points + shown.displacement
    path = np.linalg.norm(np.diff(moved[4:7], axis=0), axis=1).sum()
    assert path == pytest.approx(records[5].tables["muscles"]["length_mm"][2])
    assert np.abs(shown.displacement).max() > 0.1
    for name, column in (
        ("activation", "activation"),
        ("force", "force_N"),
        ("fibre_strain", "fibre_strain"),
    ):
        expected = records[5].tables["muscles"][column]
        np.testing.assert_allclose(shown.cell_data[name], expected, rtol=1e-5, atol=1e-7)


def test_without_muscles_there_is_neither_table_nor_part() -> None:
    problem = spine_problem()
    rest = reference_state(problem.model.layout)
    assert "muscles" not in tables(problem, settle(problem, rest), rest)
    assert "muscles" not in {part.name for part in parts(problem)} | set(fields(problem, rest, ()))


def pulled(activation: float) -> tuple[SimpleNamespace, State]:
    """Return a node held by a strand and a fascicle, each 100 mm long, from fixed points on its two sides."""
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    ends = builder.add_carried(np.array([[0.0, 0.0, 0.0], [200.0, 0.0, 0.0]]), ground)
    node = builder.add_free(np.array([[100.0, 0.0, 0.0]]))
    layout = builder.build()
    strand = CableTerm("strand", np.array([[ends[0], node[0]]]), ToeLinear(np.array([90.0]), 500.0, 0.05))
    muscle = fascicles("muscle", layout.reference, np.array([[ends[1], node[0]]]), [activation])
    load = ForceTerm("load", node[:, None], np.array([[5.0, 0.0, 0.0]]), constant())
    muscles = MuscleModel((muscle,), ("m",), ("psoas",), ("left",), ("L4-L5",), np.array([0.3]))
    model = SimpleNamespace(layout=layout, muscles=muscles)
    system = build_system(layout, (strand, muscle, load))
    return SimpleNamespace(model=model, system=system, loads=("load",)), reference_state(layout)


def moved(activation: float, to: float, count: int = 200) -> tuple[SimpleNamespace, list]:
    """Return the problem, and its energies while the node moves to `to` [mm] from its place, along the line."""
    problem, rest = pulled(activation)
    count_of = EnergyCount(problem)
    found = [count_of.start(rest, problem.system.evaluate(rest, tangent=False))]
    for shift in np.linspace(0.0, to, count + 1)[1:]:
        state = replace(rest, nodes=rest.nodes + np.array([shift, 0.0, 0.0]))
        evaluation = problem.system.evaluate(state, tangent=False)
        found.append(count_of.add(replace(state, time=shift / to), evaluation, "move"))
    return problem, found


def test_the_work_of_a_shortening_muscle_is_the_area_under_its_tension() -> None:
    problem, found = moved(0.4, 10.0)
    muscle = problem.model.muscles.terms[0]
    lengths = np.linspace(100.0, 90.0, 2001)
    still = np.zeros(2001)
    curve = law(np.full(2001, 100.0)).respond(lengths, still, still + 0.4, None).tension
    assert found[-1].muscles == pytest.approx(-float(np.trapezoid(curve, lengths)), rel=1e-5)
    assert found[-1].work - found[0].work == pytest.approx(5.0 * 10.0)
    strand = problem.system.terms[0].law.respond(np.array([100.0, 110.0])).energy
    assert found[-1].stored - found[0].stored == pytest.approx(float(strand[1] - strand[0]))
    assert found[-1].dissipated == found[-1].kinetic == 0.0
    assert muscle.law.respond(np.array([90.0]), still[:1], still[:1], None).passive[0] == 0.0


def test_a_stretched_relaxed_muscle_stores_energy_and_does_no_work() -> None:
    problem, found = moved(0.0, -30.0)
    passive = problem.model.muscles.terms[0].law.respond(np.array([130.0]), *np.zeros((2, 1)), None)
    assert passive.energy[0] > 50.0
    strand = problem.system.terms[0].law.respond(np.array([100.0])).energy[0]
    assert found[-1].stored - found[0].stored == pytest.approx(passive.energy[0] - strand, rel=1e-6)
    assert (
        abs(found[-1].muscles) < 1e-3 * passive.energy[0]
    )  # parabolas over 0.15 mm, with corners where strand and fibres slacken


def swinging(step: float) -> list:
    """Return the energies of a mass between strand and muscle that is pushed for 0.1 s and then swings on."""
    builder = LayoutBuilder()
    ground = builder.add_body("ground", np.zeros(3), fixed=True)
    body = builder.add_body("body", np.array([100.0, 0.0, 0.0]))
    ends = builder.add_carried(np.array([[0.0, 0.0, 0.0], [200.0, 0.0, 0.0]]), ground)
    middle = builder.add_carried(np.array([[100.0, 0.0, 0.0]]), body)
    layout = builder.build()
    # Slack and passive fibres alike take part: the mass swings through both.
    strand = CableTerm("strand", np.array([[ends[0], middle[0]]]), ToeLinear(np.array([80.0]), 200.0, 0.05))
    muscle = fascicles("muscle", layout.reference, np.array([[ends[1], middle[0]]]), [0.9])
    mass = InertiaTerm("inertia", np.array([[body]]), np.array([0.02]), np.eye(3)[None], np.zeros((1, 3)))
    pulse = Curve(np.linspace(0.0, 0.1, 81), 40.0 * np.sin(np.pi * np.linspace(0.0, 1.0, 81)))
    load = ForceTerm("load", middle[:, None], np.array([[-1.0, 0.0, 0.0]]), pulse)
    muscles = MuscleModel((muscle,), ("m",), ("psoas",), ("left",), ("L4-L5",), np.array([0.3]))
    system = build_system(layout, (strand, muscle, mass, load))
    problem = SimpleNamespace(
        model=SimpleNamespace(layout=layout, muscles=muscles), system=system, loads=("load",)
    )
    span = PhaseSpan("swing", 0.0, 0.3, Settings(first_step=step / 0.3, longest_step=step), dynamic=True)
    count, found = EnergyCount(problem), []
    rest = reference_state(layout)
    found.append(count.start(rest, system.evaluate(rest, tangent=False)))
    for one in march(system, LinearSolver(system.pattern), rest, (span,)):
        found.append(count.add(one.state, one.evaluation, one.phase))
    return found


def test_the_balance_of_a_pushed_mass_closes_with_the_second_order_of_the_steps() -> None:
    errors = []
    for step in (0.008, 0.004, 0.002):
        found = swinging(step)
        moved = max(most_moved(found[0], energies) for energies in found)
        assert max(energies.kinetic for energies in found) > 0.1 * moved
        assert max(abs(energies.muscles) for energies in found) > 0.2 * moved
        assert abs(found[-1].work - found[0].work) > 0.05 * moved
        errors.append(energy_entry(found[0], found[-1], moved)["balance_error"])
    assert errors[-1] < 0.001
    assert errors[0] / errors[1] > 3.0
    assert errors[1] / errors[2] > 3.0


def test_heat_is_what_terms_lose_and_the_motion_that_a_static_phase_ends() -> None:
    problem, rest = pulled(0.1)
    count = EnergyCount(problem)
    count.start(rest, problem.system.evaluate(rest, tangent=False))

    def at(time: float, elapsed: float, lost: float, kinetic: float) -> object:
        here = problem.system.evaluate(replace(rest, time=time), tangent=False)
        heat = {name: replace(part, lost=lost) for name, part in here.contributions.items()}
        count._inertia = frozenset({"strand"})  # whose energy is then taken for that of motion
        heat["strand"] = replace(heat["strand"], energy=kinetic)
        return count.add(replace(rest, time=time, elapsed=elapsed), replace(here, contributions=heat), "any")

    first = at(0.1, 0.1, 2.0, 7.0)
    # Of load, muscle and strand only the strand's loss is heat: the others' work is counted as a whole.
    assert (first.dissipated, first.kinetic) == (2.0, 7.0)
    assert at(0.2, 0.1, 2.0, 6.0).dissipated == 4.0
    last = at(0.3, 0.0, 0.0, 0.0)
    assert (last.dissipated, last.kinetic) == (10.0, 0.0)
