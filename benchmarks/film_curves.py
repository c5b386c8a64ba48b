"""What one facet joint's film does, without a spine: curves, pictures and tables of docs/film.md.

    python benchmarks/film_curves.py [--only load_separation duration ...] [--write]

Prints every table; `--write` puts them into docs/film.md and draws pictures, with their data as CSV beside them, into
docs/pictures. All numbers come from the data sets ``film``, ``cartilage``, ``gas`` and ``verdict`` unless a column says
otherwise. A joint of 160 mm² with the joint space of the anatomy (0.4 mm at the centre, 0.1 mm at the rim, 0.25 mm on
average) opens evenly. Returns 1 when a curve does not turn the way it must.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from film_joint import Joint, fluids, least_openings, opened, pops, pulled, separation_at
from film_pages import put_tables, write_csv
from film_pictures import DRAWINGS

from fem.gas.clock import residual_bubble, time_until
from fem.gas.dissolution import dissolve
from fem.gas.inputs import gas_after_pop
from fem.literature import load
from fem.units import from_internal

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURES = ROOT / "docs" / "film.md", ROOT / "docs" / "pictures"
#: Rise [s] of a manual thrust, and by how much [mm] the thrust of thrust_l45_fast.yaml opens its target meanwhile.
RISE, OPENING = 0.12, 0.75
RISES = (0.05, 0.12, 0.3, 1.0, 2.0, 5.0, 10.0)
#: Waits after a pop [min]: those of the table, and those of the curve.
AGES = (5.0, 15.0, 30.0, 60.0, 95.0, 180.0)
WAITS = (2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 75.0, 85.0, 95.0, 110.0, 180.0)
#: Openings are found to 5 µm: margins that differ by less than this share are equal.
SLACK = 0.02
#: Ambient less vapour pressure [MPa]: work on a cavity by its volume.
SUCTION = 0.101325 - 0.00628
#: Mean thickness [mm] of a film whose surfaces touch at the rim.
THIN = 0.08

Row = dict[str, Any]
Rows = list[Row]


def load_separation() -> Rows:
    """A joint pulled open at 80 N/s and let go again, on a spring of 25 N/mm."""
    rows = []
    for nucleation in (None, -0.1, -0.25):
        record, load_at = pulled(Joint(nucleation=nucleation), stiffness=25.0, top=100.0, rise=1.25)
        limit = load("film").number("cavitation.nucleation_pressure", "pressure")
        name = from_internal(limit if nucleation is None else nucleation, "kPa")
        rows += [
            {
                "nucleation_kPa": round(name, 2),
                "time_s": float(time),
                "load_N": float(load_at(time)),
                "separation_mm": float(x),
                "film_force_N": float(force),
                "cavity_mm3": float(void),
            }
            for time, x, force, void in zip(
                record.times, record.separation[:, 0], record.film_force[:, 0], record.void[:, 0], strict=True
            )
        ]
    return rows


def duration() -> Rows:
    """One opening within 50 ms to 10 s: capsules that let fluid in or not, and a thin film."""
    kinds = {
        "default": Joint(),
        "capsule neither creeps nor seeps": Joint(seeps=False),
        "fluid seeps in within 60 s": Joint(inflow_time=60.0),
        f"thin film, {THIN:g} mm": Joint(thickness=THIN),
    }
    joints, rows = list(kinds.values()), []
    fluid = fluids(joints)
    for rise in RISES:
        cavity, pop = (least_openings(joints, rise, pop=asked) for asked in (False, True))
        events = opened(joints, np.full(len(joints), OPENING), rise)
        rows += [
            {
                "joint": name,
                "rise_s": rise,
                "least_opening_cavity_mm": float(cavity[j]),
                "least_opening_pop_mm": float(pop[j]),
                "margin": OPENING / float(pop[j]) - 1.0,
                "separation_at_inception_mm": separation_at(events[j], OPENING, rise),
                "route": events[j].inception.route if events[j].inception else "",
                "largest_cavity_mm3": events[j].peak_volume,
                "pops": pops(events[j], float(fluid[j])),
            }
            for j, name in enumerate(kinds)
        ]
    return rows


def thin_film() -> Rows:
    """Thin films whose rims touch, pulled with 60 N on a spring of 100 N/mm within 50 ms to 10 s, and let go again."""
    rows = []
    for thickness in (0.06, THIN, 0.1):
        joint = Joint(thickness=thickness)
        fluid = float(fluids([joint])[0])
        for rise in (0.05, 0.12, 0.5, 2.0, 10.0):
            record, load_at = pulled(joint, stiffness=100.0, top=60.0, rise=rise)
            moment, cavity = float(record.inception[0]), float(record.void.max())
            rows.append({
                "mean_film_mm": thickness,
                "rise_s": rise,
                "load_at_inception_N": float("nan") if np.isnan(moment) else load_at(moment),
                "widest_opening_mm": float(record.separation.max()),
                "largest_cavity_mm3": cavity,
                "share_of_fluid": cavity / fluid,
                "energy_mJ": cavity * SUCTION,
            })  # fmt: skip
    return rows


def separation_needed() -> Rows:
    """Opening that makes a pop within 120 ms, against fluid in the recess and articular area."""
    rows = []
    for area in (100.0, 160.0, 220.0):
        joints = [Joint(area=area, volume=volume) for volume in (25.0, 50.0, 75.0, 100.0, 125.0, 150.0)]
        for joint, cavity, pop in zip(
            joints, least_openings(joints, RISE), least_openings(joints, RISE, pop=True), strict=True
        ):
            assert joint.volume is not None
            rows.append({
                "area_mm2": area, "recess_volume_mm3": joint.volume, "volume_over_area_mm": joint.volume / area,
                "least_opening_cavity_mm": float(cavity), "least_opening_pop_mm": float(pop),
            })  # fmt: skip
    return rows


def monotony() -> Rows:
    """Each input by itself. Suction: (ambient − lowest pressure)/(ambient − nucleation) if nothing ever nucleated."""
    asked: dict[str, tuple[Sequence[float], Callable[[float], tuple[Joint, float]]]] = {
        "film thickness [mm]": ((0.09, 0.1, 0.12, 0.16, 0.25), lambda x: (Joint(thickness=x), 0.4)),
        "viscosity, factor": ((0.1, 0.3, 1.0, 3.0, 10.0), lambda x: (Joint(thickness=0.1, viscosity=x), 0.4)),
        "recess volume [mm^3]": ((60.0, 80.0, 100.0, 120.0, 150.0), lambda x: (Joint(volume=x), 0.4)),
        "recess compliance, factor": ((0.57, 0.8, 1.0, 1.2, 1.43), lambda x: (Joint(compliance=x), 0.4)),
        "opening [mm], as of force": ((0.2, 0.3, 0.4, 0.5, 0.6), lambda x: (Joint(), x)),
    }
    rows = []
    limit = load("film").number("cavitation.nucleation_pressure", "pressure")
    ambient = load("film").number("cavitation.ambient_pressure", "pressure")
    for name, (values, made) in asked.items():
        joints, openings = zip(*(made(value) for value in values), strict=True)
        never = [replace(joint, nucleation=-1e3) for joint in joints]
        events = opened(never, np.array(openings), RISE)
        least = least_openings(joints, RISE, pop=True)
        rows += [
            {
                "input": name,
                "value": value,
                "suction": (ambient - event.lowest_pressure) / (ambient - limit),
                "margin": opening / float(pop) - 1.0,
            }
            for value, event, opening, pop in zip(values, events, openings, least, strict=True)
        ]
    return rows


def pop_and_wait() -> Rows:
    """A pop, then the same opening after a while: the gas that is left, the opening that pops, whether it does."""
    rows = []
    kinds = {
        "default": {},
        "bubbles of 0.1 mm": {"bubble.radius": "0.1 mm"},
        "bubbles of 0.2 mm": {"bubble.radius": "0.2 mm"},
        "bubbles of 0.3 mm": {"bubble.radius": "0.3 mm"},
        "75 % CO2": {"mix.CO2": "0.75"},
        "85 % CO2": {"mix.CO2": "0.85"},
        "a third of the gas": {"bubble.gas_share": "0.05"},
    }
    for name, changes in kinds.items():
        gas = gas_after_pop(load("gas").overridden(changes))
        left = [residual_bubble(60.0 * age, gas) for age in WAITS]
        joints = [Joint(gas=one.surroundings.pressure * one.volume) for one in left]
        least = least_openings(joints, RISE, pop=True)
        life = dissolve(gas.bubbles, gas.surroundings, 21600.0)

        def ready(bubbles: Any, around: Any = gas.surroundings) -> bool:
            from fem.gas.bubbles import volume_at

            joint = Joint(gas=around.pressure * float(volume_at(bubbles, around).volume))
            return pops(opened([joint], np.array([OPENING]), RISE)[0], float(fluids([joint])[0]))

        again = time_until(life, ready, 1.0)
        rows += [
            {
                "gas": name,
                "wait_min": age,
                "gas_volume_mm3": one.volume,
                "least_opening_pop_mm": float(opening),
                "pops": bool(opening <= OPENING),
                "pops_again_after_min": np.nan if again is None else again / 60.0,
            }
            for age, one, opening in zip(WAITS, left, least, strict=True)
        ]
    return rows


def _jumps(rows: Rows) -> Rows:
    """Return load and separation at inception, and the separation 10 ms later."""
    found = []
    for limit in dict.fromkeys(row["nucleation_kPa"] for row in rows):
        own = [row for row in rows if row["nucleation_kPa"] == limit]
        first = next(place for place, row in enumerate(own) if row["cavity_mm3"] > 0.0) - 1
        times, x = ([row[key] for row in own] for key in ("time_s", "separation_mm"))
        before = own[first]
        back = [row for row in own if row["time_s"] > 1.25]
        found.append({
            "nucleation_kPa": limit,
            "load_at_inception_N": before["load_N"],
            "separation_then_mm": before["separation_mm"],
            "ten_ms_later_mm": float(np.interp(before["time_s"] + 0.01, times, x)),
            "on_the_way_back_mm": float(
                np.interp(-before["load_N"], [-row["load_N"] for row in back], [row["separation_mm"] for row in back])
            ),
        })  # fmt: skip
    return found


def _waits(rows: Rows) -> Rows:
    """Return one row for each gas: whether the opening pops after each wait, and from when on."""
    found = []
    for gas in dict.fromkeys(row["gas"] for row in rows):
        own = [row for row in rows if row["gas"] == gas]
        after = {f"after {row['wait_min']:g} min": row["pops"] for row in own if row["wait_min"] in AGES}
        found.append({"gas": gas, **after, "pops_again_after_min": own[0]["pops_again_after_min"]})
    return found


#: What the page shows of a table that is too long for it.
SHORT: dict[str, Callable[[Rows], Rows]] = {"load_separation": _jumps, "pop_and_wait": _waits}

CURVES: dict[str, Callable[[], Rows]] = {
    "load_separation": load_separation,
    "thrust_duration": duration,
    "thin_film": thin_film,
    "separation_needed": separation_needed,
    "monotony": monotony,
    "pop_and_wait": pop_and_wait,
}


def faults(name: str, rows: Rows) -> list[str]:
    """Return what a table shows that it must not."""
    found = []
    if name == "monotony":
        falls = ("film thickness", "recess")
        for what in dict.fromkeys(row["input"] for row in rows):
            sign = -1.0 if what.startswith(falls) else 1.0
            for key in ("suction", "margin"):
                values = sign * np.array([row[key] for row in rows if row["input"] == what])
                if not (np.diff(values) >= -SLACK * np.abs(values[1:])).all():
                    found.append(f"{key} does not go one way with {what}")
    if name == "pop_and_wait":
        default = [row["pops"] for row in rows if row["gas"] == "default"]
        if default != sorted(default) or default[0] or not default[-1]:
            found.append("the verdict does not turn from no to yes once")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=list(CURVES), default=list(CURVES))
    parser.add_argument(
        "--write", action="store_true", help="write tables, pictures and CSV files into docs/"
    )
    given = parser.parse_args()
    wrong = []
    for name in given.only:
        rows = CURVES[name]()
        lines = put_tables(PAGE if given.write else None, name, SHORT.get(name, list)(rows))
        print("\n".join([f"\n{name}", *lines]), flush=True)
        if given.write:
            write_csv(PICTURES / f"{name}.csv", rows)
            if name in DRAWINGS:
                DRAWINGS[name](rows, PICTURES / f"{name}.png")
        wrong += faults(name, rows)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
