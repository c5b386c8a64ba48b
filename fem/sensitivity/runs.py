"""The runs of a study: one result folder each, named by what it changes, used again by longer designs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from fem.errors import UsageError
from fem.explain.runs import is_ready
from fem.runner import RunRequest
from fem.sensitivity.design import Design
from fem.sensitivity.study import Study

RUNS: Final = "runs"
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class PointRun:
    """The run of one point of a design, and whether its result is there already."""

    request: RunRequest
    ready: bool

    @property
    def folder(self) -> Path:
        """Result folder."""
        assert self.request.folder is not None
        return self.request.folder


def default_folder(study: Study) -> Path:
    """Return ``results/sensitivity/<case>``."""
    return Path("results") / "sensitivity" / study.case_file.name


def point_runs(
    study: Study,
    planned: Design,
    folder: Path,
    *,
    otherwise: Literal["refuse", "replace", "pass over"] = "refuse",
    command: Sequence[str] = (),
) -> tuple[PointRun, ...]:
    """Return the run of every point, in the order of the design.

    Parameters
    ----------
    otherwise : what to do with a folder in which something else lies, or is being written.

    Raises
    ------
    UsageError
        Where that is to be refused: a result of other inputs (the case or its data have changed since), or none at all.
    """
    return tuple(_point_run(study, shares, folder, otherwise, tuple(command)) for shares in planned.points)


def _point_run(
    study: Study, shares: tuple[float, ...], folder: Path, otherwise: str, command: tuple[str, ...]
) -> PointRun:
    overrides = study.overrides_at(shares)
    name = hashlib.sha256("\n".join(overrides).encode()).hexdigest()[:_DIGITS]
    request = RunRequest(study.path, overrides, folder / RUNS / name, command=command)
    try:
        return PointRun(request, is_ready(request))
    except UsageError:
        if otherwise == "refuse":
            raise
        return PointRun(replace(request, force=otherwise == "replace"), False)
