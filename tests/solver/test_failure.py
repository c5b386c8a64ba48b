"""A solve that fails says which structure, where, when, and what to try: one provoked failure for each cause."""

import re
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest

import fem.terms
from fem.cli.main import main
from fem.elements.layout import LayoutBuilder
from fem.elements.mesh_points import points_where
from fem.elements.surface_block import unit_disc_mesh
from fem.errors import NotConvergedError
from fem.film.laws import Cavitation, FilmLaws, Recess, newtonian
from fem.film.mesh import film_mesh
from fem.film.state import film
from fem.materials.solid import CompressibleNeoHookean, Hyperelastic
from fem.mesh.vtu_read import read_vtu
from fem.results.read import field_times, read_result
from fem.solver.dynamic import solve_motion
from fem.solver.failure import cause_of, causes
from fem.solver.report import NewtonReport, Settings, StopReason
from fem.solver.static import solve_static
from fem.system.motion import displaced
from fem.system.suspect import Suspect
from fem.system.system import System, build_system
from fem.terms.bushing import BushingTerm
from fem.terms.curve import ramp
from fem.terms.film import FilmTerm
from fem.terms.loads import ForceTerm, MomentTerm
from fem.terms.solid import SolidTerm
from fem.terms.term import PlacedTerm
from oracles.columns import disc_column
from oracles.meshes import box
from oracles.spines import spine_problem

ROOT = Path(__file__).parents[2]
NET = 7.0 * np.stack(np.meshgrid([-1.0, 0, 1], [-1.0, 0, 1], indexing="ij"), axis=-1).reshape(-1, 2)
PATIENCE = Settings(iterations=10, first_step=0.5, largest_step=0.5, smallest_step=0.1)


def column(size: float, **laws: Any) -> System:
    """A disc of two cells across, twisted by a moment [N mm]."""
    column = disc_column(cells=(2, 2))
    disc = replace(column.discs[0], labels=tuple(f"cell {n}" for n in range(8)), **laws)
    moment = MomentTerm("twist", column.bodies[-1], np.array([0.0, 0.0, size]), ramp(0.0, 1.0))
    return build_system(column.layout(), (disc, moment))


def failure(system: System, settings: Settings = PATIENCE) -> str:
    with pytest.raises(NotConvergedError) as caught:
        solve_static(system, settings)
    return str(caught.value)


def test_a_cell_that_is_squeezed_flat_is_named_with_its_place() -> None:
    """A cube cannot be squeezed through itself."""
    solid = box((np.linspace(0, 10, 3),) * 3)
    law = Hyperelastic((CompressibleNeoHookean(0.5, 1.0),))
    cube = SolidTerm("cube", solid.block, law, labels=tuple(f"corner {n}" for n in range(8)))
    plates = [
        displaced(
            points_where(solid.basis, solid.numbers, lambda x, at=at: np.abs(x[:, 2] - at) < 1e-9), (0, 0, by)
        )
        for at, by in ((0.0, 0.0), (10.0, -12.0))
    ]
    told = failure(build_system(solid.layout, (cube,), tuple(plates)))
    assert re.search(r"phase 'load' did not converge at t = 0\.\d+ s \(\d+ % of the phase is done", told)
    assert re.search(
        r"turned inside out.*worst place: cube: corner \d, at \([27]\.5, [27]\.5, [27]\.5\) mm", told
    )
    assert "squeezes this cell flat" in told
    assert "Try a smaller load" in told


@dataclass(frozen=True)
class Poisoned:
    """The law of a solid, with a number that is not one in the stress of one cell."""

    law: Any
    cell: int

    def respond(self, F: np.ndarray, fibres: Any, tangent: bool) -> Any:
        response = self.law.respond(F, fibres, tangent)
        stress = np.array(response.pk1)
        stress[self.cell, 0] = np.nan
        return replace(response, pk1=stress)

    def retain(self, *given: Any) -> Any:
        return self.law.retain(*given)

    def linearise(self, *given: Any) -> Any:
        return self.law.linearise(*given)

    def renew(self, *given: Any) -> Any:
        return self.law.renew(*given)


