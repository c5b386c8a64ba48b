"""What the tables say, held against the catalogue and against counts made another way."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from fem.elements.layout import State, positions, reference_state
from fem.elements.surface_block import patch_points
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh
from fem.observe.fields import fields, parts
from fem.observe.observer import Observer
from fem.observe.tables import (
    facets_table,
    ligaments_table,
    nucleus_pressure,
    settle,
    strands_table,
    tables,
)
from fem.results.quantities import OPTIONAL_COLUMNS, TABLES
from fem.results.record import check_fields
from fem.results.tables import table_columns
from fem.structures.ligaments import STATES
from oracles.spines import Solved, coarse_mesh, follower, moment, solve, spine_problem

#: Motion -> column of its angle, sign in the clinical convention.
SIGNS = {
    "flexion": (0, 1.0),
    "extension": (0, -1.0),
    "lateral bending left": (1, 1.0),
    "lateral bending right": (1, -1.0),
    "axial rotation left": (2, 1.0),
    "axial rotation right": (2, -1.0),
}


@cache
def result_of(motion: str) -> Solved:
    return solve(spine_problem(moment("L4", motion)))


@cache
def resting() -> Solved:
    return solve(spine_problem(structures=("disc", "facets")))


@pytest.mark.parametrize(("motion", "place"), SIGNS.items(), ids=list(SIGNS))
def test_each_motion_has_its_clinical_sign_and_is_the_largest_angle(
    motion: str, place: tuple[int, float]
) -> None:
    column, sign = place
    angles = result_of(motion).angles("L4-L5")
    assert sign * angles[column] > 1.0
    assert np.abs(angles).argmax() == column


def test_flexion_opens_the_back_and_extension_closes_it() -> None:
    flexed, extended = result_of("flexion"), result_of("extension")
    strains = [{n: r["peak_strain"] for n, r in run.rows("ligaments").items()} for run in (flexed, extended)]
    for name in ("SSL", "ISL", "LF", "PLL"):
        assert strains[0][f"L4-L5 {name}"] > strains[1][f"L4-L5 {name}"] + 0.02
    assert strains[1]["L4-L5 ALL"] > strains[0]["L4-L5 ALL"] + 0.005
    assert flexed.rows("facets")["L4-L5 left"]["gap_mean_change_mm"] > 0.1
    assert extended.rows("facets")["L4-L5 left"]["contact_force_N"] > 1.0
    shift = flexed.rows("levels")["L4-L5"]
    assert shift["translation_x_mm"] > 0.5  # the body above moves forward
    assert abs(shift["translation_y_mm"]) < 1e-6


def test_every_table_has_the_columns_of_the_catalogue_and_no_other() -> None:
    found = result_of("flexion").tables()
    assert set(found) == set(TABLES) - {"muscles", "film"}  # see test_observed_muscles, test_observed_film
    for name, table in found.items():
        assert set(table) <= set(TABLES[name].columns())
        assert set(TABLES[name].columns()) - set(table) <= OPTIONAL_COLUMNS
        assert table_columns(name, table) == tuple(c for c in TABLES[name].columns() if c in table)
        lengths = {len(column) for column in table.values()}
        assert len(lengths) == 1
        assert lengths.pop() > 0


def test_bundles_sum_up_their_strands() -> None:
    bent = result_of("flexion")
    strands = list(bent.rows("strands").values())
    table = bent.tables()["strands"]
    rows = [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
    assert len(rows) >= len(strands)
    for bundle in bent.rows("ligaments").values():
        own = [row for row in rows if (row["level"], row["bundle"]) == (bundle["level"], bundle["bundle"])]
        assert [row["strand"] for row in own] == list(range(len(own)))
        assert bundle["peak_strain"] == pytest.approx(max(row["strain"] for row in own))
        assert bundle["mean_strain"] == pytest.approx(np.mean([row["strain"] for row in own]))
        assert bundle["force_N"] == pytest.approx(sum(row["force_N"] for row in own))
        assert bundle["state"] == STATES[max(STATES.index(row["state"]) for row in own)]
    for row in rows:
        expected = (row["length_mm"] - row["reference_length_mm"]) / row["reference_length_mm"]
        assert row["strain"] == pytest.approx(expected, abs=1e-12)
        assert (row["force_N"] > 0.0) == (row["strain"] > 0.0)


def stretched(model: object, row: int, group: object, strain: float) -> np.ndarray:
    """Return positions in which one strand has the given strain, its upper end pulled along it."""
    x = np.array(model.layout.reference)
    start, end = group.term.points[row]
    along = (x[start] - x[end]) / np.linalg.norm(x[start] - x[end])
    x[start] = x[end] + (1.0 + strain) * group.reference_length[row] * along
    return x


def test_a_strand_is_called_slack_toe_linear_over_limit_or_failed_at_its_own_limits() -> None:
    problem = spine_problem()
    for group in problem.model.strands:
        seen = []
        for row in (0, len(group.strand) - 1):
            toe, warning, failure = group.transition[row], group.warning[row], group.failure[row]
            assert 0.0 < toe < failure
            assert warning < failure
            wanted = {-0.05: "slack", 0.0: "slack", 0.5 * min(toe, warning): "toe", 1.001 * failure: "failed"}
            wanted[0.5 * (warning + failure)] = "over limit"
            if toe < warning:
                wanted[0.5 * (toe + warning)] = "linear"
            for strain, word in wanted.items():
                x = stretched(problem.model, row, group, strain)
                assert group.strains(x)[row] == pytest.approx(strain, abs=1e-12)
                if strain != 0.0:  # rounding decides there
                    assert group.states(group.strains(x))[row] == word
                table = strands_table(problem, x, 0.0)
                place = next(
                    i
                    for i in range(len(table["strand"]))
                    if (table["level"][i], table["bundle"][i], table["strand"][i])
                    == (group.level[row], group.bundle[row], group.strand[row])
                )
                assert table["strain"][place] == pytest.approx(strain, abs=1e-12)
                seen.append(word)
        assert {"slack", "toe", "over limit", "failed"} <= set(seen)


def test_limit_fraction_is_the_share_of_the_warning_strain_and_never_negative() -> None:
    problem = spine_problem()
    group = problem.model.strands[0]
    x = stretched(problem.model, 0, group, 0.4 * float(group.warning[0]))
    table = ligaments_table(problem, x, 0.0)
    place = table["bundle"].index(group.bundle[0])
    own = [row for row, bundle in enumerate(group.bundle) if bundle == group.bundle[0]]
    expected = max(0.0, float((group.strains(x)[own] / group.warning[own]).max()))
    assert table["limit_fraction"][place] == pytest.approx(expected)
    squeezed = ligaments_table(problem, 0.9 * problem.model.layout.reference, 0.0)
    assert min(squeezed["limit_fraction"]) == 0.0


def test_gaps_of_the_neutral_spine_are_those_of_the_anatomy() -> None:
    """Counted again from the patches: nearest distance from the film points to a dense cloud of the facing surface."""
    result = resting()
    problem = result.problem
    model = problem.model
    table = facets_table(problem, settle(problem, reference_state(model.layout)), model.layout.reference)
    line = np.linspace(-1.25, 1.25, 301)
    cloud = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    for number, name in enumerate(model.facets.names):
        joint = model.spine.facets[name]
        facing = patch_points(joint.inferior.control, cloud)
        film = model.facets.points[model.facets.rows(number)]
        distance = np.array([np.linalg.norm(facing - point, axis=1).min() for point in film])
        area = model.facets.term.block.area[model.facets.rows(number)]
        assert table["gap_mean_mm"][number] == pytest.approx(np.average(distance, weights=area), rel=0.01)
        assert table["gap_min_mm"][number] == pytest.approx(distance.min(), rel=0.03)
        assert table["contact_force_N"][number] == table["contact_area_mm2"][number] == 0.0
        # The recipe asks for 0.4 mm at the centre and 0.1 mm at the rim.
        assert 0.1 < table["gap_mean_mm"][number] < 0.4


def shifted(state: State, body: int, shift: np.ndarray) -> State:
    origins = np.array(state.origins)
    origins[body] += shift
    return replace(state, origins=origins)


def test_opening_speed_is_the_change_of_the_mean_gap_over_the_time_between_records() -> None:
    problem = spine_problem(structures=("disc", "facets"))
    model = problem.model
    rest = reference_state(model.layout)
    settled = settle(problem, rest)
    before = shifted(rest, model.bodies["L4"], np.array([0.0, 0.0, 0.1]))
    after = replace(shifted(rest, model.bodies["L4"], np.array([-0.1, 0.0, 0.3])), time=0.52)
    gaps = np.array(tables(problem, settled, before)["facets"]["gap_mean_mm"])
    moving = tables(problem, settled, replace(after, elapsed=0.02), gaps)["facets"]
    expected = (np.array(moving["gap_mean_mm"]) - gaps) / 0.02
    assert np.abs(expected).min() > 0.5
    np.testing.assert_allclose(moving["opening_speed_mm_s"], expected, rtol=1e-12)
    for still in (
        tables(problem, settled, after, gaps),
        tables(problem, settled, replace(after, elapsed=0.02)),
    ):
        assert still["facets"]["opening_speed_mm_s"] == [0.0, 0.0], "static, or nothing to compare with"


@pytest.mark.parametrize("apart", [0.5, 2.0])
def test_gaps_grow_by_what_the_bones_move_apart(apart: float) -> None:
    problem = spine_problem(structures=("disc", "facets"))
    model = problem.model
    rest = reference_state(model.layout)
    settled = settle(problem, rest)
    control = model.spine.facets["L4-L5 left"].superior.control
    normal = np.cross(control[2, 1] - control[0, 1], control[1, 2] - control[1, 0])
    normal /= np.linalg.norm(normal)
    state = shifted(rest, model.bodies["L4"], apart * normal)
    table = facets_table(problem, settled, positions(model.layout, state))
    # Points near the rim look obliquely at the curved partner, so their gap grows by a little less.
    assert table["gap_mean_change_mm"][0] == pytest.approx(apart, rel=0.1)
    assert table["gap_mean_mm"][0] - settled.gap_mean[0] == pytest.approx(table["gap_mean_change_mm"][0])
    pressed = facets_table(
        problem, settled, positions(model.layout, shifted(rest, model.bodies["L4"], -0.6 * normal))
    )
    assert pressed["contact_force_N"][0] > 1.0
    assert pressed["gap_min_mm"][0] < 0.0
    assert 0.0 < pressed["contact_area_mm2"][0] <= model.facets.term.block.area[model.facets.rows(0)].sum()


def test_contact_force_is_the_resultant_of_the_term_and_never_pulls() -> None:
    result = result_of("extension")
    step, model = result.steps[-1], result.problem.model
    part = step.evaluation.contributions["facets"]
    for number, name in enumerate(model.facets.names):
        on_film = part.force.reshape(-1, 10, 3)[model.facets.rows(number), 0].sum(axis=0)
        found = result.rows("facets")[name]["contact_force_N"]
        # The term adds a little along the surface where points fade out over the rim.
        assert found == pytest.approx(float(np.linalg.norm(on_film)), rel=2e-3)
        assert result.rows("facets")[name]["contact_pressure_max_MPa"] >= 0.0


def test_cartilage_is_never_squeezed_through() -> None:
    for motion in SIGNS:
        for name, row in result_of(motion).rows("facets").items():
            layers = 2.0 * result_of(motion).problem.model.spine.facets[name].cartilage_thickness
            assert row["gap_min_mm"] > -0.9 * layers


def test_pressure_is_positive_under_compression_and_rises_from_the_settled_state() -> None:
    result = solve(spine_problem(follower(500.0)))
    row, settled = result.rows("discs")["L4-L5"], result.settled
    assert row["pressure_MPa"] > 0.2
    assert row["pressure_rise_MPa"] == pytest.approx(row["pressure_MPa"] - settled.pressure[0])
    assert row["height_change_mm"] < -0.3
    disc = result.problem.model.discs[0]
    x = result.positions()
    # The force that the pressure balances: 500 N on the disc's area, a little more in the middle.
    area = 500.0 / row["pressure_MPa"]
    assert 500.0 < area < 2500.0
    # Stretching the nucleus must give a negative pressure.
    assert nucleus_pressure(disc, x * np.array([1.0, 1.0, 1.02])) < nucleus_pressure(disc, x)


def test_records_begin_at_the_settled_state_and_count_work_from_there() -> None:
    result = result_of("flexion")
    problem = result.problem
    observer = Observer(problem, ("strain", "stress"), every=None)
    first = observer.start(result.steps[0].state, result.steps[0].evaluation, "settle")
    records = [first, *(observer.record(step) for step in result.loaded)]
    assert [record.step for record in records] == list(range(len(records)))
    assert np.all(np.diff([record.time_s for record in records]) > 0.0)
    zero = first.tables["levels"]
    assert max(abs(value) for column in list(zero)[1:] for value in zero[column]) == 0.0
    assert max(map(abs, first.tables["facets"]["gap_mean_change_mm"])) == 0.0
    assert first.energies.work == pytest.approx(first.energies.stored)
    assert first.energies.stored > 0.0  # held by the pre-strained ligaments
    assert records[-1].energies.work > first.energies.work
    shapes = {part.name: part for part in parts(problem)}
    assert set(shapes) == {"disc", "ligaments", "facets"}
    for record in records:
        assert set(record.fields) == set(shapes)
        for name, part in shapes.items():
            check_fields(part, record.fields[name])


def test_fields_are_kept_at_the_wanted_times_only() -> None:
    result = result_of("flexion")
    observer = Observer(result.problem, (), every=0.8)
    records = [observer.start(result.steps[0].state, result.steps[0].evaluation, "settle")]
    records += [observer.record(step) for step in result.loaded]
    kept = [record.time_s for record in records if record.keep_fields]
    assert kept[0] == 1.0
    assert all(later - earlier >= 0.8 - 1e-9 for earlier, later in pairwise(kept))
    assert len(kept) < len(records)


def test_facet_and_ligament_fields_say_what_the_tables_say() -> None:
    result = result_of("axial rotation left")
    problem, state = result.problem, result.steps[-1].state
    shown = fields(problem, state, ("strain", "stress"))
    facets = problem.model.facets
    for number, name in enumerate(facets.names):
        rows = facets.rows(number)
        table = result.rows("facets")[name]
        assert shown["facets"].point_data["gap"][rows].min() == pytest.approx(table["gap_min_mm"], rel=1e-5)
        pressure = shown["facets"].point_data["contact_pressure"][rows].max()
        assert pressure == pytest.approx(table["contact_pressure_max_MPa"], rel=1e-5)
    strain = np.concatenate([group.strains(result.positions()) for group in problem.model.strands])
    np.testing.assert_allclose(shown["ligaments"].cell_data["strain"], strain, rtol=1e-5, atol=1e-7)
    ends = np.concatenate([group.term.points for group in problem.model.strands]).ravel()
    moved = result.positions()[ends] - problem.model.layout.reference[ends]
    np.testing.assert_allclose(shown["ligaments"].displacement, moved, atol=1e-12)


def test_bones_are_drawn_where_their_bodies_are() -> None:
    mesh = coarse_mesh()
    corners = np.array([[x, y, z] for z in (0.0, 9.0) for y in (0.0, 9.0) for x in (0.0, 9.0)]) + 20.0
    cells = np.array([[0, 1, 3, 2, 4, 5, 7, 6]])
    skin = np.array([[0, 1, 5, 4]])
    block = TaggedMesh(corners, cells, np.zeros(1, dtype=np.int64), ("body",), surfaces={"outer": skin})
    problem = spine_problem(mesh=SpineMesh(mesh.spine, "coarse", {"L4": block, "L5": block}, mesh.discs))
    rest = reference_state(problem.model.layout)
    body = problem.model.bodies["L4"]
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    rotations, origins = np.array(rest.rotations), np.array(rest.origins)
    rotations[body] = turn
    origins[body] += [1.0, 2.0, 3.0]
    shown = fields(problem, replace(rest, rotations=rotations, origins=origins), ())["bone"].displacement
    centre = problem.model.layout.body_origin[body]
    outer = corners[[0, 1, 4, 5]]
    expected = (outer - centre) @ turn.T + centre + [1.0, 2.0, 3.0] - outer
    np.testing.assert_allclose(shown[:4], expected, atol=1e-12)
    np.testing.assert_array_equal(shown[4:], 0.0)
