"""How much results move with mesh and step: the shares on which `facetgap compare` falls back.

    python benchmarks/noise_floor.py --mesh COARSE STANDARD --steps RUN RUN_WITH_HALF_THE_STEPS [--write]

Takes finished results of one case each (repeat the options for more cases), finds for every family of quantities the
largest change of any member, at the peaks, at the peak of the thrust and at the end, over the largest value of the
same quantity at any time, and writes fem/compare/noise.toml. Standard against fine is taken from docs/convergence.md
where it knows that.
"""

import argparse
import re
from fnmatch import fnmatchcase
from pathlib import Path

from fem.compare.events import END, PEAKS, THRUST, moment_of, values_at
from fem.compare.scales import family, run_scales
from fem.compare.values import Value, summary_values
from fem.results.salvage import OpenedResult, open_result

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "fem" / "compare" / "noise.toml"
PAGE = ROOT / "docs" / "convergence.md"

#: Family -> the paths that belong to it, and the column of the first table of docs/convergence.md that knows it.
FAMILIES: dict[str, tuple[tuple[str, ...], int | None]] = {
    "cavity": (("*.cavitation.cavity_*", "*.cavitation.energy_mJ"), None),
    "cavity_frequency": (("*.cavitation.frequency_Hz",), None),
    "film_pressure": (("*.cavitation.lowest_pressure_kPa",), None),
    "cavitation_margin": (("*.cavitation.margin", "*.cavitation.dominant_correlation"), None),
    "cavitation_gap": (("*.cavitation.*_mm",), None),
    "cavitation_speed": (("*.cavitation.opening_speed_mm_s",), None),
    "rotation": (("levels.*_deg",), 0),
    "translation": (("levels.*.translation_*",), None),
    "strain": (("ligaments.*_strain", "ligaments.*.limit_fraction"), 1),
    "ligament_force": (("ligaments.*force_N",), None),
    "reference_length": (("ligaments.*.reference_length_mm",), None),
    "gap": (("facets.*gap_*_mm",), None),
    "opening_speed": (("facets.*.opening_speed_mm_s",), None),
    "contact_force": (("facets.*.contact_force_N",), 2),
    "contact_patch": (("facets.*.contact_area_mm2", "facets.*.contact_pressure_max_MPa"), None),
    "disc_pressure": (("discs.*.pressure_*",), 3),
    "disc_shape": (("discs.*_mm",), None),
    "activation": (("muscles.*.activation",), None),
    "muscle_force": (("muscles.*.force_N",), None),
    "fibre_strain": (("muscles.*.fibre_strain",), None),
    "fibre_velocity": (("muscles.*.fibre_velocity_1_s",), None),
    "energy": (("energy.*",), None),
}
#: Written by hand: 200 draws give a share no better than this (two standard errors of a difference of two shares).
PROBABILITY = """[probability]
applies = ["*.cavitation.probability"]
absolute = 0.1
origin = "200 draws: two standard errors of the difference between two shares, 2 sqrt(2 p (1 - p) / 200) at p = 0.5"
"""
HEAD = """# How much results move with mesh and step: what `facetgap compare` falls back on where nothing was measured.
# Written by `python benchmarks/noise_floor.py`; shares are of the largest value of the same quantity at any time of a
# run, the first family whose pattern fits a path counts. `mesh`: from a resolution to the next finer
# one; `steps`: to half the steps.
"""


def changes(one: OpenedResult, other: OpenedResult) -> dict[str, float]:
    """Return path -> largest change between two results over the largest value of its quantity in the run [1]."""
    found: dict[str, float] = {}
    scales = run_scales(one)
    for alignment in (PEAKS, THRUST, END):
        first, second = (values_of(result, alignment) for result in (one, other))
        for path, value in first.items():
            scale = scales.get(family(value), 0.0)
            if path in second and isinstance(value.value, float) and scale > 0.0:
                share = abs(float(second[path].value) - value.value) / scale
                found[path] = max(share, found.get(path, 0.0))
    return found


def values_of(result: OpenedResult, alignment: str) -> dict[str, Value]:
    if alignment == PEAKS:
        return summary_values(result.summary)
    time = moment_of(result, alignment).time
    return {} if time is None else values_at(result, time)


def largest(found: list[dict[str, float]], name: str) -> float:
    """Return the largest change in a family; a path counts where it fits first."""
    sizes = [share for own in found for path, share in own.items() if family_of(path) == name]
    return max(sizes, default=0.0)


def family_of(path: str) -> str | None:
    fits = (name for name, (applies, _) in FAMILIES.items() if any(fnmatchcase(path, p) for p in applies))
    return next(fits, None)


def standard_to_fine(column: int) -> float:
    """Return the largest standard-to-fine difference of a column of docs/convergence.md [1]."""
    rows = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if re.search(r"\| (met|MISSED) \|", line)
    ]
    return max(float(re.findall(r"([\d.]+) %", row)[column]) for row in rows) / 100.0


def entry(name: str, mesh: float, steps: float) -> str:
    applies, column = FAMILIES[name]
    fine = mesh if column is None else standard_to_fine(column)
    known = (
        "coarse to standard taken for standard to fine too"
        if column is None
        else "standard to fine: docs/convergence.md"
    )
    listed = ", ".join(f'"{pattern}"' for pattern in applies)
    return (
        f"[{name}]\napplies = [{listed}]\n"
        f"mesh = {{ coarse = {max(mesh, fine):.2g}, standard = {fine:.2g}, fine = {fine:.2g} }}\nsteps = {steps:.2g}\n"
        f'origin = "largest change in the thrusts of benchmarks/noise_floor.py; {known}"\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Find the noise floor of known runs.")
    parser.add_argument("--mesh", nargs=2, action="append", type=Path, required=True)
    parser.add_argument("--steps", nargs=2, action="append", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    mesh = [changes(*(open_result(path) for path in pair)) for pair in given.mesh]
    steps = [changes(*(open_result(path) for path in pair)) for pair in given.steps]
    entries = [entry(name, largest(mesh, name), largest(steps, name)) for name in FAMILIES]
    text = "\n".join([HEAD, PROBABILITY, *entries])
    print(text)
    if given.write:
        FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
