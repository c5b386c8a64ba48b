"""``facetgap mesh``: build, check or draw the meshes of an anatomy recipe, or of the spine of a case."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from fem.cli.trust import allow_outside_option, inside

if TYPE_CHECKING:
    from fem.anatomy.recipe import Recipe

DEFAULT_RECIPE: Final = Path("meshes/lumbar.yaml")
BUILT: Final = Path("meshes/built")
_CASE_KEYS: Final = frozenset({"spine", "phases", "problem", "target", "film", "muscles"})


@dataclass(frozen=True, slots=True)
class Target:
    """What to mesh: a recipe, how finely, which vertebrae, and the name for its files."""

    recipe: "Recipe"
    resolution: str
    vertebrae: tuple[str, ...]
    name: str


_file = click.argument(
    "file", type=click.Path(path_type=Path), default=DEFAULT_RECIPE, metavar="[RECIPE|CASE]"
)
_resolution = click.option(
    "--resolution",
    "-r",
    type=click.Choice(["coarse", "standard", "fine"]),
    help="Default: the case's, or standard.",
)
_levels = click.option("--levels", metavar="RANGE", help="Part of the spine, such as L4-S1.")


@click.group("mesh")
def command() -> None:
    """Build, check or draw the meshes of an anatomy recipe or of a case's spine."""


@command.command("build")
@_file
@_resolution
@_levels
@allow_outside_option
@click.option("--output", "-o", type=click.Path(path_type=Path), default=BUILT, help="Folder to write into.")
def build(file: Path, resolution: str | None, levels: str | None, allow_outside: bool, output: Path) -> None:
    """Build the meshes and write them for ParaView: one .vtm, and a .vtu for each bone and disc."""
    from fem.mesh.build import build_spine_mesh
    from fem.mesh.io import write_spine_mesh

    target = find_target(file, resolution, levels, allow_outside)
    mesh = build_spine_mesh(target.recipe, target.resolution, target.vertebrae)
    click.echo(write_spine_mesh(output / f"{target.name}.vtm", mesh))


@command.command("check")
@_file
@_resolution
@_levels
@allow_outside_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
def check(file: Path, resolution: str | None, levels: str | None, allow_outside: bool, as_json: bool) -> None:
    """Report the quality of every mesh, and how far it is from the recipe's measures."""
    from fem.mesh.build import grow_spine_mesh, named_parts
    from fem.mesh.dimensions import dimensions
    from fem.mesh.quality import inspect, require_sound

    target = find_target(file, resolution, levels, allow_outside)
    mesh = grow_spine_mesh(target.recipe, target.resolution, target.vertebrae)
    parts = named_parts(mesh)
    qualities = {name: inspect(part) for name, part in parts.items()}
    measures = dimensions(mesh, target.recipe)
    if as_json:
        click.echo(_json(target, qualities, measures), nl=False)
    else:
        click.echo("\n".join(_tables(target, qualities, measures)))
    for name, part in parts.items():
        require_sound(part, name)


@command.command("show")
@_file
@_resolution
@_levels
@allow_outside_option
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Picture to write (.png).")
def show(
    file: Path, resolution: str | None, levels: str | None, allow_outside: bool, output: Path | None
) -> None:
    """Draw the spine: bones, discs, facets and ligament strands, from the side and from behind."""
    import json
    from tempfile import TemporaryDirectory

    from fem.errors import UsageError
    from fem.mesh.build import grow_spine_mesh
    from fem.mesh.io import write_spine_mesh
    from fem.results.picture import run_drawing

    target = find_target(file, resolution, levels, allow_outside)
    picture = output or BUILT / f"{target.name}.png"
    if picture.suffix.lower() != ".png":
        raise UsageError(f"pictures are written as .png; {picture} has another ending")
    mesh = grow_spine_mesh(target.recipe, target.resolution, target.vertebrae)
    picture.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        blocks = write_spine_mesh(Path(folder) / "mesh.vtm", mesh)
        title = f"{target.recipe.name}, {target.resolution}"
        request = {"blocks": str(blocks), "output": str(picture.resolve()), "title": title}
        run_drawing("fem.results.draw_mesh", json.dumps(request))
    click.echo(picture)


def find_target(
    file: Path, resolution: str | None, levels: str | None, allow_outside: bool = False
) -> Target:
    """Return what `file`, a recipe or a case, asks to be meshed; options win over the file.

    Raises
    ------
    InputError, UsageError
        For a file that is neither, a case without a spine, or a range that is none.
    """
    from fem.anatomy.assemble import vertebrae_between
    from fem.anatomy.recipe import read_recipe
    from fem.document.merge import load_merged
    from fem.errors import UsageError

    if file == DEFAULT_RECIPE and not file.exists():
        raise UsageError(f"there is no {file} here; name a recipe or a case")
    folder = inside(file, allow_outside)
    content = load_merged(file, folder).value
    if not (isinstance(content, dict) and _CASE_KEYS & set(content)):
        finer, part, anatomy = resolution or "standard", levels or "L1-S1", file
    else:
        finer, part, anatomy = _of_case(file, resolution, levels, folder)
    first, _, last = part.partition("-")
    vertebrae = vertebrae_between(first, last)
    name = f"{anatomy.stem}-{finer}" + ("" if part == "L1-S1" else f"-{part}")
    return Target(read_recipe(anatomy, folder).model, finer, vertebrae, name)


def _of_case(
    file: Path, resolution: str | None, levels: str | None, folder: Path | None
) -> tuple[str, str, Path]:
    from fem.case.read import read_case
    from fem.errors import UsageError

    found = read_case(file, (), folder)
    if found.case.spine is None or found.anatomy is None:
        raise UsageError(f"{file} is a closed-form problem; it has no spine to mesh")
    return resolution or found.case.spine.resolution, levels or found.case.spine.levels, found.anatomy


def _tables(target: Target, qualities: dict[str, Any], measures: list[Any]) -> list[str]:
    import shutil

    from fem.results.grid import grid_lines

    width = shutil.get_terminal_size().columns
    header = ("part", "cells", "nodes", "scaled Jacobian", "mean", "aspect", "volume [cm3]", "faults")
    rows = [
        (
            name,
            str(q.cells),
            str(q.points),
            f"{q.smallest_jacobian:.3f}",
            f"{q.mean_jacobian:.3f}",
            f"{q.largest_aspect:.1f}",
            f"{q.volume / 1e3:.1f}",
            q.faults or "none",
        )
        for name, q in qualities.items()
    ]
    sizes = [
        (m.part, m.measure, f"{m.built:.2f}", f"{m.asked:.2f}", f"{m.built - m.asked:+.2f}", m.unit)
        for m in measures
    ]
    title = f"{target.recipe.name}: {target.resolution}, {target.vertebrae[0]} to {target.vertebrae[-1]}"
    return [
        title,
        "",
        *grid_lines(header, rows, width),
        "",
        "Measures as built, as the recipe asks, and the difference (facets: distance and angle between the two)",
        *grid_lines(("part", "measure", "built", "recipe", "difference", "unit"), sizes, width),
    ]


def _json(target: Target, qualities: dict[str, Any], measures: list[Any]) -> str:
    from dataclasses import asdict

    from fem.results.atomic import json_text

    return json_text(
        {
            "version": 1,
            "recipe": target.recipe.name,
            "resolution": target.resolution,
            "vertebrae": list(target.vertebrae),
            "quality": {name: asdict(quality) for name, quality in qualities.items()},
            "dimensions": [asdict(measure) for measure in measures],
        }
    )
