"""How much cells, steps and tolerance leave open about every number that `facetgap validate` compares.

    python benchmarks/numerical_bands.py FOLDER [--stages coarse standard fine …] [--runs NAME …] [--write]

Solves the runs of the validation at each stage, FOLDER/<stage>/<run> each (what is there already is kept), takes the
same numbers from them as the validation does, and prints observed order and band of each. `--write` puts the bands into
fem/validate/bands.toml, which the validation page prints beside its numbers, and docs/numerical_bands.md.

Stages: `coarse`, `standard` and `fine` meshes; on the coarse mesh `long_steps` (twice as long; dynamic phases only),
`short_steps` (half as long) and `loose` (Newton tolerance a hundredfold). Bands come from whatever stages are there:
three meshes give an order and a factor of safety of 1.25 (grid convergence index), two a factor of 3 at the formal
order of 2. Load steps of static runs and the tolerance have no order: their band is the plain difference.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

from fem.case.build import build_mesh
from fem.case.read import read_case
from fem.errors import FacetgapError
from fem.results.salvage import OpenedResult
from fem.runner import run_case
from fem.units import from_internal
from fem.validate.bands import Bands, Part, bands_text, shipped_bands
from fem.validate.convergence import Band, band
from fem.validate.declared import Comparison, Declared, Headline, Run, declared
from fem.validate.document import headline_value
from fem.validate.judged import number
from fem.validate.runs import Wanted, found_results, wanted_runs
from fem.validate.terms import MissingValueError

ROOT = Path(__file__).resolve().parents[1]
CASES, PAGE = ROOT / "cases", ROOT / "docs" / "numerical_bands.md"
BANDS = ROOT / "fem" / "validate" / "bands.toml"
MESHES = ("coarse", "standard", "fine")
STAGES = (*MESHES, "long_steps", "short_steps", "loose")
#: Tolerance of the stage `loose`, a hundred times the default one.
LOOSE = "solver.tolerance=1e-6"
OPENING = """Numerical bands of the numbers that `facetgap validate` compares, each in the unit of its datum.
Written by `python benchmarks/numerical_bands.py FOLDER --write`; do not edit."""

PREFACE = """# Numerical bands

Written by `python benchmarks/numerical_bands.py FOLDER --write`: what cells, steps and Newton tolerance leave open
about every number that [validation](validation.md) compares. [Mesh convergence](convergence.md) has the full tables
of the moment cases.

- **Mesh**: coarse, standard and fine (720, 1728 and 4608 hexahedra a disc). The order p is that of an error h^p, h
  the cube root of the volume of a cell; the band is 1.25 times the distance of the number in use (standard; coarse
  for the thrust) from the extrapolated one, the grid convergence index of Roache. Where the three do not run in one
  direction, where p lies outside 0.5 to 2.5, or where there are two meshes only, the factor is 3, and p, if there
  is none, the formal order of 2.
- **Steps**: for the thrust the dynamic phases with steps of twice, once and half the length, by the same rule
  (formal order 2, [decision 17](decisions.md)); for the static runs, which are elastic, the plain difference with
  twice as many load steps.
- **Tolerance**: the plain difference between a Newton tolerance of 1e-6 and the default of 1e-8.

