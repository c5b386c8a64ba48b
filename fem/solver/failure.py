"""A solve that failed, in words: which structure, where, why, and what to try (data: ``causes.toml``)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from fem.elements.layout import Layout
from fem.solver.newton import Solution
from fem.solver.report import NewtonReport
from fem.system.suspect import Suspect, blamed, hardest_pull, place_words
from fem.system.system import System


@dataclass(frozen=True, slots=True)
class Cause:
    """Why solves fail: a short name, what it usually is, what to try."""

    key: str
    says: str
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A solve that failed.

    Attributes
    ----------
    reason, detail : why it ended; the error that ended it, or an empty text.
    unknown : the unknown that is furthest out of balance, in words; empty if nothing was evaluated.
    suspect : the part of the model that the failure points at, None if it points at none.
    cause : what this usually is.
    norms : the last residuals over the largest force of any term.
    """

    reason: str
    detail: str
    unknown: str
    suspect: Suspect | None
    cause: Cause
    norms: tuple[float, ...]

    def words(self) -> str:
        """Return what failed where, what it usually is, and what to try."""
        detail = f" ({self.detail})" if self.detail else ""
        norms = ", ".join(f"{norm:.1e}" for norm in self.norms) or "none"
        tries = "; or ".join(self.cause.advice)
        return (
            f"{self.reason}{detail}; worst place: {self._place()}; last residuals: {norms}. "
            f"Most likely {self.cause.says}. Try {tries}."
        )

    def _place(self) -> str:
        if self.suspect is None:
            return self.unknown or "unknown"
        out = self.suspect.words()
        # A body's residual is the sum of all that acts on it: both are worth knowing.
        return f"{out}, which pulls hardest on the {self.unknown}" if self.unknown else out


def failure_of(system: System, solution: Solution) -> Failure:
    """Return what can be said of a solve that did not converge."""
    report, unknown, suspect = solution.report, "", None
    if report.error is not None:
        suspect = blamed(system, report.error)
    if suspect is None and solution.evaluation is not None:
        worst = _worst_unknown(system, solution)
        unknown = _unknown_words(system.layout, worst)
        suspect = hardest_pull(system, solution.evaluation, worst)
    return Failure(
        report.reason.value, report.detail, unknown, suspect, cause_of(report, suspect), report.norms[-4:]
    )


def cause_of(report: NewtonReport, suspect: Suspect | None) -> Cause:
    """Return the first cause of the table that fits a failed solve."""
    for entry in causes():
        if report.reason.name not in entry["reasons"]:
            continue
        if "terms" in entry and (suspect is None or suspect.kind not in entry["terms"]):
            continue
        if "words" in entry and not any(word in report.detail for word in entry["words"]):
            continue
        return Cause(entry["key"], entry["says"], tuple(entry["advice"]))
    raise ValueError(f"causes.toml has no line for {report.reason.name}")


@cache
def causes() -> tuple[Mapping[str, Any], ...]:
    """Return the lines of the table of causes."""
    text = files("fem.solver").joinpath("causes.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["cause"])


def _worst_unknown(system: System, solution: Solution) -> int:
    """Return the unknown that is furthest out of balance, spins scaled to forces."""
    assert solution.evaluation is not None
    residual = system.force_scale * solution.evaluation.residual
    residual[system.imposed(solution.state)[0]] = 0.0
    return int(np.argmax(np.abs(residual)))


def _unknown_words(layout: Layout, unknown: int) -> str:
    """Return an unknown in words: a node by its place, a body by its name."""
    if unknown < 3 * layout.node_count:
        point = layout.reference[np.flatnonzero(layout.node == unknown // 3)[0]]
        return f"node {place_words(point)}"
    for name, start in zip(layout.body_names, layout.body_start, strict=True):
        if start >= 0 and 0 <= unknown - start < 6:
            turns = unknown - start >= 3
            return f"{'rotation' if turns else 'position'} of {name} ({'xyz'[unknown % 3]})"
    return f"unknown {unknown}"
