"""Margins of the target under other films, replayed over the motion of one run; kept beside the runs."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from fem.arrays import FloatArray
from fem.errors import FacetgapError
from fem.observe.film_draws import with_inputs
from fem.observe.film_path import follow, reduced, whole_path
from fem.observe.refractory import side_by_side
from fem.observe.verdict import VerdictSettings, margin, popped
from fem.results.atomic import write_json
from fem.results.film_motion import MOTION_FILE, FilmMotion, read_motion
from fem.sensitivity.inputs import Input
from fem.sensitivity.outputs import REPLAYED

_VERSION: Final = 1
_NEAR: Final = 1e-9


def at_an_end(value: float) -> bool:
    """Return whether a margin lies at an end of its scale, where one pop or none is like another."""
    farthest = VerdictSettings().farthest
    return value <= 1.0 / farthest - 1.0 + _NEAR or value >= farthest - 1.0 - _NEAR


def margins(
    folder: Path, target: str, films: Sequence[Input], points: FloatArray, keep: Path
) -> Mapping[str, list[float]]:
    """Return each of `REPLAYED` at each of `points` (p, k) of the film's inputs; NaN where one cannot be found.

    Parameters
    ----------
    folder : result of the run.
    keep : file in which answers are kept, and from which they are taken when motion, inputs and points are the same.
    """
    asked = _asked(folder, target, films, points)
    known = _kept(keep)
    if known.get("asked") == asked:
        return {name: [_number(value) for value in known[name]] for name in REPLAYED}
    motion = side_by_side(read_motion(folder), target, 1)
    values = [_values(films, point) for point in points]
    found = {
        name: [float("nan") if whole is None else _margin(whole, each) for each in values]
        for name, whole in zip(REPLAYED, (motion, motion.since_rest()), strict=True)
    }
    kept = {name: [value if math.isfinite(value) else None for value in row] for name, row in found.items()}
    keep.parent.mkdir(parents=True, exist_ok=True)
    write_json(keep, {"version": _VERSION, "asked": asked, **kept})
    return found


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _values(films: Sequence[Input], point: FloatArray) -> dict[str, float]:
    return {
        one.name: float(one.band.at(np.asarray(share)))
        for one, share in zip(films, point, strict=True)
        if one.band is not None
    }


def _margin(motion: FilmMotion, values: dict[str, float]) -> float:
    settings = VerdictSettings()
    try:
        changed = with_inputs(motion, values)
        films = changed.films()
        followed = follow(films, whole_path(changed), settings.tolerance)
        if not followed.solved[0]:
            return float("nan")
        hits = popped(followed, films, changed.inputs.criteria)
        return float(margin(reduced(changed, settings.straightness), hits, settings)[0])
    except FacetgapError:
        return float("nan")


def _asked(folder: Path, target: str, films: Sequence[Input], points: FloatArray) -> str:
    """Return what the answers depend on, as one text that is short."""
    motion = folder / MOTION_FILE
    bands = [(one.name, one.band.low, one.band.high) for one in films if one.band is not None]
    about = json.dumps([target, bands, np.round(points, 9).tolist()])
    data = motion.read_bytes() if motion.is_file() else b""
    return hashlib.sha256(about.encode() + data).hexdigest()


def _kept(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("version") == _VERSION else {}
