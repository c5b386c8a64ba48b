"""The kinds of figures, and drawing several of them: what cannot be drawn is said, the rest is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from fem.figures.data import NothingToDrawError, ResultData
from fem.figures.dose import draw_dose
from fem.figures.drawing import Drawing, look
from fem.figures.facets import draw_gap, draw_maps
from fem.figures.gas import draw_gas
from fem.figures.kinds import KINDS
from fem.figures.loads import draw_load, draw_moment
from fem.figures.muscles import draw_muscles
from fem.figures.strain import draw_peaks, draw_strain

Draw = Callable[[Sequence[ResultData]], list[Drawing]]

_DRAW: Final[dict[str, Draw]] = {
    "load": draw_load,
    "strain": draw_strain,
    "peaks": draw_peaks,
    "moment": draw_moment,
    "gap": draw_gap,
    "maps": draw_maps,
    "muscles": draw_muscles,
    "dose": draw_dose,
    "gas": draw_gas,
}
assert tuple(_DRAW) == tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of a wish: drawings, and kind -> why it could not be drawn."""

    drawings: tuple[Drawing, ...]
    refused: dict[str, str]


def draw(kinds: Sequence[str], data: Sequence[ResultData], ligaments: Sequence[str] = ()) -> Drawn:
    """Draw figures of the given kinds; `ligaments` says which bundles ``strain`` shows."""
    drawings: list[Drawing] = []
    refused: dict[str, str] = {}
    with look():
        for kind in kinds:
            make = partial(draw_strain, wanted=ligaments) if kind == "strain" else _DRAW[kind]
            try:
                drawings += make(data)
            except NothingToDrawError as reason:
                refused[kind] = str(reason)
    return Drawn(tuple(drawings), refused)


def write_all(drawn: Drawn, folder: Path, endings: Sequence[str]) -> list[Path]:
    """Write every drawing and its data; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [file for drawing in drawn.drawings for file in drawing.write(folder, endings)]
