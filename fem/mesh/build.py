"""The mesh of a whole spine, or part of it, from its recipe."""

from pathlib import Path

from fem.anatomy.assemble import Blueprint, draw_blueprint, spine_of
from fem.anatomy.disc_shape import NucleusPlace
from fem.anatomy.placement import disc_shape
from fem.anatomy.recipe import Recipe
from fem.anatomy.spine import Frame
from fem.anatomy.vertebra_shape import SacrumShape
from fem.anatomy.vocabulary import LEVELS, VERTEBRAE, level_vertebrae
from fem.arrays import frozen
from fem.mesh.cache import remembered
from fem.mesh.generate.disc import build_disc
from fem.mesh.generate.sacrum import build_sacrum
from fem.mesh.generate.vertebra import build_vertebra
from fem.mesh.quality import require_uninverted
from fem.mesh.tagged_mesh import SpineMesh, TaggedMesh


def build_spine_mesh(
    recipe: Recipe,
    resolution: str,
    vertebrae: tuple[str, ...] = VERTEBRAE,
    with_bones: bool = True,
    cache: Path | None = None,
) -> SpineMesh:
    """Return the anatomy with a mesh for each disc and bone, in global coordinates.

    Parameters
    ----------
    recipe : validated measures.
    resolution : ``coarse``, ``standard`` or ``fine``.
    vertebrae : neighbouring vertebrae, from above; the discs between them are built too.
    with_bones : False leaves the bones out, where only the discs are wanted.
    cache : folder in which grown bones are remembered, or None.

    Raises
    ------
    MeshError
        When the recipe's measures turn an element inside out, naming where.
    """
    mesh = grow_spine_mesh(recipe, resolution, vertebrae, with_bones, cache)
    for name, part in named_parts(mesh).items():
        require_uninverted(part, name)
    return mesh


def grow_spine_mesh(
    recipe: Recipe,
    resolution: str,
    vertebrae: tuple[str, ...] = VERTEBRAE,
    with_bones: bool = True,
    cache: Path | None = None,
) -> SpineMesh:
    """Return what `build_spine_mesh` does without judging the cells: for looking at a mesh that is no good."""
    blueprint = draw_blueprint(recipe)
    spine = spine_of(blueprint, vertebrae)
    discs = {
        level: build_disc(disc_shape(recipe, blueprint.placement, level), resolution) for level in spine.discs
    }
    bones = {name: build_bone(blueprint, name, resolution, cache) for name in vertebrae if with_bones}
    return SpineMesh(spine, resolution, bones, discs)


def named_parts(mesh: SpineMesh) -> dict[str, TaggedMesh]:
    """Return every mesh of the spine, ``bone L1`` … then ``disc L1-L2`` …."""
    bones = {f"bone {name}": part for name, part in mesh.bones.items()}
    return bones | {f"disc {level}": part for level, part in mesh.discs.items()}


def build_bone(blueprint: Blueprint, name: str, resolution: str, cache: Path | None = None) -> TaggedMesh:
    """Return the mesh of one bone in global coordinates; its endplates match its discs node by node."""
    below, above = _nucleus(blueprint, name, 0), _nucleus(blueprint, name, 1)
    bone = blueprint.bone(name)

    def grow() -> TaggedMesh:
        if isinstance(bone, SacrumShape):
            return build_sacrum(bone, resolution, above)
        return build_vertebra(bone, resolution, (below, above))

    local = remembered(cache, f"{resolution}-{name}", (bone, below, above, resolution), grow)
    return moved_to(local, blueprint.placement.vertebrae[name])


def moved_to(mesh: TaggedMesh, frame: Frame) -> TaggedMesh:
    """Return `mesh`, given in the coordinates of `frame`, in global ones."""
    return TaggedMesh(
        points=frozen(frame.to_global(mesh.points)),
        cells=mesh.cells,
        part=mesh.part,
        part_names=mesh.part_names,
        nodes=mesh.nodes,
        surfaces=mesh.surfaces,
        cell_data=mesh.cell_data,
        point_data=mesh.point_data,
    )


def _nucleus(blueprint: Blueprint, name: str, place: int) -> NucleusPlace:
    """Return the nucleus of the disc in which `name` is the upper (0) or lower (1) vertebra.

    L1 has no disc above it in the model and takes the place of the one below.
    """
    rows = blueprint.recipe.discs.rows
    level = next((level for level in LEVELS if level_vertebrae(level)[place] == name), LEVELS[0])
    return NucleusPlace(rows[level].nucleus_area, rows[level].nucleus_offset)
