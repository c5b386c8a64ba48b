"""The runs that `facetgap compare --measure-noise` measures noise on, solved where they are not there yet."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from fem.errors import FacetgapError

if TYPE_CHECKING:
    from fem.compare.companions import Planned
    from fem.results.salvage import OpenedResult
    from fem.runner import RunRequest


def measure(opened: Sequence["OpenedResult"], jobs: int) -> None:
    """Solve the next mesh and half the steps of every result, `jobs` at once, each in a folder beside it.

    A run that fails is said and left out: the noise of its kind then is the default one.
    """
    from fem.compare.companions import planned
    from fem.runner import RunRequest, worker_count

    plans = {plan.folder: plan for result in opened for plan in planned(result)}
    requests = [RunRequest(plan.case, plan.overrides, plan.folder) for plan in plans.values()]
    for plan in plans.values():
        click.echo(f"noise run: {_words(plan)} -> {plan.folder}", err=True)
    for request, error in _solved(requests, worker_count(jobs, len(requests))):
        said = f"noise run {request.folder}: " + ("done" if error is None else f"left out, {error}")
        click.echo(said, err=True)


def _words(plan: "Planned") -> str:
    return f"{plan.case.parent} with {', '.join(plan.overrides)}"


def _solved(
    requests: Sequence["RunRequest"], workers: int
) -> Iterator[tuple["RunRequest", FacetgapError | None]]:
    if workers > 1:
        from fem.cli.workers import solve_in_workers

        for request, outcome in solve_in_workers(requests, workers):
            if isinstance(outcome, Exception) and not isinstance(outcome, FacetgapError):
                raise outcome
            yield request, outcome if isinstance(outcome, FacetgapError) else None
        return
    for request in requests:
        yield request, _run(request)


def _run(request: "RunRequest") -> FacetgapError | None:
    """Solve one case with a line of progress; return why it failed."""
    from fem.results.progress import Progress
    from fem.runner import run_case

    progress = Progress(sys.stderr)
    try:
        run_case(request, lambda text: progress.update(f"{request.folder}: {text}"))
    except FacetgapError as error:
        return error
    finally:
        progress.close()
    return None