Steps and tolerance were varied on the coarse mesh. An empty field was not measured.
"""

Results = Mapping[str, OpenedResult]


def at_stage(what: Declared, stage: str) -> Declared:
    """Return the declarations with the runs as a stage wants them; no run keeps a mesh of its own."""
    mesh = stage if stage in MESHES else "coarse"
    return replace(what, runs={name: _changed(run, stage, mesh) for name, run in what.runs.items()})


def _changed(run: Run, stage: str, mesh: str) -> Run:
    kept = [text for text in run.overrides if not text.startswith("spine.resolution=")]
    overrides = (*kept, f"spine.resolution={mesh}")
    if stage in ("long_steps", "short_steps"):
        overrides = (*overrides, *steps(CASES / run.case, overrides, 0.5 if stage == "long_steps" else 2.0))
    if stage == "loose":
        overrides = (*overrides, LOOSE)
    return replace(run, overrides=overrides, fixed=True)


def steps(case: Path, overrides: Sequence[str], factor: float) -> tuple[str, ...]:
    """Return the overrides with which dynamic phases, or a static run as a whole, take `factor` times as many steps."""
    file = read_case(case, tuple(overrides))
    spans = list(enumerate(file.phase_spans()))
    dynamic = [(number, span) for number, span in spans if span.dynamic]
    if not dynamic:
        last = max(number for number, _ in spans)
        return (f"phases[{last}].steps={ceil(4 * factor)}",)
    return tuple(
        f"phases[{number}].steps={max(1, ceil(factor * span.duration / span.settings.longest_step - 1e-9))}"
        for number, span in dynamic
    )


def solve(wanted: Sequence[Wanted], results: Results) -> None:
    """Solve the runs that have no result; one that fails is said and left out."""
    for one in wanted:
        if one.run.name in results:
            continue
        try:
            build_mesh(read_case(one.request.case, one.request.overrides))
            outcome = run_case(replace(one.request, force=True))
            print(f"{outcome.folder}: {outcome.summary['wall_s']:.0f} s", flush=True)
        except FacetgapError as error:
            print(f"{one.request.folder}: failed, {error}", flush=True)


def sizes(stages: Sequence[str], cells: Mapping[str, float]) -> list[float]:
    """Return the size of a cell at each mesh, from the hexahedra of one disc."""
    return [cells[stage] ** (-1.0 / 3.0) for stage in stages]


def parts(
    one: Comparison | Headline, by_stage: Mapping[str, Results], cells: Mapping[str, float]
) -> dict[str, Part]:
    """Return the bands of one number, from the stages that hold all of its runs."""
    values = dict(_values(one, by_stage))
    fixed = any(declared().runs[run].fixed for run in runs_of(one))
    found = {}
    meshes = [stage for stage in MESHES if stage in values and stage in cells]
    if len(meshes) > 1:
        used = meshes.index("coarse" if fixed or "standard" not in meshes else "standard")
        found["mesh"] = _part(band([values[stage] for stage in meshes], sizes(meshes, cells), used))
    timed = [stage for stage in ("long_steps", "coarse", "short_steps") if stage in values]
    if "coarse" in timed and len(timed) > 1 and fixed:
        length = {"long_steps": 2.0, "coarse": 1.0, "short_steps": 0.5}
        found["steps"] = _part(
            band(
                [values[stage] for stage in timed], [length[stage] for stage in timed], timed.index("coarse")
            )
        )
    elif "coarse" in values and "short_steps" in values:
        found["steps"] = _difference(values["coarse"], values["short_steps"])
    if "coarse" in values and "loose" in values:
        found["tolerance"] = _difference(values["loose"], values["coarse"])
    return found


def runs_of(one: Comparison | Headline) -> set[str]:
    """Return the runs that a number rests on."""
    return {term.run for term in one.terms} if isinstance(one, Comparison) else {one.term.run}


def numbers() -> tuple[Comparison | Headline, ...]:
    """Return everything that the validation page gives a band for."""
    return (*declared().comparisons, *declared().headlines)


def _values(one: Comparison | Headline, by_stage: Mapping[str, Results]) -> Iterator[tuple[str, float]]:
    for stage, results in by_stage.items():
        try:
            yield stage, _value(one, results)
        except MissingValueError:
            continue


def _value(one: Comparison | Headline, results: Results) -> float:
    if isinstance(one, Headline):
        return headline_value(one, results)
    datum = one.published()
    return from_internal(number(one, results, datum), datum.unit)


def _part(found: Band) -> Part:
    return Part(found.values, found.order, found.half_width, found.factor)


def _difference(before: float, after: float) -> Part:
    return Part((before, after), None, abs(after - before), 0.0)


def measured(by_stage: Mapping[str, Results], cells: Mapping[str, float]) -> dict[str, dict[str, Part]]:
    """Return comparison -> bands, where there are any."""
    found = {one.key: parts(one, by_stage, cells) for one in numbers()}
    return {key: own for key, own in found.items() if own}


def disc_cells(by_stage: Mapping[str, Results]) -> dict[str, float]:
    """Return the hexahedra of the L4-L5 disc at each mesh, as the results record them."""
    found = {}
    for stage in MESHES:
        for result in by_stage.get(stage, {}).values():
            if result.settings.get("spine.levels") == "L4-L5":
                found[stage] = float(result.run["mesh_sizes"]["L4-L5 hexahedra"])
    return found


def kept(found: Mapping[str, Mapping[str, Part]], hashes: Mapping[str, str], old: Bands) -> Bands:
    """Return new bands completed by old ones; a run with an old one keeps the old inputs, so that the page tells."""
    both = {one.key: {**old.parts.get(one.key, {}), **found.get(one.key, {})} for one in numbers()}
    aged = {
        run: old.hashes[run]
        for one in numbers()
        if set(both[one.key]) - set(found.get(one.key, {}))
        for run in runs_of(one)
        if run in old.hashes
    }
    parts_ = {key: own for key, own in both.items() if own}
    return Bands(parts_, {**_of(parts_, hashes), **aged})


def _of(found: Mapping[str, Mapping[str, Part]], hashes: Mapping[str, str]) -> dict[str, str]:
    used = {run for one in numbers() if one.key in found for run in runs_of(one)}
    return {name: hash_ for name, hash_ in hashes.items() if name in used}


def table(bands: Bands) -> list[str]:
    """Return the bands as a Markdown table."""
    lines = [
        "| number | coarse, standard, fine | order | band of the mesh | of the steps | of the tolerance |",
        "|---|---|---|---|---|---|",
    ]
    for one in numbers():
        own = bands.parts.get(one.key)
        if own:
            mesh = own.get("mesh")
            series = "" if mesh is None else ", ".join(f"{value:.4g}" for value in mesh.values)
            order = "" if mesh is None or mesh.order is None else f"{mesh.order:.1f}"
            widths = " | ".join(_width(own.get(kind)) for kind in ("mesh", "steps", "tolerance"))
            lines.append(f"| {one.what} [{_unit(one)}], `{one.key}` | {series} | {order} | {widths} |")
    return lines


def _unit(one: Comparison | Headline) -> str:
    return one.term.unit if isinstance(one, Headline) else one.published().unit


def _width(part: Part | None) -> str:
    return "" if part is None else f"± {part.half_width:.2g}"


def main() -> int:
    """Solve what is asked for, print the bands, and write them."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stages", nargs="*", default=[], choices=STAGES, help="stages to solve")
    parser.add_argument("--runs", nargs="+", default=list(declared().runs), choices=list(declared().runs))
    parser.add_argument("--write", action="store_true", help="write bands.toml and docs/numerical_bands.md")
    parser.add_argument(
        "--set", dest="extra", action="append", default=[], metavar="KEY=VALUE", help="for every run"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep earlier bands where there is no new one, marked as old"
    )
    options = parser.parse_args()
    by_stage = {}
    for stage in STAGES:
        folder = options.folder / stage
        wanted = wanted_runs(at_stage(declared(), stage), CASES, folder, extra=options.extra)
        if stage in options.stages:
            solve([one for one in wanted if one.run.name in options.runs], found_results(wanted, [folder]))
        by_stage[stage] = found_results(wanted, [folder])
    found = measured(by_stage, disc_cells(by_stage))
    hashes = {
        one.run.name: one.hash for one in wanted_runs(declared(), CASES, options.folder, extra=options.extra)
    }
    bands = kept(found, hashes, shipped_bands()) if options.keep else Bands(found, _of(found, hashes))
    print("\n".join(table(bands)))
    if options.write:
        BANDS.write_text(bands_text(bands, OPENING), encoding="utf-8")
        shipped_bands.cache_clear()
        PAGE.write_text("\n".join([PREFACE, *table(bands), ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
