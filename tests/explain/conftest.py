"""Made-up outcomes, summaries and results: what an explanation is made of, without a solver."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from fem.case.read import read_case
from fem.explain.changes import Change
from fem.explain.judgement import Run
from fem.explain.outcome import Outcome, Strain
from fem.results.atomic import write_json
from fem.results.cavitation import Cavitation, JointVerdict, merged
from fem.results.folder import claim
from fem.results.read import SUMMARY_FILE
from fem.runner import RunOutcome, RunRequest, run_info

TARGET = "L4-L5 left"
Make = Callable[..., Any]


def verdict_of(probability: float) -> str:
    """Return the verdict that belongs to a probability."""
    return (
        "cavitates" if probability >= 0.9 else "does not cavitate" if probability <= 0.1 else "undetermined"
    )


@pytest.fixture
def outcome_of() -> Callable[..., Outcome]:
    """Make an outcome out of a probability and a margin; anything else by name."""

    def make(probability: float, margin: float, strain: float = 0.2, **more: Any) -> Outcome:
        worst = Strain("L4-L5", "CL left", strain, strain / 0.4, "toe")
        given = {"largest": worst, "nearest": worst, "margins": {TARGET: margin}, **more}
        return Outcome(verdict_of(probability), probability, margin, margin >= 0.0, **given)

    return make


@pytest.fixture
def run_of() -> Callable[..., Run]:
    """Make a run out of a name and an outcome."""

    def make(name: str, outcome: Outcome | None, *, kind: Any = "barrier", message: str = "") -> Run:
        change = Change(name, f"barrier {name}", f"with {name}", (f"{name}=1",), kind)
        return Run(change, Path("results") / name, outcome, message)

    return make


def joint(name: str, probability: float, margin: float) -> JointVerdict:
    return JointVerdict(
        joint=name,
        verdict=verdict_of(probability),
        probability=probability,
        pops=margin >= 0.0,
        micro_inception=False,
        margin=margin,
        dominant_input=None,
        dominant_correlation=None,
        lowest_pressure=0.05,
        cavity=0.0,
        cavity_share=0.0,
        energy=0.0,
        peak_separation=0.4,
        mri_gapping=0.4,
        mri_criterion="between",
        mri_agrees="open",
        time=2.1 if margin >= 0.0 else None,
    )


def leave_result(request: RunRequest, probability: float, margin: float) -> RunOutcome:
    """Leave a complete result with these verdicts in the folder of a request, as a run would."""
    case_file = read_case(request.case, request.overrides)
    assert request.folder is not None
    folder = claim(request.folder, run_info(case_file, request), force=request.force)
    assert folder is not None
    told = Cavitation((joint(TARGET, probability, margin), joint("L4-L5 right", 0.0, -0.7)), 8)
    summary = merged(folder.finish("complete"), told)
    write_json(request.folder / SUMMARY_FILE, summary)
    header = "step,level,flexion_deg,lateral_bending_deg,axial_rotation_deg"
    (request.folder / "levels.csv").write_text(f"{header}\n0,L4-L5,0,0,0\n1,L4-L5,1,0,2\n")
    return RunOutcome(request.folder, summary, up_to_date=False)


class Solver:
    """Stands in for the workers: answers by the name of a run's folder, and may be interrupted after some runs."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[float, float] | Exception] = {}
        self.asked: list[str] = []
        self.patience: int | None = None

    def __call__(
        self, requests: Sequence[RunRequest], workers: int
    ) -> Iterator[tuple[RunRequest, RunOutcome | Exception]]:
        for request in requests:
            if self.patience is not None and len(self.asked) >= self.patience:
                raise KeyboardInterrupt
            yield request, self.solve(request)

    def solve(self, request: RunRequest) -> RunOutcome | Exception:
        """Return what a run came to."""
        assert request.folder is not None
        self.asked.append(request.folder.name)
        answer = self.answers.get(request.folder.name, (0.05, -0.4))
        return answer if isinstance(answer, Exception) else leave_result(request, *answer)


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Solver:
    """A solver that solves nothing."""
    made = Solver()
    monkeypatch.setattr("fem.cli.workers.solve_in_workers", made)
    return made
