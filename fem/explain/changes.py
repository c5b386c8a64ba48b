"""One thing changed in a case, and why a change does not apply: plain data."""

from dataclasses import dataclass
from typing import Final

#: Names of all counterfactuals, in the order in which they are run.
NAMES: Final = (
    "no_guarding",
    "rested",
    "more_force",
    "faster",
    "redirected",
    "like_neighbours",
    "thinner_film",
    "thicker_film",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A counterfactual.

    Attributes
    ----------
    name : stable key, also the name of its result folder.
    barrier : what it takes away, in words: ``guarding``.
    words : what is different, in words that follow "it would pop": ``with the muscles relaxed``.
    overrides : texts ``key=value`` on top of the case.
    chosen : whether somebody could choose it; False for what is merely not known, such as the film.
    since : [s] since the last pop that it takes away, where it does.
    """

    name: str
    barrier: str
    words: str
    overrides: tuple[str, ...]
    chosen: bool = True
    since: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A counterfactual that does not apply: its name, the barrier it would have taken away, and why."""

    name: str
    barrier: str
    reason: str
