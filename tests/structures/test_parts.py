"""Cut ligaments, stiffer and softer levels, shorter spines, other load steps: what each must and must not change."""

from functools import cache

import numpy as np
import pytest

from fem.solver.linear import LinearSolver
from fem.solver.march import march
from fem.structures.model import LevelFactors
from oracles.orders import newton_order
from oracles.spines import Solved, coarse_mesh, moment, phases, solve, spine_problem


@cache
def bent(motion: str, **changes: object) -> Solved:
    return solve(spine_problem(moment("L4", motion), **changes))


@cache
def cut(motion: str, *bundles: str) -> Solved:
    return solve(spine_problem(moment("L4", motion), cut=tuple((bundle, "L4-L5") for bundle in bundles)))


def forces(result: Solved) -> dict[str, float]:
    return {name.removeprefix("L4-L5 "): row["force_N"] for name, row in result.rows("ligaments").items()}


@pytest.mark.parametrize(
    ("bundles", "takers"),
    [
        (("ISL",), ("SSL", "LF", "CL left", "CL right", "PLL")),
        (("SSL",), ("ISL", "LF")),
        (("CL left", "CL right"), ("ISL", "SSL", "LF")),
        (("ISL", "SSL"), ("LF", "CL left", "CL right", "PLL")),
    ],
)
def test_a_cut_ligament_is_gone_the_level_turns_further_and_others_carry_more(
    bundles: tuple[str, ...], takers: tuple[str, ...]
) -> None:
    whole, without = bent("flexion"), cut("flexion", *bundles)
    before, after = forces(whole), forces(without)
    assert set(before) - set(after) == set(bundles)
    assert not {row["bundle"] for row in without.rows("strands").values()} & set(bundles)
    assert without.angles("L4-L5")[0] > whole.angles("L4-L5")[0] + 0.01
    assert min(before[bundle] for bundle in bundles) > 1.0, "the ligament carried nothing: nothing was tested"
    for taker in takers:
        assert after[taker] > before[taker]
    assert abs(without.angles("L4-L5")[1:]).max() < 1e-6


def test_cutting_the_anterior_ligament_matters_in_extension() -> None:
    whole, without = bent("extension"), cut("extension", "ALL")
    assert without.angles("L4-L5")[0] < whole.angles("L4-L5")[0] - 0.01
    assert "ALL" not in forces(without)


def test_cutting_one_capsule_breaks_the_symmetry_of_flexion() -> None:
    twisted = cut("flexion", "CL left").angles("L4-L5")
    other = cut("flexion", "CL right").angles("L4-L5")
    assert abs(twisted[1:]).max() > 0.01
    np.testing.assert_allclose(twisted, other * np.array([1.0, -1.0, -1.0]), atol=1e-5)


def test_a_ligament_cut_at_one_level_stays_at_the_others() -> None:
    problem = spine_problem(mesh=coarse_mesh("L4-S1"), cut=(("ISL", "L4-L5"), ("SSL", None)))
    held = {(level, b) for g in problem.model.strands for level, b in zip(g.level, g.bundle, strict=True)}
    assert ("L4-L5", "ISL") not in held
    assert ("L5-S1", "ISL") in held
    assert not [level for level, bundle in held if bundle == "SSL"]


@pytest.mark.parametrize(
    ("motion", "part"), [("flexion", "disc"), ("flexion", "ligaments"), ("flexion", "capsule")]
)
def test_a_stiffer_level_turns_less_and_a_softer_one_more(motion: str, part: str) -> None:
    turned = []
    for factor in (0.5, 1.0, 2.0):
        factors = {"L4-L5": LevelFactors(**{part: factor})}
        turned.append(
            np.abs(solve(spine_problem(moment("L4", motion), factors=factors)).angles("L4-L5")).max()
        )
    assert (
        turned[0] > turned[1] + 0.005
    )  # degrees: a thousand times what Newton leaves, half of what a capsule does
    assert turned[1] > turned[2] + 0.005


def test_a_factor_on_one_bundle_scales_its_tension_and_no_other() -> None:
    plain = spine_problem()
    scaled = spine_problem(factors={"L4-L5": LevelFactors(ligaments=2.0, bundle={"ISL": 3.0, "CL": 1.5})})
    x = 1.05 * plain.model.layout.reference
    wanted = {"ISL": 6.0, "CL": 1.5}
    for old, new in zip(plain.model.strands, scaled.model.strands, strict=True):
        before, after = old.term.tensions(x, 0.0), new.term.tensions(x, 0.0)
        factor = [wanted.get(bundle.split()[0], 2.0) for bundle in old.bundle]
        assert before.max() > 0.0
        np.testing.assert_allclose(after, before * factor, rtol=1e-12)


def test_a_lax_ligament_is_longer_at_zero_strain_and_pulls_less() -> None:
    plain = spine_problem()
    grown = {"CL": 1.1, "ISL": 1.05, "ALL": 1.05}
    lax = spine_problem(factors={"L4-L5": LevelFactors(capsule_laxity=0.1, ligament_laxity=0.05)})
    x = 1.2 * plain.model.layout.reference
    for old, new in zip(plain.model.strands, lax.model.strands, strict=True):
        factor = [grown.get(bundle.split()[0], 1.05) for bundle in old.bundle]
        np.testing.assert_allclose(new.reference_length, old.reference_length * factor, rtol=1e-12)
        pulled = old.term.tensions(x, 0.0) > 0.0
        assert pulled.any()
        assert (new.term.tensions(x, 0.0) < old.term.tensions(x, 0.0))[pulled].all()


