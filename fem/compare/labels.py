"""Short names that tell results apart, also of two with the same name."""

import os
from collections.abc import Sequence
from pathlib import Path


def labels(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return one name a folder: its last part, with as many parts before it as tell it apart; a number for the rest.

    The same folder given twice gets ``(1)`` and ``(2)``.
    """
    parts = [Path(os.path.abspath(path)).parts for path in paths]
    names = ["/".join(own[-_parts_needed(own, parts) :]) for own in parts]
    return tuple(
        f"{name} ({names[:number].count(name) + 1})" if names.count(name) > 1 else name
        for number, name in enumerate(names)
    )


def _parts_needed(own: Sequence[str], every: Sequence[Sequence[str]]) -> int:
    others = [parts for parts in every if parts != own]
    for count in range(1, len(own) + 1):
        if all(tuple(parts[-count:]) != tuple(own[-count:]) for parts in others):
            return count
    return 1
