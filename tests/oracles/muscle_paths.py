"""The way from the source's coordinates to this spine's muscle paths, written out plainly (docs/muscles.md).

`python -m oracles.muscle_paths` (from `tests`) fits the registration anew and prints it beside the one on file.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from fem.anatomy.assemble import assemble_spine
from fem.anatomy.fascicles import MUSCLE_BODIES, Fascicle, moment_arms
from fem.anatomy.frames import MIRROR
from fem.anatomy.recipe import read_recipe
from fem.anatomy.spine import Spine
from fem.anatomy.trunk import upper_joint
from fem.anatomy.vocabulary import LEVELS
from fem.literature import ParameterSet, load

RECIPE = Path(__file__).parents[2] / "meshes" / "lumbar.yaml"
#: Body -> the level below it.
BELOW = dict(zip(reversed(MUSCLE_BODIES), ("T12-L1", *LEVELS), strict=False))
ARMS = ("extension", "right bending", "axial rotation")


def joint_frame(below: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, float]:
    """Return axes (3, 3) with z from one joint to the other and y to the left, and their distance."""
    z = (above - below) / np.linalg.norm(above - below)
    y = np.array([0.0, 1.0, 0.0])
    return np.column_stack([np.cross(y, z), y, z]), float(np.linalg.norm(above - below))


class Mapping3:
    """Takes left-sided points of the source (x ahead, y left, z up) to this spine."""

    def __init__(self, spine: Spine, source: ParameterSet) -> None:
        self.spine, self.source = spine, source
        self.scale = source.number("mapping.scale")
        self.theirs = {body: self.joint(level) for body, level in BELOW.items()}
        self.ours = {
            body: np.array(spine.discs[level].frame.origin)
            for body, level in BELOW.items()
            if body != "thorax"
        }
        self.ours["thorax"] = upper_joint(spine)

    def joint(self, level: str) -> np.ndarray:
        x, y, _ = self.source.series(f"joints.{level}").values()
        return np.array([x, 0.0, y])

    def place(self, body: str, point: np.ndarray) -> np.ndarray:
        """Return the global place of a point of `body`."""
        rigid = body in ("S1", "thorax")
        low = {"S1": "L5", "thorax": "thorax"}.get(body, body)
        order = list(MUSCLE_BODIES)
        first, last = ("L5", "L1") if rigid else (body, order[order.index(body) + 1])
        A, theirs = joint_frame(self.theirs[first], self.theirs[last])
        B, ours = joint_frame(self.ours[first], self.ours[last])
        along = self.scale if rigid else ours / theirs
        local = (A.T @ (point - self.theirs[low])) * np.array([self.scale, self.scale, along])
        return np.asarray(self.ours[low] + B @ local)

    def shift(self, group: str, body: str) -> np.ndarray:
        """Return the registration of a group on a body."""
        key = f"registration.{group}.{body}"
        return np.array(list(self.source.series(key).values())) if self.source.has(key) else np.zeros(3)

    def path(self, name: str, group: str) -> list[tuple[str, np.ndarray]]:
        """Return (body, left-sided global point) of a fascicle, caudal to cranial."""
        bodies = self.source.text(f"fascicles.{name}.bodies").split()
        values = list(self.source.series(f"fascicles.{name}.points").values())
        points = np.reshape(values, (-1, 3))[:, [0, 2, 1]]
        return [
            (body, self.place(body, point) + self.shift(group, body))
            for body, point in zip(bodies, points, strict=True)
        ]


@cache
def mapping() -> Mapping3:
    return Mapping3(assemble_spine(read_recipe(RECIPE).model), load("muscles/myotorso_source"))


def wanted(group: str, level: str) -> np.ndarray:
    """Return the moment arms (3,) [mm] that a group should have at a level, scaled to this spine."""
    arms = load("muscles/moment_arms")
    return mapping().scale * np.array([arms.number(f"{group}.{level}.{arm}") for arm in ARMS])


def tolerance(arms: np.ndarray) -> np.ndarray:
    """Return 15 % or 4 mm, whichever is larger."""
    return np.maximum(4.0, 0.15 * np.abs(arms))


def source_arms(group: str, level: str, groups: Mapping[str, str], forces: Mapping[str, float]) -> np.ndarray:
    """Return the moment arms (3,) [mm] of a group in the source's own frame."""
    chosen = []
    for name in [name for name in groups if groups[name] == group]:
        values = list(mapping().source.series(f"fascicles.{name}.points").values())
        points = np.reshape(values, (-1, 3))[:, [0, 2, 1]] * MIRROR
        bodies = tuple(mapping().source.text(f"fascicles.{name}.bodies").split())
        chosen.append(Fascicle(name, group, "right", level, "", forces[name], bodies, points))
    return moment_arms(chosen, mapping().joint(level), level)


def fitted_registration(margin: float = 0.88, price: float = 0.008) -> dict[tuple[str, str], np.ndarray]:
    """Return (group, body) -> shift (3,) [mm] of least squares.

    What is squared: moment arms' errors in units of their tolerance beyond `margin`, and `price` times the shifts.
    """
    from scipy.optimize import least_squares

    data = load("muscles/myotorso")
    bare = Mapping3(mapping().spine, load("muscles/myotorso_source"))
    bare.shift = lambda group, body: np.zeros(3)  # type: ignore[method-assign]
    names = [key.split(".")[1] for key in data.texts if key.endswith(".group")]
    groups = {name: data.text(f"fascicles.{name}.group") for name in names}
    paths = {name: bare.path(name, groups[name]) for name in names}
    keys = sorted({(groups[name], body) for name in names for body, _ in paths[name]})
    order = {key: number for number, key in enumerate(keys)}

    def residual(x: np.ndarray) -> np.ndarray:
        shift, errors = x.reshape(-1, 3), []
        for group in dict.fromkeys(groups.values()):
            moved = [
                Fascicle(
                    name, group, "right", "", "", data.number(f"fascicles.{name}.force"),
                    tuple(body for body, _ in paths[name]),
                    np.array([(point + shift[order[group, body]]) * MIRROR for body, point in paths[name]]),
                )
                for name in names if groups[name] == group
            ]  # fmt: skip
            for level in LEVELS:
                want = wanted(group, level)
                got = moment_arms(moved, bare.ours[level.split("-")[0]], level)
                errors.append(np.maximum(np.abs(got - want) / tolerance(want) - margin, 0.0))
        return np.concatenate([*errors, price * x])

    found = least_squares(residual, np.zeros(3 * len(keys))).x.reshape(-1, 3)
    return dict(zip(keys, found, strict=True))


if __name__ == "__main__":
    for key, shift in fitted_registration().items():
        print(*key, np.round(shift, 1), "on file", mapping().shift(*key))
