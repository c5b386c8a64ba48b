"""How much the answers depend on the mesh: the six moment cases at coarse, standard and fine.

    python benchmarks/convergence.py [--cases FOLDER] [--only NAME ...] [--resolutions coarse standard] [--write]
    python benchmarks/convergence.py --results FOLDER [--write]    from what numerical_bands.py has solved there

Prints, for each case, level rotations, peak ligament strains, facet forces and disc pressures at each resolution, the
standard-to-fine difference and the observed order; `--write` puts the same into docs/convergence.md.

Bar: standard-to-fine differences of at most 5 % in level rotations and main ligament strains. A difference is taken
relative to the largest value of its kind in the same case (the largest level rotation; the largest peak strain of any
bundle), so that a secondary rotation of 0.1 degrees or a bundle that barely leaves its rest length does not decide.
"""

import argparse
import time
from collections.abc import Iterable, Mapping, Sequence
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
from fem.results.read import read_result, read_table
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
TABLES = ("levels", "ligaments", "facets", "discs")
BUNDLES = ("ALL", "PLL", "LF", "ISL", "SSL", "CL", "ITL")
BAR = 0.05
#: Values below this share of their kind's largest are left out of the tables.
SMALL = 0.02

#: Kind of quantity -> unit, and whether the bar applies to it.
KINDS = {
    "level rotation": ("deg", True),
    "peak strain": ("1", True),
    "facet force": ("N", False),
    "disc pressure": ("MPa", False),
}

Row = Mapping[str, str | float | int]


@dataclass(frozen=True, slots=True)
class Solved:
    """One case at one resolution: values by (kind, name), sizes and effort."""

    values: dict[tuple[str, str], float]
    unknowns: int
    cells_per_disc: int
    steps: int
    iterations: tuple[int, ...]
    seconds: float


def solve(path: Path, resolution: str) -> Solved:
    """Solve a moment case without building bones, which are rigid and carry no cells of the problem."""
    begin = time.perf_counter()
    case_file = read_case(path, (f"spine.resolution={resolution}",))
    assert case_file.case.spine is not None
    assert case_file.anatomy is not None
    names = case_file.case.spine.vertebra_names
    mesh = build_spine_mesh(read_recipe(case_file.anatomy).model, resolution, names, with_bones=False)
    problem = build_problem(case_file, mesh)
    system = problem.system
    found = list(march(system, LinearSolver(system.pattern), reference_state(system.layout), problem.phases))
    return Solved(
        _values(problem, found),
        system.layout.dof_count,
        max(len(disc.mesh.cells) for disc in problem.model.discs),
        len(found),
        tuple(step.report.iterations for step in found),
        time.perf_counter() - begin,
    )


def _values(problem: Problem, found: Sequence[Step]) -> dict[tuple[str, str], float]:
    """Return the values at the end of the last phase, and peaks of strain from the settled state on."""
    settled = next(s for s in reversed(found) if s.phase == problem.phases[0].name)
    reference = settle(problem, settled.state)
    moment = [step for step in found if step.phase == problem.phases[-1].name]
    made = [tables(problem, reference, step.state) for step in (settled, *moment)]
    return values_of([{name: list(_rows(table[name])) for name in TABLES} for table in made])


def values_of(steps: Sequence[Mapping[str, Sequence[Row]]]) -> dict[tuple[str, str], float]:
    """Return the values of the tables' rows, the settled state's first: what only gets shorter peaks there."""
    values: dict[tuple[str, str], float] = {}
    for row in steps[-1]["levels"]:
        for angle in ("flexion", "lateral_bending", "axial_rotation"):
            values["level rotation", f"{row['level']} {angle.replace('_', ' ')}"] = float(row[f"{angle}_deg"])
    for table in steps:
        for row in table["ligaments"]:
            key = ("peak strain", str(row["bundle"]).split()[0])
            values[key] = max(float(row["peak_strain"]), values.get(key, -np.inf))
    for row in steps[-1]["facets"]:
        values["facet force", str(row["joint"])] = float(row["contact_force_N"])
    for row in steps[-1]["discs"]:
        values["disc pressure", str(row["level"])] = float(row["pressure_MPa"])
    return values


def taken(folder: Path) -> Solved:
    """Return a case from its result folder."""
    result = read_result(folder)
    rows = {name: read_table(folder, name) for name in TABLES}
    last = max(int(row["step"]) for row in rows["levels"])
    steps = [
        {name: [row for row in rows[name] if int(row["step"]) == step] for name in TABLES}
        for step in range(last + 1)
    ]
    iterations = [int(row["iterations"]) for row in read_table(folder, "history")]
    cells = max(int(count) for name, count in result.run["mesh_sizes"].items() if "-" in name)
    return Solved(
        values_of(steps),
        int(result.summary["dof"]),
        cells,
        last,
        tuple(iterations[1:]),
        float(result.summary["wall_s"]),
    )


