"""One random but legal case of a seed: a recipe and a case file, drawn from the ranges of soak_ranges.toml."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import cos, exp, log, radians, sin
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
RANGES = Path(__file__).with_name("soak_ranges.toml")
_VERTEBRAE = ("L1", "L2", "L3", "L4", "L5", "S1")
_MOTIONS = (
    "flexion", "extension", "lateral bending right", "lateral bending left",
    "axial rotation left", "axial rotation right",
)  # fmt: skip
_BUNDLES = ("ALL", "PLL", "LF", "CL left", "CL right", "ISL", "SSL", "ITL left", "ITL right")


def ranges() -> dict[str, Any]:
    """Return what to draw from."""
    with RANGES.open("rb") as file:
        return tomllib.load(file)


class Draw:
    """Draws of one seed; the same seed gives the same case on every machine."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def happens(self, probability: float) -> bool:
        """Return True with a probability."""
        return bool(self._random.random() < probability)

    def one(self, items: Any) -> Any:
        """Return one of some items, all alike."""
        return items[int(self._random.integers(len(items)))]

    def weighted(self, weights: Mapping[str, float]) -> str:
        """Return a key, each with its weight."""
        shares = np.array(list(weights.values()))
        return str(list(weights)[int(self._random.choice(len(shares), p=shares / shares.sum()))])

    def number(self, given: Mapping[str, Any]) -> float:
        """Return a number of a range, in its unit, with four digits."""
        low, high = given["low"], given["high"]
        if given.get("even") == "logarithm":
            value = exp(self._random.uniform(log(low), log(high)))
        else:
            value = self._random.uniform(low, high)
        return float(f"{value:.4g}")

    def written(self, given: Mapping[str, Any]) -> Any:
        """Return a number of a range as a case file writes it."""
        value = self.number(given)
        return f"{value} {given['unit']}" if "unit" in given else value


def write_case(seed: int, folder: Path) -> Path:
    """Write recipe and case of a seed into `folder`; return the case file."""
    draw, data = Draw(seed), ranges()
    (folder / "recipe.yaml").write_text(json.dumps(drawn_recipe(draw, data["anatomy"])), encoding="utf-8")
    case = folder / f"soak_{seed}.yaml"
    case.write_text(json.dumps(drawn_case(seed, draw, data), indent=1), encoding="utf-8")
    return case


def drawn_recipe(draw: Draw, changes: Mapping[str, Any]) -> Any:
    """Return the shipped recipe with every measure named in `changes` drawn anew."""
    recipe = YAML(typ="safe").load((ROOT / "meshes" / "lumbar.yaml").read_text(encoding="utf-8"))
    for path, change in changes.items():
        shared: float | None = None
        for holder, key in list(_places(recipe, path.split("."))):
            how = next(word for word in ("times", "plus", "value") if word in change)
            if shared is None or not change.get("shared"):
                shared = draw.number({"low": change[how][0], "high": change[how][1]})
            holder[key] = _changed(holder[key], how, shared, change.get("unit"))
    return recipe


def _places(node: Any, path: list[str]) -> Iterator[tuple[Any, str]]:
    """Yield (table, key) of every value that a path with stars names."""
    first, *rest = path
    names = [name for name in node if name != "origin"] if first == "*" else [first]
    for name in names:
        if not rest:
            yield node, name
        else:
            yield from _places(node[name], rest)


def _changed(old: Any, how: str, number: float, unit: str | None) -> Any:
    """Return a measure such as ``10.9 mm`` after its change."""
    if how == "value":
        return f"{number} {unit}"
    value, _, own = str(old).partition(" ")
    new = float(value) * number if how == "times" else float(value) + number
    return f"{new:.6g} {own}" if own else new


