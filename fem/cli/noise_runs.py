"""The runs that `facetgap compare --measure-noise` measures noise on, solved where they are not there yet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fem.compare.companions import Planned
    from fem.results.salvage import OpenedResult


def measure(opened: Sequence["OpenedResult"], jobs: int) -> None:
    """Solve the next mesh and half the steps of every result, `jobs` at once, each in a folder beside it.

    A run that fails is said and left out: the noise of its kind then is the default one.
    """
    from fem.cli.workers import solved
    from fem.compare.companions import planned
    from fem.runner import RunRequest, worker_count

    plans = {plan.folder: plan for result in opened for plan in planned(result)}
    requests = [RunRequest(plan.case, plan.overrides, plan.folder) for plan in plans.values()]
    for plan in plans.values():
        click.echo(f"noise run: {_words(plan)} -> {plan.folder}", err=True)
    for request, error in solved(requests, worker_count(jobs, len(requests))):
        said = f"noise run {request.folder}: " + ("done" if error is None else f"left out, {error}")
        click.echo(said, err=True)


def _words(plan: "Planned") -> str:
    return f"{plan.case.parent} with {', '.join(plan.overrides)}"