def _rows(table: Table) -> Iterable[dict[str, str | float | int]]:
    columns = list(table)
    for row in zip(*table.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def scale(runs: Sequence[Solved], kind: str) -> float:
    """Return the largest size of any value of a kind over all resolutions; the span L1-S1 is no level."""
    sizes = [
        abs(value)
        for run in runs
        for (own, name), value in run.values.items()
        if own == kind and not name.startswith("L1-S1")
    ]
    return max(sizes, default=0.0)


def difference(runs: Sequence[Solved], key: tuple[str, str]) -> float:
    """Return the difference between the two finest resolutions over the scale of its kind [1]."""
    largest = scale(runs, key[0])
    if key[1].startswith("L1-S1"):
        largest = max(abs(run.values[other]) for run in runs for other in run.values if "L1-S1" in other[1])
    change = abs(runs[-1].values[key] - runs[-2].values[key])
    return change / largest if largest > 0.0 else 0.0


def own_difference(runs: Sequence[Solved], key: tuple[str, str]) -> float:
    """Return the difference between the two finest resolutions over the value itself [1]."""
    before, after = runs[-2].values[key], runs[-1].values[key]
    return abs(after - before) / (abs(before) or abs(after))


def order(runs: Sequence[Solved], key: tuple[str, str]) -> float:
    """Return p of an error ~ h^p through three resolutions, h from the cells per disc; NaN where it has none.

    Solved from (f1 - f2)/(f2 - f3) = (h1^p - h2^p)/(h2^p - h3^p).
    """
    if len(runs) < 3:
        return float("nan")
    first, second, third = (run.values[key] for run in runs)
    if (first - second) * (second - third) <= 0.0:
        return float("nan")
    ratio = (first - second) / (second - third)
    h = [run.cells_per_disc ** (-1.0 / 3.0) for run in runs]
    powers = np.linspace(0.05, 8.0, 1600)
    found = (h[0] ** powers - h[1] ** powers) / (h[1] ** powers - h[2] ** powers)
    if not found.min() <= ratio <= found.max():
        return float("nan")
    return float(np.interp(ratio, found, powers))


def worst(runs: Sequence[Solved], kind: str) -> tuple[float, str]:
    """Return the largest difference of a kind, and whose it is."""
    return max((difference(runs, key), key[1]) for key in runs[-1].values if key[0] == kind)


def case_lines(name: str, runs: Sequence[Solved], resolutions: Sequence[str]) -> list[str]:
    """Return the section of one case as Markdown: effort, then a table of values."""
    lines = [f"## {name.replace('_', ' ').capitalize()}, 7.5 N m", ""]
    for resolution, run in zip(resolutions, runs, strict=True):
        counts = ", ".join(str(count) for count in run.iterations)
        lines.append(
            f"- {resolution}: {run.cells_per_disc} hexahedra per disc, {run.unknowns} unknowns, {run.steps} load "
            f"steps with {counts} iterations"
        )
    lines += ["", f"| quantity | {' | '.join(resolutions)} | difference | of its own size | order |"]
    lines.append("|---" * (len(resolutions) + 4) + "|")
    for key in runs[-1].values:
        kind, who = key
        if max(abs(run.values[key]) for run in runs) <= SMALL * scale(runs, kind):
            continue
        shown = " | ".join(f"{run.values[key]:.4g}" for run in runs)
        p, own = order(runs, key), own_difference(runs, key)
        lines.append(
            f"| {kind} {who} [{KINDS[kind][0]}] | {shown} | {100.0 * difference(runs, key):.1f} % | "
            f"{100.0 * own:.1f} % | {'' if np.isnan(p) else f'{p:.1f}'} |"
        )
    return [*lines, ""]


def summary_lines(solved: dict[str, list[Solved]], resolutions: Sequence[str]) -> list[str]:
    """Return the table of the largest differences of every case, and whether the bar holds."""
    header = " | ".join(f"{kind}, largest difference" for kind in KINDS)
    lines = [f"| case | {header} | bar of 5 % |", "|---" * (len(KINDS) + 2) + "|"]
    for name, runs in solved.items():
        cells, good = [], True
        for kind, (_, judged) in KINDS.items():
            size, who = worst(runs, kind)
            cells.append(f"{100.0 * size:.1f} % ({who})")
            good = good and (not judged or size <= BAR)
        verdict = "met" if good else "MISSED"
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} | {verdict} |")
    return lines


PREFACE = """# Mesh convergence of the six moment cases

Written by `python benchmarks/convergence.py --write`; every number comes from a run of the cases in `cases/moments`.
Where those to the right are missing they were left out: they mirror those to the left, which the tests hold to 1e-6.

The difference is that between the two finest resolutions, relative to the largest value of its kind in the same case
(the largest level rotation, the largest peak strain of any bundle, the largest facet force, the largest disc
pressure), so that small secondary values do not decide. Rotations are those since the settled state. The peak strain
of a bundle is the largest of any of its strands at any level from the settled state on. Quantities below 2 % of their
kind's largest are left out of the tables. "Of its own size" is the same difference over the value itself. The order is
that of an error h^p with h the cube root of the volume of a cell; empty where the three values do not run in one
direction.
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
    parser.add_argument("--results", type=Path, help="FOLDER/RESOLUTION/RUN, solved by numerical_bands.py")
    options = parser.parse_args()
    if options.results:
        options.only = [name for name in options.only if not name.endswith("right")]
    if len(options.resolutions) < 2:
        parser.error("a difference needs at least two resolutions")
    solved: dict[str, list[Solved]] = {}
    lines: list[str] = []
    for name in options.only:
        if options.results:
            run = name.removesuffix("_left")
            solved[name] = [taken(options.results / r / run) for r in options.resolutions]
        else:
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
