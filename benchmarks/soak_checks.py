"""What must hold of every run: balance of forces, of energy, ligaments that only pull, surfaces that stay apart."""

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from fem.case.problem import Problem
from fem.mesh.vtu_read import read_vtu
from fem.observe.squeezed import squeezed
from fem.results.quantities import TABLES
from fem.results.read import field_times, read_result, read_table
from fem.solver.report import Step
from fem.terms.inertia import InertiaTerm
from fem.terms.term import Configuration, Contribution, Term


class Watch:
    """Looks at every converged step: the worst imbalance of any structure, and of the whole."""

    def __init__(self, problem: Problem) -> None:
        self._system = problem.system
        loads = frozenset(problem.loads)
        self._inner = [
            term
            for term in problem.system.terms
            if term.name not in loads and not isinstance(term, InertiaTerm)
        ]
        self._facets = problem.model.facets
        self.limit = problem.model.facets.term.law.limit if problem.model.facets else 1.0
        self.unbalanced, self.worst = 0.0, ""
        self.equilibrium = self.squeezed = 0.0

    def see(self, step: Step) -> None:
        """Take one step into account."""
        here = step.evaluation.configuration
        for term in self._inner:
            share = imbalance(term, step.evaluation.contributions[term.name], here)
            if not share <= self.unbalanced:
                self.unbalanced, self.worst = share, f"{term.name} at t = {step.state.time:.6g} s"
        scale = self._system.force_scale
        residual = scale * np.sum(list(step.evaluation.forces.values()), axis=0)
        residual[self._system.imposed(step.state)[0]] = 0.0
        largest = max(float(np.linalg.norm(scale * force)) for force in step.evaluation.forces.values())
        if largest > 1.0:  # below a newton the bar of the solver is rounding
            self.equilibrium = max(self.equilibrium, float(np.linalg.norm(residual)) / largest)
        if self._facets is not None:
            share = squeezed(self._facets, self._facets.term.law, here.positions)
            self.squeezed = max(self.squeezed, float(share.max(initial=0.0)))


def imbalance(term: Term, part: Contribution, here: Configuration) -> float:
    """Return net force and moment of a structure over the sum of the sizes of its forces: action and reaction.

    Moments are divided by 100 mm, about the size of a vertebra.
    """
    points = np.asarray(term.points)
    count = points.shape[1]
    nodal = part.force[:, : 3 * count].reshape(len(points), count, 3)
    place = here.positions[points]
    force, moment = nodal.sum(axis=(0, 1)), np.cross(place, nodal).sum(axis=(0, 1))
    size = float(np.linalg.norm(nodal, axis=-1).sum())
    bodies = np.asarray(term.bodies)
    if bodies.shape[1]:
        wrench = part.force[:, 3 * count :].reshape(len(points), bodies.shape[1], 2, 3)
        force = force + wrench[:, :, 0].sum(axis=(0, 1))
        arms = np.cross(here.origins[bodies], wrench[:, :, 0])
        moment = moment + (arms + wrench[:, :, 1]).sum(axis=(0, 1))
        size += float(np.linalg.norm(wrench[:, :, 0], axis=-1).sum())
        size += float(np.linalg.norm(wrench[:, :, 1], axis=-1).sum()) / 100.0
    if size < 1e-6:  # less than a micronewton
        return 0.0
    return float(max(np.linalg.norm(force), np.linalg.norm(moment) / 100.0) / size)


def broken(folder: Path, bars: Mapping[str, float], watch: Watch | None) -> list[str]:
    """Return a sentence for everything that a finished result breaks."""
    result = read_result(folder)
    found = [*_not_finite(folder), *_pushing(folder)]
    error = result.summary.get("energy", {}).get("balance_error", 0.0)
    if result.summary["status"] == "complete" and not error <= bars["energy"]:
        found.append(f"{100 * error:.2g} % of the energy is not accounted for")
    if watch is not None:
        if not watch.unbalanced <= bars["balance"]:
            found.append(f"forces of {watch.worst} do not cancel: {watch.unbalanced:.1e}")
        if not watch.equilibrium <= bars["equilibrium"]:
            found.append(f"the whole is out of balance by {watch.equilibrium:.1e}")
        if not watch.squeezed < 1.0:
            found.append("surfaces of a joint pass through each other")
        if watch.squeezed > watch.limit and not any("squeezed" in text for text in result.run["warnings"]):
            found.append(
                f"cartilage squeezed by {100 * watch.squeezed:.0f} % of its thickness, and nobody is told"
            )
    return found


def opens(folder: Path) -> list[str]:
    """Return why what a failed run left cannot be opened; nothing if it can, fields of its last good state included."""
    try:
        result = read_result(folder)
        if result.run["status"] != "failed" or not result.run.get("message"):
            return [f"the failed run says '{result.run['status']}', without a message"]
        times = field_times(folder)
        if not times:
            return ["the failed run kept no state"]
        for file in sorted(times[-1][1].with_suffix("").glob("*.vtu")):
            read_vtu(file)
    except Exception as error:  # whatever it is, the result does not open
        return [f"the failed run does not open: {type(error).__name__}: {error}"]
    return []


def _not_finite(folder: Path) -> Iterator[str]:
    """Yield where a number of a result is not one: summary, run file, tables, fields."""
    for name in ("summary.json", "run.json"):
        for where in _json_faults(json.loads((folder / name).read_text(encoding="utf-8")), ""):
            yield f"{name}: {where} is not finite"
    for name in ("history", *TABLES):
        if (folder / f"{name}.csv").is_file():
            bad = {key for row in read_table(folder, name) for key, cell in row.items() if _is_bad(cell)}
            if bad:
                yield f"{name}.csv: not finite in {', '.join(sorted(bad))}"
    for _, file in field_times(folder):
        for part in sorted(file.with_suffix("").glob("*.vtu")):
            grid = read_vtu(part)
            arrays = {"points": grid.points, **grid.point_data, **grid.cell_data}
            for name, array in arrays.items():
                if not np.isfinite(np.asarray(array, dtype=np.float64)).all():
                    yield f"{file.stem}/{part.name}: {name} is not finite"


def _json_faults(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _json_faults(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _json_faults(item, f"{where}[{number}]")
    elif isinstance(value, float) and not isfinite(value):
        yield where


def _is_bad(cell: str | None) -> bool:
    return (cell or "").strip().lower() in {"nan", "inf", "-inf", "+inf"}


def _pushing(folder: Path) -> Iterator[str]:
    """Yield ligaments and muscles that push, and slack strands that pull."""
    for name, who in (("strands", "bundle"), ("muscles", "fascicle")):
        if (folder / f"{name}.csv").is_file():
            for row in read_table(folder, name):
                force = float(row["force_N"])
                slack = name == "strands" and float(row["strain"]) <= 0.0
                if not force >= 0.0 or (slack and force > 0.0):
                    yield f"{name}.csv: {row[who]} carries {force:.3g} N at step {row['step']}"
                    break