def test_a_law_without_a_finite_answer_is_named_with_its_cell() -> None:
    told = failure(column(10.0, law=Poisoned(disc_column(cells=(2, 2)).discs[0].law, 5)))
    assert "stress in disc 1" in told
    assert "worst place: disc 1: cell 5, at (" in told
    assert "no finite answer" in told
    assert "parameters.override" in told


def test_a_body_that_nothing_holds_is_told_as_such() -> None:
    builder = LayoutBuilder()
    body = builder.add_body("L9", np.zeros(3))
    point = builder.add_carried(np.zeros((1, 3)), body)
    push = ForceTerm("push", point[:, None], np.array([[1.0, 0.0, 0.0]]), ramp(0.0, 1.0))
    told = failure(build_system(builder.build(), (push,)))
    assert "singular" in told
    assert "worst place: push, element 0, at (0.0, 0.0, 0.0) mm in the neutral posture" in told
    assert "which pulls hardest on the position of L9 (x)" in told
    assert "held by nothing" in told
    assert "supports" in told


def test_a_load_that_is_too_much_for_the_allowed_iterations_names_what_pulls_hardest() -> None:
    settings = replace(PATIENCE, iterations=2, smallest_step=0.4)
    told = failure(column(2e6), settings)
    assert re.search(
        r"worst place: (disc 1|twist).*, which pulls hardest on the (node|position of body 1|rotation of body 1)",
        told,
    )
    assert "Try a smaller load" in told


def film_under_a_plate() -> System:
    """A film between a fixed surface and a plate on springs that is pulled off it."""
    flat, builder = unit_disc_mesh(2, 8), LayoutBuilder()
    ground, lid = builder.add_body("ground", np.zeros(3), fixed=True), builder.add_body("lid", np.zeros(3))
    places = np.column_stack([6.5 * flat.p.T, np.full(flat.p.shape[1], 0.2)])
    control = np.column_stack([NET, np.zeros(9)])
    points = np.concatenate([builder.add_carried(places, lid), builder.add_carried(control, ground)])
    held = builder.add_carried(np.zeros((1, 3)), lid)
    laws = FilmLaws(newtonian(1e-7), Cavitation(0.1, 0.006, 0.006), Recess(20.0, 14e3))
    wet = FilmTerm("film", ("L4-L5 left",), points[None], film(film_mesh(flat, places), laws, order=2), 0.25)
    one, away = np.array([[ground, lid]]), np.zeros((1, 2, 3))
    springs = np.array([[1e3, 1e3, 20.0, 1e6, 1e6, 1e6]])
    spring = BushingTerm("spring", one, away, np.eye(3)[None], springs, np.zeros(1))
    pull = ForceTerm("pull", held[:, None], np.array([[0.0, 0.0, 40.0]]), ramp(0.0, 0.1))
    return build_system(builder.build(), (wet, spring, pull))


def test_a_film_that_finds_no_answer_is_named_by_its_joint(monkeypatch: pytest.MonkeyPatch) -> None:
    import fem.terms.film as module

    real = module.film_step

    def lost(*given: Any) -> Any:
        step = real(*given)
        return replace(step, iterations=np.full_like(step.iterations, -1))

    monkeypatch.setattr(module, "film_step", lost)
    with pytest.raises(NotConvergedError) as caught:
        solve_motion(film_under_a_plate(), 0.1, 0.05)
    told = str(caught.value)
    assert "phase 'motion' did not converge at t = " in told
    assert "worst place: film: L4-L5 left, at (" in told
    assert "could not follow so large a motion" in told
    assert "phases: steps" in told


