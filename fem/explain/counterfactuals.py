"""Which counterfactuals apply to a case: the case again with one thing changed, as overrides of its keys."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from fem.case.film_schema import FilmSection
from fem.case.read import CaseFile, read_case
from fem.case.schema import Modification
from fem.document.write import plain_values
from fem.errors import InputError, UsageError
from fem.explain.changes import Change, LeftOut
from fem.explain.loads import faster, more_force, redirected
from fem.explain.pushes import in_words, written

#: The case itself among the runs.
AS_IT_IS: Final = Change("as_it_is", "", "as it is", ())


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run to explain a case.

    Attributes
    ----------
    case_file : the case with the user's own overrides.
    overrides : those of the user, as texts ``key=value``.
    target : facet joint that ought to pop.
    changes : counterfactuals that apply; left_out : those that do not, each with its reason.
    """

    case_file: CaseFile
    overrides: tuple[str, ...]
    target: str
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def path(self) -> Path:
        """The case file."""
        return self.case_file.document.path

    def overrides_of(self, change: Change) -> tuple[str, ...]:
        """Return the overrides of one run: the user's, then those of the change; the case itself has no further ones.

        A counterfactual is not held against what the case expects, and keeps fields of its first and last state only.
        """
        if not change.overrides:
            return self.overrides
        case = self.case_file.case
        title = json.dumps(f"{case.title}; {change.words}", ensure_ascii=False)
        last = written(sum(phase.duration for phase in case.phases), "time")
        bare = (f"title={title}", "expect=[]", f"output={{every: {last}, fields: [displacement]}}")
        return (*self.overrides, *bare, *change.overrides)


def plan(path: Path, overrides: tuple[str, ...] = (), only: Collection[str] = ()) -> Plan:
    """Return what is run to explain the case `path`; with `only`, no other counterfactuals than those named.

    Raises
    ------
    InputError
        When the case is faulty.
    UsageError
        When it is not one that can be explained: no target, no film.
    """
    bare = bare_plan(path, overrides)
    case_file, target = bare.case_file, bare.target
    changes: list[Change] = []
    left_out: list[LeftOut] = []
    for make in MAKERS:
        found = make(case_file)
        if isinstance(found, Change) and only and found.name not in only:
            found = LeftOut(found.name, found.barrier, "not asked for")
        if isinstance(found, Change):
            found = _accepted(bare, found)
        (changes if isinstance(found, Change) else left_out).append(found)  # type: ignore[arg-type]
    return Plan(case_file, overrides, target, tuple(changes), tuple(left_out))


def bare_plan(path: Path, overrides: tuple[str, ...] = ()) -> Plan:
    """Return a plan without counterfactuals; errors as for `plan`."""
    case_file = read_case(path, overrides)
    return Plan(case_file, overrides, require_explainable(case_file), (), ())


def require_explainable(case_file: CaseFile) -> str:
    """Return the target; UsageError when nothing can be said about whether it pops, with what to write."""
    case, name = case_file.case, case_file.document.path
    if case.spine is None:
        raise UsageError(f"{name} is a problem without a spine; only a spine has joints that can pop")
    if case.target is None:
        joints = ", ".join(case.spine.joint_names)
        raise UsageError(
            f"{name} names no target; write the joint that ought to pop, as in target: L4-L5 left, or give "
            f"--set 'target=L4-L5 left' (joints: {joints})"
        )
    if not case.has_film:
        raise UsageError(
            f"{name} has dry joints, and whether a joint pops is decided by its synovial film; write film: {{}} into "
            "the case, or give --set film={}"
        )
    return case.target


def _accepted(plan: Plan, change: Change) -> Change | LeftOut:
    """Return the change if the case can be read with it, or why not."""
    try:
        read_case(plan.path, plan.overrides_of(change))
    except InputError as error:
        return LeftOut(change.name, change.barrier, f"the case would be refused: {error.problems[0].message}")
    return change


def no_guarding(case_file: CaseFile) -> Change | LeftOut:
    """Return the case with relaxed muscles and no reflex."""
    muscles, guards = case_file.case.muscles, case_file.guarding()
    if muscles is None or guards is None:
        return LeftOut("no_guarding", "guarding", "the case has no muscles")
    if muscles.guarding == "relaxed" and guards.reflex is None and not muscles.activation:
        return LeftOut("no_guarding", "guarding", "the muscles are relaxed already")
    balance = "true" if muscles.balance else "false"
    override = f"muscles={{guarding: relaxed, reflex: none, balance: {balance}}}"
    return Change("no_guarding", "guarding", "with the muscles relaxed and no reflex", (override,))


def rested(case_file: CaseFile) -> Change | LeftOut:
    """Return the case long after the last pop."""
    film, target = _film(case_file), case_file.case.target
    since = film.since_last_pop(str(target))
    if since is None:
        return LeftOut("rested", "the refractory period", "the target has not popped before")
    override = "film.minutes_since_last_pop=null"
    return Change(
        "rested", "the refractory period", "with all gas of the last pop gone", (override,), since=since
    )


def like_neighbours(case_file: CaseFile) -> Change | LeftOut:
    """Return the case with the level of the target as it is without modification."""
    spine, target = case_file.case.spine, str(case_file.case.target)
    level, barrier = target.rpartition(" ")[0], "a target that differs from its neighbours"
    modify: Mapping[Any, Modification] = spine.modify if spine is not None else {}
    if modify.get(level, Modification()) == Modification():
        return LeftOut("like_neighbours", barrier, "the target's level is like its neighbours already")
    kept = {str(name): plain_values(entry) for name, entry in modify.items() if name != level}
    change = Change("like_neighbours", barrier, "with the target as mobile as its neighbours", ())
    return replace(change, overrides=(f"spine.modify={json.dumps(kept)}",))


def thinner_film(case_file: CaseFile) -> Change | LeftOut:
    """Return the case with the thinnest film of the data set's band, or half of the case's own if that is less."""
    return _film_of(case_file, "thinner_film", thinner=True)


def thicker_film(case_file: CaseFile) -> Change | LeftOut:
    """Return the case with the thickest film of the data set's band, or twice the case's own if that is more."""
    return _film_of(case_file, "thicker_film", thinner=False)


def _film_of(case_file: CaseFile, name: str, *, thinner: bool) -> Change | LeftOut:
    barrier = "the thickness of the film"
    datum = case_file.parameter_sets()["film"].datum("film.rest_thickness")
    given, end = _film(case_file).thickness, datum.low if thinner else datum.high
    if given is not None and (end is None or not (end < given if thinner else end > given)):
        end = given * (0.5 if thinner else 2.0)
    if end is None:
        return LeftOut(name, barrier, "the data set film gives no band for the thickness")
    words = f"with a film of {in_words(end, 'length')}"
    return Change(name, barrier, words, (f"film.thickness={written(end, 'length')}",), kind="unknown")


def _film(case_file: CaseFile) -> FilmSection:
    film = case_file.case.film_section
    assert film is not None, "a case without film is refused before"
    return film


#: Every counterfactual, in the order in which they are run.
MAKERS: Final[tuple[Callable[[CaseFile], Change | LeftOut], ...]] = (
    no_guarding,
    rested,
    more_force,
    faster,
    redirected,
    like_neighbours,
    thinner_film,
    thicker_film,
)