def test_a_lax_level_turns_further() -> None:
    turned = [
        np.abs(solve(spine_problem(moment("L4", "flexion"), factors={"L4-L5": factors})).angles("L4-L5"))
        for factors in (LevelFactors(), LevelFactors(capsule_laxity=0.1), LevelFactors(ligament_laxity=0.05))
    ]
    assert turned[1].max() > turned[0].max() + 0.01
    assert turned[2].max() > turned[0].max() + 0.01


def test_a_narrow_joint_touches_earlier_and_holds_more_of_a_twist() -> None:
    twist = moment("L4", "axial rotation left")
    wide, narrow = (
        solve(spine_problem(twist, factors={"L4-L5": LevelFactors(joint_space=space)}))
        for space in (1.0, 0.25)
    )
    assert narrow.problem.model.facets is not None
    assert wide.problem.model.facets is not None
    assert narrow.problem.model.facets.space_given
    assert not wide.problem.model.facets.space_given
    assert abs(narrow.angles("L4-L5")[2]) < 0.95 * abs(wide.angles("L4-L5")[2])


def test_a_modified_level_leaves_the_pure_moment_at_the_other_level_alone() -> None:
    """A pure moment reaches every level whole, so another level's stiffness changes its rotation only through
    the posture in which the moment meets it."""
    mesh = coarse_mesh("L4-S1")
    plain = solve(spine_problem(moment("L4", "flexion"), mesh=mesh))
    stiff = solve(
        spine_problem(moment("L4", "flexion"), mesh=mesh, factors={"L4-L5": LevelFactors(disc=3.0)})
    )
    assert stiff.angles("L4-L5")[0] < 0.9 * plain.angles("L4-L5")[0]
    assert stiff.angles("L5-S1")[0] == pytest.approx(plain.angles("L5-S1")[0], rel=1e-5)


@pytest.mark.parametrize(("levels", "names"), [("L4-L5", ("L4-L5",)), ("L2-L4", ("L2-L3", "L3-L4"))])
def test_part_of_the_spine_is_that_part_and_its_lowest_bone_holds_still(
    levels: str, names: tuple[str, ...]
) -> None:
    upper, lower = levels.split("-")
    problem = spine_problem(moment(upper, "flexion", 4000.0), mesh=coarse_mesh(levels))
    assert problem.levels == names
    result = solve(problem)
    model, state = result.problem.model, result.steps[-1].state
    np.testing.assert_array_equal(state.rotations[model.bodies[lower]], np.eye(3))
    span = [f"{upper}-{lower}"] if len(names) > 1 else []
    assert list(result.rows("levels")) == [*names, *span]
    assert set(result.rows("facets")) == {f"{name} {side}" for name in names for side in ("left", "right")}
    if span:
        # In the mid-sagittal plane rotations add up.
        total = sum(result.angles(name)[0] for name in names)
        assert result.angles(span[0])[0] == pytest.approx(total, rel=1e-9)


def test_a_level_turns_alike_alone_and_in_company_under_a_pure_moment() -> None:
    """Flexion of the lower level of two, whose own sacrum is fixed either way, does not know what is above it."""
    alone = solve(spine_problem(moment("L5", "flexion"), mesh=coarse_mesh("L5-S1")))
    together = solve(spine_problem(moment("L4", "flexion"), mesh=coarse_mesh("L4-S1")))
    assert together.angles("L5-S1")[0] == pytest.approx(alone.angles("L5-S1")[0], rel=1e-5)


def test_the_result_does_not_depend_on_the_load_steps() -> None:
    # Nothing in the model remembers its past, so the path in time must not matter.
    one, many = (bent("axial rotation left", timeline=phases(steps)) for steps in (3, 7))
    assert len(one.loaded) < len(many.loaded)
    np.testing.assert_allclose(one.angles("L4-L5"), many.angles("L4-L5"), rtol=1e-6)
    np.testing.assert_allclose(one.positions(), many.positions(), atol=1e-6)
    assert one.stored() == pytest.approx(many.stored(), rel=1e-6)
    for name, row in one.rows("facets").items():
        assert row["contact_force_N"] == pytest.approx(many.rows("facets")[name]["contact_force_N"], abs=1e-4)


def test_loading_and_unloading_comes_back_to_the_settled_state() -> None:
    problem = spine_problem(moment("L4", "flexion"))
    there = solve(problem)
    solver = LinearSolver(problem.system.pattern)
    back = list(march(problem.system, solver, there.steps[-1].state, phases()[:1]))[
        -1
    ]  # time 0 to 1: no moment
    np.testing.assert_allclose(back.state.rotations, there.steps[0].state.rotations, atol=1e-7)
    np.testing.assert_allclose(back.state.nodes, there.steps[0].state.nodes, atol=1e-5)


def test_the_same_problem_solved_twice_gives_the_same_bits() -> None:
    first, second = (solve(spine_problem(moment("L4", "lateral bending left"))) for _ in range(2))
    np.testing.assert_array_equal(first.positions(), second.positions())
    assert [r.norms for r in first.reports] == [r.norms for r in second.reports]


@pytest.mark.parametrize("motion", ["flexion", "extension", "axial rotation left", "lateral bending left"])
def test_newton_converges_quadratically_at_the_end_of_a_step(motion: str) -> None:
    """Order two where nothing switches; strands that tighten and fibres that start to pull bend the force, and a
    step in which one does so until the last iteration shows an order in between."""
    result = solve(spine_problem(moment("L4", motion), timeline=phases(3, tolerance=1e-12)))
    orders = [newton_order(step.report.norms) for step in result.loaded]
    print(motion, "orders", np.round(orders, 2), [step.report.iterations for step in result.loaded])
    assert max(orders) >= 1.7
    assert min(orders) >= 1.2
    assert max(step.report.iterations for step in result.loaded) <= 9  # to twelve digits
