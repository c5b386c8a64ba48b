"""How much the answers depend on the mesh: the six moment cases at coarse, standard and fine.

    python benchmarks/convergence.py [--cases FOLDER] [--only NAME ...] [--resolutions coarse standard] [--write]

Prints, for each case, level rotations, peak ligament strains, facet forces and disc pressures at each resolution, the
standard-to-fine difference and the observed order; `--write` puts the same into docs/convergence.md.

Bar: standard-to-fine differences of at most 5 % in level rotations and main ligament strains. A difference is taken
relative to the largest value of its kind in the same case (the largest level rotation; the largest peak strain of any
bundle), so that a secondary rotation of 0.1 degrees or a bundle that barely leaves its rest length does not decide.
"""

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fem.anatomy.recipe import read_recipe
from fem.case.build import build_problem
from fem.case.problem import Problem
from fem.case.read import read_case
from fem.elements.layout import reference_state
from fem.mesh.build import build_spine_mesh
from fem.observe.tables import settle, tables
from fem.results.record import Table
from fem.solver.linear import LinearSolver
from fem.solver.march import march
from fem.solver.report import Step

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "convergence.md"
MOTIONS = (
    "flexion", "extension", "lateral_bending_left", "lateral_bending_right", "axial_rotation_left",
    "axial_rotation_right",
)  # fmt: skip
RESOLUTIONS = ("coarse", "standard", "fine")
BUNDLES = ("ALL", "PLL", "LF", "ISL", "SSL", "CL", "ITL")
BAR = 0.05
#: Values below this share of their kind's largest are left out of the tables. "Of its own size" is the same difference over the value itself. The order is that
of an error h^p with h the cube root of the volume of a cell; empty where the three values do not run in one direction.
"""


def main() -> int:
    """Run the cases and print the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=Path, default=ROOT / "cases" / "moments")
    parser.add_argument("--only", nargs="+", default=list(MOTIONS), choices=MOTIONS)
    parser.add_argument("--resolutions", nargs="+", default=list(RESOLUTIONS), choices=RESOLUTIONS)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)} too")
    options = parser.parse_args()
    solved: dict[str, list[Solved]] = {}
    lines: list[str] = []
    for name in options.only:
        solved[name] = [solve(options.cases / f"{name}.yaml", r) for r in options.resolutions]
        seconds = ", ".join(f"{run.seconds:.0f} s" for run in solved[name])
        section = case_lines(name, solved[name], options.resolutions)
        print("\n".join(section), f"({seconds})\n", sep="\n", flush=True)
        lines += section
    summary = summary_lines(solved, options.resolutions)
    print("\n".join(summary))
    if options.write:
        PAGE.write_text("\n".join([PREFACE, *summary, "", *lines]), encoding="utf-8")
    return 1 if any("MISSED" in line for line in summary) else 0


if __name__ == "__main__":
    raise SystemExit(main())
