"""One thing changed in a case, and why a change does not apply: plain data."""

from dataclasses import dataclass
from typing import Final, Literal

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
    kind : ``barrier`` where something that stands in the way is taken away, ``effort`` where more is done against it,
        ``unknown`` where an input that nobody chooses is another one.
    since : [s] since the last pop that it takes away, where it does.
    """

    name: str
    barrier: str
    words: str
    overrides: tuple[str, ...]
    kind: Literal["barrier", "effort", "unknown"] = "barrier"
    since: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A counterfactual that does not apply: its name, the barrier it would have taken away, and why."""

    name: str
    barrier: str
    reason: str