@pytest.mark.parametrize(
    ("reason", "kind", "detail", "key"),
    [
        (StopReason.STALLED, "ContactTerm", "", "surfaces jump"),
        (StopReason.STALLED, "CableTerm", "", "circles"),
        (StopReason.DIVERGED, "SolidTerm", "", "diverged"),
        (StopReason.DIVERGED, "ForceTerm", "", "overload"),
        (StopReason.TOO_MANY_ITERATIONS, "FilmTerm", "", "surfaces jump"),
        (StopReason.TOO_MANY_ITERATIONS, "CableTerm", "", "slow"),
        (StopReason.NON_FINITE, "FilmTerm", "", "film"),
        (StopReason.NON_FINITE, "SolidTerm", "factor of the tangent (singular)", "held by nothing"),
        (StopReason.NON_FINITE, "SolidTerm", "stress in annulus", "not a number"),
        (StopReason.INVERTED, "", "", "unknown"),
    ],
)
def test_what_is_told_hangs_on_why_and_on_where(reason: StopReason, kind: str, detail: str, key: str) -> None:
    suspect = Suspect("it", kind) if kind else None
    assert cause_of(NewtonReport(reason, (), (), "", detail), suspect).key == key


def test_the_table_of_causes_covers_every_reason_and_names_what_there_is() -> None:
    modules = [import_module(f"fem.terms.{module.name}") for module in iter_modules(fem.terms.__path__)]
    known = {name for module in modules for name in vars(module)}
    reasons = {reason.name for reason in StopReason if reason is not StopReason.CONVERGED}
    assert {name for entry in causes() for name in entry["reasons"]} == reasons
    assert {name for entry in causes() for name in entry.get("terms", ())} <= known
    assert set(causes()[-1]["reasons"]) == reasons  # so that nothing is left without advice
    assert all(entry["says"] and entry["advice"] for entry in causes())
    keys = [entry["key"] for entry in causes()]
    assert len(keys) == len(set(keys))


def test_terms_of_a_spine_say_where_their_elements_are() -> None:
    model = spine_problem().model
    terms = {term.name: term for term in model.terms}
    placed = {name: term.labels for name, term in terms.items() if isinstance(term, PlacedTerm)}
    for name, labels in placed.items():
        assert len(labels) == len(terms[name].points), name
    cables = [label for name, labels in placed.items() if name.startswith("ligaments") for label in labels]
    assert {"ALL L4-L5, strand 0", "CL left L4-L5, strand 3"} <= set(cables)
    assert set(placed["facets"]) == {"L4-L5 left", "L4-L5 right"}
    middles = model.layout.reference[np.asarray(terms["annulus L4-L5"].points)].mean(axis=1)
    for label, (x, y, _) in zip(placed["annulus L4-L5"], middles - middles.mean(axis=0), strict=True):
        assert ("left" in label) <= (y > 0.0), label
        assert ("right" in label) <= (y < 0.0), label
        assert ("posterior" in label) <= (x < 1.0), label


def test_a_failed_run_keeps_a_state_that_opens_and_says_where_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lumbar.yaml").symlink_to(ROOT / "meshes" / "lumbar.yaml")
    (tmp_path / "absurd.yaml").write_text(
        "version: 1\ntitle: A hundred kilonewtons\n"
        "spine: {anatomy: lumbar.yaml, resolution: coarse, levels: L4-L5, structures: [disc]}\n"
        "phases:\n  - {name: settle}\n"
        "  - {name: bend, loads: [{kind: moment, on: L4, motion: flexion, value: 3 N m}]}\n"
        "  - {name: push, loads: [{kind: force, on: L4, direction: [0, 0, -1], value: 100 kN}]}\n"
        "solver: {smallest_step: 0.2}\n"
    )
    assert main(["run", "absurd.yaml", "-o", "out"]) == 3
    told = capsys.readouterr().err
    where = (
        r"(nucleus|annulus) L4-L5: [a-z ]+, at \(-?\d+\.\d, -?\d+\.\d, \d+\.\d\) mm in the neutral posture"
    )
    assert re.search(rf"phase 'push' did not converge at t = 2\.\d+ s.*worst place: {where}", told)
    run = read_result(Path("out")).run
    assert run["status"] == "failed"
    assert re.search(where, run["message"])
    time, file = field_times(Path("out"))[-1]
    assert f"up to t = {time:.6g} s" in told
    disc = read_vtu(file.with_suffix("") / "disc.vtu")
    assert np.abs(disc.point_data["displacement"]).max() > 0.1
    assert np.isfinite(disc.point_data["displacement"]).all()
