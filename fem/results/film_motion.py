"""``film_motion.npz``: how the facet joints moved in a run's dynamic phases, and what their films are made of.

A film can be replayed over it, with other inputs too, without solving the spine again.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fem.arrays import FloatArray, IntArray, frozen, frozen_index
from fem.errors import UsageError
from fem.film.laws import Cavitation, CrossFluid, FilmLaws, OpenRim, Recess, SoftLayer
from fem.film.mesh import FilmMesh, film_mesh
from fem.results.atomic import json_text, write_bytes
from fem.results.verdict_inputs import VerdictInputs, inputs_from

if TYPE_CHECKING:
    from fem.film.state import Film

MOTION_FILE: Final = "film_motion.npz"
_VERSION: Final = 1
#: Part of the laws -> what it may be made of.
_LAWS: Final[dict[str, tuple[type[Any], ...]]] = {
    "fluid": (CrossFluid,),
    "cavitation": (Cavitation,),
    "recess": (Recess, OpenRim),
    "layer": (SoftLayer,),
}
_NUMBERS: Final = ("disc", "points", "times", "gap", "cover", "rest")
_COUNTS: Final = ("quads", "stretch")
#: What files of earlier programs do not hold.
_POSITIONING: Final = ("positioning_times", "positioning_gap", "positioning_cover")


def _nothing() -> FloatArray:
    return frozen(np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class FilmMotion:
    """How k joints moved.

    Attributes
    ----------
    joints : their names.
    disc : (n, 2) film nodes in joint coordinates; quads : (e, 4) cells; points : (k, n, 3) [mm] nodes on the surfaces.
    times : (t,) [s] converged states. stretch : (t,) number of the stretch of dynamic phases that each belongs to; in
        the first state of a stretch the films are at rest.
    gap : (t, k, n) [mm] as the films see it, NaN where nothing faces the point; cover : (t, k, n) see `Placement`.
    rest : (k, n) [mm] gap before any load.
    laws : default laws of the films; order : of their steps in time.
    inputs : bands and criteria of a verdict.
    positioning_times : (s,) [s] converged states of the static phases before the first dynamic one, from step 0 on, as
        if they took their nominal time; positioning_gap, positioning_cover : (s, k, n) as above. May be empty.
    """

    joints: tuple[str, ...]
    disc: FloatArray
    quads: IntArray
    points: FloatArray
    times: FloatArray
    stretch: IntArray
    gap: FloatArray
    cover: FloatArray
    rest: FloatArray
    laws: FilmLaws
    order: int
    inputs: VerdictInputs
    positioning_times: FloatArray = field(default_factory=_nothing)
    positioning_gap: FloatArray = field(default_factory=_nothing)
    positioning_cover: FloatArray = field(default_factory=_nothing)

    def mesh(self) -> FilmMesh:
        """Return the film meshes."""
        from skfem import MeshQuad

        return film_mesh(MeshQuad(self.disc.T.copy(), self.quads.T.copy(), sort_t=False), self.points)

    def films(self) -> "Film":
        """Return the films with the default laws."""
        from fem.film.state import film

        return film(self.mesh(), self.laws, order=self.order)

    def since_rest(self) -> "FilmMotion | None":
        """Return the motion with its positioning as part of it, the films at rest in step 0; None without positioning.

        Static phases between dynamic ones are gone through straight.
        """
        if not len(self.positioning_times):
            return None
        times = np.concatenate([self.positioning_times, self.times])
        return replace(
            self,
            times=frozen(times),
            stretch=frozen_index(np.zeros(len(times), dtype=np.int64)),
            gap=frozen(np.concatenate([self.positioning_gap, self.gap])),
            cover=frozen(np.concatenate([self.positioning_cover, self.cover])),
            positioning_times=_nothing(),
            positioning_gap=_nothing(),
            positioning_cover=_nothing(),
        )

    def with_gas(self, gas: float | FloatArray) -> "FilmMotion":
        """Return the motion with other gas p V [N mm] left in each recess, (k,) or one number."""
        if isinstance(self.laws.recess, OpenRim):
            raise ValueError("a film with an open rim has no recess that could hold gas")
        laws = replace(self.laws, recess=replace(self.laws.recess, gas=gas))
        return replace(self, laws=laws, inputs=replace(self.inputs, gas=()))  # it is known now, not drawn


def write_motion(folder: Path, motion: FilmMotion) -> Path:
    """Write `MOTION_FILE` into a result folder, whole or not at all."""
    arrays = {name: getattr(motion, name) for name in (*_NUMBERS, *_COUNTS, *_POSITIONING)}
    made_of = {}
    for part in _LAWS:
        law = getattr(motion.laws, part)
        made_of[part] = type(law).__name__
        arrays |= {f"{part}.{item.name}": np.asarray(getattr(law, item.name)) for item in fields(law)}
    about = {
        "version": _VERSION,
        "joints": list(motion.joints),
        "order": motion.order,
        "laws": made_of,
        "inputs": motion.inputs.entry(),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, about=np.array(json_text(about)), **arrays)
    return write_bytes(folder / MOTION_FILE, buffer.getvalue())


def read_motion(folder: Path) -> FilmMotion:
    """Return the motion that a run left in its result folder.

    Raises
    ------
    UsageError
        When there is none, it is damaged, or a newer facetgap wrote it.
    """
    file = folder / MOTION_FILE
    if not file.is_file():
        raise UsageError(
            f"{folder} holds no {MOTION_FILE}; only a run with facets and a dynamic phase leaves one"
        )
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        about = json.loads(str(arrays["about"]))
        if about["version"] > _VERSION:
            raise UsageError(
                f"{file} was written by a newer facetgap (layout {about['version']}); install that one"
            )
        return _motion(arrays, about)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"{file} is cut off or damaged ({error}); run the case again with --force"
        ) from error


def _motion(arrays: Mapping[str, Any], about: Mapping[str, Any]) -> FilmMotion:
    laws = FilmLaws(**{part: _law(part, about["laws"][part], arrays) for part in _LAWS})
    held = [name for name in _POSITIONING if name in arrays]
    numbers = {name: frozen(arrays[name]) for name in (*_NUMBERS, *held)}
    counts = {name: frozen_index(arrays[name]) for name in _COUNTS}
    about_it = {"joints": tuple(about["joints"]), "order": int(about["order"])}
    parts: dict[str, Any] = {**numbers, **counts, **about_it}
    return FilmMotion(laws=laws, inputs=inputs_from(about["inputs"]), **parts)


def _law(part: str, name: str, arrays: Mapping[str, Any]) -> Any:
    kind = next(kind for kind in _LAWS[part] if kind.__name__ == name)
    values = {item.name: arrays[f"{part}.{item.name}"] for item in fields(kind)}
    return kind(**{key: value.item() if value.ndim == 0 else frozen(value) for key, value in values.items()})
