"""The limits of a model's tissues, each with the datum it comes from."""

from collections.abc import Iterator

from fem.case.problem import Problem
from fem.literature import Datum
from fem.results.risks import Limit

#: Datum of the limits' set -> what kind of limit it is.
_KINDS = {"warning_strain": "sub-failure", "failure_strain": "failure"}


def tissue_limits(problem: Problem) -> tuple[Limit, ...]:
    """Return sub-failure and failure strain of every ligament bundle, and the injury strain of every muscle group."""
    return (*_ligaments(problem), *_muscles(problem))


def _ligaments(problem: Problem) -> Iterator[Limit]:
    pairs = dict.fromkeys(
        pair for group in problem.model.strands for pair in zip(group.level, group.bundle, strict=True)
    )
    for level, bundle in pairs:
        for name, kind in _KINDS.items():
            datum = problem.sets["limits"].datum(f"{bundle.split()[0]}.{name}")
            place = ("ligaments", level, bundle)
            yield _limit(f"{level} {bundle}", place, "peak_strain", kind, datum)


def _muscles(problem: Problem) -> Iterator[Limit]:
    muscles = problem.model.muscles
    if muscles is None:
        return
    datum = problem.sets["muscles"].datum("law.injury_strain")
    names = (f"{group} {side}" for group, side in zip(muscles.group, muscles.side, strict=True))
    for name in dict.fromkeys(names):
        yield _limit(name, ("muscles", name), "fibre_strain", "injury", datum)


def _limit(structure: str, place: tuple[str, ...], quantity: str, kind: str, datum: Datum) -> Limit:
    return Limit(
        structure,
        place,
        quantity,
        datum.value,
        kind,
        datum.kind,
        datum.source,
        datum.locator,
        datum.confidence,
    )