def drawn_case(seed: int, draw: Draw, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case over the recipe beside it."""
    mix = data["mix"]
    count = int(draw.weighted(mix["segments"]))
    first = int(draw.one(range(len(_VERTEBRAE) - count)))
    bodies = _VERTEBRAE[first : first + count + 1]
    levels = [f"{upper}-{lower}" for upper, lower in pairwise(bodies)]
    dynamic, target = draw.happens(mix["dynamic"]), draw.one(levels)
    muscled = count == 5 and draw.happens(mix["muscles"])
    thorax = bodies[0] == "L1" and (muscled or dynamic)
    top = "thorax" if thorax else bodies[0]
    case: dict[str, Any] = {
        "version": 1,
        "title": f"Soak case {seed}",
        "spine": {"anatomy": "recipe.yaml", "resolution": "coarse", "levels": f"{bodies[0]}-{bodies[-1]}"},
        "target": f"{target} {draw.one(('left', 'right'))}",
    }
    if draw.happens(mix["modified_level"]):
        changes = {key: draw.number(given) for key, given in data["modify"].items() if draw.happens(0.5)}
        case["spine"]["modify"] = {draw.one(levels): changes}
    if draw.happens(mix["cut_ligament"]):
        case["spine"]["without"] = [f"{draw.one(_BUNDLES)} {draw.one(levels)}"]
    if draw.happens(mix["follower"]):
        case["follower_load"] = {"value": draw.written(data["position"]["follower"])}
    if muscled:
        case["muscles"] = _muscles(draw, data["guarding"], mix)
    case["supports"] = [{"on": top, **{key: draw.written(given) for key, given in data["support"].items()}}]
    moment = {"kind": "moment", "on": top, "motion": draw.one(_MOTIONS)}
    turn = {**moment, "value": draw.written(data["position"]["moment"])}
    case["phases"] = [{"name": "settle"}, {"name": "position", "loads": [turn]}]
    if dynamic:
        case["phases"] += _thrust(draw, data["thrust"], draw.one(bodies[:-1]))
        if draw.happens(mix["recover"]):
            let_go = {**moment, "value": "0 N m"}
            case["phases"].append(
                {"name": "recover", "kind": "dynamic", "duration": "300 ms", "loads": [let_go]}
            )
        if draw.happens(mix["film"]):
            case["film"] = _film(draw, data["film"], mix, case, levels)
    return case


def _muscles(draw: Draw, data: Mapping[str, Any], mix: Mapping[str, Any]) -> dict[str, Any]:
    pattern = draw.one(data["patterns"])
    muscles: dict[str, Any] = {"guarding": pattern}
    if pattern != "relaxed":
        muscles["level"] = draw.number(data["level"])
    if draw.happens(mix["reflex"]):
        muscles["reflex"] = {"delay": draw.written(data["delay"]), "gain": draw.number(data["gain"])}
    return muscles


def _thrust(draw: Draw, data: Mapping[str, Any], on: str) -> list[dict[str, Any]]:
    """Return the phase of a thrust from behind or the side; its preload is reached in the phase before."""
    preload, rise = draw.number(data["preload"]), draw.number(data["time_to_peak"])
    side, down = radians(draw.number(data["to_the_side"])), radians(draw.number(data["downwards"]))
    direction = [cos(side) * cos(down), sin(side) * cos(down), -sin(down)]
    load = {
        "kind": "thrust",
        "on": on,
        "landmark": draw.one(data["landmarks"]),
        "direction": [float(f"{share:.4f}") for share in direction],
        "preload": f"{preload} N",
        "peak": f"{preload + draw.number(data['rise_of_force']):.4g} N",
        "time_to_peak": f"{rise} ms",
        "patch": draw.written(data["patch"]),
    }
    duration = 2.0 * rise + draw.number(data["duration"])
    return [{"name": "thrust", "kind": "dynamic", "duration": f"{duration:.4f} ms", "loads": [load]}]


def _film(
    draw: Draw, data: Mapping[str, Any], mix: Mapping[str, Any], case: Mapping[str, Any], levels: list[str]
) -> dict[str, Any]:
    """Return the section of the film; a thickness of its own only where no joint space is changed."""
    changed = case["spine"].get("modify", {}).values()
    spaced = any("joint_space" in change for change in changed)
    film = {
        key: draw.written(data[key])
        for key in ("thickness", "recess_volume", "viscosity")
        if draw.happens(0.5) and not (key == "thickness" and spaced)
    }
    if draw.happens(mix["popped_before"]):
        time = draw.written(data["minutes_since_last_pop"])
        joint = f"{draw.one(levels)} {draw.one(('left', 'right'))}"
        film["minutes_since_last_pop"] = time if draw.happens(0.5) else {joint: time}
    return film
