"""Cartilage beyond the end of its law is told, joint by joint, and only then."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from fem.observe.squeezed import overpressed
from oracles.spines import spine_problem


def _record(problem: Any, squeezed: Mapping[str, float]) -> Any:
    """Return a record in which joints are squeezed by shares of their layers; the others are open."""
    facets = problem.model.facets
    layers = facets.term.law.thickness[facets.start[:-1]]
    gaps = [-squeezed.get(name, -0.5) * layer for name, layer in zip(facets.names, layers, strict=True)]
    tables = {"facets": {"joint": list(facets.names), "gap_min_mm": gaps}}
    return SimpleNamespace(tables=tables, phase="bend")


def test_a_joint_beyond_the_end_of_its_law_is_named_with_its_phase() -> None:
    problem = spine_problem()
    told = list(overpressed(problem, _record(problem, {"L4-L5 left": 0.91, "L4-L5 right": 0.89})))
    assert len(told) == 1
    assert "L4-L5 left" in told[0]
    assert "more than 90 % of its thickness in phase 'bend'" in told[0]
    deeper = list(overpressed(problem, _record(problem, {"L4-L5 left": 2.0})))
    assert deeper == told  # said once, however deep


def test_open_joints_and_spines_without_joints_are_not_told_of() -> None:
    problem = spine_problem()
    assert list(overpressed(problem, _record(problem, {}))) == []
    bare = spine_problem(structures=("disc",))
    assert list(overpressed(bare, SimpleNamespace(tables={}, phase="bend"))) == []
